//! A worker's status as lines for people: cameras in trouble first, columns as wide as they need.

use crate::live::{CameraReport, StatusReport};
use console::{Alignment, measure_text_width, pad_str, truncate_str};

/// A picture older than this is worth a look, seconds.
const AGE_S_MAX: f64 = 15.0;
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Heads of the columns, and how they stand. The last one is as long as it likes.
const COLUMNS: [(&str, Alignment); 14] = [
    ("CAMERA", Alignment::Left),
    ("ROOM", Alignment::Left),
    ("STATE", Alignment::Left),
    ("PICTURE", Alignment::Left),
    ("FPS", Alignment::Right),
    ("KBIT/S", Alignment::Right),
    ("PRESENCE", Alignment::Right),
    ("ACTIVITY", Alignment::Right),
    ("AGE", Alignment::Right),
    ("UNSEEN", Alignment::Right),
    ("DROPPED", Alignment::Right),
    ("RECONN", Alignment::Right),
    ("SPOOL", Alignment::Right),
    ("TROUBLE", Alignment::Left),
];

/// How the lines are to look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) has_color: bool,
    /// Longer lines are cut.
    pub(super) width: Option<usize>,
}

impl Paint {
    /// For files and pipes.
    pub(super) fn plain() -> Self {
        Self { has_color: false, width: None }
    }

    fn line(self, text: &str, color: &str) -> String {
        let text = text.trim_end();
        let text = self.width.map_or(text.into(), |width| truncate_str(text, width, "…"));
        if self.has_color && !color.is_empty() { format!("{color}{text}{RESET}") } else { text.into_owned() }
    }
}

/// How bad a camera is; the worst stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Down,
    Stale,
    Flagged,
    Well,
}

impl State {
    fn of(camera: &CameraReport) -> Self {
        if !camera.up {
            Self::Down
        } else if camera.last_frame_age_s.is_none_or(|age_s| age_s > AGE_S_MAX) {
            Self::Stale
        } else if camera.flags.iter().any(|flag| !["warmup", "infrared"].contains(&flag.as_str())) {
            Self::Flagged
        } else {
            Self::Well
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Stale => "late",
            Self::Flagged | Self::Well => "up",
        }
    }

    fn color(self) -> &'static str {
        match self {
            Self::Down => RED,
            Self::Stale | Self::Flagged => YELLOW,
            Self::Well => "",
        }
    }
}

/// The status as lines without line ends.
pub(super) fn table(status: &StatusReport, paint: Paint) -> Vec<String> {
    let mut cameras: Vec<(State, &CameraReport)> =
        status.cameras.iter().map(|camera| (State::of(camera), camera)).collect();
    cameras.sort_by_key(|(state, _)| *state);
    let rows: Vec<[String; COLUMNS.len()]> = cameras.iter().map(|(state, camera)| cells(*state, camera)).collect();
    let widths: Vec<usize> = COLUMNS
        .iter()
        .enumerate()
        .map(|(index, (head, _))| {
            rows.iter().map(|row| measure_text_width(&row[index])).chain([head.len()]).max().unwrap_or_default()
        })
        .collect();
    let joined = |cells: &[String]| {
        let padded = cells.iter().zip(COLUMNS).zip(&widths);
        let padded = padded.map(|((text, (_, alignment)), width)| pad_str(text, *width, alignment, None).into_owned());
        padded.collect::<Vec<_>>().join("  ")
    };
    // Where the last column would be cut off, what it tells gets a line of its own: it matters most.
    let all: usize = widths.iter().sum::<usize>() + 2 * (COLUMNS.len() - 1);
    let shown = if paint.width.is_some_and(|width| all > width) { COLUMNS.len() - 1 } else { COLUMNS.len() };
    let mut lines: Vec<String> = summary(status, paint);
    lines.push(paint.line(&joined(&COLUMNS.map(|(head, _)| head.to_owned())[..shown]), BOLD));
    for (row, (state, _)) in rows.iter().zip(&cameras) {
        lines.push(paint.line(&joined(&row[..shown]), state.color()));
        let told = row[shown..].iter().filter(|text| !text.is_empty());
        lines.extend(told.map(|text| paint.line(&format!("    {text}"), state.color())));
    }
    lines
}

fn summary(status: &StatusReport, paint: Paint) -> Vec<String> {
    let up = status.cameras.iter().filter(|camera| camera.up).count();
    let all = status.cameras.len();
    let (site, version, running) = (clean(&status.site), clean(&status.version), span(status.running_s));
    let head = format!("{site}: {up} of {all} cameras up, running for {running}, version {version}");
    let mut lines = vec![paint.line(&head, "")];
    if status.disk_full {
        lines.push(paint.line("the lake can't be written: free space on its disk; what is seen waits or is lost", RED));
    }
    if status.clock_suspect {
        lines.push(paint.line("the machine's clock was set: rows are flagged until it has caught up", YELLOW));
    }
    lines
}

