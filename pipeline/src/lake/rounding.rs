//! How precisely the lake keeps numbers: the one place where rows lose digits.
//!
//! Digits below what a camera can tell are noise, and noise does not compress. Rounding happens once, on the way into
//! Parquet, so that reading and writing again changes nothing. Each step is far below the error of what it rounds.

/// Seconds: a millisecond, below one frame at any rate.
pub(super) const SECONDS: f64 = 1e3;
/// Shares of an area: 1e-5 is about one pixel of a 480 x 270 working grid.
pub(super) const SHARE: f64 = 1e5;
/// Activity, 0..100: a tenth, below what another encoding of the same scene changes.
pub(super) const ACTIVITY: f64 = 1e1;
/// Probabilities: a thousandth, below any calibration.
pub(super) const PROBABILITY: f64 = 1e3;
/// People: a hundredth of a person.
pub(super) const PEOPLE: f64 = 1e2;
/// Brightness: a tenth of one of 256 levels.
pub(super) const LUMA: f64 = 1e1;
/// Values of events are shares or probabilities: the finer of both.
pub(super) const EVENT: f64 = SHARE;

/// To the nearest `1 / steps_per_unit`; what is not finite stays as it is, and there is one zero only.
pub(super) fn round(value: f32, steps_per_unit: f64) -> f32 {
    let steps = (f64::from(value) * steps_per_unit).round();
    // Adding zero turns -0.0 into 0.0.
    (steps / steps_per_unit) as f32 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_twice_is_rounding_once() {
        for steps in [SECONDS, SHARE, ACTIVITY, PROBABILITY, PEOPLE, LUMA] {
            for index in 0..2000_i16 {
                let value = f32::from(index) * 0.073_519;
                let once = round(value, steps);
                assert_eq!(once.to_bits(), round(once, steps).to_bits(), "{value} at {steps}");
                assert!((once - value).abs() <= (0.5 / steps) as f32 + value * f32::EPSILON, "{value} at {steps}");
            }
        }
        assert_eq!(round(-0.000_1, PROBABILITY).to_bits(), 0.0_f32.to_bits());
        assert!(round(f32::NAN, SECONDS).is_nan());
    }
}
