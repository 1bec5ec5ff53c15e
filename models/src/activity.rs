//! Activity: how much of the time and how strongly a zone moves, comparable between cameras.
//!
//! Each sample's movement is measured on a grid that is a fixed share of the view, in multiples of each cell's own
//! noise floor, at a fixed time distance: so neither resolution nor frame rate nor exposure enters. The score of a
//! sample is `sqrt(min(1, intensity / 0.04))`: a person who walks across a room (a few per cent of the view, well over
//! the floor) reaches 1, hands at a keyboard about 0.2. Activity is 100 x the mean score over the time seen. Faint
//! movement counts only in or beside something that is in front of the background: alone it is noise.

/// Intensity at which a sample's score is full: 2 % of the zone at twice its noise floor and more.
const FULL_INTENSITY: f32 = 0.04;

/// Score of a sample, 0..1, from its [`intensity`](crate::evidence::ZoneEvidence::intensity).
pub fn score(intensity: f32) -> f32 {
    (intensity / FULL_INTENSITY).clamp(0.0, 1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn the_score_is_monotone_and_bounded() {
        let scores: Vec<f32> = (0..100).map(|step| score(step as f32 * 0.001)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!((scores[0], scores[99]), (0.0, 1.0));
        assert!((score(0.0016) - 0.2).abs() < 1e-6);
    }
}
