//! Presence is not motion: whether somebody is in a zone, second by second.
//!
//! Each second's evidence becomes a log-likelihood ratio (nats, somebody against nobody); a chain of three states
//! (nobody; somebody who stands out from the background; somebody who looks like it) is filtered forward and smoothed
//! backward over a fixed lag, so that recordings and streams give the same numbers and a second is final [`LAG_S`]
//! after it. Two things keep who sits still: a departure is seen (whoever leaves gets up and walks, as large as they
//! came), and silence says less and less (people who have not moved for a minute are those who hardly do). What says
//! that nobody is there is somebody who walked and left an empty picture behind.

mod light;
mod second;

pub use second::SecondEvidence;

use light::Light;
use second::{Change, Quiet, Trail, WHOLE_CELLS_MAX};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ops::Range;

/// A second is final so many seconds after it: more changed nothing on labelled footage, 2 s were nearly as good.
pub const LAG_S: i64 = 60;

/// A person is taken for as large as the largest cluster lately: time constant, seconds.
const WHOLE_KEPT_S: f64 = 3600.0;
/// Chance that the view is empty from then on of somebody who walked out and left a ghost: others may be there.
const SWITCH_LEFT: f64 = 0.5;
/// The same of somebody who walked inside and was lost sight of: they went out by a door within the view, or sat down
/// where little of them is seen.
const SWITCH_GONE: f64 = 0.25;
/// The same of somebody who turned out to walk, and before whom nothing had moved for so long, seconds: they came in where they
/// were seen first, or got up there.
const SWITCH_COME: f64 = 0.25;
const COMES_AFTER_S: i64 = 3;
/// Movement is smoothed over two seconds, so that it is seen for some seconds after somebody has gone: of the chance so
/// much remains after each.
const LINGERS: f64 = 0.6;
/// Cameras follow a change of light for so long, seconds.
const SETTLES_S: i64 = 3;
/// Behind whoever leaves, encoders mend the picture piece by piece and the camera's exposure comes back: for so long what
/// is faint says nothing, seconds. With 4 two of nine recodings of a real clip still kept somebody who had gone.
const TRAIL_S: i64 = 8;
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

/// What may have to be taken back is remembered for so long, and so often, seconds: a clock's minutes are known by then.
const REMEMBERED_S: i64 = 1800;
const REMEMBERS_EACH_S: i64 = 15;

/// Chances of nobody, somebody in front of the background, somebody who looks like it.
type Chances = [f64; 3];

/// One second in the smoother.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    second: i64,
    /// Likelihoods of what was seen, over that of nobody.
    seen_if: [f64; 3],
    /// The same if somebody has just left, whose trail is part of it.
    seen_if_left: [f64; 3],
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
    /// How much of the time since then was too dark to see small movements in, seconds.
    dim_s: f64,
    light: Light,
    /// The second in which somebody last walked.
    walked_at: Option<i64>,
    /// The second in which somebody last walked at the border of the view.
    left_at: Option<i64>,
    /// The second in which somebody last was lost sight of inside.
    gone_at: Option<i64>,
    /// The second of the last change of the room's light.
    relit_at: Option<i64>,
    /// Cells that a person moves in: of the largest cluster lately.
    whole_cells: f64,
    /// What was known at earlier seconds.
    remembered: VecDeque<Remembered>,
}

