//! One sample in: compare, judge the light, find the blobs, keep the background.

use super::attention::Attention;
use super::blobs::is_clear_foreground;
use super::blobs::{Activity, Blobs};
use super::burnt::Burnt;
use super::cells::silence;
use super::clutter::Clutter;
use super::crowd::CrowdModel;
use super::departure::Departures;
use super::flight::Flights;
use super::history::{History, Moment, NEIGHBOURS_S, Past, STEP_LAGS};
use super::lit::Lit;
use super::noise::{ANEW, BACKGROUND, LAGS_S, Noise};
use super::remembered::{REST_S, Remembered};
use super::report::LEARNS_S;
use super::shake::Shake;
use super::sitter::Sitters;
use super::sway::Sway;
use super::swing::Swing;
use super::{FOREGROUND_GREY, Scene, View, Working, focus, ghost, health, motion};
use crate::decode::Plane;
use crate::diff::{Blackout, CellSums, Geometry, Grid, Kernel, MICRO_CELLS, Model};
use pantau_models::evidence::Evidence;
use pantau_models::record::Quality;
use pantau_models::settings::Analysis;
use pantau_models::time::UtcMicros;

/// A background older than this at the next sample is not trusted: furniture and daylight will have changed.
const BACKGROUND_KEPT_S: f64 = 1800.0;
/// Speed of the background in quiet cells, grey levels a second.
const QUIET_GREY_PER_S: f64 = 1.25;
/// The same in the seconds after a change of light.
const RELEARN_GREY_PER_S: f64 = 20.0;
const RELEARN_S: f64 = 2.0;
/// The background follows a picture for as long as that stands for: since the one before, but for no longer than this,
/// seconds. Calm hours are seen by key frames alone, up to 9 s apart; with 1 s, what a change of light had left in the
/// background stayed there until the next visit, and was taken for somebody.
const AWAY_S_MAX: f64 = 10.0;
/// The same under a blob that has been still for [`LIVE_S`].
const ABSORB_GREY_PER_S: f64 = 0.12;
/// A blob that moved within this time is somebody's, seconds.
pub(super) const LIVE_S: f32 = 60.0;
/// A blob may be tested for a ghost once it has been still so long, seconds.
const GHOST_STILL_S: f32 = 1.5;
/// Of a ghost, so much is where somebody left it.
const LEFT_SHARE: f32 = 0.5;
/// Time between two looks at focus, gradients, ghosts and slow light, seconds.
const UPKEEP_S: f64 = 1.0;
/// Looks between two of the background's gradient, and between two keepings of a cell's background.
const GRADIENT_EVERY: usize = 10;
const KEEP_EVERY: usize = 16;
/// More of the view than this differs from the background: not people.
const STRANGE_SHARE: f32 = 0.6;
/// The same where the texture of most of it is another: a camera that was turned a little keeps much plain wall
/// in front of plain wall.
const TURNED_SHARE: f32 = 0.15;
const OTHER_TEXTURE_SHARE: f32 = 0.6;
/// ... and after so long it is a new view, seconds.
const STRANGE_S: f64 = 3.0;

impl Scene {
    /// Takes a sample from a picture: one fused pass. Gives the evidence that has become final.
    pub fn observe_plane(&mut self, kernel: &mut Kernel, at: UtcMicros, plane: &Plane<'_>) -> Vec<Evidence> {
        let Some(geometry) = self.geometry_for(plane.width, plane.height) else { return Vec::new() };
        let mut evidence = self.leave_unless(&geometry, at);
        let Self { view, analysis, working, .. } = self;
        working.darkened = 0.0;
        working.colour = plane.colour;
        working.since_key_us = plane.since_key_us;
        match view {
            Some(view) if view.is_wary(at) => {
                kernel.reduce(&view.geometry, plane, &working.blackout, &mut working.grid);
                view.steady(kernel, at, working);
                compare_again(kernel, view, working);
            }
            Some(view) => kernel.fused(
                &view.geometry,
                plane,
                &working.blackout,
                FOREGROUND_GREY,
                &mut working.grid,
                &mut view.model,
                &mut working.sums,
            ),
            None => {
                working.fit(&geometry, analysis);
                kernel.reduce(&geometry, plane, &working.blackout, &mut working.grid);
                *view = Some(View::new(geometry, at, &working.grid));
                compare_again(kernel, view.as_mut().expect("set one line above"), working);
            }
        }
        self.look(kernel, at, &mut evidence);
        evidence
    }

