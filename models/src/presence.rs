//! Presence is not motion: whether somebody is in a zone, second by second.
//!
//! Each second's evidence becomes a log-likelihood ratio (nats, somebody against nobody); a chain of three states
//! (nobody; somebody who stands out from the background; somebody who looks like it) is filtered forward and smoothed
//! backward over a fixed lag, so that recordings and streams give the same numbers and a second is final [`LAG_S`]
//! after it. Two things keep who sits still: a departure is seen (whoever leaves gets up and walks, as large as they
//! came), and silence says less and less (people who have not moved for a minute are those who hardly do). What says
//! that nobody is there is somebody who walked and left an empty picture behind.

mod second;

pub use second::SecondEvidence;

use second::{Change, WHOLE_CELLS_MAX};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ops::Range;

/// A second is final so many seconds after it: more changed nothing on labelled footage, 2 s were nearly as good.
pub const LAG_S: i64 = 60;

/// A person is taken for as large as the largest cluster lately: time constant, seconds.
const WHOLE_KEPT_S: f64 = 3600.0;
/// Movement is smoothed over two seconds, so that it is seen for some seconds after somebody has gone: of the chance so
/// much remains after each.
const LINGERS: f64 = 0.6;
/// Cameras follow a change of light for so long, seconds.
const SETTLES_S: i64 = 3;
/// A change of light is the camera's own, that follows whoever walks before it, if somebody has within this time, seconds.
const WALKED_S: i64 = 5;
/// Chance that somebody is there before anything was seen: nobody; in front of the background; as part of it.
const PRIOR: Chances = [0.6, 0.1, 0.3];

/// What the chain hesitates about mostly is as it leans: seconds of successive evidence depend on each other more than it
/// knows. Of 89 made clips' seconds that it gives 0.4 to 0.5, 9 % are occupied, of those given 0.5 to 0.6, 86 %; one in
/// two only very near 0.5. Log odds that are added on either side, nats.
const LEANS_NATS: f64 = 1.8;
/// ... to the full only so far from even, nats.
const EVEN_NATS: f64 = 0.1;

/// Chances of nobody, somebody in front of the background, somebody who looks like it.
type Chances = [f64; 3];

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
    /// The second in which somebody last walked.
    walked_at: Option<i64>,
    /// The second of the last change of the room's light.
    relit_at: Option<i64>,
    /// Cells that a person moves in: of the largest cluster lately.
    whole_cells: f64,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
            before: None,
            moved_at: None,
            walked_at: None,
            relit_at: None,
            whole_cells: WHOLE_CELLS_MAX,
        }
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
        let settles = self.settles(second, evidence, share);
        let [stands_out, hidden] = evidence.weigh(share, quiet_s, settles);
        let nats = [stands_out + f64::from(evidence.sighted), hidden];
        self.step(second, nats, evidence.change(share, quiet_s, settles), true);
        while self.steps.front().is_some_and(|first| second - first.second >= LAG_S) {
            done.push(self.finish_first());
        }
        done
    }

    /// Chance that somebody was there in the last second taken, by what was seen until then.
    pub fn now(&self) -> f32 {
        self.steps.back().map_or(0.0, |last| (1.0 - last.forward[0]) as f32)
    }

    /// The last seconds taken in which that chance stayed below `chance`, as numbers since the epoch: none if it was not in
    /// the very last one. `None` before the first second, and after the chain has ended.
    pub fn unlikely(&self, chance: f32) -> Option<Range<i64>> {
        let end = self.steps.back()?.second + 1;
        let is_likely = |step: &&Step| (1.0 - step.forward[0]) as f32 >= chance;
        let likely = self.steps.iter().rev().find(is_likely).map(|step| step.second + 1);
        Some(likely.unwrap_or(self.steps.front()?.second)..end)
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

    /// Whether the light of the room has changed just now; takes this second's, in which `share` of somebody moves.
    fn settles(&mut self, second: i64, evidence: &SecondEvidence, share: f64) -> bool {
        let is_lately = |at: Option<i64>, length_s: i64| at.is_some_and(|at| second - at < length_s);
        let settles = is_lately(self.relit_at, SETTLES_S);
        // What moves inside with the light is the light.
        if !settles && evidence.is_walker(share) && (evidence.at_border || !evidence.relit) {
            self.walked_at = Some(second);
        }
        if evidence.relit && !is_lately(self.walked_at, WALKED_S) {
            self.relit_at = Some(second);
            return true;
        }
        settles
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
        FinalSecond { second: step.second, presence: calibrated(1.0 - chances[0]) as f32, seen: step.seen }
    }

    /// The likelihoods of this second and all later ones, given each state one second before it.
    fn earlier(&self, index: usize, later: &[f64; 3]) -> [f64; 3] {
        let step = &self.steps[index];
        let change = step.change.table();
        let here: [f64; 3] = std::array::from_fn(|state| step.seen_if[state] * later[state]);
        normal(std::array::from_fn(|from| (0..3).map(|to| change[from][to] * here[to]).sum()))
    }
}

