//! Evidence out: once both sides of a moment are known, its movements are judged and told zone by zone.

use super::View;
use super::daylight;
use super::departure::{Gone, Place};
use super::history::{BlobFacts, Moment};
use super::motion::{self, Cluster, LONGEST_LAG_S, VOTE_S};
use super::observe::LIVE_S;
use super::zones::ZoneCells;
use crate::diff::{MICRO_CELLS, MICRO_X, MICRO_Y};
use pantau_models::evidence::{Evidence, ZoneEvidence};
use pantau_models::record::{CELLS, CELLS_X, CELLS_Y};
use pantau_models::time::UtcMicros;

/// Moments older than this behind the next one to be told are forgotten, seconds.
const KEPT_S: f64 = LONGEST_LAG_S + 2.0 * VOTE_S + SETTLES_S;
/// Noise learns a moment once it is known for so long whether somebody came in it, seconds: their first movements are small
/// and would be learned as the door's own.
const SETTLES_S: f64 = 1.0;
/// Nothing is told of a view before it was seen for so long, seconds: by then a burnt-in clock is known.
pub(super) const LEARNS_S: f64 = 6.5;
/// Somebody inside who moved within this time stays, and whatever moves at the border is somebody else, seconds.
const STAYS_S: f32 = 3.0;
/// Movement of so many times the least one is told as activity. What is weaker, one encoding shows and the next does not.
const STRENGTH_MIN: f32 = 1.5;
/// So many times that beyond it, more says nothing: contrast is clothing's.
const INTENSITY_MAX: f32 = 4.0;
/// Movement of so many cells is somebody's who comes or goes, or is seen without looking for them.
const WALKER_CELLS: usize = 12;
/// So many cells of a place move together if it does: one alone may be chance.
const MOVES_CELLS: usize = 2;
/// Movement over a cell's margin beyond which a coarse cell isn't darker.
const COARSE_MAX: f32 = 2.0;

/// Movement is told so long before its first step at most, seconds.
const BEGINS_S: f64 = 1.0;

impl View {
    /// Tells every moment whose both sides are known by now.
    pub(super) fn judge(&mut self, zones: &[ZoneCells], evidence: &mut Vec<Evidence>) {
        while self.next_hits < self.history.len()
            && self.last_at.seconds_since(self.history.get(self.next_hits).at) > LONGEST_LAG_S + 0.1
            && self.last_at.seconds_since(self.born) > LEARNS_S
        {
            self.find_hits();
        }
        while self.next_evidence < self.next_hits
            && self.history.get(self.next_hits - 1).at.seconds_since(self.history.get(self.next_evidence).at) > VOTE_S
        {
            self.flights.look(&self.history, self.next_hits - 1);
            evidence.push(self.tell(zones));
        }
        if let Some(last) = self.next_evidence.checked_sub(1) {
            let until = self.history.get(last).at.plus_s(-SETTLES_S);
            let is_new = |index: &usize| self.history.get(*index).at > until;
            self.learn_until((self.next_learned..=last).find(is_new).unwrap_or(self.next_learned));
        }
        self.forget();
    }

    /// Tells every moment, with the sides that it has.
    pub(super) fn judge_all(&mut self, zones: &[ZoneCells], evidence: &mut Vec<Evidence>) {
        while self.next_hits < self.history.len() {
            self.find_hits();
        }
        self.flights.look(&self.history, self.next_hits);
        while self.next_evidence < self.history.len() {
            evidence.push(self.tell(zones));
        }
        self.learn_until(self.next_evidence);
        self.forget();
    }

    fn find_hits(&mut self) {
        let index = self.next_hits;
        let (at, dt_s) = (self.history.get(index).at, self.since_last_s(index));
        let drifts = daylight::near(&self.history, index);
        self.history.forget_blobs_of(index, daylight::LIGHT_SHARE, &drifts);
        let sitters = self.sitters.is_open(at).then_some(&mut self.sitters);
        let mut hits = motion::hits(&self.history, index, &mut self.noise, dt_s, &drifts, sitters);
        self.find_sitters(index);
        self.burnt.silence(&mut hits.any);
        self.burnt.silence(&mut hits.now);
        self.attention.watch(&mut hits, at, dt_s);
        self.activity.mark_voted(&hits.any, at);
        self.history.set_hits(index, hits);
        self.next_hits += 1;
        if self.attention.is_burning_in() {
            self.learn_until(self.next_hits);
        }
    }