    /// Takes a sample that another thread has reduced already. Same evidence as [`Scene::observe_plane`].
    pub fn observe_grid(
        &mut self,
        kernel: &mut Kernel,
        at: UtcMicros,
        geometry: &Geometry,
        grid: &Grid,
    ) -> Vec<Evidence> {
        let mut evidence = self.leave_unless(geometry, at);
        let Self { view, analysis, working, .. } = self;
        if view.is_none() {
            working.fit(geometry, analysis);
        }
        working.grid.clone_from(grid);
        working.darkened = 0.0;
        working.colour = grid.colour();
        working.since_key_us = grid.since_key_us();
        let view = view.get_or_insert_with(|| View::new(geometry.clone(), at, grid));
        if view.is_wary(at) {
            view.steady(kernel, at, working);
        }
        compare_again(kernel, view, working);
        self.look(kernel, at, &mut evidence);
        evidence
    }

    /// The stream ends here: everything still waiting for its other side is judged without it.
    pub fn flush(&mut self) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if let Some(view) = &mut self.view {
            view.judge_all(&self.zones, &mut evidence);
        }
        evidence
    }

    /// The pixels of the last sample that differ from the background, as a working grid of 0 and 1 and its width, for
    /// evaluation against labelled masks.
    pub fn foreground_pixels(&self) -> Option<(Vec<u8>, usize)> {
        let view = self.view.as_ref()?;
        let pixels = view.model.previous.iter().zip(&view.model.background);
        let mask = pixels.map(|(&pixel, &back)| u8::from(pixel.abs_diff((back >> 8) as u8) > FOREGROUND_GREY));
        Some((mask.collect(), view.geometry.width()))
    }

    fn geometry_for(&self, width: usize, height: usize) -> Option<Geometry> {
        match &self.view {
            Some(view) if view.geometry.fits(width, height) => Some(view.geometry.clone()),
            _ => Geometry::of(width, height),
        }
    }

    /// Ends the view if the next sample can't be compared with it: another size, or too long ago.
    fn leave_unless(&mut self, geometry: &Geometry, at: UtcMicros) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let Some(view) = &mut self.view else { return evidence };
        let away_s = at.seconds_since(view.last_at);
        if view.geometry != *geometry || !(0.0..BACKGROUND_KEPT_S).contains(&away_s) {
            view.judge_all(&self.zones, &mut evidence);
            self.view = None;
        } else if away_s > motion::LONGEST_LAG_S {
            view.judge_all(&self.zones, &mut evidence);
        }
        evidence
    }

    fn look(&mut self, kernel: &mut Kernel, at: UtcMicros, evidence: &mut Vec<Evidence>) {
        let Self { view: Some(view), working, zones, .. } = self else { return };
        view.look(kernel, at, working);
        view.judge(zones, evidence);
    }
}

pub(super) fn compare_again(kernel: &mut Kernel, view: &mut View, working: &mut Working) {
    kernel.compare(&view.geometry, &working.grid, FOREGROUND_GREY, &mut view.model, &mut working.sums);
}

impl Working {
    fn fit(&mut self, geometry: &Geometry, analysis: &Analysis) {
        self.grid = Grid::new(geometry);
        self.blackout = Blackout::new(geometry, &analysis.masks);
    }
}

impl View {
    fn new(geometry: Geometry, at: UtcMicros, grid: &Grid) -> Self {
        Self {
            model: Model::new(grid),
            remembered: Remembered::new(&geometry),
            geometry,
            history: History::default(),
            past: Past::default(),
            noise: Noise::new(),
            activity: Activity::new(at),
            attention: Attention::new(at),
            sitters: Sitters::new(at),
            lit: Lit::new(),
            seats: Vec::new(),
            clutter: Clutter::new(),
            is_vacant: true,
            crowd: CrowdModel::default(),
            next_hits: 0,
            next_evidence: 0,
            next_learned: 0,
            epoch: 0,
            born: at,
            last_at: at,
            last_light: None,
            before_light: vec![false; MICRO_CELLS],
            last_upkeep: UtcMicros::NEVER,
            shake: Shake::new(),
            swing: Swing::new(),
            sway: Sway::new(),
            burnt: Burnt::new(),
            flights: Flights::new(),
            departures: Departures::new(),
            left_behind: Vec::new(),
            panes: vec![UtcMicros::NEVER; MICRO_CELLS],
            upkeeps: 0,
            strange_since: None,
            same_since: None,
            is_blurred: false,
        }
    }

