//! How much each cell trembles by itself: sensor noise, compression, texture.
//!
//! At every lag, of each cell, two quantiles of what it shows while nothing moves there are tracked: the middle
//! (typical) and the 99.5 % one (high). Movement is what exceeds the typical tremble by more than the largest of: a
//! floor, a multiple of the distance from typical to high (of the cell itself and, as long as it was hardly seen quiet,
//! of the cells of like texture), and 0.04 x the cell's own gradient, which compression displaces. The constants were
//! chosen on made offices at CRF 20 to 38 and checked on labelled footage.

use crate::diff::{MICRO_CELLS, Ranked};
use serde::{Deserialize, Serialize};

/// Lags at which a sample is compared with both sides, seconds.
pub(super) const LAGS_S: [f64; 3] = [0.2, 1.0, 5.0];
/// Where [`Noise`] keeps what cells differ from the background by, beside the lags.
pub(super) const BACKGROUND: usize = 3;
/// Where it keeps the movement at the second lag, smoothed over seconds: hands and heads that move too little to be
/// seen in one sample.
pub(super) const ENERGY: usize = 4;
/// Where it keeps the steps to samples coded anew, of cameras so slow that whole movements fit between two samples.
pub(super) const ANEW: usize = 5;
/// Time constant of that smoothing, seconds.
pub(super) const ENERGY_S: f32 = 2.0;
/// Least movement over the typical tremble, grey levels: means of |difference| over a cell's pixels at the first two
/// lags, of the cell's mean at the third, of |sample - background| at [`BACKGROUND`], smoothed at [`ENERGY`], and over
/// the first lag again at [`ANEW`].
const FLOORS_GREY: [f32; 6] = [2.0, 2.5, 4.0, 5.0, 0.5, 2.0];
const HIGH_QUANTILE: f32 = 0.995;
const OVER_HIGH: f32 = 2.5;
const OVER_HIGH_ENERGY: f32 = 1.3;
const OVER_GRADIENT: f32 = 0.04;
/// The same of cells of a shaking camera that are not learned yet: encoders move edges later than the camera does, so that
/// pictures are moved back to a tenth of a pixel on average and some to a quarter.
const OVER_GRADIENT_SHAKEN: f32 = 0.4;
/// Cells are compared with the quarter of the view's cells whose texture is most like theirs.
const TEXTURE_CLASSES: usize = 4;
/// So many of the cells of like texture are at rest at any moment, and movement exceeds the middle one by so many
/// times what they do.
const MOST: f32 = 0.8;
const OVER_MOST: f32 = 4.0;
/// The same where nothing of the like is learned yet and what most cells do, in all but one of the classes of texture, grows
/// from the first to the second of these, grey levels: in a dim room's noise a few cells of hundreds exceed the others by
/// far. All but one: whoever stands in front of the camera at first may be a third of its most textured cells. At the lags
/// that count in front of something only it gains nothing, and loses who sat there from the start.
const OVER_MOST_NOISY: f32 = 8.0;
const NOISY_GREY: [f32; 2] = [0.3, 0.6];
const NOISY_CLASSES: usize = TEXTURE_CLASSES - 1;
/// The same of learned cells of a shaking camera, in which edges of other strengths differ at every moment: with 4, a
/// clerk of made scenes was right 38 % to 97 % of the time, with 2 it is 80 % to 97 %, and real halls tremble hardly more.
const OVER_MOST_SHAKEN: f32 = 2.0;
/// Cells that are looked through at once.
const PIECE: usize = 48;
/// A cell whose own margin is so many times that of its like is restless.
const OVER_USUAL: f32 = 2.0;
/// ... and if its largest tremble is more than this, people could be missed in it, grey levels.
const UNREST_GREY: f32 = 10.0;
/// A cell seen quiet for so long is known by itself, seconds.
const LEARNED_S: f32 = 120.0;
/// In time that is not looked at tremble fades by this share of what it does where nothing moves: gusts too small for
/// anybody to look go on in it. With 1, a curtain was taken for somebody half a minute longer.
const FADES_UNSEEN: f32 = 0.5;
/// Speed of the quantiles' tracking, grey levels a second.
const TYPICAL_GREY_PER_S: f32 = 0.1;
const HIGH_GREY_PER_S: f32 = 0.75;
/// A cell's tremble is never said to be more than this, grey levels: beyond it the cell moves.
const TREMBLE_GREY_MAX: f32 = 60.0;

