//! How unusual a group of pictures is by the sizes of its packets.
//!
//! Sizes are judged by their logarithm against those at the same place in the groups before and after: an archive is
//! known to its end, and a baseline that only looks back breaks on low bit rates. Where the quantiser of each picture is
//! known, sizes are taken as they would be at the usual one, too: at constant bit rate whoever moves shows in either.

use crate::ingest::PacketSize;

/// Groups before and after that make the baseline: three minutes each way at a key frame each 2 s.
const NEIGHBOURS: usize = 90;
/// Groups that share a baseline: it hardly changes from one to the next.
const BLOCK: usize = 15;
/// A group longer than this goes on in further rows of this many packets, which share their baseline.
const ROW: usize = 20;
/// A group longer than this is judged in pieces of about half of it, packets: most groups of 15 s hold a movement
/// somewhere, and what all of them do would be usual.
const PIECES_FROM: usize = 64;
/// Spread of the logarithm below which sizes are taken to be equal: encoders round, and rate control moves all sizes by a
/// few per cent. With 0.02, a sixth of what was decoded of an H.265 clip of even sizes showed nothing.
const SPREAD_MIN: f32 = 0.03;
/// Spread of a score over the recording, at least.
const SCORE_SPREAD_MIN: f32 = 0.25;
/// The logarithm of a size falls by so much with each step of the quantiser, at least and at most: six steps halve what
/// is coded of textures (the quantiser's definition), and noise vanishes quicker.
const STEP_MIN: f32 = std::f32::consts::LN_2 / 6.0;
const STEP_MAX: f32 = 0.6;
/// ... and by so many times as much as a recording's packets say: where something moves both rise together.
const STEP_TIMES: f32 = 1.5;
/// Sizes farther from the usual one don't tell how they depend on the quantiser.
const STEP_WITHIN: f32 = 2.0;
/// So many groups at most tell what is usual at a place: of a day's they would take 20 MB.
const STEP_GROUPS: usize = 2000;
/// Unit of the deviations that are kept, standard deviations.
const DEVIATION: f32 = 1.0 / 256.0;
/// Lengths of the bursts, packets, whose mean deviations are scores.
const BURSTS: [usize; 3] = [1, 3, 8];
/// Of so many sizes at one place the largest is its tail. With one of 20, at constant bit rate twice as many quiet groups
/// seemed to move.
const TAIL_ONE_IN: usize = 40;
/// A place whose tail is more than so many times as far out as the others' is the encoder's doing: movement comes at all
/// places alike.
const TAIL_TIMES: f32 = 1.5;
/// From the median to the lower fifth of a normal distribution, standard deviations.
const LOWER_FIFTH: f32 = 0.84;

/// Scores of a recording's groups of pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// First packet of each group, and one past the last packet.
    bounds: Vec<u64>,
    scores: Vec<f32>,
    /// Bytes of each packet. A camera's day has a million packets and more.
    bytes: Vec<u32>,
    /// Of each packet, [`DEVIATION`]s of what is usual at its place.
    deviations: Vec<i16>,
    /// Middle and spread of the largest deviation in a group.
    single: (f32, f32),
}

impl Scores {
    /// Scores of a recording's groups, from its packets' sizes in decoding order.
    pub fn new(sizes: &[PacketSize]) -> Self {
        let mut bounds: Vec<usize> = (0..sizes.len()).filter(|&index| index == 0 || sizes[index].is_key).collect();
        bounds.push(sizes.len());
        let mut scores = vec![f32::MIN; bounds.len() - 1];
        let logarithms: Vec<f32> = sizes.iter().map(|size| (size.bytes.max(1) as f32).ln()).collect();
        let mut deviations = deviations(&logarithms, &bounds);
        raise(&mut scores, &deviations, &bounds);
        if let Some(logarithms) = at_usual_quantiser(sizes, &bounds, logarithms) {
            let others = self::deviations(&logarithms, &bounds);
            raise(&mut scores, &others, &bounds);
            deviations.iter_mut().zip(others).for_each(|(deviation, other)| *deviation = deviation.max(other));
        }
        let mut singles: Vec<f32> = pieces(&deviations, &bounds).map(|(_, piece)| largest_burst(piece, 1)).collect();
        let single = middle_and_spread(&mut singles, SCORE_SPREAD_MIN);
        Self {
            bounds: bounds.into_iter().map(|bound| bound as u64).collect(),
            scores,
            bytes: sizes.iter().map(|size| size.bytes).collect(),
            deviations: deviations.iter().map(|deviation| (deviation / DEVIATION) as i16).collect(),
            single,
        }
    }

