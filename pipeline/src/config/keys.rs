//! Every key of the configuration: the one list behind the checks, the JSON schema and the reference.

use crate::ingest::Transport;
use pantau_models::settings::Effort;

/// What a key may hold.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text that is not empty.
    Text,
    /// Several texts.
    Texts,
    /// A whole number within bounds, both included.
    Whole(i64, i64),
    /// A number within bounds, both included.
    Number(f64, f64),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A moment: RFC 3339, or local civil time in the site's zone.
    Moment,
    /// A day: text, or TOML's own date.
    Day,
    /// Ranges of clock times of one day.
    ClockRanges,
    /// Text without a password in it, or `{ env = ".." }`, `{ file = ".." }`, `{ credential = ".." }`.
    Secret,
    /// The same without the text.
    Hidden,
    /// Corners `[x, y]`, fractions of the picture, at least three.
    Polygon,
    /// One table.
    Table(&'static [Key]),
    /// A list of tables.
    Tables(&'static [Key]),
}

impl Kind {
    /// For people: "must be ...".
    pub fn describe(self) -> String {
        match self {
            Self::Text => "text in quotes".into(),
            Self::Texts => "a list of texts".into(),
            Self::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Self::Number(low, high) => format!("a number from {low} to {high}"),
            Self::Flag => "true or false".into(),
            Self::Choice(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or "),
            Self::Moment => "a moment such as 2026-11-23T08:00:00 or 2026-11-23T08:00:00+08:00".into(),
            Self::Day => "a day such as 2026-12-25".into(),
            Self::ClockRanges => "a list of clock ranges such as \"07:30-12:00\"".into(),
            Self::Secret => "text, { env = \"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }".into(),
            Self::Hidden => "{ env = \"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }".into(),
            Self::Polygon => "a list of at least three corners [x, y], each from 0 to 1".into(),
            Self::Table(_) => "a table".into(),
            Self::Tables(_) => "a list of tables".into(),
        }
    }
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Whether its table is refused without it.
    pub required: bool,
    /// What holds without it, for people; empty for "nothing".
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn key(name: &'static str, kind: Kind, default: &'static str, meaning: &'static str) -> Key {
    Key { name, kind, required: false, default, meaning }
}

const fn required(name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key { name, kind, required: true, default: "", meaning }
}

/// Most worker threads that a configuration may ask for: beyond it is a typing error, not a machine.
const JOBS_MAX: i64 = 1024;

const SITE: &[Key] = &[
    key("id", Kind::Text, "site", "the place whose machine runs the analysis"),
    key("timezone", Kind::Text, "Asia/Makassar", "IANA time zone of recordings, calendar and reports"),
    key("district", Kind::Text, "", "district (kecamatan) of cameras that name none"),
    key("agency", Kind::Text, "", "agency (SKPD) of cameras that name none"),
];

const ANALYSIS: &[Key] = &[
    key("interval_s", Kind::Whole(1, 900), "10", "time step of the rows, seconds, aligned to the UTC epoch"),
    key("samples_per_s", Kind::Number(0.5, 10.0), "5.0", "most pictures analysed for each second of footage"),
    key(
        "effort",
        Kind::Choice(Effort::NAMES),
        "full",
        "what is decoded: everything, what seems to move and key frames, key frames",
    ),
    key(
        "loop_filter",
        Kind::Flag,
        "true for H.265, else false",
        "decode with the loop filter: slower; H.265 without it trembles as if somebody were there",
    ),
    key(
        "miss_budget",
        Kind::Number(0.0, 1.0),
        "0.02",
        "with effort adaptive: share of movement that may be lost, as quiet parts drawn by lot tell, before more is decoded",
    ),
    key("jobs", Kind::Whole(1, JOBS_MAX), "one per processor", "worker threads"),
    key(
        "io_jobs",
        Kind::Whole(1, JOBS_MAX),
        "one on a disk that turns, else as many as ask",
        "recordings of an archive that are read at a time from each disk",
    ),
];

const TIME: &[Key] =
    &[key("name_patterns", Kind::Texts, "[]", "strptime patterns that read the start out of a file's name, in order")];

const ZONE: &[Key] = &[
    required("id", Kind::Text, "id of the zone, unique in its camera; `room` is taken by the whole view"),
    required("polygon", Kind::Polygon, "corners [x, y] as fractions of the picture, from the top left"),
];

const MASK: &[Key] = &[required("polygon", Kind::Polygon, "part of the view that is blackened before anything looks")];

const CAMERA: &[Key] = &[
    required("id", Kind::Text, "id of the camera, unique in the lake"),
    key("room", Kind::Text, "the camera's id", "room that the camera sees"),
    key("agency", Kind::Text, "site.agency", "agency (SKPD) of the room"),
    key("district", Kind::Text, "site.district", "district (kecamatan) of the agency"),
    key("match", Kind::Texts, "[]", "globs of recordings' paths; a glob without a leading / matches in any folder"),
    key(
        "url",
        Kind::Secret,
        "",
        "where the camera is watched live: rtsp://, rtsps://, http:// or https://; with a user in it only as { env = \"..\" }, { file = \"..\" } or { credential = \"..\" }",
    ),
    key("user", Kind::Text, "", "user's name, if the address holds none"),
    key("password", Kind::Hidden, "", "its password: where it is, never what it is"),
    key("transport", Kind::Choice(Transport::NAMES), "tcp", "how RTSP brings its packets"),
    key("folder", Kind::Text, "", "folder that a recorder fills; watching analyses recordings as they land"),
    key("start", Kind::Moment, "", "wall clock of the first picture of this camera's recording"),
    key("name_patterns", Kind::Texts, "[]", "strptime patterns of this camera's file names, tried before [time]'s"),
    key("zones", Kind::Tables(ZONE), "[]", "named parts of the view"),
    key("masks", Kind::Tables(MASK), "[]", "parts of the view that nothing may look at"),
    key(
        "calibration",
        Kind::Text,
        "",
        "file of `pantau calibrate` by which this camera's people are counted; relative to the configuration's folder",
    ),
];

const DATE_RANGE: &[Key] =
    &[required("first", Kind::Day, "first day"), required("last", Kind::Day, "last day, included")];

const HOLIDAY: &[Key] =
    &[required("date", Kind::Day, "the day"), key("name", Kind::Text, "", "its name, shown in reports")];

const CALENDAR: &[Key] = &[
    key(
        "monday_to_thursday",
        Kind::ClockRanges,
        "07:30-12:00, 13:00-16:00",
        "service hours; between two ranges is a break",
    ),
    key("friday", Kind::ClockRanges, "07:30-11:30, 13:00-16:30", "service hours"),
    key("saturday", Kind::ClockRanges, "closed", "service hours; an empty list is a closed day"),
    key("sunday", Kind::ClockRanges, "closed", "service hours"),
    key("ramadan_monday_to_thursday", Kind::ClockRanges, "08:00-12:00, 12:30-15:00", "service hours in Ramadan"),
    key("ramadan_friday", Kind::ClockRanges, "08:00-11:30, 12:30-15:30", "service hours in Ramadan"),
    key("ramadan", Kind::Tables(DATE_RANGE), "[]", "when Ramadan is, one range a year, as decreed"),
    key("holidays", Kind::Tables(HOLIDAY), "[]", "days without service, as decreed"),
];

const REPORT: &[Key] = &[key("language", Kind::Choice(&["id", "en"]), "id", "language of reports")];

const WATCH: &[Key] = &[
    key(
        "listen",
        Kind::Text,
        "127.0.0.1:9470",
        "address and port where a worker tells how it is: /metrics, /healthz, /readyz, /status",
    ),
    key("publish_s", Kind::Whole(5, 3600), "300", "how often final rows of the running hour go to the lake, seconds"),
];

const MQTT: &[Key] = &[
    required("host", Kind::Text, "the broker's name or address; it is spoken to without TLS"),
    key("port", Kind::Whole(1, 65535), "1883", "its port"),
    key("user", Kind::Text, "", "user's name, if the broker wants one"),
    key("password", Kind::Hidden, "", "its password: where it is, never what it is"),
    key("topic", Kind::Text, "pantau", "what all topics begin with"),
    key("discovery", Kind::Flag, "true", "whether Home Assistant is told how to find the rooms by itself"),
];

const SINGLE_PERSON_ROOM: &[Key] = &[
    required("room", Kind::Text, "room where presence tells about one person"),
    key("allowed", Kind::Flag, "false", "whether reports may show it"),
    key("reason", Kind::Text, "", "why it is allowed; required if it is; printed in the report"),
];

const PRIVACY: &[Key] =
    &[key("single_person_rooms", Kind::Tables(SINGLE_PERSON_ROOM), "[]", "rooms so small that presence is a person's")];

/// The whole file.
pub const ROOT: &[Key] = &[
    key("site", Kind::Table(SITE), "", "the place"),
    key("analysis", Kind::Table(ANALYSIS), "", "how footage becomes rows"),
    key("time", Kind::Table(TIME), "", "how recordings get their wall clock"),
    key("camera", Kind::Tables(CAMERA), "", "one table a camera"),
    key("watch", Kind::Table(WATCH), "", "what a live worker does"),
    key("mqtt", Kind::Table(MQTT), "", "where rooms' states are told while watching"),
    key("calendar", Kind::Table(CALENDAR), "", "service hours, breaks and holidays"),
    key("report", Kind::Table(REPORT), "", "what reports look like"),
    key("privacy", Kind::Table(PRIVACY), "", "what reports may not tell"),
];

/// The table's header as a configuration writes it, with its keys; nested tables follow their parent.
pub fn tables() -> Vec<(String, &'static [Key])> {
    fn collect(prefix: &str, keys: &'static [Key], out: &mut Vec<(String, &'static [Key])>) {
        for key in keys {
            let path = if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
            let (header, inner) = match key.kind {
                Kind::Table(inner) => (format!("[{path}]"), inner),
                Kind::Tables(inner) => (format!("[[{path}]]"), inner),
                _ => continue,
            };
            out.push((header, inner));
            collect(&path, inner, out);
        }
    }
    let mut out = Vec::new();
    collect("", ROOT, &mut out);
    out
}
