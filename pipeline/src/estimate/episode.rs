//! Episodes: from the first to the last moment of movement, or of somebody being there.

use pantau_models::evidence::ZoneEvidence;
use pantau_models::ids::{Place, ZoneId};
use pantau_models::presence::FinalSecond;
use pantau_models::record::{Event, EventKind};
use pantau_models::time::{Span, US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Two movements closer than this are one episode, microseconds.
const MOTION_JOINS_US: i64 = 2 * US_PER_S;
/// From this probability somebody is there.
const SOMEBODY: f32 = 0.5;

/// Movement going on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct MotionEpisode {
    span: Span,
    peak: f32,
    sum: f64,
    samples: u32,
}

impl MotionEpisode {
    /// Takes a sample; gives the episode that it ends.
    pub(super) fn follow(open: &mut Option<Self>, at: UtcMicros, holds_us: i64, shown: &ZoneEvidence) -> Option<Self> {
        let is_over = open.as_ref().is_some_and(|episode| at.0 - episode.span.end.0 > MOTION_JOINS_US);
        let ended = if is_over { open.take() } else { None };
        if shown.cluster > 0 {
            let span = Span::new(at, at);
            let episode = open.get_or_insert(Self { span, peak: 0.0, sum: 0.0, samples: 0 });
            episode.span.end = at.plus_us(holds_us);
            episode.peak = episode.peak.max(shown.moving);
            episode.sum += f64::from(shown.moving);
            episode.samples += 1;
        }
        ended
    }

    /// As a row. One sample may be chance: each more halves the doubt.
    pub(super) fn event(self, place: &Arc<Place>, zone: &ZoneId) -> Event {
        Event {
            span: self.span,
            place: place.clone(),
            zone: zone.clone(),
            kind: EventKind::Motion,
            peak: self.peak,
            mean: (self.sum / f64::from(self.samples.max(1))) as f32,
            confidence: 1.0 - 0.5f32.powi(self.samples.min(20) as i32),
        }
    }
}

/// Somebody staying.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct PresenceEpisode {
    first: i64,
    last: i64,
    peak: f32,
    sum: f64,
}

impl PresenceEpisode {
    /// Takes a seen second; gives the episode that it ends. Unseen time ends an episode where it begins.
    pub(super) fn follow(open: &mut Option<Self>, second: &FinalSecond) -> Option<Self> {
        let is_there = second.presence >= SOMEBODY;
        let goes_on = is_there && open.as_ref().is_some_and(|episode| episode.last + 1 == second.second);
        let ended = if goes_on { None } else { open.take() };
        if is_there {
            let new = Self { first: second.second, last: second.second, peak: 0.0, sum: 0.0 };
            let episode = open.get_or_insert(new);
            episode.last = second.second;
            episode.peak = episode.peak.max(second.presence);
            episode.sum += f64::from(second.presence);
        }
        ended
    }

    /// As a row; its confidence is the mean probability.
    pub(super) fn event(self, place: &Arc<Place>, zone: &ZoneId) -> Event {
        let mean = (self.sum / (self.last + 1 - self.first) as f64) as f32;
        Event {
            span: Span::new(UtcMicros(self.first * US_PER_S), UtcMicros((self.last + 1) * US_PER_S)),
            place: place.clone(),
            zone: zone.clone(),
            kind: EventKind::Presence,
            peak: self.peak,
            mean,
            confidence: mean,
        }
    }
}
