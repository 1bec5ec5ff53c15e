//! What people are told about a recording: position, cause, next step.

use super::audit::Audit;
use super::tally::Tally;
use crate::decode::SegmentReport;
use crate::ingest::{Ending, ReadReport};
use pantau_models::time::{Span, US_PER_S, UtcMicros};

/// A recording without a single packet.
pub(super) fn without_packets(report: &ReadReport) -> String {
    match report.troubles.first() {
        Some(trouble) => format!("no picture could be read: {trouble}; copy the file again from the recorder"),
        None => "the file holds no picture; the recorder wrote only its header: leave it out".to_owned(),
    }
}

/// A recording of which no frame could be decoded.
pub(super) fn without_frames(first: Option<&str>) -> String {
    let cause = first.unwrap_or("no frame came out of the decoder");
    format!("no picture could be decoded: {cause}; copy the file again from the recorder, or leave it out")
}

/// Its time was analysed with other settings.
pub(super) fn refused(other: &Span) -> String {
    format!(
        "{} to {} was analysed with other settings; run again with --replace to put these in their place",
        other.start, other.end
    )
}

/// Its time was analysed already.
pub(super) fn covered(is_copy: bool) -> String {
    if is_copy {
        "the same recording is in the lake already under another name".to_owned()
    } else {
        "its time is in the lake already, from another recording of this camera; if that is wrong, give this one its own start or camera".to_owned()
    }
}

/// The rest of a recording that an earlier run had begun was not among the inputs.
pub(super) fn left_unfinished() -> String {
    "analysed in part: a run was interrupted in it, and it was not among the inputs after; name it again for the rest"
        .to_owned()
}

/// Its clock was another one.
pub(super) fn moved(before: &Span, start: UtcMicros) -> String {
    format!(
        "it is in the lake from {} to {}, and now said to begin at {start}; run again with --replace to exchange its rows",
        before.start, before.end
    )
}

/// Container and name tell of different times.
pub(super) fn clocks_apart(contained: UtcMicros, named: UtcMicros) -> String {
    format!(
        "its container says that it began at {contained}, its name at {named}: the container's word was taken, and the rows are \
         marked clock_suspect; if the name is right, run again with --name-pattern or --start, and --replace"
    )
}

/// What went wrong in the middle of a recording; empty if nothing did.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Troubles {
    first: Option<String>,
    errors: u64,
    unseen_us: i64,
}

impl Troubles {
    pub(super) fn add(&mut self, report: &SegmentReport) {
        self.errors += report.error_count;
        self.unseen_us += report.unseen_us();
        if let (None, Some(trouble)) = (&self.first, report.troubles.first()) {
            let resumed = report.unseen.first().map(|span| span.until_us as f64 / US_PER_S as f64);
            let resumed = resumed.map(|at_s| format!("; seen again from {at_s:.1} s on")).unwrap_or_default();
            self.first = Some(format!("{trouble}{resumed}"));
        }
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// For the manifest, with what reading met with. Empty if all went well.
    pub(super) fn message(&self, report: &ReadReport, tally: &Tally, audit: &Audit, clock: Option<String>) -> String {
        let mut parts = Vec::new();
        if let Some(first) = &self.first {
            let unseen_s = self.unseen_us as f64 / US_PER_S as f64;
            let count = self.errors;
            parts.push(format!("{first} ({count} decoding errors, {unseen_s:.1} s marked as gap)"));
        }
        if let Some(trouble) = report.troubles.first() {
            let count = report.corrupt_packets + report.read_errors;
            parts.push(format!("{trouble} ({count} such)"));
        }
        let end_s = report.end_us as f64 / US_PER_S as f64;
        match report.ending {
            Ending::EndsEarly { declared_us } => {
                let declared_s = declared_us as f64 / US_PER_S as f64;
                parts.push(format!("cut short: {end_s:.1} of {declared_s:.1} s are there"));
            }
            Ending::ReadErrors => parts.push(format!("can't be read beyond {end_s:.1} s")),
            Ending::Complete | Ending::Reading => {}
        }
        if !parts.is_empty() {
            parts.push(
                "what was seen is in the lake; copy the file again from the recorder if there is a better one"
                    .to_owned(),
            );
        }
        parts.extend(clock);
        parts.extend((tally.groups > 0).then(|| tally.message() + &audit.message()));
        parts.join("; ")
    }
}

/// Messages of earlier stages begin with the file, which the manifest and the progress name already.
pub(super) fn without_path(message: &str, path: &str) -> String {
    message.strip_prefix(path).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message).to_owned()
}
