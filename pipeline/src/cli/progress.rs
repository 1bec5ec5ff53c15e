//! How far a batch is: a bar with the time left on a terminal, elsewhere a plain line now and then.
//!
//! Counting is a few atomic additions, so that every worker thread may call for every packet batch. What failed is
//! told at once, on a line of its own, bar or not.

use super::console::Console;
use super::logging::Verbosity;
use crate::archive::Watcher;
use indicatif::{ProgressBar, ProgressStyle};
use pantau_models::record::RecordingStatus;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Least time between two plain lines: a night's log stays readable.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Least time between two new texts beside the bar.
const BAR_TEXT_EVERY: Duration = Duration::from_millis(500);
/// Footage is counted in whole milliseconds.
const MS_PER_S: f64 = 1000.0;

/// Progress over many recordings; shared by reference between threads.
pub struct Progress {
    view: View,
    started: Instant,
    /// Milliseconds after `started` from which the next text is due.
    due_ms: AtomicU64,
    counts: Counts,
    current: Mutex<String>,
}

#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    bytes_total: AtomicU64,
    footage_ms: AtomicU64,
    files: AtomicU64,
    files_total: AtomicU64,
    troubled: AtomicU64,
}

enum View {
    Bar(ProgressBar, Console),
    Lines(Mutex<Box<dyn Write + Send>>),
    Failures(Console),
    Nothing,
}

impl Progress {
    /// Draws on the console if somebody watches it, writes lines if nobody does; once quiet, tells only what failed.
    pub fn on(console: &Console, verbosity: Verbosity) -> Self {
        if !verbosity.shows_failures() {
            return Self::hidden();
        }
        if !verbosity.shows_progress() {
            return Self::with(View::Failures(console.clone()));
        }
        if !console.is_terminal() {
            return Self::with(View::Lines(Mutex::new(Box::new(console.clone()))));
        }
        let style =
            ProgressStyle::with_template("{wide_bar} {percent:>3} %  {bytes}/{total_bytes}  {eta} left\n{wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = console.add_bar(ProgressBar::new(0).with_style(style));
        Self::with(View::Bar(bar, console.clone()))
    }

    /// Counts, shows nothing.
    pub fn hidden() -> Self {
        Self::with(View::Nothing)
    }

    fn with(view: View) -> Self {
        let current = Mutex::new(String::new());
        Self { view, started: Instant::now(), due_ms: AtomicU64::new(0), counts: Counts::default(), current }
    }

    /// More work was found: files and their size. May be called while others already run.
    pub fn add_total(&self, files: u64, bytes: u64) {
        self.counts.files_total.fetch_add(files, Relaxed);
        let total = self.counts.bytes_total.fetch_add(bytes, Relaxed) + bytes;
        if let View::Bar(bar, _) = &self.view {
            bar.set_length(total);
        }
    }

    /// A worker opens this file.
    pub fn file_started(&self, path: &Path) {
        if let Ok(mut current) = self.current.lock() {
            *current = path.display().to_string();
        }
        self.show_if_due();
    }

    /// So many bytes of input were read.
    pub fn inc_bytes(&self, bytes: u64) {
        self.counts.bytes.fetch_add(bytes, Relaxed);
        if let View::Bar(bar, _) = &self.view {
            bar.inc(bytes);
        }
        self.show_if_due();
    }

    /// So many seconds of footage were analysed.
    pub fn inc_footage_s(&self, footage_s: f64) {
        self.counts.footage_ms.fetch_add((footage_s.max(0.0) * MS_PER_S) as u64, Relaxed);
    }

    /// A file is finished; a failed or partial one is told at once with its message.
    pub fn file_done(&self, path: &Path, status: RecordingStatus, message: &str) {
        self.counts.files.fetch_add(1, Relaxed);
        if matches!(status, RecordingStatus::Failed | RecordingStatus::Partial) {
            self.counts.troubled.fetch_add(1, Relaxed);
            self.say(&format!("{}: {}: {message}", status.as_str(), path.display()));
        }
        self.show_if_due();
    }

    /// Removes the bar, or writes the last line.
    pub fn finish(&self) {
        match &self.view {
            View::Bar(bar, _) => bar.finish_and_clear(),
            View::Lines(_) => self.say(&self.line()),
            View::Failures(_) | View::Nothing => {}
        }
    }

    /// A line for people.
    pub fn say(&self, line: &str) {
        match &self.view {
            View::Bar(_, console) | View::Failures(console) => console.say(line),
            View::Lines(out) => {
                if let Ok(mut out) = out.lock() {
                    let _ = writeln!(out, "{line}");
                }
            }
            View::Nothing => {}
        }
    }

    fn show_if_due(&self) {
        self.show_if_due_at(self.started.elapsed());
    }

    fn show_if_due_at(&self, elapsed: Duration) {
        let every = match &self.view {
            View::Bar(..) => BAR_TEXT_EVERY,
            View::Lines(_) => LINE_EVERY,
            View::Failures(_) | View::Nothing => return,
        };
        let now_ms = elapsed.as_millis() as u64;
        let due_ms = self.due_ms.load(Relaxed);
        let next_ms = now_ms + every.as_millis() as u64;
        // Of several threads that find it due, the one whose exchange succeeds shows it.
        if now_ms < due_ms || self.due_ms.compare_exchange(due_ms, next_ms, Relaxed, Relaxed).is_err() {
            return;
        }
        match &self.view {
            View::Bar(bar, _) => bar.set_message(self.text(elapsed)),
            _ => self.say(&self.line()),
        }
    }

    fn line(&self) -> String {
        let elapsed = self.started.elapsed();
        let (bytes, total) = (self.counts.bytes.load(Relaxed), self.counts.bytes_total.load(Relaxed));
        let share = if total == 0 { 0.0 } else { 100.0 * bytes as f64 / total as f64 };
        let left = time_left(elapsed, bytes, total).map(|left| format!(", {left} left")).unwrap_or_default();
        format!("{share:.0} % of {}{left}, {}", size(total), self.text(elapsed))
    }

    /// What bar and line share: files, speed, trouble, the file at hand.
    fn text(&self, elapsed: Duration) -> String {
        let counts = &self.counts;
        let footage_s = counts.footage_ms.load(Relaxed) as f64 / MS_PER_S;
        let speed = footage_s / elapsed.as_secs_f64().max(1e-3);
        let mut text = format!("{}/{} files", counts.files.load(Relaxed), counts.files_total.load(Relaxed));
        if footage_s > 0.0 {
            text += &format!(", {speed:.1}x realtime");
        }
        match counts.troubled.load(Relaxed) {
            0 => {}
            troubled => text += &format!(", {troubled} failed or partial"),
        }
        if let Ok(current) = self.current.lock().as_deref()
            && !current.is_empty()
        {
            text += &format!(", {current}");
        }
        text
    }
}

impl Watcher for Progress {
    fn planned(&self, files: u64, bytes: u64) {
        self.add_total(files, bytes);
    }

