//! Presence is not motion: whether somebody is in a zone, second by second.
//!
//! Each second's evidence becomes a log-likelihood ratio (nats, somebody against nobody); a chain of three states
//! (nobody; somebody who stands out from the background; somebody who looks like it) is filtered forward and smoothed
//! backward over a fixed lag, so that recordings and streams give the same numbers and a second is final [`LAG_S`]
//! after it. Two things keep who sits still: a departure is seen (whoever leaves gets up and walks, as large as they
//! came), and silence says less and less (people who have not moved for a minute are those who hardly do). What says
//! that nobody is there is somebody who walked and left an empty picture behind.

use crate::evidence::Evidence;
use crate::record::Quality;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A second is final so many seconds after it: more changed nothing on labelled footage, 2 s were nearly as good.
pub const LAG_S: i64 = 60;

/// What a second shows, and how likely it is if somebody is in front of the background, or somebody is there who looks
/// like the background (half hidden, in clothes as bright as the wall, part of the background picture): nats over
/// nobody. They were counted on made rooms with known truth, 15,600 seconds with nobody and 21,000 with somebody, those
/// next to an entry or an exit left out: a cluster in all of a second, where something moved before, is seen 1500 to
/// 5000 times as often with somebody; in a part of it 20 times; where nothing moved before (doors, blinds, a key frame)
/// 3 to 30 times; in one sample of five as often with nobody.
const MOVES: [f64; 2] = [8.5, 8.0];
const MOVES_PARTLY: [f64; 2] = [3.0, 3.0];
const MOVES_FIRST: [f64; 2] = [3.0, 2.0];
const PAIR_MOVES: [f64; 2] = [5.0, 4.5];
const PAIR_MOVES_FIRST: [f64; 2] = [1.0, 1.0];
const BODY_MOVES_UNSUPPORTED: [f64; 2] = [6.0, 4.0];
const MOVES_AGAIN_UNSUPPORTED: [f64; 2] = [3.0, 4.5];
const MOVES_UNSUPPORTED: [f64; 2] = [2.0, 3.5];
const FLASHES_AGAIN: [f64; 2] = [1.0, 1.0];
const FLASHES: [f64; 2] = [-0.5, -0.5];
/// Somebody came or went, but for most of the second nobody was there.
const PASSES: [f64; 2] = [-1.0, -1.0];
const FAINT_AGAIN_LIVE: [f64; 2] = [1.0, 1.5];
const FAINT_AGAIN: [f64; 2] = [-1.0, 0.7];
const FAINT: [f64; 2] = [-2.0, 0.0];
/// Somebody in front of the background moves in one of twelve seconds, however long the last time is ago.
const STANDS_OUT: [f64; 2] = [-0.085, -0.12];
const STANDS_OUT_LONG: [f64; 2] = [-0.06, -0.08];
/// ... but stands out for all of a second.
const STANDS_OUT_PARTLY: [f64; 2] = [-0.5, -0.12];
/// With fewer samples in a second that says nothing.
const SAMPLES_MIN: u32 = 4;
/// Somebody who stands out does not look like an empty room.
const NOTHING: f64 = -6.0;
/// Of somebody who looks like the background less is seen, and the longer nothing was, the less another second without
/// says: in 6 % of the seconds just after the last movement the next one comes, half a minute later in 2 %. The chance
/// of still not having moved is taken to fall as (1 + t / [`STILL_S`]) to the power of minus [`STILL_POWER`]. The counts
/// alone would give a power of 1.2; with more, a single false start is over sooner.
const STILL_S: f64 = 15.0;
const STILL_POWER: f64 = 2.0;
/// Small movements drown while the camera shakes: so much of them is seen.
const SEEN_SHAKEN: f64 = 0.25;
/// Cells of a cluster from which it is more than a pair.
const CLUSTER_CELLS: u16 = 3;
/// Cells of a cluster from which somebody may walk.
const WALKER_CELLS: u16 = 6;
/// Cells of a cluster which is somebody who walks, wherever it is.
const BODY_CELLS: u16 = 12;