/// What is expected of the cells at one lag.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tremble {
    /// Middle of what each cell shows while nothing moves there, grey levels.
    pub typical: Vec<f32>,
    high: Vec<f32>,
    /// For how long each cell was seen quiet, seconds, up to [`LEARNED_S`].
    learned_s: Vec<f32>,
    /// By how much a cell must exceed its typical tremble to be moving, grey levels.
    pub margin: Vec<f32>,
}

/// Noise of a view.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Noise {
    lags: [Tremble; 6],
    gradient: Vec<f32>,
    classes: Vec<u8>,
    restless: Vec<bool>,
    energy: Vec<f32>,
    /// How bright each cell is beside a lit room, or the view if that is more, 0..1.
    light_shares: Vec<f32>,
    is_shaken: bool,
}

impl Tremble {
    fn new(floor: f32) -> Self {
        Self {
            typical: vec![0.3; MICRO_CELLS],
            high: vec![0.8; MICRO_CELLS],
            learned_s: vec![0.0; MICRO_CELLS],
            margin: vec![floor; MICRO_CELLS],
        }
    }

    /// From typical to high, as the middle cell of each of the `classes` of texture has it.
    fn usual_spreads(&self, classes: &[u8]) -> [f32; TEXTURE_CLASSES] {
        let spreads = self.high.iter().zip(&self.typical).map(|(high, typical)| high - typical);
        by_class(classes, spreads).map(|mut spreads| spreads.median())
    }

    fn learn(&mut self, differences: &[f32], dt_s: f32, is_quiet: &[bool]) {
        let step = TYPICAL_GREY_PER_S * dt_s;
        let rate = HIGH_GREY_PER_S * dt_s;
        let cells = self.typical.iter_mut().zip(&mut self.high).zip(&mut self.learned_s);
        // Without a branch: such loops become vectors.
        for (((typical, high), learned_s), (&difference, &is_quiet)) in cells.zip(differences.iter().zip(is_quiet)) {
            let new_typical = *typical + (difference - *typical).clamp(-step, step);
            let towards = if difference > *high { rate * HIGH_QUANTILE } else { -rate * (1.0 - HIGH_QUANTILE) };
            let new_high = (*high + towards).max(new_typical).min(TREMBLE_GREY_MAX.max(new_typical));
            *learned_s = if is_quiet { (*learned_s + dt_s).min(LEARNED_S) } else { *learned_s };
            *typical = if is_quiet { new_typical } else { *typical };
            *high = if is_quiet { new_high } else { *high };
        }
    }
}

impl Noise {
    pub(super) fn new() -> Self {
        Self {
            lags: FLOORS_GREY.map(Tremble::new),
            gradient: vec![0.0; MICRO_CELLS],
            restless: vec![false; MICRO_CELLS],
            energy: vec![0.0; MICRO_CELLS],
            light_shares: vec![1.0; MICRO_CELLS],
            is_shaken: false,
            classes: (0..MICRO_CELLS).map(|cell| (cell % TEXTURE_CLASSES) as u8).collect(),
        }
    }

    /// What each cell must show at a lag to be moving, grey levels.
    pub(super) fn thresholds_grey(&self, lag: usize) -> Vec<f32> {
        let Tremble { typical, margin, .. } = &self.lags[lag];
        typical.iter().zip(margin).map(|(typical, margin)| typical + margin).collect()
    }

    /// What each cell shows beyond its typical tremble, in multiples of the least movement in such light.
    pub(super) fn strengths(&self, lag: usize, differences: &[f32]) -> Vec<f32> {
        let cells = differences.iter().zip(&self.lags[lag].typical).zip(&self.light_shares);
        cells.map(|((difference, typical), share)| (difference - typical) / (FLOORS_GREY[lag] * share)).collect()
    }

