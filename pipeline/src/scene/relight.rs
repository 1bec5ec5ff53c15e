//! What a change of light does to a view: its background is mapped, and what the light alone shows becomes part of it.

use super::blobs::{Blobs, is_clear_foreground};
use super::history::{Moment, NEIGHBOURS_S};
use super::light::{self, LightChange};
use super::noise::LAGS_S;
use super::observe::compare_again;
use super::{View, Working, ghost};
use crate::diff::{Kernel, MICRO_CELLS};
use pantau_models::record::Quality;
use pantau_models::time::UtcMicros;

/// Lamps and exposure have settled after this, seconds; a blob that has not moved for so long in between is light.
const SETTLES_S: f64 = 8.0;
const SETTLED_STILL_S: f32 = 0.5;
/// ... for so long where somebody may be there.
const OCCUPIED_STILL_S: f32 = 1.5;
/// By then whoever came is seen to move, seconds.
const TOLD_S: f32 = 0.8;
/// A blob of which so much was there before the light changed is no light.
const BEFORE_SHARE: f32 = 0.2;
/// Nothing moved for so long before a lamp is switched: the lamp is no sign of somebody coming, seconds. People who
/// switch one on as they enter have just moved.
const ALONE_S: f64 = 30.0;
/// Coherent drift of the quiet cells that is mapped into the background, grey levels.
const DRIFT_GREY: f32 = 2.0;

impl View {
    /// Lamps and exposure: by the last sample, and by the sample a second ago for ramps.
    pub(super) fn watch_light(&mut self, kernel: &mut Kernel, moment: &mut Moment, working: &mut Working) {
        let Some(last) = self.history.newest().filter(|last| moment.at.seconds_since(last.at) < NEIGHBOURS_S) else {
            return;
        };
        let before: Vec<bool> = last.blobs.iter().map(|blob| *blob > 0).collect();
        let newest = self.history.len() - 1;
        let ago = || self.history.at_lag(newest, -LAGS_S[1], 0.25).filter(|ago| ago.epoch == self.epoch);
        let mut is_uneven = false;
        match light::light_change(&last.means, &moment.means) {
            Some(LightChange::Tone(map)) => self.follow(&map, moment.at, working),
            Some(LightChange::Uneven) => {
                is_uneven = true;
                let gains = light::gains(&last.means, &moment.means, |cell| last.blobs[cell] > 0);
                light::apply_gains(&self.geometry, &gains, &mut self.model.background);
                light::apply_gains(&self.geometry, &gains, &mut self.remembered.pixels);
                // How the light changed there is a guess.
                self.remembered.forget(&before);
            }
            // Over a second people move too far for gains cell by cell.
            None => match ago().and_then(|ago| light::light_change(&ago.means, &moment.means)) {
                Some(LightChange::Tone(map)) => self.follow(&map, moment.at, working),
                Some(LightChange::Uneven) | None => return,
            },
        }
        let steps = working.sums.step.clone();
        self.model.step.fill(0);
        compare_again(kernel, self, working);
        if !self.attention.is_on(moment.at) || is_uneven && self.activity.quiet_s(moment.at) > ALONE_S {
            self.take_over(&before, working);
            compare_again(kernel, self, working);
        }
        working.sums.step = steps;
        self.epoch += 1;
        if self.last_light.is_none_or(|light| moment.at.seconds_since(light) > SETTLES_S) {
            self.before_light = before;
        }
        self.last_light = Some(moment.at);
        self.attention.relight(moment.at);
        moment.quality.insert(Quality::LIGHT_CHANGE);
        moment.disturbed = true;
    }

    /// Exposure settles and tubes warm up: for some seconds, whatever stands still and was not there before is light.
    pub(super) fn take_over_after_light(&mut self, blobs: &mut Blobs, at: UtcMicros, working: &Working) {
        let Some(lit_s) = self.last_light.map(|light| at.seconds_since(light)).filter(|&lit_s| lit_s < SETTLES_S)
        else {
            return;
        };
        let still_s = if self.attention.is_on(at) { OCCUPIED_STILL_S } else { SETTLED_STILL_S };
        for index in 0..blobs.cells.len() {
            let cells = &blobs.cells[index];
            let before = cells.iter().filter(|&&cell| self.before_light[usize::from(cell)]).count();
            let facts = &blobs.facts[index];
            // Whoever came a moment ago, well after the light, has not been seen to move yet.
            let is_told = facts.age_s > TOLD_S || lit_s as f32 - facts.age_s < OCCUPIED_STILL_S;
            if is_told && facts.still_s > still_s && (before as f32) < BEFORE_SHARE * cells.len() as f32 {
                self.take_blob_over(blobs, index, working);
            }
        }
    }