/// Chance a second that somebody comes or goes, while something as large as a person moves at the border of the view or
/// one second off.
const SWITCH_AT_BORDER: f64 = 0.25;
/// The same while somebody walks inside, who may come out of a door within the view.
const SWITCH_WALKING: f64 = 0.05;
/// The same if nothing had moved for so long, seconds: whoever sits begins with less in 19 of 20 times.
const SWITCH_SUDDEN: f64 = 0.5;
const SUDDEN_S: f64 = 3.0;
/// The same at any other time: once in four hours. Nobody leaves without getting up.
const SWITCH_ELSEWHERE: f64 = 1.0 / 14_400.0;
/// The same while nobody looks: twice an hour.
const SWITCH_UNSEEN: f64 = 1.0 / 1800.0;
/// Whoever comes or goes moves as a whole, and who sits leans in a quarter of it: inside the view the chance falls with
/// the square of the share. A person is taken for as large as the largest cluster lately, but for no more than this,
/// cells: where people are nearer, parts of them pass.
const WHOLE_CELLS_MAX: f64 = 24.0;
/// Time constant of "lately", seconds.
const WHOLE_KEPT_S: f64 = 3600.0;
/// From this share on somebody walks.
const WALKER_SHARE: f64 = 0.6;
/// At the border only a part of somebody may be in the view.
const BORDER_SHARE_MIN: f64 = 0.1;
/// Movement is smoothed over two seconds, so that it is seen for some seconds after somebody has gone: of the chance so
/// much remains after each.
const LINGERS: f64 = 0.6;
/// Chance a second that somebody who stood out begins to look like the background; of that so much while somebody walks,
/// and so much while nobody looks.
const HIDES: f64 = 1.0 / 30.0;
const HIDES_WALKING: f64 = 0.1;
const HIDES_UNSEEN: f64 = 1.0 / 600.0;
/// Chance a second that somebody who looked like the background begins to stand out: while something moves or stands
/// out, while somebody walks, and at any other time.
const SHOWS: f64 = 1.0 / 30.0;
const SHOWS_WALKING: f64 = 0.5;
const SHOWS_STILL: f64 = 1.0 / 1000.0;
/// Chance that somebody is there before anything was seen: nobody; in front of the background; as part of it.
const PRIOR: Chances = [0.6, 0.1, 0.3];

/// What the samples of one second say, before weighing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondEvidence {
    /// Samples that could say something.
    pub samples: u32,
    /// Of these, samples with movement or something in front of the background.
    pub busy: u32,
    /// Cells of the largest cluster.
    pub cluster: u16,
    /// Cells of the largest cluster that might be noise.
    pub faint: u16,
    /// Whether a cluster is where something moved before.
    pub recurs: bool,
    /// Whether some cluster was part of something in front of the background.
    pub supported: bool,
    /// Whether one touched the border of the view.
    pub at_border: bool,
    /// Whether something in front of the background moved within the last minute.
    pub live: bool,
    /// Seconds since it moved.
    pub still_s: f32,
    /// Whether something in front of the background has been still for longer.
    pub silent: bool,
    /// Whether the camera moved.
    pub shaken: bool,
    /// What sightings add to the weight, nats; 0 without any.
    pub sighted: f32,
}

impl SecondEvidence {
    /// Adds what a sample shows of the zone at index `zone`.
    pub fn add(&mut self, evidence: &Evidence, zone: usize) {
        self.shaken |= evidence.quality.contains(Quality::CAMERA_MOVED);
        if evidence.disturbed {
            return;
        }
        let zone = &evidence.zones[zone];
        self.samples += 1;
        self.busy += u32::from(zone.cluster > 0 || zone.live > 0.0);
        self.cluster = self.cluster.max(zone.cluster);
        self.faint = self.faint.max(zone.faint);
        self.recurs |= zone.recurs;
        self.supported |= zone.cluster > 0 && zone.supported;
        self.at_border |= zone.at_border;
        self.live |= zone.live > 0.0;
        self.still_s = self.still_s.max(zone.still_s);
        self.silent |= zone.silent > 0.0;
    }

    /// True if somebody moved.
    fn moves(&self) -> bool {
        self.cluster > 0 || self.faint > 0 && self.recurs
    }