    /// True if the cell moves by itself much more than cells of like texture: a fan, a curtain, a tree.
    pub(super) fn is_restless(&self, cell: usize) -> bool {
        self.restless[cell]
    }

    /// Share of the view in which people could be missed for what moves there by itself.
    pub(super) fn unrest_share(&self) -> f32 {
        let is_unrest = |cell: &usize| self.restless[*cell] && self.lags[0].high[*cell] > UNREST_GREY;
        (0..MICRO_CELLS).filter(is_unrest).count() as f32 / MICRO_CELLS as f32
    }

    /// Movement of every cell over its margin: 1 and more is movement. What most cells of like texture show at this
    /// very moment (flicker, a key frame, rain on the lens) is the moment's and no cell's own. `None` if no cell that
    /// `counts` moves.
    pub(super) fn ratios(
        &self,
        lag: usize,
        differences: &[f32],
        mut counts: impl FnMut(usize) -> bool,
    ) -> Option<Vec<f32>> {
        let tremble = &self.lags[lag];
        // What others show at this moment can only make it harder to move: most moments are over here.
        // Piece by piece without a branch: such loops become vectors.
        let moves = |cell: usize| differences[cell] - tremble.typical[cell] >= tremble.margin[cell];
        let pieces = differences.chunks(PIECE).zip(tremble.typical.chunks(PIECE)).zip(tremble.margin.chunks(PIECE));
        let is_over = pieces.enumerate().any(|(piece, ((differences, typical), margin))| {
            let cells = differences.iter().zip(typical).zip(margin);
            let any = cells.fold(false, |any, ((difference, typical), margin)| any | (difference - typical >= *margin));
            let first = piece * PIECE;
            any && (first..first + differences.len()).any(|cell| moves(cell) && counts(cell))
        });
        if !is_over {
            return None;
        }
        let moment = by_class(&self.classes, differences.iter().copied()).map(|mut values| {
            let (middle, most) = middle_and_most(&mut values);
            (middle, most - middle)
        });
        let over_unlearned = self.over_unlearned(lag, moment.map(|(_, spread)| spread));
        let over_learned = if self.is_shaken { OVER_MOST_SHAKEN } else { OVER_MOST };
        let known = tremble.typical.iter().zip(&tremble.margin).zip(&tremble.learned_s);
        let cells = self.classes.iter().zip(differences).zip(known);
        let ratios = cells.map(|((&class, &difference), ((&typical, &margin), &learned_s))| {
            let (middle, spread) = moment[usize::from(class)];
            let over_unlearned = over_unlearned[usize::from(class)];
            let over_most = over_unlearned + (over_learned - over_unlearned) * (learned_s / LEARNED_S);
            (difference - middle.max(typical)) / margin.max(spread * over_most)
        });
        Some(ratios.collect())
    }

    /// By how many times what most cells do, `spreads` by class of texture, unlearned ones must exceed the middle.
    fn over_unlearned(&self, lag: usize, mut spreads: [f32; TEXTURE_CLASSES]) -> [f32; TEXTURE_CLASSES] {
        let [little, much] = NOISY_GREY;
        spreads.sort_unstable_by(f32::total_cmp);
        let spread = spreads[NOISY_CLASSES - 1];
        if lag != 0 && lag != BACKGROUND || spread <= little {
            return [OVER_MOST; TEXTURE_CLASSES];
        }
        let noisy = ((spread - little) / (much - little)).min(1.0);
        by_class(&self.classes, self.lags[lag].learned_s.iter().copied()).map(|mut learned_s| {
            let unlearned = 1.0 - learned_s.median() / LEARNED_S;
            OVER_MOST + (OVER_MOST_NOISY - OVER_MOST) * noisy * unlearned
        })
    }

    /// Takes away what the `cells` show beyond their typical tremble.
    pub(super) fn calm(&self, lag: usize, differences: &mut [f32], cells: &[bool]) {
        let typical = differences.iter_mut().zip(&self.lags[lag].typical).zip(cells);
        for ((difference, typical), _) in typical.filter(|(_, is_calmed)| **is_calmed) {
            *difference = difference.min(*typical);
        }
    }

