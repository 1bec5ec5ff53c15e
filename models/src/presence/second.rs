//! What the samples of one second say about presence, in nats, and what may have changed in it.

use crate::evidence::Evidence;
use crate::record::Quality;
use crate::time::{US_PER_S, UtcMicros};
use serde::{Deserialize, Serialize};

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
/// Somebody is found to have sat there: in 29 of 30 made clips that begin with somebody seated, in none of 70 empty ones, and
/// in two of 93 cuts of noisy empty rooms.
const SITS: [f64; 2] = [8.0, 8.0];
/// Somebody came or went, but for most of the second nobody was there: so it was in 139 of 140 such seconds of a labelled
/// clip in 14 codings.
const PASSES: [f64; 2] = [-3.0, -3.0];
/// Movement is seen for 0.4 to 0.6 s after somebody has gone (six exits of a labelled clip): if it ends within a second
/// they were there for less than half of it. Gone is who leaves less than so much of the foreground that they were, at the
/// border of the view: inside it, a clerk who sat back was taken to have left for good.
const LEAVES_BEHIND: f32 = 0.5;
const FAINT_AGAIN_LIVE: [f64; 2] = [1.0, 1.5];
const FAINT_AGAIN: [f64; 2] = [-1.0, 0.7];
const FAINT: [f64; 2] = [-2.0, 0.0];
/// Somebody in front of the background moves in one of twelve seconds, however long the last time is ago.
const STANDS_OUT: [f64; 2] = [-0.085, -0.12];
const STANDS_OUT_LONG: [f64; 2] = [-0.06, -0.08];
/// ... but stands out for all of a second. While the camera shakes, what doesn't says only so much.
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
pub(super) const WHOLE_CELLS_MAX: f64 = 24.0;
/// From this share on somebody walks.
const WALKER_SHARE: f64 = 0.6;
/// At the border only a part of somebody may be in the view.
const BORDER_SHARE_MIN: f64 = 0.1;
/// Chance a second that somebody who stood out begins to look like the background; of that so much while somebody walks,
/// and so much while nobody looks.
const HIDES: f64 = 1.0 / 30.0;
const HIDES_WALKING: f64 = 0.1;
const HIDES_UNSEEN: f64 = 1.0 / 600.0;
/// The same in a second in which the light changes: the background is taken anew, and who is still with it.
const HIDES_RELIT: f64 = 0.5;
/// Chance a second that somebody who looked like the background begins to stand out: while something moves or stands
/// out, while somebody walks, and at any other time.
const SHOWS: f64 = 1.0 / 30.0;
const SHOWS_WALKING: f64 = 0.5;
const SHOWS_STILL: f64 = 1.0 / 1000.0;

/// What the samples of one second say, before weighing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecondEvidence {
    /// Samples that could say something.
    pub samples: u32,
    /// Of the light in which people were seen, the share that there is at the end where they sit; 0 if it was not looked at.
    pub light: f32,
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
    /// Since when the largest cluster has walked through the view: numbers since the epoch.
    pub walks_since: Option<i64>,
    /// Whether one touched the border of the view.
    pub at_border: bool,
    /// Whether something in front of the background has been still for longer.
    pub silent: bool,
    /// Whether somebody was found who has sat there from the start.
    pub sits: bool,
    /// Whether the camera moved.
    pub shaken: bool,
    /// Whether the light changed.
    pub relit: bool,
    /// Whether the last sample shows movement.
    pub moves_at_end: bool,
    /// Share of the zone that is in front of the background and moved within the last minute, 0..1: the most of all
    /// samples.
    pub live_most: f32,
    /// ... and of the last one.
    pub live_at_end: f32,
    /// What sightings add to the weight, nats; 0 without any.
    pub sighted: f32,
    /// In this second somebody walked out, who had become the background before: numbers since the epoch.
    pub left_at: Option<i64>,
    /// Somebody who walked inside was last seen in this second: numbers since the epoch.
    pub gone_at: Option<i64>,
    /// From this second on, all that moved turned out to be nobody (a screen, a fan, a ghost): numbers since the epoch.
    pub mistaken_since: Option<i64>,
    /// It was not looked at, because nothing seemed to happen in it.
    pub is_calm: bool,
}