    /// The score of the packets `first..until`, in standard deviations of quiet groups; `None` if the sizes don't
    /// reach so far or `bytes`, their sizes as read, are others.
    pub fn of(&self, first: u64, bytes: impl ExactSizeIterator<Item = usize>) -> Option<f32> {
        let until = first + bytes.len() as u64;
        let known = self.bytes.get(usize::try_from(first).ok()?..usize::try_from(until).ok()?)?;
        if !known.iter().zip(bytes).all(|(known, read)| *known as usize == read) {
            return None;
        }
        let from = self.bounds.partition_point(|bound| *bound <= first).checked_sub(1)?;
        let groups = self.bounds[from..].iter().zip(&self.scores[from..]).take_while(|(bound, _)| **bound < until);
        groups.map(|(_, score)| *score).reduce(f32::max)
    }

    /// Of the packets from `first` on, `count` of them, the number after the last one that by itself would give its
    /// group a score above `score_min`.
    pub fn unusual_until(&self, first: u64, count: usize, score_min: f32) -> usize {
        let (middle, spread) = self.single;
        let from = usize::try_from(first).map_or(self.deviations.len(), |first| first.min(self.deviations.len()));
        let own = &self.deviations[from..(from + count).min(self.deviations.len())];
        own.iter()
            .rposition(|&deviation| (f32::from(deviation) * DEVIATION - middle) / spread > score_min)
            .map_or(0, |last| last + 1)
    }

    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Raises each group's score to that of its deviations.
fn raise(scores: &mut [f32], deviations: &[f32], bounds: &[usize]) {
    let pieces: Vec<(usize, &[f32])> = pieces(deviations, bounds).collect();
    for length in BURSTS {
        let bursts: Vec<f32> = pieces.iter().map(|(_, piece)| largest_burst(piece, length)).collect();
        let (middle, spread) = middle_and_spread(&mut bursts.clone(), SCORE_SPREAD_MIN);
        for ((group, _), burst) in pieces.iter().zip(bursts) {
            scores[*group] = scores[*group].max((burst - middle) / spread);
        }
    }
}

/// Each packet's deviation from what is usual at its place, standard deviations.
fn deviations(logarithms: &[f32], bounds: &[usize]) -> Vec<f32> {
    let groups = bounds.len() - 1;
    let mut deviations = vec![0.0; logarithms.len()];
    let mut usual: Vec<Vec<f32>> = vec![Vec::new(); 2 * ROW];
    for block in (0..groups).step_by(BLOCK) {
        let block_end = (block + BLOCK).min(groups);
        usual.iter_mut().for_each(Vec::clear);
        let near = block.saturating_sub(NEIGHBOURS)..(block_end + NEIGHBOURS).min(groups);
        for group in near {
            for index in bounds[group]..bounds[group + 1] {
                usual[place(index - bounds[group])].push(logarithms[index]);
            }
        }
        let baselines = baselines(&mut usual);
        for group in block..block_end {
            // A key frame holds the whole picture: its size says nothing about movement.
            for index in bounds[group] + 1..bounds[group + 1] {
                let (middle, spread) = baselines[place(index - bounds[group])];
                deviations[index] = (logarithms[index] - middle) / spread;
            }
        }
    }
    deviations
}

/// The logarithm of each size, as it would be with the quantiser that is usual at its place; `None` if none is known.
fn at_usual_quantiser(sizes: &[PacketSize], bounds: &[usize], mut logarithms: Vec<f32>) -> Option<Vec<f32>> {
    let mut places: Vec<(Vec<f32>, Vec<f32>)> = vec![Default::default(); 2 * ROW];
    let between = |groups_apart: usize| {
        let groups = bounds.windows(2).step_by(groups_apart);
        groups.flat_map(|ends| (ends[0] + 1..ends[1]).map(move |at| (at, place(at - ends[0]))))
    };
    for (at, place) in between(bounds.len().div_ceil(STEP_GROUPS)) {
        if let Some(quantiser) = sizes[at].quantiser {
            places[place].0.push(logarithms[at]);
            places[place].1.push(f32::from(quantiser));
        }
    }
    let median = |values: &mut Vec<f32>| middle_and_spread(values, SPREAD_MIN).0;
    let usual: Vec<(f32, f32)> = places.iter_mut().map(|(sizes, steps)| (median(sizes), median(steps))).collect();
    let known = || between(1).filter_map(|(at, place)| Some((at, usual[place], f32::from(sizes[at].quantiser?))));
    // Least squares, of all places at once.
    let (mut together, mut squares) = (0.0, 0.0);
    for (at, (size, step), quantiser) in known() {
        let (larger, coarser) = (logarithms[at] - size, quantiser - step);
        if larger.abs() < STEP_WITHIN {
            together += f64::from(larger * coarser);
            squares += f64::from(coarser * coarser);
        }
    }
    if squares == 0.0 {
        return None;
    }
    let step_falls = STEP_TIMES * ((-together / squares) as f32).clamp(STEP_MIN, STEP_MAX);
    for (at, (_, step), quantiser) in known() {
        logarithms[at] += step_falls * (quantiser - step);
    }
    Some(logarithms)
}

/// Middle and spread of what is usual at each place. Some encoders now and then make a packet at a certain place much
/// larger, to prepare for the next key frame: there the spread is that of the tail.
fn baselines(usual: &mut [Vec<f32>]) -> Vec<(f32, f32)> {
    let mut baselines: Vec<(f32, f32)> = usual.iter_mut().map(|values| middle_and_spread(values, SPREAD_MIN)).collect();
    let tail = |(values, (middle, spread)): (&mut Vec<f32>, &(f32, f32))| {
        let at = values.len() * (TAIL_ONE_IN - 1) / TAIL_ONE_IN;
        (!values.is_empty()).then(|| (*values.select_nth_unstable_by(at, f32::total_cmp).1 - middle) / spread)
    };
    let tails: Vec<Option<f32>> = usual.iter_mut().zip(&baselines).map(tail).collect();
    let (typical, _) = middle_and_spread(&mut tails.iter().copied().flatten().collect::<Vec<_>>(), SPREAD_MIN);
    for ((_, spread), tail) in baselines.iter_mut().zip(tails) {
        if let Some(tail) = tail.filter(|tail| typical > 0.0 && *tail > TAIL_TIMES * typical) {
            *spread *= tail / typical;
        }
    }
    baselines
}

/// Groups' packets with their numbers, in pieces of about the same length if a group is long.
fn pieces<'d>(deviations: &'d [f32], bounds: &[usize]) -> impl Iterator<Item = (usize, &'d [f32])> {
    bounds.windows(2).enumerate().flat_map(move |(number, ends)| {
        let group = &deviations[ends[0]..ends[1]];
        let count = if group.len() > PIECES_FROM { (2 * group.len()).div_ceil(PIECES_FROM) } else { 1 };
        (0..count).map(move |piece| (number, &group[piece * group.len() / count..(piece + 1) * group.len() / count]))
    })
}