    /// Smooths the movement at the second lag, and gives it.
    pub(super) fn smooth(&mut self, differences: &[f32], dt_s: f32) -> Vec<f32> {
        let share = (dt_s / ENERGY_S).min(0.7);
        for (energy, difference) in self.energy.iter_mut().zip(differences) {
            *energy += (difference - *energy) * share;
        }
        self.energy.clone()
    }

    /// Learns from the cells that are quiet.
    pub(super) fn learn(&mut self, lag: usize, differences: &[f32], dt_s: f32, is_quiet: &[bool]) {
        self.lags[lag].learn(differences, dt_s.min(1.0), is_quiet);
    }

    /// What `cells` show is their tremble, however large.
    pub(super) fn take_at_once(&mut self, lag: usize, differences: &[f32], cells: &[bool]) {
        let highs = self.lags[lag].high.iter_mut().zip(differences).zip(cells);
        for ((high, &difference), _) in highs.filter(|(_, is_taken)| **is_taken) {
            *high = high.max(difference.min(TREMBLE_GREY_MAX));
        }
    }

    /// Cells that `is_quiet` takes were not looked at for `away_s` in which nothing happened: what was learned of them beyond
    /// what cells of like texture show fades. Else the door through which people come would tremble from the first visit
    /// on, and their first second be missed. What moves by itself goes on to, and so do differences from the background,
    /// which drifts meanwhile.
    pub(super) fn pass_over(&mut self, away_s: f32, is_quiet: &[bool]) {
        let fades = FADES_UNSEEN * HIGH_GREY_PER_S * (1.0 - HIGH_QUANTILE) * away_s;
        for (lag, tremble) in self.lags.iter_mut().enumerate() {
            if lag == BACKGROUND {
                continue;
            }
            let spreads = tremble.usual_spreads(&self.classes);
            let Tremble { typical, high, .. } = tremble;
            for cell in (0..MICRO_CELLS).filter(|&cell| is_quiet[cell] && !self.restless[cell]) {
                let usual = typical[cell] + spreads[usize::from(self.classes[cell])];
                high[cell] = high[cell].min(usual.max(high[cell] - fades));
            }
        }
    }

    /// Takes the background's mean gradient per cell.
    pub(super) fn set_gradient(&mut self, gradient: Vec<f32>) {
        let mut order: Vec<u16> = (0..MICRO_CELLS as u16).collect();
        order.sort_unstable_by(|&a, &b| gradient[usize::from(a)].total_cmp(&gradient[usize::from(b)]).then(a.cmp(&b)));
        for (rank, &cell) in order.iter().enumerate() {
            self.classes[usize::from(cell)] = (rank * TEXTURE_CLASSES / MICRO_CELLS) as u8;
        }
        self.gradient = gradient;
    }

    /// Computes the margins anew, in a view whose cells are as bright as those of a lit room times `light_shares`, and whose camera
    /// may shake.
    pub(super) fn refresh(&mut self, light_shares: Vec<f32>, is_shaken: bool) {
        self.light_shares = light_shares;
        self.is_shaken = is_shaken;
        let over_gradient = if is_shaken { OVER_GRADIENT_SHAKEN } else { OVER_GRADIENT };
        for (lag, floor) in FLOORS_GREY.into_iter().enumerate() {
            let over_high = if lag == ENERGY { OVER_HIGH_ENERGY } else { OVER_HIGH };
            let tremble = &mut self.lags[lag];
            let spreads = tremble.usual_spreads(&self.classes);
            let Tremble { typical, high, learned_s, margin } = tremble;
            for cell in 0..MICRO_CELLS {
                let floor = floor * self.light_shares[cell];
                let of_class = spreads[usize::from(self.classes[cell])] * over_high;
                let own = (high[cell] - typical[cell]) * over_high;
                let unlearned = 1.0 - learned_s[cell] / LEARNED_S;
                let over_gradient = OVER_GRADIENT + (over_gradient - OVER_GRADIENT) * unlearned;
                let of_texture = self.gradient[cell] * over_gradient;
                let usual = floor.max(of_class * unlearned).max(of_texture);
                margin[cell] = usual.max(own);
                if lag == 0 {
                    self.restless[cell] = own > OVER_USUAL * floor.max(of_class).max(of_texture);
                }
            }
        }
    }
}

