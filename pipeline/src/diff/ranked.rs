//! Medians and quantiles of cells. Comparing numbers by [`f32::total_cmp`] transforms both each time; here each is
//! transformed once: selections take 0.7 of the instructions.

/// Numbers of which some are asked for by rank.
#[derive(Debug, Default)]
pub struct Ranked(Vec<i32>);

impl Ranked {
    /// Of no numbers, with room for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// Takes another number.
    pub fn push(&mut self, value: f32) {
        self.0.push(ordered(value));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number that `rank` others are not above, in the order of [`f32::total_cmp`].
    ///
    /// # Panics
    /// If there are no more than `rank`.
    pub fn at(&mut self, rank: usize) -> f32 {
        number(*self.0.select_nth_unstable(rank).1)
    }

    /// [`Ranked::at`] of two ranks, of which the first is not above the second.
    ///
    /// # Panics
    /// If there are no more than `upper`, or `lower` is above it.
    pub fn at_both(&mut self, lower: usize, upper: usize) -> (f32, f32) {
        let (below, &mut high, _) = self.0.select_nth_unstable(upper);
        let low = if lower == upper { high } else { *below.select_nth_unstable(lower).1 };
        (number(low), number(high))
    }

    /// The middle number, the upper of two; 0 of none.
    pub fn median(&mut self) -> f32 {
        if self.is_empty() { 0.0 } else { self.at(self.len() / 2) }
    }
}

impl FromIterator<f32> for Ranked {
    fn from_iter<I: IntoIterator<Item = f32>>(values: I) -> Self {
        Self(values.into_iter().map(ordered).collect())
    }
}

/// An integer that is to others as the number is to theirs. IEEE 754 numbers are sign and magnitude: of negative ones,
/// all bits but the sign are turned over.
fn ordered(value: f32) -> i32 {
    turned(value.to_bits().cast_signed())
}

fn number(ordered: i32) -> f32 {
    f32::from_bits(turned(ordered).cast_unsigned())
}

fn turned(bits: i32) -> i32 {
    bits ^ ((bits >> 31) & i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_are_those_of_sorting(
            values in prop::collection::vec(prop::num::f32::ANY, 1..200),
            shares in prop::array::uniform2(0.0..1.0),
        ) {
            let mut sorted = values.clone();
            sorted.sort_by(f32::total_cmp);
            let [one, other] = shares.map(|share| (values.len() as f64 * share) as usize);
            let (lower, upper) = (one.min(other), one.max(other));
            let mut ranked: Ranked = values.iter().copied().collect();
            prop_assert_eq!(ranked.at(lower).to_bits(), sorted[lower].to_bits());
            let (low, high) = ranked.at_both(lower, upper);
            prop_assert_eq!([low, high].map(f32::to_bits), [sorted[lower], sorted[upper]].map(f32::to_bits));
            prop_assert_eq!(ranked.median().to_bits(), sorted[values.len() / 2].to_bits());
        }
    }

    #[test]
    fn of_no_numbers_the_middle_is_zero() {
        assert_eq!(Ranked::default().median(), 0.0);
    }
}
