//! Groups of clips, by what stands before the first `-` of their names: `seated-desk-crf20` is of the group `seated`.
//! Clips whose group would be theirs alone, and those without a `-`, are together in [`OTHERS`].

use super::ClipScore;
use super::presence::{PresenceScore, Tally};
use serde::Serialize;
use std::collections::BTreeMap;

/// The group of clips that have no group of their own.
pub const OTHERS: &str = "others";

/// What several clips showed together, by their seconds.
#[derive(Clone, Debug, Serialize)]
pub struct GroupScore {
    /// The part of the names that they share.
    pub name: String,
    /// How many there are.
    pub clips: u64,
    /// Seconds of footage.
    pub footage_s: f64,
    /// Presence over all their seconds; none without counts.
    pub presence: Option<PresenceScore>,
}

/// Groups by name, [`OTHERS`] last; those of two clips and more, and none at all if there is only one of these.
pub(super) fn groups(clips: &[ClipScore]) -> Vec<GroupScore> {
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for prefix in clips.iter().filter_map(|clip| prefix(&clip.name)) {
        *sizes.entry(prefix).or_default() += 1;
    }
    let mut groups: BTreeMap<(bool, &str), Vec<&ClipScore>> = BTreeMap::new();
    for clip in clips {
        let own = prefix(&clip.name).filter(|prefix| sizes[prefix] > 1);
        groups.entry((own.is_none(), own.unwrap_or(OTHERS))).or_default().push(clip);
    }
    groups.retain(|_, clips| clips.len() > 1);
    if groups.len() < 2 {
        return Vec::new();
    }
    groups.into_iter().map(|((_, name), clips)| GroupScore::of(name, &clips)).collect()
}

fn prefix(name: &str) -> Option<&str> {
    name.split_once('-').map(|(prefix, _)| prefix)
}

impl GroupScore {
    fn of(name: &str, clips: &[&ClipScore]) -> Self {
        let mut tally = Tally::default();
        clips.iter().for_each(|clip| tally.add(&clip.tally));
        Self {
            name: name.to_owned(),
            clips: clips.len() as u64,
            footage_s: clips.iter().map(|clip| clip.footage_s).sum(),
            presence: tally.score(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<(String, u64)> {
        let clips: Vec<ClipScore> = names.iter().map(|name| ClipScore::empty(name)).collect();
        groups(&clips).into_iter().map(|group| (group.name, group.clips)).collect()
    }

    #[test]
    fn clips_without_fellows_are_among_the_others() {
        let names = ["seated-a", "seated-b", "TUD-Campus", "lobby", "empty-lamp", "empty-rain", "empty-cloud"];
        let expected = [("empty".to_owned(), 3), ("seated".to_owned(), 2), (OTHERS.to_owned(), 2)];
        assert_eq!(named(&names), expected);
    }

    #[test]
    fn one_group_needs_no_summary() {
        assert_eq!(named(&["seated-a", "seated-b", "lobby"]), []);
    }
}
