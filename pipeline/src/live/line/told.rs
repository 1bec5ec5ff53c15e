//! What is told of a camera's time, as its spool keeps it.

use crate::estimate::Estimator;
use pantau_models::evidence::Evidence;
use pantau_models::record::{GapReason, Quality};
use pantau_models::time::{Span, UtcMicros};
use serde::{Deserialize, Serialize};

/// What the estimator is told, as the spool keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Told {
    Seen {
        span: Span,
        quality: Quality,
    },
    Unseen {
        span: Span,
        reason: GapReason,
        detail: String,
    },
    Sample(Evidence),
    /// Rows that wait are finished.
    Ended,
    Counted(Counts),
    /// What was seen in this time died with a worker before the scene had judged it.
    Lost(Span),
}

/// What the manifest tells of a part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::live) struct Counts {
    pub frames: u64,
    pub bytes: u64,
    pub decode_errors: u64,
    pub dropped: u64,
    pub sessions: u64,
    pub codec: String,
    pub width: u32,
    pub height: u32,
}

impl Counts {
    pub(super) fn add(&mut self, more: &Self) {
        self.frames += more.frames;
        self.bytes += more.bytes;
        self.decode_errors += more.decode_errors;
        self.dropped += more.dropped;
        self.sessions += more.sessions;
        if more.width > 0 {
            (self.codec, self.width, self.height) = (more.codec.clone(), more.width, more.height);
        }
    }
}

/// The first payload of a spool.
#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) settings_id: String,
    pub(super) part_start: UtcMicros,
    /// Intervals before this one have their rows from other settings.
    pub(super) not_before: Option<UtcMicros>,
    pub(super) seen_until: Option<UtcMicros>,
    pub(super) unsampled: Vec<Span>,
    pub(super) estimator: Estimator,
}