    /// How much of somebody the largest cluster is, where they are seen as `whole_cells`.
    fn body_share(&self, whole_cells: f64) -> f64 {
        (f64::from(self.cluster) / whole_cells.clamp(f64::from(WALKER_CELLS), WHOLE_CELLS_MAX)).min(1.0)
    }

    /// What may have changed in this second, in which `share` of somebody moved after `quiet_s` of silence.
    fn change(&self, share: f64, quiet_s: f64) -> Change {
        if self.samples == 0 {
            return Change::UNSEEN;
        }
        let is_sudden = quiet_s > SUDDEN_S && share >= WALKER_SHARE;
        let walking = if is_sudden { SWITCH_SUDDEN } else { SWITCH_WALKING };
        let comes = if self.at_border {
            (SWITCH_AT_BORDER * share.max(BORDER_SHARE_MIN)).max(walking * share * share)
        } else if self.cluster >= WALKER_CELLS {
            walking * share * share
        } else {
            SWITCH_ELSEWHERE
        };
        Change {
            comes: comes.max(SWITCH_ELSEWHERE),
            hides: HIDES * (1.0 - share * share).max(HIDES_WALKING),
            shows: if self.cluster > 0 || self.live { SHOWS.max(SHOWS_WALKING * share * share) } else { SHOWS_STILL },
        }
    }

    /// Nats over nobody, for somebody in front of the background and for somebody who looks like it; `share` of
    /// somebody moves, or nothing has for `quiet_s`.
    fn weigh(&self, share: f64, quiet_s: f64) -> [f64; 2] {
        if self.samples == 0 {
            [0.0; 2]
        } else if self.cluster > 0 {
            self.weigh_movement(share)
        } else {
            self.weigh_stillness(quiet_s)
        }
    }

    fn weigh_movement(&self, share: f64) -> [f64; 2] {
        if self.busy * 2 < self.samples {
            return match self.recurs {
                _ if share >= WALKER_SHARE => PASSES,
                true => FLASHES_AGAIN,
                false => FLASHES,
            };
        }
        match (self.cluster, self.supported, self.recurs) {
            (..BODY_CELLS, true, true) if self.is_partly_busy() => MOVES_PARTLY,
            (..BODY_CELLS, true, false) if self.is_partly_busy() => PAIR_MOVES_FIRST,
            (CLUSTER_CELLS.., true, true) | (BODY_CELLS.., true, false) => MOVES,
            (CLUSTER_CELLS.., true, false) => MOVES_FIRST,
            (_, true, true) => PAIR_MOVES,
            (_, true, false) => PAIR_MOVES_FIRST,
            (BODY_CELLS.., false, true) => BODY_MOVES_UNSUPPORTED,
            (_, false, true) => MOVES_AGAIN_UNSUPPORTED,
            (_, false, false) => MOVES_UNSUPPORTED,
        }
    }

    fn weigh_stillness(&self, quiet_s: f64) -> [f64; 2] {
        let seen = if self.shaken { SEEN_SHAKEN } else { 1.0 };
        let hidden = -STILL_POWER / (STILL_S + quiet_s) * seen;
        match (self.faint > 0, self.recurs) {
            (true, true) if self.live => FAINT_AGAIN_LIVE,
            (true, true) if !self.silent => FAINT_AGAIN,
            _ if self.live && self.samples >= SAMPLES_MIN && self.is_partly_busy() => STANDS_OUT_PARTLY,
            _ if self.live => STANDS_OUT.map(|nats| nats * seen),
            _ if self.silent => STANDS_OUT_LONG.map(|nats| nats * seen),
            (true, _) => [FAINT[0], FAINT[1] + hidden],
            (false, _) => [NOTHING, hidden],
        }
    }

    /// True if what moves or stands out does so in less than four fifths of the second.
    fn is_partly_busy(&self) -> bool {
        self.busy * 5 < self.samples * 4
    }
}

/// Chances of nobody, somebody in front of the background, somebody who looks like it.
type Chances = [f64; 3];

/// What may change from one second to the next.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Change {
    /// Chance that somebody comes or goes.
    comes: f64,
    /// Chance that somebody who stood out begins to look like the background.
    hides: f64,
    /// The other way round.
    shows: f64,
}