fn cells(state: State, camera: &CameraReport) -> [String; COLUMNS.len()] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let rate = |rate: f64, digits: usize| or_dash((rate > 0.0).then(|| format!("{rate:.digits$}")));
    let picture = format!("{} {}x{}", camera.codec, camera.width, camera.height);
    let trouble = if camera.trouble.is_empty() { camera.flags.join(", ") } else { camera.trouble.clone() };
    [
        clean(&camera.camera),
        clean(&camera.room),
        state.word().to_owned(),
        or_dash((camera.width > 0).then(|| clean(&picture))),
        rate(camera.fps, 1),
        rate(camera.kbit_s, 0),
        or_dash(camera.presence.map(|presence| format!("{presence:.2}"))),
        or_dash(camera.activity.map(|activity| format!("{activity:.1}"))),
        or_dash(camera.last_frame_age_s.map(span)),
        span(camera.gap_s),
        camera.dropped.to_string(),
        camera.reconnects.to_string(),
        bytes(camera.spool_bytes),
        clean(&trouble),
    ]
}

/// Nothing that a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn span(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..60 => format!("{:.1} s", seconds.max(0.0)),
        60..3600 => format!("{} min", whole / 60),
        3600..172_800 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} days", whole / 86_400),
    }
}

fn bytes(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} kB", count / 1000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(id: &str) -> CameraReport {
        CameraReport {
            camera: id.into(),
            room: "Hall".into(),
            up: true,
            codec: "h264".into(),
            width: 640,
            height: 360,
            fps: 5.0,
            kbit_s: 310.0,
            last_frame_age_s: Some(0.2),
            presence: Some(0.973),
            activity: Some(12.0),
            spool_bytes: 12_345,
            ..CameraReport::default()
        }
    }

    fn status(cameras: Vec<CameraReport>) -> StatusReport {
        StatusReport { version: "1".into(), site: "hall".into(), running_s: 7260.0, cameras, ..StatusReport::default() }
    }

    #[test]
    fn cameras_in_trouble_stand_first_and_columns_line_up() {
        let down = CameraReport {
            trouble: "no connection (refused); check cable".into(),
            reconnects: 7,
            gap_s: 190.0,
            ..CameraReport { camera: "gate".into(), room: "Gate".into(), ..CameraReport::default() }
        };
        let covered = CameraReport { flags: vec!["covered".into()], ..camera("lobby") };
        let lines = table(&status(vec![camera("counter-1"), covered, down]), Paint::plain());
        assert_eq!(
            lines,
            [
                "hall: 2 of 3 cameras up, running for 2 h 01 min, version 1",
                "CAMERA     ROOM  STATE  PICTURE       FPS  KBIT/S  PRESENCE  ACTIVITY    AGE  UNSEEN  DROPPED  RECONN  SPOOL  TROUBLE",
                "gate       Gate  down   -               -       -         -         -      -   3 min        0       7    0 B  no connection (refused); check cable",
                "lobby      Hall  up     h264 640x360  5.0     310      0.97      12.0  0.2 s   0.0 s        0       0  12 kB  covered",
                "counter-1  Hall  up     h264 640x360  5.0     310      0.97      12.0  0.2 s   0.0 s        0       0  12 kB",
            ]
        );
    }

    #[test]
    fn colours_and_widths_are_kept_and_nothing_obeys_the_text() {
        let evil = CameraReport { trouble: "\x1b[2Jgone\u{7}".into(), up: false, ..camera("a") };
        let lines = table(&status(vec![evil]), Paint { has_color: true, width: Some(60) });
        assert!(lines[2].starts_with(RED) && lines[3].ends_with(RESET), "{lines:?}");
        assert!(lines.iter().all(|line| measure_text_width(line) <= 60), "{lines:?}");
        let plain =
            table(&status(vec![CameraReport { trouble: "\x1b[2J".into(), up: false, ..camera("a") }]), Paint::plain());
        assert!(!plain.concat().contains('\x1b'));
    }

    #[test]
    fn what_is_wrong_is_read_on_a_narrow_terminal_too() {
        let down = CameraReport { up: false, trouble: "the camera refuses user or password".into(), ..camera("gate") };
        let status = status(vec![camera("lobby"), down]);
        let narrow = table(&status, Paint { has_color: false, width: Some(80) });
        assert!(narrow[2].starts_with("gate ") && narrow[3] == "    the camera refuses user or password", "{narrow:?}");
        assert!(narrow[4].starts_with("lobby ") && narrow.len() == 5);
        assert_eq!(table(&status, Paint { has_color: false, width: Some(200) }).len(), 4);
    }

    #[test]
    fn a_late_picture_a_full_disk_and_a_clock_that_was_set_are_told() {
        let late = CameraReport { last_frame_age_s: Some(20.0), ..camera("b") };
        let status = StatusReport { disk_full: true, clock_suspect: true, ..status(vec![camera("a"), late]) };
        let lines = table(&status, Paint::plain());
        assert!(lines[1].contains("free space") && lines[2].contains("clock was set"));
        assert!(lines[4].starts_with("b ") && lines[4].contains("late"));
    }

    #[test]
    fn spans_and_sizes_are_short() {
        assert_eq!(
            [0.0, 59.9, 60.0, 7260.0, 864_000.0].map(span),
            ["0.0 s", "59.9 s", "1 min", "2 h 01 min", "10 days"]
        );
        assert_eq!([0, 9_999, 12_345, 98_000_000].map(bytes), ["0 B", "9999 B", "12 kB", "98 MB"]);
    }
}