    /// Looks whether somebody has sat there from the start, by the moment at `index`.
    fn find_sitters(&mut self, index: usize) {
        let moment = self.history.get(index);
        let at = moment.at;
        if !self.sitters.is_open(at) {
            self.seats.clear();
            return;
        }
        // What is disturbed tells nobody anything.
        if moment.disturbed {
            return;
        }
        let Some(seats) = self.sitters.find(at, |cell| self.burnt.is_masked(cell)) else { return };
        self.seats.resize(MICRO_CELLS, false);
        self.seats.iter_mut().zip(seats).for_each(|(known, is_seat)| *known |= is_seat);
        self.history.seat(index, &self.seats);
        self.attention.sit(&self.seats, at);
    }

    /// Noise learns the moments before the one at `end`.
    fn learn_until(&mut self, end: usize) {
        while self.next_learned < end {
            let index = self.next_learned;
            let (at, dt_s) = (self.history.get(index).at, self.since_last_s(index));
            let is_cluttered = self.clutter.is_on();
            let (lively, is_free) = (self.activity.lively(at), self.attention.unused_cells());
            let may_learn =
                |cell: usize, is_background: bool| is_free(cell) || is_background && (is_cluttered || !lively[cell]);
            motion::learn(&mut self.history, index, &mut self.noise, dt_s, may_learn);
            self.next_learned += 1;
        }
    }

    /// Seconds since the moment before the one at `index`.
    fn since_last_s(&self, index: usize) -> f32 {
        let before = index.checked_sub(1).map(|before| self.history.get(before).at);
        before.map_or(0.2, |before| self.history.get(index).at.seconds_since(before)) as f32
    }

    /// The clusters at the moment at `index`, whose neighbours have their hits.
    pub(super) fn clusters(&self, index: usize) -> Vec<Cluster> {
        motion::clusters(&self.history, index, &self.noise, &self.flights)
    }

    fn tell(&mut self, zones: &[ZoneCells]) -> Evidence {
        let index = self.next_evidence;
        self.next_evidence += 1;
        let dt_s = self.since_last_s(index);
        let mut clusters = self.clusters(index);
        let moment = self.history.get(index);
        self.clutter.take(&mut clusters, moment.at);
        let is_cluttered = self.clutter.is_on();
        let recurs: Vec<bool> =
            clusters.iter().map(|cluster| !is_cluttered && self.attention.recurs(&cluster.cells, moment.at)).collect();
        let at_door: Vec<bool> = clusters.iter().map(|cluster| self.attention.is_at_door(cluster)).collect();
        if clusters.iter().any(|cluster| cluster.is_strong && cluster.cells.len() >= WALKER_CELLS) {
            self.sitters.close();
            self.seats.clear();
        }
        self.attention.take(&clusters, &moment.hits.now, self.is_vacant, moment.at);
        let gone = self.find_ghosts(&clusters, index);
        let at = self.history.get(index).at;
        let walks_since = |cluster: &Cluster| {
            if cluster.is_strong { self.departures.walks_since(&cluster.cells, at) } else { None }
        };
        let walks_since: Vec<Option<UtcMicros>> = clusters.iter().map(walks_since).collect();
        let left_at = |zone: &ZoneCells| {
            let own = gone.iter().filter(|gone| gone.ghosts.iter().any(|&cell| zone.contains(usize::from(cell))));
            own.map(|gone| gone.at).max()
        };
        let gone_at = |zone: &ZoneCells| {
            let is_own = |gone: &&Gone| {
                let own = gone.last.iter().filter(|&&cell| zone.contains(usize::from(cell))).count();
                gone.walked && own * 2 > gone.last.len()
            };
            gone.iter().filter(is_own).map(|gone| gone.at).max()
        };
        let moment = self.history.get(index);
        self.is_vacant = !moment.blob_facts.iter().any(|facts| facts.cells > 2 && !facts.is_object);
        if clusters.iter().any(|cluster| cluster.is_strong) {
            self.lit.take(&moment.means, dt_s);
        }
        let seats = self.attention.seats();
        let movers_known = self.activity.sizes_known();
        let mistaken_since = self.burnt.take_found(moment.at).map(|since| since.plus_s(-BEGINS_S));
        let moment = self.history.get(index);
        let evidence = Evidence {
            at: moment.at,
            luma: moment.luma_seen,
            quality: moment.quality,
            disturbed: moment.disturbed,
            zones: zones
                .iter()
                .map(|zone| {
                    let left_at = left_at(zone);
                    let own = |cell: usize| zone.contains(cell);
                    // What moved since then at longer lags was the ghost.
                    let gone_since = left_at.map(|left_at| left_at.plus_s(BEGINS_S));
                    let mistaken = [
                        mistaken_since.filter(|since| self.is_mistaken(zone, *since)),
                        self.attention.restless_since(own, moment.at),
                        gone_since.filter(|since| self.attention.shifted_at(own) <= *since),
                    ];
                    ZoneEvidence {
                        left_at,
                        gone_at: gone_at(zone),
                        light: self.lit.share(&moment.means, own, &seats),
                        mistaken_since: mistaken.into_iter().flatten().min(),
                        ..zone_evidence(moment, &clusters, [&recurs, &at_door], &walks_since, zone, movers_known)
                    }
                })
                .collect(),
            cells: coarse_cells(moment, &clusters),
        };
        self.attention.tell_found(evidence.at);
        evidence
    }