impl Change {
    /// Nobody looked: people may walk in and out, and sit down and get up, as often as they do.
    const UNSEEN: Self = Self { comes: SWITCH_UNSEEN, hides: HIDES_UNSEEN, shows: SHOWS_STILL };

    /// By two seconds side by side: whoever walks in one of them.
    fn or(self, other: Self) -> Self {
        Self {
            comes: self.comes.max(other.comes),
            hides: self.hides.min(other.hides),
            shows: self.shows.max(other.shows),
        }
    }

    /// Chance of each state after one second, given each state before it.
    fn table(self) -> [[f64; 3]; 3] {
        let Self { comes, hides, shows } = self;
        let unseen = SWITCH_ELSEWHERE / 3.0;
        [
            [1.0 - comes - unseen, comes, unseen],
            [comes, 1.0 - comes - hides, hides],
            [SWITCH_ELSEWHERE, shows, 1.0 - shows - SWITCH_ELSEWHERE],
        ]
    }
}

/// One second in the smoother.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    second: i64,
    /// Likelihoods of what was seen, over that of nobody.
    seen_if: [f64; 3],
    /// What may have changed, by what this second shows.
    shown: Change,
    /// The same by the seconds before and after it, too: somebody's arm comes in a second before the rest does.
    change: Change,
    /// Whether the camera looked at all.
    seen: bool,
    /// Filtered chances up to and including this second.
    forward: Chances,
}

/// Presence of one zone, fed second by second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Presence {
    steps: VecDeque<Step>,
    /// The last step that is final.
    before: Option<Step>,
    /// The second of the last movement, or the first of all.
    moved_at: Option<i64>,
    /// Cells that a person moves in: of the largest cluster lately.
    whole_cells: f64,
}

impl Default for Presence {
    fn default() -> Self {
        Self { steps: VecDeque::new(), before: None, moved_at: None, whole_cells: WHOLE_CELLS_MAX }
    }
}

/// A second about which nothing more will be learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinalSecond {
    /// Its number since the epoch.
    pub second: i64,
    /// Probability that somebody was there, 0..1.
    pub presence: f32,
    /// Whether the camera looked; if not, the probability is what the seconds around it suggest.
    pub seen: bool,
}

impl Presence {
    /// Takes the next second (numbers rise; a jump of more than [`LAG_S`] ends the chain and starts another).
    /// Gives the seconds that are final now.
    pub fn push(&mut self, second: i64, evidence: &SecondEvidence) -> Vec<FinalSecond> {
        let mut done = Vec::new();
        if let Some(last) = self.steps.back() {
            if second - last.second > LAG_S {
                done = self.flush();
            } else {
                for unseen in last.second + 1..second {
                    self.step(unseen, [0.0; 2], Change::UNSEEN, false);
                }
            }
        }
        let quiet_s = self.quiet_s(second, evidence);
        self.whole_cells -= self.whole_cells / WHOLE_KEPT_S;
        self.whole_cells = self.whole_cells.max(f64::from(evidence.cluster));
        let share = evidence.body_share(self.whole_cells);
        // A detector sees who stands out; a coat that it takes for somebody must not outweigh a quiet, empty view.
        let [stands_out, hidden] = evidence.weigh(share, quiet_s);
        let nats = [stands_out + f64::from(evidence.sighted), hidden];
        self.step(second, nats, evidence.change(share, quiet_s), true);
        while self.steps.front().is_some_and(|first| second - first.second >= LAG_S) {
            done.push(self.finish_first());
        }
        done
    }

    /// Ends the chain: the remaining seconds are final with what is known.
    pub fn flush(&mut self) -> Vec<FinalSecond> {
        let mut later = [1.0; 3];
        let mut done: Vec<FinalSecond> = (0..self.steps.len())
            .rev()
            .map(|index| {
                let second = self.finish(index, &later);
                later = self.earlier(index, &later);
                second
            })
            .collect();
        done.reverse();
        *self = Self::default();
        done
    }

    /// Seconds since the last movement before this second, or since the first one; takes this second's.
    fn quiet_s(&mut self, second: i64, evidence: &SecondEvidence) -> f64 {
        let last = *self.moved_at.get_or_insert(second);
        if evidence.moves() {
            self.moved_at = Some(second);
        }
        (second - last) as f64
    }