    fn look(&mut self, kernel: &mut Kernel, at: UtcMicros, working: &mut Working) {
        let away_s = at.seconds_since(self.last_at).clamp(0.0, AWAY_S_MAX);
        let dt_s = away_s.min(NEIGHBOURS_S);
        let passed_s = away_s - dt_s;
        self.last_at = at;
        let mut moment = Moment::new(at, self.geometry.means(&working.sums.luma));
        moment.luma_seen += working.darkened;
        if self.swing.has_moved(at) {
            moment.quality.insert(Quality::LIGHT_CHANGE);
        }
        self.watch_light(kernel, &mut moment, working);
        self.settle_pushed(kernel, working);
        let is_foreground = self.foreground(&working.sums, &mut moment, dt_s as f32, passed_s as f32);
        let (noise, attention) = (&self.noise, &self.attention);
        let is_restless = |cell: usize| noise.is_restless(cell) || attention.never_rests(cell);
        let mut blobs = self.activity.blobs(&is_foreground, is_restless, at);
        if !self.attention.has_had_visitor() {
            blobs.take_grown_for_things();
        }
        if self.is_new_view(&blobs, at, working) {
            self.model = Model { step: std::mem::take(&mut self.model.step), ..Model::new(&working.grid) };
            self.epoch += 1;
            self.born = at;
            self.crowd = CrowdModel::default();
            self.remembered = Remembered::new(&self.geometry);
            self.shake = Shake::new();
            self.swing = Swing::new();
            self.sway = Sway::new();
            self.panes.fill(UtcMicros::NEVER);
            self.sitters = Sitters::new(at);
            self.seats.clear();
            self.burnt.look_elsewhere();
            self.attention.look_elsewhere(at);
            self.lit = Lit::new();
            moment.quality.insert(Quality::CAMERA_MOVED);
            moment.disturbed = true;
            blobs = Blobs { labels: vec![0; MICRO_CELLS], ..Blobs::default() };
        }
        self.watch_daylight(&mut blobs, working);
        self.take_over_after_light(&mut blobs, at, working);
        self.keep_up(&mut blobs, at, working);
        if passed_s > 0.0 {
            self.catch_up(kernel, &blobs, at.plus_s(-dt_s), passed_s, working);
        }
        self.set_steps(&blobs, at, dt_s);
        self.watch_shake(kernel, &blobs, &mut moment, working);
        moment.crowd = self.crowd.look(kernel, &self.geometry, &working.grid, &moment.means, at);
        moment.epoch = self.epoch;
        moment.is_coded_anew = working.since_key_us.is_some_and(|since_us| since_us < motion::CODED_ANEW_US);
        self.take_steps(kernel, &mut moment, working);
        moment.disturbed |= self.strange_since.is_some();
        moment.quality.insert(self.health(&moment, &working.sums, working.colour));
        moment.blobs = blobs.labels;
        moment.blob_facts = blobs.facts;
        moment.seats.clone_from(&self.seats);
        self.history.push(moment);
        self.mark_activity();
    }

    /// Cells that differ from the background: many of their pixels clearly, or all of them by more than they tremble.
    fn foreground(&mut self, sums: &CellSums, moment: &mut Moment, dt_s: f32, passed_s: f32) -> Vec<bool> {
        let at = moment.at;
        let apart = self.geometry.means(&sums.apart);
        let ratios = self.noise.ratios(BACKGROUND, &apart, |_| true);
        let differs = |cell: usize| ratios.as_ref().is_some_and(|ratios| ratios[cell] >= 1.0);
        let is_foreground: Vec<bool> = (0..MICRO_CELLS)
            .map(|cell| differs(cell) || is_clear_foreground(&self.geometry, sums, cell))
            .enumerate()
            .map(|(cell, is_foreground)| is_foreground && !self.burnt.is_masked(cell))
            .collect();
        let lively = self.activity.lively(at);
        let is_free = self.attention.free_cells();
        let learns: Vec<bool> =
            (0..MICRO_CELLS).map(|cell| is_free(cell) || !is_foreground[cell] && !lively[cell]).collect();
        if passed_s > 0.0 {
            self.noise.pass_over(passed_s, &learns);
        }
        if at.seconds_since(self.born) <= LEARNS_S {
            self.noise.take_at_once(BACKGROUND, &apart, self.sway.cells());
        }
        // At once, unlike movement: a cloud is taken for a visitor else, and is never learned then. But edges that were
        // moved back differ, with or without somebody.
        if self.shake.is_wary(at) && !self.attention.is_burning_in() {
            moment.apart = apart;
        } else {
            self.noise.learn(BACKGROUND, &apart, dt_s, &learns);
        }
        is_foreground
    }