    /// Takes what moves at the moment at `index`: whoever left the view may have left a ghost. Tells who has.
    fn find_ghosts(&mut self, clusters: &[Cluster], index: usize) -> Vec<Gone> {
        let moment = self.history.get(index);
        let moves = |cell: usize| moment.hits.now[cell] >= 1.0 && !self.attention.never_rests(cell);
        if !self.departures.take(clusters, moves, moment.at) {
            return Vec::new();
        }
        let gone = self.departures.take_gone(&self.places(), moment.at);
        for gone in &gone {
            self.attention.leave(&gone.last, gone.at);
            self.left_behind.extend(&gone.ghosts);
        }
        gone
    }

    /// The places that differ from the background at the newest moment, but things.
    fn places(&self) -> Vec<Place> {
        let Some(newest) = self.history.newest() else { return Vec::new() };
        let judged_at = self.next_hits.checked_sub(1).map_or(UtcMicros::NEVER, |last| self.history.get(last).at);
        let mut cells = vec![Vec::new(); newest.blob_facts.len()];
        for (cell, &blob) in newest.blobs.iter().enumerate().filter(|(_, blob)| **blob > 0) {
            cells[usize::from(blob) - 1].push(cell as u16);
        }
        let place = |(cells, facts): (Vec<u16>, &BlobFacts)| {
            let stirred_at = newest.at.plus_s(-f64::from(facts.still_s));
            Place {
                appeared_at: newest.at.plus_s(-f64::from(facts.age_s)),
                // Of judged moments longer lags tell, too: a ghost shows those for seconds after who left it has gone.
                moved_at: if stirred_at > judged_at { stirred_at } else { self.moved_at(&cells) },
                cells,
            }
        };
        cells.into_iter().zip(&newest.blob_facts).filter(|(_, facts)| !facts.is_object).map(place).collect()
    }

    /// The last judged moment at which something moved among `cells` at the shortest step.
    fn moved_at(&self, cells: &[u16]) -> UtcMicros {
        let moves = |moment: &&Moment| {
            let moving = cells.iter().filter(|&&cell| moment.hits.now[usize::from(cell)] >= 1.0);
            moving.take(MOVES_CELLS).count() == MOVES_CELLS
        };
        let mut judged = (0..self.next_hits).rev().map(|index| self.history.get(index));
        judged.find(moves).map_or(UtcMicros::NEVER, |moment| moment.at)
    }

    /// True if nothing but screens moved in the zone since then.
    fn is_mistaken(&self, zone: &ZoneCells, since: UtcMicros) -> bool {
        let own = || (0..MICRO_CELLS).filter(|&cell| zone.contains(cell));
        let is_screen = |cell: usize| self.burnt.is_masked(cell);
        own().any(is_screen) && !own().any(|cell| !is_screen(cell) && self.attention.has_stirred(cell, since))
    }

    fn forget(&mut self) {
        while self.next_evidence > 0 {
            let told = self.history.get(self.next_evidence - 1).at;
            if told.seconds_since(self.history.get(0).at) <= KEPT_S {
                break;
            }
            self.history.pop_front();
            self.next_hits -= 1;
            self.next_evidence -= 1;
            self.next_learned -= 1;
        }
        if let Some(last) = self.next_evidence.checked_sub(1) {
            self.flights.forget(self.history.get(last).at);
        }
    }
}