    fn step(&mut self, second: i64, nats: [f64; 2], shown: Change, seen: bool) {
        let seen_if = [1.0, nats[0].exp(), nats[1].exp()];
        let before = self.steps.back().or(self.before.as_ref()).map_or(shown, |before| before.shown);
        let shown = Change { comes: shown.comes.max(LINGERS * before.comes), ..shown };
        let change = before.or(shown);
        if let Some(last) = self.steps.pop_back() {
            let change = last.change.or(shown);
            self.filter(Step { change, ..last });
        }
        self.filter(Step { second, seen_if, shown, change, seen, forward: PRIOR });
    }

    /// Puts a step behind the others.
    fn filter(&mut self, step: Step) {
        let predicted = match self.steps.back().or(self.before.as_ref()) {
            Some(before) => {
                let change = step.change.table();
                std::array::from_fn(|to| (0..3).map(|from| before.forward[from] * change[from][to]).sum())
            }
            None => PRIOR,
        };
        let forward = normal(std::array::from_fn(|state| predicted[state] * step.seen_if[state]));
        self.steps.push_back(Step { forward, ..step });
    }

    fn finish_first(&mut self) -> FinalSecond {
        let mut later = [1.0; 3];
        for index in (1..self.steps.len()).rev() {
            later = self.earlier(index, &later);
        }
        let done = self.finish(0, &later);
        self.before = self.steps.pop_front();
        done
    }

    /// Smoothed with the likelihoods of all later seconds, given each state now.
    fn finish(&self, index: usize, later: &[f64; 3]) -> FinalSecond {
        let step = &self.steps[index];
        let chances = normal(std::array::from_fn(|state| step.forward[state] * later[state]));
        FinalSecond { second: step.second, presence: (1.0 - chances[0]) as f32, seen: step.seen }
    }

    /// The likelihoods of this second and all later ones, given each state one second before it.
    fn earlier(&self, index: usize, later: &[f64; 3]) -> [f64; 3] {
        let step = &self.steps[index];
        let change = step.change.table();
        let here: [f64; 3] = std::array::from_fn(|state| step.seen_if[state] * later[state]);
        normal(std::array::from_fn(|from| (0..3).map(|to| change[from][to] * here[to]).sum()))
    }
}