    /// Compares the sample with those 0.2 s and 1 s before it.
    fn take_steps(&mut self, kernel: &mut Kernel, moment: &mut Moment, working: &mut Working) {
        for (lag, &lag_s) in LAGS_S.iter().enumerate().take(STEP_LAGS) {
            let Some(before) = self.past.before(moment.at, moment.epoch, lag_s) else { continue };
            let there = (0..self.history.len()).rev().map(|index| self.history.get(index)).find(|m| m.at == before.at);
            let brighter = there.map_or(0.0, |there| motion::drift(moment, there)).round() as i16;
            kernel.distance(&self.geometry, working.grid.pixels(), &before.pixels, brighter, &mut working.distances);
            moment.steps[lag] = self.geometry.means(&working.distances);
            let step_s = moment.at.seconds_since(before.at);
            if lag == 0 && self.burnt.take(&moment.steps[0], step_s, moment.at, moment.is_coded_anew) {
                self.history.forget_blobs(|cell| self.burnt.is_masked(cell));
            }
        }
        self.past.push(moment.at, moment.epoch, working.grid.pixels());
    }

    fn is_new_view(&mut self, blobs: &Blobs, at: UtcMicros, working: &Working) -> bool {
        let is_strange = blobs.share >= STRANGE_SHARE
            || blobs.share >= TURNED_SHARE
                && ghost::other_texture_share(&self.geometry, &working.grid, &self.model) >= OTHER_TEXTURE_SHARE;
        if !is_strange {
            self.strange_since = None;
            return false;
        }
        let since = *self.strange_since.get_or_insert(at);
        let is_new = at.seconds_since(since) >= STRANGE_S;
        if is_new {
            self.strange_since = None;
        }
        is_new
    }

    /// Once a second: focus, texture, ghosts, slow light.
    fn keep_up(&mut self, blobs: &mut Blobs, at: UtcMicros, working: &mut Working) {
        if at.seconds_since(self.last_upkeep) < UPKEEP_S {
            return;
        }
        self.last_upkeep = at;
        self.is_blurred = focus::is_blurred(&self.geometry, &working.grid);
        self.follow_drift(blobs, working);
        for index in 0..blobs.cells.len() {
            let (cells, facts) = (&blobs.cells[index], blobs.facts[index]);
            if facts.still_s < GHOST_STILL_S || cells.len() < 2 {
                continue;
            }
            let theirs = cells.iter().filter(|cell| self.left_behind.contains(cell)).count();
            if theirs as f32 > LEFT_SHARE * cells.len() as f32 {
                self.history.forget_blobs(|cell| cells.contains(&(cell as u16)));
                self.take_blob_over(blobs, index, working);
                continue;
            }
            let before = self.remembered.shows_again(&self.geometry, &working.grid, &self.model, cells);
            let is_ghost = ghost::is_ghost(&self.geometry, &working.grid, &self.model, cells, &facts, before);
            if is_ghost || ghost::is_light(&self.geometry, &working.grid, &self.model, cells) {
                self.take_blob_over(blobs, index, working);
            }
        }
        self.left_behind.clear();
        for cell in (0..MICRO_CELLS).filter(|cell| cell % KEEP_EVERY == self.upkeeps % KEEP_EVERY) {
            if blobs.labels[cell] == 0 && self.activity.is_quiet_for(cell, at, REST_S) {
                self.remembered.keep(&self.geometry, &self.model, cell);
            }
        }
        if self.upkeeps.is_multiple_of(GRADIENT_EVERY) {
            self.noise.set_gradient(ghost::gradient(&self.geometry, &self.model));
        }
        self.noise.refresh(health::light_shares(&working.sums, &self.geometry), self.shake.trembles(at));
        self.upkeeps += 1;
    }

    /// The background follows this very sample for the time before it that was not looked at.
    fn catch_up(&mut self, kernel: &mut Kernel, blobs: &Blobs, until: UtcMicros, passed_s: f64, working: &mut Working) {
        self.set_steps(blobs, until, passed_s);
        let sums = working.sums.clone();
        compare_again(kernel, self, working);
        working.sums = sums;
    }