    /// A blob that is nobody becomes background.
    pub(super) fn take_blob_over(&mut self, blobs: &mut Blobs, index: usize, working: &Working) {
        ghost::absorb(&self.geometry, &working.grid, &mut self.model, &blobs.cells[index]);
        for &cell in &blobs.cells[index] {
            blobs.labels[usize::from(cell)] = 0;
        }
    }

    /// A lamp draws edges of its own, and a pushed camera sees past them at another angle: where nobody stood before,
    /// what still differs is the room.
    pub(super) fn take_over(&mut self, before: &[bool], working: &Working) {
        let is_new = |cell: &usize| !before[*cell] && is_clear_foreground(&self.geometry, &working.sums, *cell);
        let cells: Vec<u16> = (0..MICRO_CELLS).filter(is_new).map(|cell| cell as u16).collect();
        ghost::absorb(&self.geometry, &working.grid, &mut self.model, &cells);
    }

    /// A cloud, or exposure that settles: the quiet cells' drift is mapped into the background.
    pub(super) fn follow_drift(&mut self, blobs: &Blobs, working: &Working) {
        let quiet = || (0..MICRO_CELLS).filter(|&cell| blobs.labels[cell] == 0);
        let [from, to] = [&working.sums.background, &working.sums.luma].map(|sums| {
            let means = self.geometry.means(sums);
            quiet().map(|cell| means[cell]).collect::<Vec<f32>>()
        });
        if from.len() < MICRO_CELLS / 4 {
            return;
        }
        let drift = light::brightening(&from, &to);
        if drift.abs() > DRIFT_GREY {
            self.apply(&light::ToneMap::fit(&from, &to), working);
        }
    }

    fn follow(&mut self, map: &light::ToneMap, at: UtcMicros, working: &Working) {
        self.swing.change(map, at);
        self.apply(map, working);
    }

    fn apply(&mut self, map: &light::ToneMap, working: &Working) {
        for pixels in [&mut self.model.background, &mut self.remembered.pixels] {
            map.apply_to(pixels);
            // No light falls on what is masked.
            working.blackout.blacken(pixels, self.geometry.width(), 0..self.geometry.height());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Grid, KernelLevel};
    use crate::scene::Scene;
    use pantau_models::settings::{Analysis, Polygon};

    #[test]
    fn a_mask_stays_black_whatever_the_light() {
        let mask = Polygon { corners: vec![[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [0.0, 0.1]] };
        let analysis = Analysis { masks: vec![mask], ..Analysis::default() };
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(analysis);
        let room = |x: usize, y: usize| if x < 48 && y < 27 { 0 } else { 90 + (x / 8 + y / 9) as u8 };
        let (geometry, grid) = Grid::of_grey((480, 270), room);
        scene.observe_grid(&mut kernel, UtcMicros(0), &geometry, &grid);
        let Scene { view: Some(view), working, .. } = &mut scene else { panic!("it has seen a picture") };
        let before = geometry.means(&geometry.sums(grid.pixels()));
        let brighter: Vec<f32> = before.iter().map(|grey| grey + 40.0).collect();
        view.apply(&light::ToneMap::fit(&before, &brighter), working);
        let background = [0, 30 + 480 * 20, 300 + 480 * 100].map(|pixel| view.model.background[pixel] >> 8);
        assert_eq!(background, [0, 0, u16::from(room(300, 100)) + 40]);
    }

    /// A lamp is switched on at 40 s; 4 s later somebody walks in and is there for 2 s.
    #[test]
    fn who_comes_seconds_after_the_light_does_not_become_background() {
        let mut kernel = Kernel::new(KernelLevel::choose().unwrap());
        let mut scene = Scene::new(Analysis::default());
        let shelf = |x: usize, y: usize| 90 + (x / 40 + y / 30) as u8;
        let came = 44.0;
        for second in (0..230).map(|sample| f64::from(sample) / 5.0) {
            let lamp = if second > 40.0 { 40 } else { 0 };
            let left = (second >= came).then(|| 150 + ((second - came) * 25.0) as usize);
            let is_person =
                |x: usize, y: usize| left.is_some_and(|left| (left..left + 90).contains(&x) && y > 60 && y < 220);
            let (geometry, grid) = Grid::of_grey((480, 270), |x, y| {
                if is_person(x, y) { 30 + ((x - left.unwrap_or(0)) % 7 * 5) as u8 } else { shelf(x, y) + lamp }
            });
            scene.observe_grid(&mut kernel, UtcMicros(0).plus_s(second), &geometry, &grid);
        }
        let background = scene.view.unwrap().model.background;
        let off = |x: usize| f64::from(background[100 * 480 + x]) / 256.0 - f64::from(shelf(x, 100) + 40);
        assert!([155, 200, 235].iter().all(|&x| off(x).abs() < 3.0), "{} {} {}", off(155), off(200), off(235));
    }
}