    fn opened(&self, path: &Path) {
        self.file_started(path);
    }

    fn read(&self, bytes: u64) {
        self.inc_bytes(bytes);
    }

    fn analysed(&self, footage_s: f64) {
        self.inc_footage_s(footage_s);
    }

    fn finished(&self, path: &Path, status: RecordingStatus, message: &str) {
        self.file_done(path, status, message);
    }

    fn say(&self, line: &str) {
        Progress::say(self, line);
    }
}

/// The time left if the rest goes as what was done, rounded for people; `None` before anything was done.
fn time_left(elapsed: Duration, done: u64, total: u64) -> Option<String> {
    if done == 0 || total <= done {
        return None;
    }
    let left_s = elapsed.as_secs_f64() * (total - done) as f64 / done as f64;
    let minutes = (left_s / 60.0).round() as u64;
    Some(match minutes {
        0 => format!("{left_s:.0} s"),
        1..=119 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    })
}

fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn lines(&self) -> Vec<String> {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
        }
    }

    fn lines() -> (Progress, Written) {
        let written = Written::default();
        (Progress::with(View::Lines(Mutex::new(Box::new(written.clone())))), written)
    }

    #[test]
    fn plain_lines_come_at_most_every_ten_seconds() {
        let (progress, written) = lines();
        progress.add_total(2, 1000);
        for second in 0..=20 {
            progress.show_if_due_at(Duration::from_secs(second));
        }
        assert_eq!(written.lines().len(), 3, "at 0, 10 and 20 s: {:?}", written.lines());
    }

    #[test]
    fn a_failed_file_is_told_at_once_and_a_skipped_one_is_not() {
        let (progress, written) = lines();
        progress.add_total(2, 1000);
        progress.file_started(Path::new("a.mp4"));
        progress.file_done(Path::new("a.mp4"), RecordingStatus::Skipped, "already in the lake");
        progress.file_done(Path::new("b.mp4"), RecordingStatus::Failed, "no video stream");
        let lines = written.lines();
        assert_eq!(lines.last().map(String::as_str), Some("failed: b.mp4: no video stream"));
        assert!(!lines.iter().any(|line| line.contains("already")), "{lines:?}");
    }

    #[test]
    fn the_last_line_tells_files_share_speed_and_trouble() {
        let (progress, written) = lines();
        progress.add_total(2, 2048);
        progress.inc_bytes(2048);
        progress.inc_footage_s(60.0);
        progress.file_done(Path::new("a.mp4"), RecordingStatus::Done, "");
        progress.file_done(Path::new("b.mp4"), RecordingStatus::Partial, "cut short");
        progress.finish();
        let last = written.lines().pop().unwrap();
        assert!(last.starts_with("100 % of 2.00 KiB, 2/2 files, "), "{last}");
        assert!(last.contains("x realtime, 1 failed or partial"), "{last}");
    }

    #[test]
    fn the_time_left_is_rounded_for_people() {
        let left = |done, total| time_left(Duration::from_secs(60), done, total);
        assert_eq!(left(0, 10), None);
        assert_eq!(left(10, 10), None);
        assert_eq!(left(9, 10).as_deref(), Some("7 s"));
        assert_eq!(left(1, 11).as_deref(), Some("10 min"));
        assert_eq!(left(1, 151).as_deref(), Some("2 h 30 min"));
    }

    #[test]
    fn threads_count_together() {
        let (progress, _) = lines();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| progress.inc_bytes(3)));
            }
        });
        assert_eq!(progress.counts.bytes.load(Relaxed), 12_000);
    }
}
