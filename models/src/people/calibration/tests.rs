use super::super::Smooth;
use super::*;

/// People at changing places of a view in perspective: each adds area and edges to the bands of its body.
fn crowd(moment: u64, people: u32) -> Crowd {
    let mut crowd = Crowd::default();
    for person in 0..u64::from(people) {
        let hash = (moment * 31 + person).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let band = 2 + (hash % 6) as usize;
        let height = 0.05 + 0.05 * band as f32;
        let swing = 0.8 + 0.4 * ((hash >> 8) % 100) as f32 / 100.0;
        crowd.area[band] += swing * 0.8 * height * height;
        crowd.edge[band] += swing * 0.3 * height;
    }
    crowd
}

fn labels(moments: impl Iterator<Item = u64>) -> Vec<Labelled> {
    let count = |moment: u64| 4 + (moment * 7 % 9) as u32 + (moment / 40) as u32;
    moments
        .map(|moment| Labelled { moment: crowd(moment, count(moment)).into(), count: count(moment) as f32 })
        .collect()
}

#[test]
fn thirty_labels_count_frames_that_were_not_labelled_and_the_interval_holds() {
    let fit = Calibration::fit(&labels((0..30).map(|index| index * 7))).unwrap();
    let others = labels((0..210).filter(|moment| moment % 7 != 0));
    let mut error = 0.0;
    let mut held = 0;
    for label in &others {
        let people = fit.calibration.count(&label.moment);
        error += (people.estimate - label.count).abs() / others.len() as f32;
        held += usize::from((people.low..=people.high).contains(&label.count));
    }
    let constant = {
        let mut counts: Vec<f32> = others.iter().map(|label| label.count).collect();
        counts.sort_by(f32::total_cmp);
        let median = counts[counts.len() / 2];
        counts.iter().map(|count| (count - median).abs()).sum::<f32>() / counts.len() as f32
    };
    assert!(error < 0.5 * constant, "{error} against {constant}");
    let share = held as f32 / others.len() as f32;
    assert!((0.85..=0.99).contains(&share), "{share}");
    assert!(fit.error < 0.6 * fit.constant_error, "{fit:?}");
}

/// Labelled seconds, each seen with the two beside it, of a crowd whose gait swings what is seen of it by a third, and whose
/// number stays for so many seconds.
fn seconds(stays_s: u64) -> Vec<Labelled> {
    let count = |second: u64| 4 + (second / stays_s * 7 % 9) as u32;
    let swung = |second: u64| {
        let swing = [0.7, 1.0, 1.3][(second % 3) as usize];
        let seen = crowd(second, count(second));
        Crowd { area: seen.area.map(|area| area * swing), edge: seen.edge.map(|edge| edge * swing) }
    };
    let mut smooth = Smooth::default();
    let moments: Vec<(i64, Moment)> = (0..300).flat_map(|second| smooth.push(second as i64, &swung(second))).collect();
    let labelled = moments.into_iter().skip(4).step_by(7);
    labelled.map(|(second, moment)| Labelled { moment, count: count(second as u64) as f32 }).collect()
}

#[test]
fn the_seconds_beside_count_where_they_hold_the_same_people_and_not_where_a_second_holds_others() {
    let stays = Calibration::fit(&seconds(20)).unwrap().calibration;
    let jumps = Calibration::fit(&seconds(1)).unwrap().calibration;
    assert_eq!((stays.beside, jumps.beside), (1.0, 0.0));
}

#[test]
fn beyond_what_was_labelled_the_interval_grows_and_the_estimate_stays_sane() {
    let calibration = Calibration::fit(&labels((0..30).map(|index| index * 7))).unwrap().calibration;
    let inside = calibration.count(&crowd(3, 8).into());
    let beyond = calibration.count(&crowd(3, 60).into());
    let width = |people: People| people.high - people.low;
    assert!(width(beyond) > 2.0 * width(inside), "{inside:?} {beyond:?}");
    assert!(beyond.estimate > inside.estimate);
    let flooded = Crowd { area: [1.0; BANDS], edge: [1.0; BANDS] };
    assert!(calibration.count(&flooded.into()).estimate <= calibration.counts[1] * BEYOND + 1.0);
    let nobody = calibration.count(&Crowd::default().into());
    assert!(nobody.estimate >= 0.0 && nobody.low >= 0.0, "{nobody:?}");
}

#[test]
fn labels_that_teach_nothing_are_refused() {
    let few = labels(0..5);
    assert_eq!(Calibration::fit(&few), Err(FitError::TooFew { found: 5 }));
    let same: Vec<Labelled> = labels(0..20).into_iter().map(|label| Labelled { count: 3.0, ..label }).collect();
    assert_eq!(Calibration::fit(&same), Err(FitError::AllTheSame { count: 3.0 }));
}

#[test]
fn labels_that_the_picture_does_not_explain_give_no_false_confidence() {
    let mut labels = labels(0..40);
    for (index, label) in labels.iter_mut().enumerate() {
        label.count = ((index * 2_654_435_761) >> 7 & 7) as f32;
    }
    let fit = Calibration::fit(&labels).unwrap();
    assert!(fit.calibration.margin >= 2.5, "eight counts by chance: {}", fit.calibration.margin);
}