impl SecondEvidence {
    /// Adds what a sample shows of the zone at index `zone`.
    pub fn add(&mut self, evidence: &Evidence, zone: usize) {
        self.shaken |= evidence.quality.contains(Quality::CAMERA_MOVED);
        self.relit |= evidence.disturbed && evidence.quality.contains(Quality::LIGHT_CHANGE);
        let zone = &evidence.zones[zone];
        let second = |at: Option<UtcMicros>| at.map(|at| at.0.div_euclid(US_PER_S));
        self.left_at = self.left_at.max(second(zone.left_at));
        self.gone_at = self.gone_at.max(second(zone.gone_at));
        self.mistaken_since = self.mistaken_since.into_iter().chain(second(zone.mistaken_since)).min();
        if evidence.disturbed {
            return;
        }
        self.samples += 1;
        self.light = zone.light;
        self.busy += u32::from(zone.cluster > 0 || zone.live > 0.0);
        self.cluster = self.cluster.max(zone.cluster);
        self.faint = self.faint.max(zone.faint);
        self.recurs |= zone.recurs;
        self.supported |= zone.cluster > 0 && zone.supported;
        self.walks_since = self.walks_since.into_iter().chain(second(zone.walks_since)).min();
        self.at_border |= zone.at_border;
        self.moves_at_end = zone.cluster > 0;
        self.live_most = self.live_most.max(zone.live);
        self.live_at_end = zone.live;
        self.silent |= zone.silent > 0.0;
        self.sits |= zone.sits;
    }

    /// A second in which nothing is seen.
    pub(super) fn quiet() -> Self {
        Self { samples: SAMPLES_MIN, ..Self::default() }
    }

    /// True if something in front of the background moved within the last minute.
    fn is_live(&self) -> bool {
        self.live_most > 0.0
    }

    /// True if somebody moved.
    pub(super) fn moves(&self) -> bool {
        self.cluster > 0 || self.sits || self.faint > 0 && self.recurs
    }

    /// True if somebody walks, `share` of whom moves.
    pub(super) fn is_walker(&self, share: f64) -> bool {
        self.cluster >= WALKER_CELLS && share >= WALKER_SHARE
    }

    /// How much of somebody the largest cluster is, where they are seen as `whole_cells`.
    pub(super) fn body_share(&self, whole_cells: f64) -> f64 {
        // What stands out comes and goes while the camera shakes: who stops is gone for a second.
        if self.walks_since.is_some() && !self.shaken {
            return 1.0;
        }
        (f64::from(self.cluster) / whole_cells.clamp(f64::from(WALKER_CELLS), WHOLE_CELLS_MAX)).min(1.0)
    }

    /// What may have changed in this second, in which `share` of somebody moved after `quiet_s` of silence. Until a
    /// changed light `settles`, what moves as large as somebody inside is mostly light.
    pub(super) fn change(&self, share: f64, quiet_s: f64, settles: bool) -> Change {
        if self.samples == 0 {
            return Change { is_relit: self.relit && settles, ..Change::UNSEEN };
        }
        let is_sudden = quiet_s > SUDDEN_S && share >= WALKER_SHARE;
        let walking = if is_sudden { SWITCH_SUDDEN } else { SWITCH_WALKING };
        let comes = if self.at_border {
            (SWITCH_AT_BORDER * share.max(BORDER_SHARE_MIN)).max(walking * share * share)
        } else if self.cluster >= WALKER_CELLS && !settles {
            walking * share * share
        } else {
            SWITCH_ELSEWHERE
        };
        Change {
            is_relit: self.relit && settles,
            comes: comes.max(SWITCH_ELSEWHERE),
            hides: HIDES * (1.0 - share * share).max(HIDES_WALKING),
            shows: if self.cluster > 0 || self.is_live() {
                SHOWS.max(SHOWS_WALKING * share * share)
            } else {
                SHOWS_STILL
            },
        }
    }

    /// Nats over nobody, for somebody in front of the background and for somebody who looks like it; `share` of
    /// somebody moves, or nothing has since the `quiet` began. Until a changed light `settles`, panes and lamps brighten: that says
    /// nothing. Whoever left lately may have left a `trail`.
    pub(super) fn weigh(&self, share: f64, quiet: Quiet, settles: bool, trail: Trail) -> [f64; 2] {
        if self.samples == 0 {
            // Whoever moved would have been noticed.
            if self.is_calm { [STANDS_OUT[0], quiet.nats()] } else { [0.0; 2] }
        } else if settles {
            [0.0; 2]
        } else if self.sits {
            SITS
        } else if self.cluster > 0 {
            self.weigh_movement(share, trail)
        } else {
            self.weigh_stillness(quiet, trail)
        }
    }

