//! Sightings beside the evidence: kept until their second is whole, then weighed in it.

use super::Estimator;
use pantau_models::settings::Analysis;
use pantau_models::sighting::{Seen, Sighting};
use pantau_models::time::{US_PER_S, UtcMicros};

/// Seconds with sightings that wait for their samples: the scene tells a sample 5 s late, and a camera that went silent
/// must not fill the memory. The oldest go first.
const WAITING_SECONDS_MAX: usize = 60;

impl Estimator {
    /// People were seen by something else, at any moment whose second's samples have not all been observed yet; one
    /// that comes later, or of a second without samples, says nothing. `analysis` is the one the estimator was made
    /// with. Without sightings all rows are the same as if there were no such function.
    pub fn sight(&mut self, sighting: &Sighting, analysis: &Analysis) {
        let polygons = std::iter::once(None).chain(analysis.zones.iter().map(|zone| Some(&zone.polygon)));
        let said = polygons.map(|zone| Seen::of(sighting, zone, &analysis.masks));
        let second = sighting.at.0.div_euclid(US_PER_S);
        let seen = self.sightings.entry(second).or_insert_with(|| vec![Seen::default(); self.zones.len()]);
        seen.iter_mut().zip(said).for_each(|(seen, said)| seen.add(said));
        if self.sightings.len() > WAITING_SECONDS_MAX {
            self.sightings.pop_first();
        }
    }

    /// Weighs what was sighted before the second `until` in the second that is being filled; older ones are too late.
    pub(super) fn weigh_sightings(&mut self, until: i64) {
        while let Some(entry) = self.sightings.first_entry().filter(|entry| *entry.key() < until) {
            let (second, seen) = entry.remove_entry();
            let start = self.interval.start_of(UtcMicros(second * US_PER_S));
            for (zone, seen) in seen.into_iter().enumerate() {
                let Some((_, sums)) = self.zones[zone].second.as_mut().filter(|(current, _)| *current == second) else {
                    continue;
                };
                sums.sighted = seen.llr;
                if seen.people > 0 {
                    self.bucket(start).sighted(zone, seen.people);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::estimate::{Estimator, Rows};
    use pantau_models::evidence::{Evidence, ZoneEvidence};
    use pantau_models::record::{CELLS, Quality};
    use pantau_models::settings::{Analysis, Polygon, Zone};
    use pantau_models::sighting::{SeenBox, Sighting};
    use pantau_models::time::{Interval, Span, UtcMicros};

    fn analysis() -> Analysis {
        let right = Polygon { corners: vec![[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]] };
        Analysis {
            interval: Interval::from_seconds(1).unwrap(),
            zones: vec![Zone { id: "right".into(), polygon: right }],
            ..Analysis::default()
        }
    }

    fn person_on_the_left(second: i64) -> Sighting {
        let seen = SeenBox { x0: 0.1, y0: 0.3, x1: 0.2, y1: 0.9, confidence: 0.9 };
        Sighting { at: UtcMicros(second * 1_000_000 + 300_000), boxes: vec![seen] }
    }

    /// `seconds` of samples that all show the same, with what `sight` says before each second.
    fn rows(seconds: i64, shown: ZoneEvidence, mut sight: impl FnMut(i64, &mut Estimator)) -> Rows {
        let mut estimator = Estimator::new(Default::default(), &analysis());
        for sample in 0..seconds * 5 {
            if sample % 5 == 0 {
                sight(sample / 5, &mut estimator);
            }
            let at = UtcMicros(sample * 200_000);
            estimator.seen(Span::new(at, at.plus_us(200_000)), Quality::empty());
            let zones = vec![shown, shown];
            let (luma, quality) = (100.0, Quality::empty());
            estimator.observe(Evidence { at, luma, quality, disturbed: false, zones, cells: [0; CELLS] });
        }
        estimator.flush()
    }

    fn presence(rows: &Rows, zone: &str) -> Vec<f32> {
        let of_zone = rows.observations.iter().filter(|row| row.zone.as_str() == zone);
        of_zone.map(|row| row.presence).collect()
    }

    /// Somebody in front of the background who has not moved for minutes.
    fn silent() -> ZoneEvidence {
        ZoneEvidence { silent: 0.05, ..ZoneEvidence::default() }
    }

    #[test]
    fn without_sightings_nothing_changes() {
        let without = rows(40, silent(), |_, _| ());
        let empty_looks = |second, estimator: &mut Estimator| {
            estimator.sight(&Sighting { at: UtcMicros(second * 1_000_000), boxes: Vec::new() }, &analysis());
        };
        assert_eq!(rows(40, silent(), empty_looks), without);
        assert!(presence(&without, "room").iter().all(|p| *p < 0.5));
    }

    #[test]
    fn somebody_still_is_present_where_sighted_and_only_there() {
        let rows = rows(60, silent(), |second, estimator| {
            if (20..40).contains(&second) {
                estimator.sight(&person_on_the_left(second), &analysis());
            }
        });
        assert!(presence(&rows, "room")[20..40].iter().all(|p| *p > 0.9));
        assert!(presence(&rows, "right").iter().all(|p| *p < 0.5));
        let sighted = rows.observations.iter().find(|row| row.start == UtcMicros(30_000_000)).unwrap();
        assert_eq!((sighted.people, sighted.people_low), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn a_detector_that_sees_a_coat_does_not_fill_a_quiet_empty_room() {
        let rows = rows(60, ZoneEvidence::default(), |second, estimator| {
            estimator.sight(&person_on_the_left(second), &analysis());
        });
        assert!(presence(&rows, "room").iter().all(|p| *p < 0.1));
    }

    #[test]
    fn sightings_may_run_ahead_and_those_too_late_say_nothing() {
        let ahead = rows(60, silent(), |second, estimator| {
            if (15..35).contains(&second) {
                estimator.sight(&person_on_the_left(second + 5), &analysis());
            }
        });
        let in_time = rows(60, silent(), |second, estimator| {
            if (20..40).contains(&second) {
                estimator.sight(&person_on_the_left(second), &analysis());
            }
        });
        assert_eq!(ahead, in_time);
        let late = rows(60, silent(), |second, estimator| {
            if second >= 10 {
                estimator.sight(&person_on_the_left(second - 3), &analysis());
            }
        });
        assert_eq!(late, rows(60, silent(), |_, _| ()));
    }
}