/// A probability as it is true of labelled footage. What is above a half stays so.
fn calibrated(chance: f64) -> f64 {
    let nats = (chance / (1.0 - chance)).ln();
    1.0 / (1.0 + (-nats - LEANS_NATS * (nats / EVEN_NATS).tanh()).exp())
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
        SecondEvidence { cluster: cells, supported: true, moves_at_end: true, ..still() }
    }

    fn again(evidence: SecondEvidence) -> SecondEvidence {
        SecondEvidence { recurs: true, ..evidence }
    }

    fn still() -> SecondEvidence {
        SecondEvidence { samples: 5, busy: 5, live_most: 0.1, live_at_end: 0.1, ..SecondEvidence::default() }
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
    fn what_is_said_rises_with_what_the_chain_says_and_stays_on_its_side() {
        let said: Vec<f64> = (1..1000).map(|part| calibrated(f64::from(part) / 1000.0)).collect();
        assert!(said.windows(2).all(|pair| pair[0] < pair[1]), "{said:?}");
        assert!((said[499] - 0.5).abs() < 1e-9);
        assert!((said[459] - 0.139).abs() < 0.01 && (said[549] - 0.874).abs() < 0.01, "{} {}", said[459], said[549]);
        assert_eq!((calibrated(1e-6) < 1e-6, calibrated(1.0 - 1e-6) <= 1.0), (true, true));
    }

    /// Somebody walks out; in each of two seconds one sample of five shows what they left of themselves, until the next
    /// one comes.
    #[test]
    fn who_stands_out_in_a_part_of_a_second_is_gone_in_the_rest_of_it() {
        let leaves = SecondEvidence { at_border: true, ..again(moving(40)) };
        let remains = SecondEvidence { busy: 1, live_at_end: 0.0, ..still() };
        let visit = |between: [SecondEvidence; 2]| {
            let seconds = vec![empty(); 20].into_iter().chain(vec![leaves; 8]).chain(between).chain(vec![leaves; 8]);
            run(seconds)[28..30].iter().copied().fold(1.0f32, f32::min)
        };
        assert!(visit([remains, remains]) < 0.5);
        assert!(visit([still(), still()]) > 0.5);
        let shaken = SecondEvidence { shaken: true, ..remains };
        assert!(visit([shaken, shaken]) > 0.5);
    }

    #[test]
    fn nobody_is_likely_from_the_second_after_the_last_one_with_somebody() {
        let mut presence = Presence::default();
        assert_eq!(presence.unlikely(0.12), None);
        let mut spans = Vec::new();
        for second in 0..60 {
            presence.push(second, &if (20..25).contains(&second) { again(moving(30)) } else { empty() });
            spans.push(presence.unlikely(0.12).unwrap());
        }
        assert_eq!(spans[24], 25..25);
        let since = spans[59].start;
        assert!((25..35).contains(&since), "{since}");
        // Told the same once it is known, however late one asks.
        assert!(spans[since as usize..].iter().zip(since..).all(|(span, second)| *span == (since..second + 1)));
        presence.flush();
        assert_eq!(presence.unlikely(0.12), None);
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
    fn who_stands_out_when_the_light_changes_is_there_after_it_and_light_that_settles_is_nobody() {
        let relit = SecondEvidence { relit: true, ..SecondEvidence::default() };
        let after = |before: SecondEvidence, relit: SecondEvidence, then: SecondEvidence| {
            let p = run((0..300).map(|second| match second {
                ..20 => empty(),
                20..=24 => again(moving(30)),
                25..=96 => before,
                97..=99 => still(),
                100 => relit,
                101..=102 => then,
                _ => empty(),
            }));
            [130, 180, 240].map(|second| p[second])
        };
        let sits = again(moving(3));
        let [_, soon, later] = after(sits, relit, empty());
        assert!(soon > 0.9 && later > 0.5, "learned with the room: {soon} {later}");
        let [_, soon, _] = after(sits, SecondEvidence::default(), again(moving(14)));
        assert!(soon < 0.5, "somebody walked, and nothing says that it was light: {soon}");
        let [_, soon, _] = after(sits, relit, again(moving(14)));
        assert!(soon > 0.9, "a pane that brightens is not somebody who leaves: {soon}");
        let [soon, ..] = after(again(moving(30)), relit, empty());
        assert!(soon < 0.5, "whoever walks and switches the light off has gone: {soon}");
        let p = run((0..200).map(|second| match second {
            100 => relit,
            101..=102 => again(moving(14)),
            _ => empty(),
        }));
        assert!(p.iter().all(|p| *p < 0.1), "nor somebody who comes: {p:?}");
        let enters = SecondEvidence { at_border: true, ..again(moving(30)) };
        let p = run((0..200).map(|second| match second {
            100 | 102 => enters,
            101 => SecondEvidence { relit: true, ..enters },
            _ => empty(),
        }));
        let stayed = (0..200).filter(|second| p[*second] > 0.5).collect::<Vec<_>>();
        assert_eq!(stayed, [100, 101, 102], "a camera follows whoever passes: {p:?}");
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
    fn what_trembles_under_a_camera_that_shakes_is_nobody() {
        let faint = SecondEvidence { faint: 3, shaken: true, ..again(empty()) };
        let p = run((0..300).map(|_| faint));
        assert!(p[30..].iter().all(|p| *p < 0.5), "{p:?}");
    }

    /// Who is gone within a second was there for less than half of it; who stops in front of the background stays.
    #[test]
    fn movement_that_outlasts_somebody_by_half_a_second_is_nobodys() {
        let walks = SecondEvidence { at_border: true, ..again(moving(30)) };
        let ending = |live_at_end| SecondEvidence { live_at_end, moves_at_end: false, ..walks };
        let at_exit = |last: SecondEvidence, then: SecondEvidence| {
            let p = run((0..60).map(|second| match second {
                20..=29 => walks,
                30 => last,
                31.. => then,
                _ => empty(),
            }));
            (p[29] > 0.5, p[30] > 0.5, p[31] > 0.5)
        };
        assert_eq!(at_exit(ending(0.01), empty()), (true, false, false));
        assert_eq!(at_exit(walks, empty()), (true, true, false));
        assert_eq!(at_exit(ending(0.09), still()), (true, true, true));
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