/// The cells' values, class by class.
fn by_class(classes: &[u8], values: impl Iterator<Item = f32>) -> [Ranked; TEXTURE_CLASSES] {
    let mut own: [Ranked; TEXTURE_CLASSES] =
        std::array::from_fn(|_| Ranked::with_capacity(MICRO_CELLS.div_ceil(TEXTURE_CLASSES)));
    for (&class, value) in classes.iter().zip(values) {
        own[usize::from(class)].push(value);
    }
    own
}

/// The values below which half of the values and [`MOST`] of them lie; 0 for none.
fn middle_and_most(values: &mut Ranked) -> (f32, f32) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let index = |share: f32| ((values.len() - 1) as f32 * share) as usize;
    let (middle, most) = (index(0.5), index(MOST));
    values.at_both(middle, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bright_door_of_a_dim_room_is_judged_by_its_own_light() {
        let mut noise = Noise::new();
        let door = 600;
        let light_shares = (0..MICRO_CELLS).map(|cell| if cell == door { 1.0 } else { 0.4 }).collect();
        noise.refresh(light_shares, false);
        let moves_in = |cell: usize| {
            let differences: Vec<f32> = (0..MICRO_CELLS).map(|other| if other == cell { 1.8 } else { 0.3 }).collect();
            noise.ratios(0, &differences, |_| true).is_some_and(|ratios| ratios[cell] >= 1.0)
        };
        assert_eq!([door, door + 1].map(moves_in), [false, true]);
    }

    #[test]
    fn a_cell_must_exceed_a_noisy_view_by_more_but_not_one_noisy_class() {
        const CELL: usize = 602;
        let moves = |noisy_classes: usize| {
            let shown =
                |cell: usize| if cell % TEXTURE_CLASSES < noisy_classes { 0.2 * (cell / 4 % 11) as f32 } else { 1.0 };
            let mut differences: Vec<f32> = (0..MICRO_CELLS).map(shown).collect();
            differences[CELL] = 5.0;
            Noise::new().ratios(0, &differences, |_| true).unwrap()[CELL] >= 1.0
        };
        assert!(
            CELL % TEXTURE_CLASSES == 2 && moves(0) && moves(1) && !moves(NOISY_CLASSES) && !moves(TEXTURE_CLASSES)
        );
    }

    /// Nothing trembles but a door through which people came, and a fan.
    #[test]
    fn what_visitors_left_in_the_noise_fades_unseen_and_a_fan_stays() {
        const DOOR: usize = 100;
        const FAN: usize = 200;
        let mut noise = Noise::new();
        let quiet = vec![true; MICRO_CELLS];
        for sample in 0..1000 {
            let mut differences = vec![0.4 + (sample % 5) as f32 * 0.1; MICRO_CELLS];
            differences[DOOR] = if sample > 990 { 4.0 } else { differences[DOOR] };
            differences[FAN] = 20.0 * (sample % 2) as f32;
            noise.learn(0, &differences, 0.2, &quiet);
        }
        noise.refresh(vec![1.0; MICRO_CELLS], false);
        let before = noise.thresholds_grey(0);
        assert!(
            noise.is_restless(FAN) && !noise.is_restless(DOOR) && before[DOOR] > before[0] + 0.5,
            "{}",
            before[DOOR]
        );
        let pass = |noise: &mut Noise, times: usize| {
            for _ in 0..times {
                noise.pass_over(8.0, &quiet);
            }
            noise.refresh(vec![1.0; MICRO_CELLS], false);
            noise.thresholds_grey(0)
        };
        let some = pass(&mut noise, 10);
        assert!(some[DOOR] < before[DOOR] && some[DOOR] > before[0], "{} of {}", some[DOOR], before[DOOR]);
        let all = pass(&mut noise, 1000);
        assert!((all[DOOR] - before[0]).abs() < 0.2 && (all[0] - before[0]).abs() < 0.01, "{} {}", all[DOOR], all[0]);
        assert_eq!(all[FAN], before[FAN]);
    }
}
