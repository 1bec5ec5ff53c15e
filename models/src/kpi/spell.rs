//! Unattended spells: seen service time with nobody there. Unseen time interrupts a spell and is never counted.

use super::timeline::Timeline;
use super::{PRESENT_MIN, SLOT_SEEN_MIN};
use crate::time::{Span, US_PER_S};

/// A longer hole than this between seen slots interrupts a spell. A second less of video between two recordings is
/// no blindness.
const HOLE_US_MAX: i64 = 2 * US_PER_S;

/// A spell without presence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// From when to when.
    pub span: Span,
    /// Seconds of it that were seen: its length as far as it is known.
    pub seen_s: f64,
    /// It borders on unseen time: it may have been longer.
    pub at_least: bool,
}

/// The longest spell inside any of the service spans; the first of equals. Breaks lie between the spans.
pub fn longest_unattended(timeline: &Timeline, service: &[Span]) -> Option<Spell> {
    let spells = service.iter().flat_map(|span| unattended(timeline, *span));
    spells.reduce(|longest, spell| if spell.seen_s > longest.seen_s { spell } else { longest })
}

/// Every spell inside one service span.
fn unattended(timeline: &Timeline, service: Span) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    let mut open: Option<Spell> = None;
    // Whether the moment where the last seen slot ended, or the service began, borders on unseen time.
    let mut seen_until = service.start;
    for slot in timeline.within(service).filter(|slot| slot.seen_share() >= SLOT_SEEN_MIN) {
        let blind = slot.span.start.0 - seen_until.0 > HOLE_US_MAX;
        if blind && let Some(spell) = open.take() {
            spells.push(Spell { at_least: true, ..spell });
        }
        seen_until = slot.span.end;
        if slot.presence >= PRESENT_MIN {
            spells.extend(open.take());
            continue;
        }
        let spell = open.get_or_insert(Spell { span: slot.span, seen_s: 0.0, at_least: blind });
        spell.span.end = slot.span.end;
        spell.seen_s += slot.observed_s;
    }
    if let Some(spell) = open {
        let blind = service.end.0 - seen_until.0 > HOLE_US_MAX;
        spells.push(Spell { at_least: spell.at_least || blind, ..spell });
    }
    spells
}