/// Where a packet stands in its group: in its first row, or in any of the others.
fn place(index: usize) -> usize {
    if index < ROW { index } else { ROW + index % ROW }
}

/// The largest sum over `length` packets in a row, in standard deviations of such a sum.
fn largest_burst(deviations: &[f32], length: usize) -> f32 {
    let length = length.min(deviations.len()).max(1);
    deviations.windows(length).map(|burst| burst.iter().sum::<f32>()).fold(f32::MIN, f32::max) / (length as f32).sqrt()
}

/// Median, and the standard deviation of the lower half: what moves is in the upper one.
fn middle_and_spread(values: &mut [f32], spread_min: f32) -> (f32, f32) {
    if values.is_empty() {
        return (0.0, spread_min);
    }
    let (at, low_at) = (values.len() / 2, values.len() / 5);
    let middle = *values.select_nth_unstable_by(at, f32::total_cmp).1;
    let low = *values[..=at].select_nth_unstable_by(low_at, f32::total_cmp).1;
    (middle, ((middle - low) / LOWER_FIFTH).max(spread_min))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of 30 packets, 8 kB and then 400 bytes, whose sizes tremble by a tenth; `larger` are twice that.
    fn recording(groups: usize, larger: &[usize]) -> Vec<PacketSize> {
        let mut seed = 7u32;
        (0..groups * 30)
            .map(|index| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let tremble = 0.9 + 0.2 * (seed >> 8) as f32 / (1 << 24) as f32;
                let grows = if larger.contains(&index) { 2.0 } else { 1.0 };
                let base = if index % 30 == 0 { 8000.0 } else { 400.0 };
                PacketSize { bytes: (base * tremble * grows) as u32, is_key: index % 30 == 0, quantiser: None }
            })
            .collect()
    }

    fn score(scores: &Scores, sizes: &[PacketSize], group: usize) -> f32 {
        let bytes = sizes[group * 30..(group + 1) * 30].iter().map(|size| size.bytes as usize);
        scores.of(group as u64 * 30, bytes).unwrap()
    }

    #[test]
    fn a_short_burst_stands_out_and_nothing_else_does() {
        let sizes = recording(200, &[1210, 1211, 1212]);
        let scores = Scores::new(&sizes);
        assert!(score(&scores, &sizes, 40) > 8.0, "{}", score(&scores, &sizes, 40));
        let usual = (0..200).filter(|group| *group != 40 && score(&scores, &sizes, *group) > 4.0).count();
        assert!(usual <= 3, "{usual} of 199 quiet groups");
    }

    #[test]
    fn at_constant_bit_rate_a_coarser_picture_of_the_same_size_stands_out() {
        let mut sizes = recording(200, &[]);
        // Rate control's wandering: a step coarser is 0.3 in the logarithm.
        for (index, size) in sizes.iter_mut().enumerate() {
            let steps = [0, 1, 3, 2, 1, 2, 0][index / 7 % 7];
            size.quantiser = Some(28 + steps);
            size.bytes = (size.bytes as f32 * (-0.3 * f32::from(steps)).exp()) as u32;
        }
        let quiet = Scores::new(&sizes);
        let moves = 80 * 30 + 9..80 * 30 + 16;
        for size in &mut sizes[moves] {
            size.quantiser = size.quantiser.map(|quantiser| quantiser + 4);
        }
        let scores = Scores::new(&sizes);
        assert!(score(&scores, &sizes, 80) > 8.0, "{}", score(&scores, &sizes, 80));
        assert!(score(&quiet, &sizes, 80) < 4.0, "{}", score(&quiet, &sizes, 80));
        let usual = (0..200).filter(|group| *group != 80 && score(&scores, &sizes, *group) > 4.0).count();
        assert!(usual <= 4, "{usual} of 199 quiet groups");
    }

    #[test]
    fn what_an_encoder_does_at_one_place_now_and_then_is_usual() {
        for one_in in [13, 30] {
            let prepared: Vec<usize> = (0..600).step_by(one_in).map(|group| group * 30 + 10).collect();
            let walks = 217 * 30 + 9..217 * 30 + 13;
            let sizes = recording(600, &prepared.iter().copied().chain(walks).collect::<Vec<_>>());
            let scores = Scores::new(&sizes);
            let is_unusual = |group: &usize| score(&scores, &sizes, *group) > 4.0;
            let wrong = prepared.iter().map(|packet| packet / 30).filter(is_unusual).count();
            assert!(wrong <= 2, "{wrong} of {}, one in {one_in}", prepared.len());
            assert!(is_unusual(&217), "one in {one_in}");
        }
    }

    #[test]
    fn a_slow_rise_over_many_packets_stands_out() {
        let sizes = recording(200, &(3005..3021).collect::<Vec<_>>());
        let scores = Scores::new(&sizes);
        assert!(score(&scores, &sizes, 100) > 8.0, "{}", score(&scores, &sizes, 100));
    }

    #[test]
    fn in_long_groups_most_of_which_move_somewhere_movement_stands_out() {
        let mut sizes = recording(400, &[]);
        let movement = |second: usize| second % 40 < 10;
        for (index, size) in sizes.iter_mut().enumerate() {
            // 15 s at 10 a second.
            size.is_key = index % 150 == 0;
            size.bytes =
                if size.is_key { 8000 } else { (size.bytes % 500).max(300) << u32::from(movement(index / 10)) };
        }
        let scores = Scores::new(&sizes);
        for group in 0..sizes.len() / 150 {
            let bytes: Vec<usize> = sizes[group * 150..][..150].iter().map(|size| size.bytes as usize).collect();
            let moves = (group * 15..group * 15 + 15).any(movement);
            let score = scores.of(group as u64 * 150, bytes.into_iter()).unwrap();
            assert_eq!(score > 4.0, moves, "group {group} scores {score}");
        }
    }

    #[test]
    fn other_sizes_than_those_known_have_no_score() {
        let sizes = recording(10, &[]);
        let scores = Scores::new(&sizes);
        assert_eq!(scores.of(0, [1usize, 2].into_iter()), None);
        assert_eq!(
            scores.of(
                290,
                sizes[290..].iter().map(|size| size.bytes as usize).chain([5]).collect::<Vec<_>>().into_iter()
            ),
            None
        );
        assert!(Scores::new(&[]).is_empty());
    }
}