    /// True if somebody walked out of the view and is gone at the end.
    fn ends_empty(&self, share: f64) -> bool {
        let leaves = self.at_border && share >= WALKER_SHARE;
        leaves && !self.moves_at_end && self.live_at_end < LEAVES_BEHIND * self.live_most
    }

    fn weigh_movement(&self, share: f64, trail: Trail) -> [f64; 2] {
        if self.ends_empty(share) {
            return PASSES;
        }
        if self.busy * 2 < self.samples {
            return match self.recurs {
                _ if share >= WALKER_SHARE => PASSES,
                true if trail != Trail::Plain => FLASHES_AGAIN,
                _ => FLASHES,
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

    fn weigh_stillness(&self, quiet: Quiet, trail: Trail) -> [f64; 2] {
        let hidden = quiet.nats();
        let is_faint = self.faint > 0 && !self.shaken && trail == Trail::None;
        // While the camera shakes, edges that were moved back tremble, and always in the same places.
        match (is_faint, self.recurs) {
            (true, true) if self.is_live() => FAINT_AGAIN_LIVE,
            (true, true) if !self.silent => FAINT_AGAIN,
            _ if self.is_live() && self.samples >= SAMPLES_MIN && self.is_partly_busy() => self.weigh_partly(),
            _ if self.is_live() => STANDS_OUT,
            _ if self.silent => STANDS_OUT_LONG,
            (true, _) => [FAINT[0], FAINT[1] + hidden],
            (false, _) => [NOTHING, hidden],
        }
    }

    /// Whoever is in front of the background is so in all of a second; in the rest of it the room looks empty. While
    /// the camera shakes, that can't be told.
    fn weigh_partly(&self) -> [f64; 2] {
        let idle = 1.0 - f64::from(self.busy) / f64::from(self.samples);
        [if self.shaken { STANDS_OUT_PARTLY[0] } else { NOTHING * idle }, STANDS_OUT_PARTLY[1]]
    }

    /// True if what moves or stands out does so in less than four fifths of the second.
    fn is_partly_busy(&self) -> bool {
        self.busy * 5 < self.samples * 4
    }
}

/// Time in which nothing moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quiet {
    /// How long it is, seconds.
    pub length_s: f64,
    /// The same without what was too dark to see small movements in.
    pub visible_s: f64,
    /// What share of them would be seen now, 0..1.
    pub visibility: f64,
}

impl Quiet {
    /// In light as good as ever.
    pub(super) fn of(length_s: f64) -> Self {
        Self { length_s, visible_s: length_s, visibility: 1.0 }
    }

    /// Nats over nobody of another second of it, for somebody who looks like the background.
    fn nats(self) -> f64 {
        -STILL_POWER * self.visibility / (STILL_S + self.visible_s)
    }
}

/// What may be the trail of whoever left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trail {
    /// Nothing: nobody has lately.
    None,
    /// What is faint: somebody walked at the border of the view.
    Faint,
    /// What is faint and what flashes up: somebody was lost sight of.
    Plain,
}

/// What may change from one second to the next.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Change {
    /// Chance that somebody comes or goes.
    pub comes: f64,
    /// Chance that somebody who stood out begins to look like the background.
    pub hides: f64,
    /// The other way round.
    pub shows: f64,
    /// The light changed, and whoever stood out is part of the background now.
    pub is_relit: bool,
}

impl Change {
    /// Nobody looked: people may walk in and out, and sit down and get up, as often as they do.
    pub(super) const UNSEEN: Self =
        Self { comes: SWITCH_UNSEEN, hides: HIDES_UNSEEN, shows: SHOWS_STILL, is_relit: false };

    /// By two seconds side by side: whoever walks in one of them.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            comes: self.comes.max(other.comes),
            hides: self.hides.min(other.hides),
            shows: self.shows.max(other.shows),
            is_relit: self.is_relit || other.is_relit,
        }
    }

    /// Chance of each state after one second, given each state before it.
    pub(super) fn table(self) -> [[f64; 3]; 3] {
        let Self { comes, hides, shows, is_relit } = self;
        let hides = if is_relit { HIDES_RELIT } else { hides };
        let unseen = SWITCH_ELSEWHERE / 3.0;
        [
            [1.0 - comes - unseen, comes, unseen],
            [comes, 1.0 - comes - hides, hides],
            [SWITCH_ELSEWHERE, shows, 1.0 - shows - SWITCH_ELSEWHERE],
        ]
    }
}