/// Scaled to a sum of 1. Certainty ends at one in a million, so that one wrong second can still be outvoted.
fn normal(values: [f64; 3]) -> [f64; 3] {
    let sum: f64 = values.iter().sum();
    let floored = values.map(|value| (value / sum).max(1e-6));
    let sum: f64 = floored.iter().sum();
    floored.map(|value| value / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moving(cells: u16) -> SecondEvidence {
        SecondEvidence { samples: 5, busy: 5, cluster: cells, supported: true, live: true, ..SecondEvidence::default() }
    }

    fn again(evidence: SecondEvidence) -> SecondEvidence {
        SecondEvidence { recurs: true, ..evidence }
    }

    fn still() -> SecondEvidence {
        SecondEvidence { samples: 5, busy: 5, live: true, ..SecondEvidence::default() }
    }

    fn empty() -> SecondEvidence {
        SecondEvidence { samples: 5, ..SecondEvidence::default() }
    }

    fn run(seconds: impl IntoIterator<Item = SecondEvidence>) -> Vec<f32> {
        let mut presence = Presence::default();
        let mut done = Vec::new();
        for (second, evidence) in seconds.into_iter().enumerate() {
            done.extend(presence.push(second as i64, &evidence));
        }
        done.extend(presence.flush());
        assert!(done.iter().enumerate().all(|(index, done)| index as i64 == done.second));
        done.into_iter().map(|done| done.presence).collect()
    }

    #[test]
    fn a_person_who_moves_once_in_fifty_seconds_stays() {
        let p = run((0..300).map(|second| if second % 50 == 0 { again(moving(4)) } else { still() }));
        assert!(p.iter().all(|p| *p > 0.5), "{p:?}");
    }

    #[test]
    fn somebody_half_hidden_who_moves_once_a_minute_stays() {
        let seconds = (0..900).map(|second| match second {
            60..=64 => again(moving(30)),
            _ if second > 64 && second % 70 < 2 => again(moving(4)),
            _ => empty(),
        });
        let p = run(seconds);
        assert!(p[..60].iter().all(|p| *p < 0.2), "{:?}", &p[..60]);
        let found = p[60..830].iter().filter(|p| **p > 0.5).count();
        assert!(found >= 750, "{found} of 770");
    }

    #[test]
    fn who_leans_stays_and_who_walks_off_is_gone() {
        let after = |last: SecondEvidence, rest: [SecondEvidence; 2]| {
            let p = run((0..160).map(|second| match second {
                ..20 => empty(),
                20..=24 => again(moving(30)),
                25..=99 => again(moving(3)),
                100 => again(last),
                101..=139 => rest[0],
                _ => rest[1],
            }));
            p[115]
        };
        let leant = after(moving(7), [still(), again(moving(3))]);
        let left = after(moving(30), [empty(); 2]);
        assert!(leant > 0.5 && left < 0.2, "{leant} {left}");
    }

    #[test]
    fn who_leaves_while_nobody_looks_is_gone() {
        let seconds = (0..300).map(|second| match second {
            60..=62 => again(moving(30)),
            63..=99 => again(moving(8)),
            100..=109 => SecondEvidence::default(),
            _ => empty(),
        });
        let p = run(seconds);
        assert!(p[..60].iter().all(|p| *p < 0.5) && p[62..99].iter().all(|p| *p > 0.9), "{p:?}");
        assert!(p[130] < 0.4, "{}", p[130]);
    }

    #[test]
    fn a_flash_in_an_empty_room_is_nobody() {
        let flash = SecondEvidence { busy: 1, ..again(moving(8)) };
        let p = run((0..200).map(|second| if second % 60 == 50 { flash } else { empty() }));
        assert!(p.iter().all(|p| *p < 0.5), "{p:?}");
    }

    #[test]
    fn a_camera_that_shakes_says_little_by_showing_nothing() {
        let shaken = |evidence: SecondEvidence, shaken| SecondEvidence { shaken, ..evidence };
        let after = |is_shaken| {
            let seen = |second| if (60..65).contains(&second) { again(moving(30)) } else { still() };
            run((0..240).map(|second| shaken(seen(second), is_shaken && second >= 65)))[120]
        };
        assert!(after(true) > after(false) + 0.2, "{} {}", after(true), after(false));
    }

    #[test]
    fn an_entry_and_an_exit_are_found_to_the_second() {
        let at_border = |evidence: SecondEvidence| SecondEvidence { at_border: true, ..evidence };
        let seconds = (0..200).map(|second| match second {
            60 | 119 => at_border(moving(9)),
            61..=118 => {
                if second % 7 == 0 {
                    moving(3)
                } else {
                    still()
                }
            }
            _ => empty(),
        });
        for (second, p) in run(seconds).into_iter().enumerate() {
            assert_eq!(p > 0.5, (60..120).contains(&second), "second {second}: {p}");
        }
    }

    #[test]
    fn seconds_that_say_nothing_keep_what_was_known() {
        let disturbed = SecondEvidence::default();
        let p = run((0..120).map(|second| if (40..80).contains(&second) { disturbed } else { empty() }));
        assert!(p.iter().all(|p| *p < 0.05), "{p:?}");
    }

    #[test]
    fn a_second_is_final_after_the_lag_and_unseen_ones_are_marked() {
        let mut presence = Presence::default();
        presence.push(0, &moving(5));
        assert_eq!(presence.push(LAG_S - 1, &still()), []);
        let done = presence.push(LAG_S + 1, &still());
        assert_eq!(done.iter().map(|done| (done.second, done.seen)).collect::<Vec<_>>(), [(0, true), (1, false)]);
    }

    #[test]
    fn a_long_silence_of_the_camera_ends_the_chain() {
        let mut presence = Presence::default();
        for second in 0..30 {
            assert!(presence.push(second, &moving(5)).is_empty());
        }
        assert_eq!(presence.push(1000, &empty()).len(), 30);
        let rest = presence.flush();
        assert!(rest.len() == 1 && rest[0].second == 1000 && rest[0].presence < 0.4, "{rest:?}");
    }
}