/// What was known at one second.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Remembered {
    second: i64,
    forward: Chances,
    moved_at: Option<i64>,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            steps: VecDeque::new(),
            before: None,
            moved_at: None,
            dim_s: 0.0,
            light: Light::default(),
            walked_at: None,
            left_at: None,
            gone_at: None,
            relit_at: None,
            whole_cells: WHOLE_CELLS_MAX,
            remembered: VecDeque::new(),
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
                    self.step(unseen, [[0.0; 2]; 2], Change::UNSEEN, false);
                }
            }
        }
        // What still stands out inside is somebody else.
        let gone_at = evidence.gone_at.filter(|_| evidence.live_at_end == 0.0);
        let gone = [(gone_at, SWITCH_GONE), (evidence.left_at, SWITCH_LEFT)];
        let mut evidence = *evidence;
        if let Some(since) = evidence.mistaken_since {
            // What flashed up may have said that nobody was there, too.
            let mut without = self.clone();
            without.take_back(since);
            let is_lower = without.now() < self.now();
            if is_lower {
                *self = without;
            }
            let begins_now = self.steps.back().is_none_or(|last| since > last.second);
            if (is_lower || begins_now) && evidence.moves() {
                evidence = SecondEvidence { sighted: evidence.sighted, ..SecondEvidence::quiet() };
            }
        }
        let evidence = &evidence;
        let quiet = self.quiet(second, evidence);
        self.whole_cells -= self.whole_cells / WHOLE_KEPT_S;
        self.whole_cells = self.whole_cells.max(f64::from(evidence.cluster));
        let share = evidence.body_share(self.whole_cells);
        // A detector sees who stands out; a coat that it takes for somebody must not outweigh a quiet, empty view.
        let settles = self.settles(second, evidence, share);
        let trail = self.trail(second, evidence, share);
        let weighed = |trail: Trail| {
            let [stands_out, hidden] = evidence.weigh(share, quiet, settles, trail);
            [stands_out + f64::from(evidence.sighted), hidden]
        };
        self.step(
            second,
            [weighed(trail), weighed(Trail::Plain)],
            evidence.change(share, quiet.length_s, settles),
            true,
        );
        if let Some(since) = evidence.walks_since {
            self.let_in(since);
        }
        for (gone_at, comes) in gone.into_iter().filter_map(|(at, comes)| Some((at?, comes))) {
            self.let_out(gone_at, comes);
        }
        self.remember(second);
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

    /// Time since the last movement before this second, or since the first one; takes this second's.
    fn quiet(&mut self, second: i64, evidence: &SecondEvidence) -> Quiet {
        let last = *self.moved_at.get_or_insert(second);
        let length_s = (second - last) as f64;
        let visibility = self.light.visibility(evidence);
        let quiet = Quiet { length_s, visible_s: (length_s - self.dim_s).max(0.0), visibility };
        self.dim_s += 1.0 - visibility;
        if evidence.moves() || self.light.has_come_on() {
            self.moved_at = Some(second);
            self.dim_s = 0.0;
        }
        quiet
    }

    fn remember(&mut self, second: i64) {
        if self.remembered.back().is_some_and(|last| second - last.second < REMEMBERS_EACH_S) {
            return;
        }
        let Some(forward) = self.steps.back().map(|last| last.forward) else { return };
        self.remembered.push_back(Remembered { second, forward, moved_at: self.moved_at });
        while self.remembered.front().is_some_and(|first| second - first.second > REMEMBERED_S) {
            self.remembered.pop_front();
        }
    }

    /// What was seen from the second `since` on was nothing: those of it that are not final yet are quiet, and what comes
    /// after them builds on what was known before.
    fn take_back(&mut self, since: i64) {
        let Some([first, last]) = self.steps.front().zip(self.steps.back()).map(|(a, b)| [a.second, b.second]) else {
            return;
        };
        if since > last {
            return;
        }
        let oldest = self.remembered.front().map_or(first, |known| known.second);
        while self.remembered.back().is_some_and(|known| known.second >= since) {
            self.remembered.pop_back();
        }
        let known = self.remembered.back().copied();
        // What was seen before it stands, where that is still known second by second.
        let begin = if since > first { since } else { known.map_or(oldest, |known| known.second + 1) };
        let moves = |step: &&Step| step.second < begin && step.seen_if[2] > 1.0;
        let moved_at = self.steps.iter().rev().find(moves).map(|step| step.second);
        self.moved_at = moved_at.or(known.map_or(Some(begin), |known| known.moved_at));
        let unseen: Vec<i64> = self.steps.iter().filter(|step| !step.seen).map(|step| step.second).collect();
        self.steps.retain(|step| step.second < begin);
        let quiet = SecondEvidence::quiet();
        let change = quiet.change(0.0, 0.0, false);
        if self.steps.is_empty() {
            let (second, forward) = (begin - 1, known.map_or(PRIOR, |known| known.forward));
            let seen_if = [1.0; 3];
            self.before =
                Some(Step { second, seen_if, seen_if_left: seen_if, shown: change, change, seen: true, forward });
        }
        for second in begin..=last {
            let since = Quiet::of((second - self.moved_at.unwrap_or(begin)) as f64);
            self.step(second, [quiet.weigh(0.0, since, false, Trail::None); 2], change, !unseen.contains(&second));
        }
        // Those before the first are final.
        while self.steps.front().is_some_and(|step| step.second < first) {
            self.before = self.steps.pop_front();
        }
    }

    /// Somebody has walked through the view since the second `since`, as has turned out.
    fn let_in(&mut self, since: i64) {
        // An arm or a shadow is seen first.
        let first = since - 1;
        let moves = |step: &Step| (first - COMES_AFTER_S..first).contains(&step.second) && step.seen_if[1] > 1.0;
        if self.steps.iter().any(moves) {
            return;
        }
        self.amend(first, |step| {
            if step.second <= since {
                step.change.comes = step.change.comes.max(SWITCH_COME);
            }
        });
    }

    /// Somebody walked out in the second `left_at`, with such a chance, as was found out since.
    fn let_out(&mut self, left_at: i64, comes: f64) {
        self.gone_at = self.gone_at.max(Some(left_at));
        self.amend(left_at, |step| {
            if step.second <= left_at + 1 {
                step.change.comes = step.change.comes.max(comes);
            }
            if (left_at + 1..=left_at + TRAIL_S).contains(&step.second) {
                step.seen_if = step.seen_if_left;
            }
        });
    }

    /// What has turned out about the steps from the second `from` on, which are filtered anew.
    fn amend(&mut self, from: i64, change: impl Fn(&mut Step)) {
        let Some(first) = self.steps.iter().position(|step| step.second >= from) else { return };
        for mut step in self.steps.split_off(first) {
            change(&mut step);
            self.filter(step);
        }
    }

    /// What whoever left just before this second left behind; takes this second's, in which `share` of somebody moves.
    fn trail(&mut self, second: i64, evidence: &SecondEvidence, share: f64) -> Trail {
        let is_lately = |at: Option<i64>| at.is_some_and(|at| second - at <= TRAIL_S);
        let trail = match (is_lately(self.gone_at), is_lately(self.left_at)) {
            (true, _) => Trail::Plain,
            (false, true) => Trail::Faint,
            (false, false) => Trail::None,
        };
        if evidence.at_border && evidence.is_walker(share) {
            self.left_at = Some(second);
        }
        trail
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

    /// Adds a second: its nats, and what they are if somebody has just left.
    fn step(&mut self, second: i64, nats: [[f64; 2]; 2], shown: Change, seen: bool) {
        let [seen_if, seen_if_left] = nats.map(|nats| [1.0, nats[0].exp(), nats[1].exp()]);
        let before = self.steps.back().or(self.before.as_ref()).map_or(shown, |before| before.shown);
        let shown = Change { comes: shown.comes.max(LINGERS * before.comes), ..shown };
        let change = before.or(shown);
        if let Some(last) = self.steps.pop_back() {
            let change = last.change.or(shown);
            self.filter(Step { change, ..last });
        }
        self.filter(Step { second, seen_if, seen_if_left, shown, change, seen, forward: PRIOR });
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
mod tests;
