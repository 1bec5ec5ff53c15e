//! Activity: how much of the time and how strongly a zone moves, comparable between cameras.
//!
//! Each sample's movement is measured on a grid that is a fixed share of the view, in multiples of a least movement that
//! depends on the light alone, at a fixed time distance: so neither resolution nor frame rate nor exposure enters, and
//! compression hardly. The score of a sample is `ln(1 + intensity / 0.008) / ln(1 + 1 / 0.008)`, at most 1: a person who
//! walks through a room is 0.35 or so, two or three of them 0.5, hands at a keyboard 0.01 to 0.05, a street full of cars
//! 0.7 to 0.9. It is proportional to the movement where that is little, so what one encoding shows and the next hides
//! weighs little, and still grows where much of the view moves. Activity is 100 x the mean score over the time seen. Faint
//! movement counts only in or beside something that is in front of the background: alone it is noise.

/// Intensity from which on the score grows with its logarithm: a few cells of the working grid.
const LITTLE: f32 = 0.008;
/// Intensity at which a sample's score is full: a quarter of the zone at five times the least movement that is told of.
const FULL: f32 = 1.0;

/// Score of a sample, 0..1, from its [`intensity`](crate::evidence::ZoneEvidence::intensity).
pub fn score(intensity: f32) -> f32 {
    ((intensity / LITTLE).ln_1p() / (FULL / LITTLE).ln_1p()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn the_score_is_monotone_and_bounded() {
        let scores: Vec<f32> = (0..200).map(|step| score(step as f32 * 0.01)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!((scores[0], scores[199]), (0.0, 1.0));
        assert!((score(0.008) - 0.1433).abs() < 1e-4, "{}", score(0.008));
        assert!(score(0.9) < 1.0, "a view that moves nearly everywhere is less than full");
    }
}