fn zone_evidence(
    moment: &Moment,
    clusters: &[Cluster],
    [recurs, at_door]: [&[bool]; 2],
    walks_since: &[Option<UtcMicros>],
    zone: &ZoneCells,
    movers_known: bool,
) -> ZoneEvidence {
    let mut told = ZoneEvidence { movers_known, ..ZoneEvidence::default() };
    let (mut moving, mut intensity) = (0.0, 0.0);
    for (((cluster, recurs), at_door), walks_since) in clusters.iter().zip(recurs).zip(at_door).zip(walks_since) {
        let own = || cluster.cells.iter().map(|&cell| usize::from(cell)).filter(|&cell| zone.contains(cell));
        for cell in own().filter(|&cell| cluster.is_activity() && moment.hits.now[cell] >= 1.0) {
            moving += 1.0;
            intensity += (moment.hits.strengths[cell] / STRENGTH_MIN - 1.0).clamp(0.0, INTENSITY_MAX);
        }
        if cluster.cells.len() < 2 {
            continue;
        }
        let count = own().count() as u16;
        if cluster.is_strong && count > told.cluster {
            told.cluster = count;
            told.supported = cluster.is_supported;
            told.walks_since = *walks_since;
        }
        if !cluster.is_strong {
            told.faint = told.faint.max(count);
        }
        told.recurs |= *recurs && count > 0;
        told.at_border |= cluster.is_strong && (cluster.touches_rim || *at_door) && count > 0;
    }
    told.sits = moment.is_found && (0..MICRO_CELLS).any(|cell| moment.seats[cell] && zone.contains(cell));
    told.moving = zone.share(moving);
    told.intensity = zone.share(intensity / INTENSITY_MAX) * INTENSITY_MAX;
    tell_blobs(moment, zone, &mut told);
    told.crowd = moment.crowd.as_ref().filter(|_| !moment.disturbed).map(|cells| cells.of_zone(zone));
    told
}

fn tell_blobs(moment: &Moment, zone: &ZoneCells, told: &mut ZoneEvidence) {
    let mut own = vec![0u16; moment.blob_facts.len()];
    for cell in (0..MICRO_CELLS).filter(|&cell| zone.contains(cell)) {
        if let Some(blob) = usize::from(moment.blobs[cell]).checked_sub(1) {
            own[blob] += 1;
        }
    }
    let (mut live, mut silent) = (0.0, 0.0);
    told.still_s = f32::INFINITY;
    for (facts, &cells) in moment.blob_facts.iter().zip(&own).filter(|(_, cells)| **cells > 0) {
        if facts.still_s < LIVE_S && !facts.is_object {
            live += f32::from(cells);
            told.still_s = told.still_s.min(facts.still_s);
            if cells > 1 {
                told.movers += facts.people * f32::from(cells) / f32::from(facts.cells);
            }
            if !facts.touches_rim && !facts.is_small && facts.still_s < STAYS_S {
                told.at_border = false;
            }
        } else if !facts.is_object {
            silent += f32::from(cells);
        }
    }
    if live == 0.0 {
        told.still_s = 0.0;
    }
    told.live = zone.share(live);
    told.silent = zone.share(silent);
}