    /// How far the background may move for the `dt_s` until `at`.
    fn set_steps(&mut self, blobs: &Blobs, at: UtcMicros, dt_s: f64) {
        // Of that time, what lies within the seconds after a change of light.
        let relearns_s = self.last_light.map_or(0.0, |light| {
            let until_s = at.seconds_since(light);
            (until_s.min(RELEARN_S) - (until_s - dt_s).max(0.0)).clamp(0.0, dt_s)
        });
        let quiet_grey = RELEARN_GREY_PER_S * relearns_s + QUIET_GREY_PER_S * (dt_s - relearns_s);
        let to_step = |grey: f64| (grey * 256.0).round().clamp(0.0, 65_535.0) as u16;
        let steps = [to_step(quiet_grey), to_step(ABSORB_GREY_PER_S * dt_s)];
        for cell in 0..MICRO_CELLS {
            self.model.step[cell] = match blobs.labels[cell] {
                0 => steps[0],
                blob => {
                    let facts = blobs.facts[usize::from(blob) - 1];
                    match (facts.is_object, facts.still_s < LIVE_S) {
                        (true, _) => steps[0],
                        (false, true) => 0,
                        (false, false) => steps[1],
                    }
                }
            };
        }
    }

    /// What sways from the start is learned at once, before anything is told of the view.
    fn watch_sway(&mut self, differences: &[f32], at: UtcMicros) {
        if at.seconds_since(self.born) > LEARNS_S || self.shake.is_wary(at) {
            self.sway.end();
        } else if self.sway.take(differences, at) {
            let sways = self.sway.cells();
            for slot in [0, ANEW] {
                self.noise.take_at_once(slot, differences, sways);
            }
            self.history.forget_blobs(|cell| sways[cell]);
        }
    }

    /// What moved at the last sample but one is known now: enough for keeping blobs alive, long before the evidence.
    fn mark_activity(&mut self) {
        let Some(index) = self.history.len().checked_sub(2) else { return };
        if self.history.get(index).disturbed {
            return;
        }
        let Some(differences) = motion::differences(&self.history, index, 0) else { return };
        let at = self.history.get(index).at;
        self.watch_sway(&differences, at);
        let slot = motion::slot(&self.history, index, 0);
        if let Some(mut ratios) = self.noise.ratios(slot, &differences, |_| true) {
            self.burnt.silence(&mut ratios);
            silence(&mut ratios, &self.drifting_now());
            self.activity.mark_voted(&ratios, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::KernelLevel;

    /// Where the light rises by so many grey levels at 10 s, the background at `seconds` beside what it is at first.
    fn followed(rise: impl Fn(usize) -> u8, seconds: impl IntoIterator<Item = f64>) -> [f64; 2] {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(Analysis::default());
        let shelf = |x: usize, y: usize| 90 + (x / 40 + y / 30) as u8;
        for second in (0..50).map(|sample| f64::from(sample) / 5.0).chain(seconds) {
            let brighter = |x: usize| if second > 10.0 { rise(x) } else { 0 };
            let (geometry, grid) = Grid::of_grey((480, 270), |x, y| shelf(x, y) + brighter(x));
            scene.observe_grid(&mut kernel, UtcMicros(0).plus_s(second), &geometry, &grid);
        }
        let model = scene.view.unwrap().model;
        [60, 400].map(|x| f64::from(model.background[100 * 480 + x]) / 256.0 - f64::from(shelf(x, 100)))
    }

    fn always() -> impl Iterator<Item = f64> {
        (51..91).map(|sample| f64::from(sample) / 5.0)
    }

    /// The sun comes out on a shelf while key frames 8 s apart are all that is seen.
    #[test]
    fn the_background_follows_what_is_seldom_seen_as_fast_as_what_always_is() {
        let sun = |x: usize| if x < 120 { 4 } else { 0 };
        let (always, seldom) = (followed(sun, always()), followed(sun, [18.0]));
        assert!(always.iter().zip(seldom).all(|(a, b)| (a - b).abs() < 1.0), "{always:?} {seldom:?}");
        assert!(seldom[0] > 3.5 && seldom[1].abs() < 1.0, "{seldom:?}");
    }

    /// A lamp is switched on that makes stripes on a shelf; the next picture is seen 7 s later.
    #[test]
    fn what_a_lamp_left_is_learned_from_the_next_picture() {
        let lamp = |x: usize| if x < 120 && (x / 5).is_multiple_of(2) { 66 } else { 40 };
        let (always, seldom) = (followed(lamp, always()), followed(lamp, [10.2, 17.2]));
        assert!(always.iter().zip(seldom).all(|(a, b)| (a - b).abs() < 1.0), "{always:?} {seldom:?}");
        assert!((seldom[0] - 66.0).abs() < 1.0, "{seldom:?}");
    }
}