/// Movement per cell of the lake's grid: the share of its nine cells that move, weighted by amplitude, 0..255.
fn coarse_cells(moment: &Moment, clusters: &[Cluster]) -> [u8; CELLS] {
    let mut sums = [0.0f32; CELLS];
    for cluster in clusters.iter().filter(|cluster| cluster.is_activity()) {
        for &cell in &cluster.cells {
            let (x, y) = (usize::from(cell) % MICRO_X, usize::from(cell) / MICRO_X);
            let coarse = y * CELLS_Y / MICRO_Y * CELLS_X + x * CELLS_X / MICRO_X;
            sums[coarse] += moment.hits.now[usize::from(cell)].min(COARSE_MAX);
        }
    }
    let whole = INTENSITY_MAX * (MICRO_CELLS / CELLS) as f32;
    sums.map(|sum| (sum / whole * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use crate::diff::{Grid, Kernel, KernelLevel, MICRO_X};
    use crate::scene::Scene;
    use pantau_models::settings::Analysis;
    use pantau_models::time::UtcMicros;

    fn noise(place: usize) -> u32 {
        let mixed = (place as u32 ^ 0x9e37_79b9).wrapping_mul(0x85eb_ca6b);
        (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35)
    }

    /// People walk through for 6 s every 140 s; in between a picture a second is seen.
    #[test]
    fn visits_teach_nothing_of_how_much_their_way_trembles() {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(Analysis::default());
        for sample in (0..140 * 5 * 14).filter(|sample| sample % 700 < 50 || sample % 5 == 0) {
            let second = f64::from(sample) / 5.0;
            let walked = (second > 140.0 && second % 140.0 < 6.0).then(|| (second % 140.0 * 40.0) as usize);
            let is_person = |x: usize, y: usize| {
                walked.is_some_and(|walked| (walked..walked + 40).contains(&x) && (100..200).contains(&y))
            };
            let (geometry, grid) = Grid::of_grey((480, 270), |x, y| {
                if is_person(x, y) {
                    30 + (y % 7 * 9) as u8
                } else {
                    120 + (noise(x + 480 * y + 129_600 * sample as usize) >> 30) as u8
                }
            });
            scene.observe_grid(&mut kernel, UtcMicros(0).plus_s(second), &geometry, &grid);
        }
        let noise = &scene.view.as_ref().unwrap().noise;
        for lag in [0, 1] {
            let thresholds = noise.thresholds_grey(lag);
            let most = |row: usize| (0..24).map(|column| thresholds[row * MICRO_X + column]).fold(0.0, f32::max);
            let (way, wall) = (most(15), most(4));
            assert!(way < wall + 0.1, "{lag}: {way} {wall}");
        }
    }

    /// A lamp blinks, and somebody waves elsewhere or nobody does.
    #[test]
    fn what_a_lamp_said_is_mistaken_unless_something_else_moved() {
        let mistaken = |waves: bool| {
            let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
            let mut scene = Scene::new(Analysis::default());
            let mut told = Vec::new();
            for sample in 0..60 * 5 {
                let second = f64::from(sample) / 5.0;
                let is_lit = second % 10.0 > 4.9 && second % 10.0 < 6.0;
                let hand = (waves && (20..30).contains(&(sample / 5))).then(|| 60 + sample as usize % 4 * 20);
                let (geometry, grid) = Grid::of_grey((480, 270), |x, y| {
                    if is_lit && (200..220).contains(&x) && (100..120).contains(&y) {
                        220
                    } else if hand.is_some_and(|hand| (hand..hand + 40).contains(&x) && (180..220).contains(&y)) {
                        30
                    } else {
                        120 + (noise(x + 480 * y + 129_600 * sample as usize) >> 30) as u8
                    }
                });
                told.extend(scene.observe_grid(&mut kernel, UtcMicros(0).plus_s(second), &geometry, &grid));
            }
            let since = told.into_iter().filter_map(|evidence| Some((evidence.at, evidence.zones[0].mistaken_since?)));
            since.map(|(at, since)| (at.0 / 1_000_000, since.0 / 1_000_000)).collect::<Vec<_>>()
        };
        // Six changes, less a second before the first of them.
        assert_eq!(mistaken(false), [(26, 4)]);
        assert_eq!(mistaken(true), []);
    }

    /// Somebody is there from the first picture on, gets up after 8 s and walks out beside a fan that turns all the time.
    #[test]
    fn a_film_may_begin_with_somebody_who_leaves() {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(Analysis::default());
        let mut told = Vec::new();
        for sample in 0..90 * 5u32 {
            let second = f64::from(sample) / 5.0;
            let left = 300 - ((second - 8.0).max(0.0) * 60.0) as isize;
            let is_person =
                |x: usize, y: usize| (left..left + 50).contains(&(x as isize)) && (120..220).contains(&y) && left > -50;
            let (geometry, grid) = Grid::of_grey((480, 270), |x, y| {
                let shelf = 60 + (noise(x / 6 + 480 * (y / 6)) >> 25) as u8;
                if (400..440).contains(&x) && (40..80).contains(&y) {
                    60 + (noise(x / 8 + 480 * (y / 8) + 129_600 * sample as usize) >> 25) as u8
                } else if is_person(x, y) {
                    30 + (y % 9 * 4) as u8
                } else {
                    shelf + (noise(x + 480 * y + 129_600 * sample as usize) >> 30) as u8
                }
            });
            told.extend(scene.observe_grid(&mut kernel, UtcMicros(0).plus_s(second), &geometry, &grid));
        }
        let zone = |second: f64| {
            let at = |evidence: &&pantau_models::evidence::Evidence| evidence.at >= UtcMicros(0).plus_s(second);
            told.iter().find(at).unwrap().zones[0]
        };
        let second = |at: UtcMicros| (at.0 as f64 / 1e6).round() as i64;
        let left: Vec<i64> = told.iter().filter_map(|evidence| Some(second(evidence.zones[0].left_at?))).collect();
        assert_eq!(left, [14]);
        assert!([25.0, 50.0, 70.0].iter().all(|at| zone(*at).live < 0.01), "no ghost stays");
        let since: Vec<i64> =
            told.iter().filter_map(|evidence| Some(second(evidence.zones[0].mistaken_since?))).collect();
        assert!(since.contains(&14) || since.contains(&15), "{since:?}");
        assert_eq!([30.0, 60.0].map(|at| zone(at).cluster), [0, 0], "the fan's movement is nobody's");
    }
}
