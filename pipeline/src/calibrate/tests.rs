use super::*;
use crate::config::{CalibrationError, CalibrationFile};
use pantau_models::evidence::{BANDS, Crowd};
use pantau_models::time::US_PER_S;
use std::path::Path;

/// A clip of so many seconds at 10 frames a second; its crowd rises and falls, a person being a hundredth of a band.
fn watched(length_s: i64) -> Watched {
    let crowd = |second: i64| Crowd { area: [people(second) * 0.01; BANDS], edge: [people(second) * 0.005; BANDS] };
    Watched {
        times_us: (0..length_s * 10).map(|frame| frame * US_PER_S / 10).collect(),
        seconds: (0..length_s).map(|second| (second, crowd(second).into())).collect(),
    }
}

fn people(second: i64) -> f32 {
    (second % 17 + second / 30) as f32
}

fn labels(seconds: impl Iterator<Item = i64>) -> Vec<Label> {
    seconds.map(|second| Label { frame: (second * 10 + 5) as u32, count: people(second) }).collect()
}

fn read(text: &str) -> Result<Vec<Label>, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let told = |error: LabelsError| error.to_string().replace(&file.path().display().to_string(), "labels.csv");
    Label::load(file.path(), 100).map_err(told)
}

#[test]
fn labels_are_read_in_any_order_and_blanks_are_not_labels() {
    let text = "# by hand\nframe, count, at_s\n40, 3, 4.00\n7,,0.70\n2,1,\n9,2.5,0.9\n";
    let label = |frame, count| Label { frame, count };
    assert_eq!(read(text).unwrap(), [label(2, 1.0), label(9, 2.5), label(40, 3.0)]);
}

#[test]
fn labels_that_can_not_be_meant_are_refused_with_line_and_reason() {
    for (text, expected) in [
        ("frame,count\n1,2\n1,3\n", "labels.csv: line 3: frame 1 is labelled twice"),
        ("frame,count\n1,-2\n", "labels.csv: line 2: -2 people: a count is a number from 0"),
        ("frame,count\n100,2\n", "labels.csv: frame 100, but the clip has frames 0 to 99"),
        ("frame,people\n1,2\nx,2\n", "labels.csv: line 3: "),
    ] {
        let told = read(text).unwrap_err();
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn suggestions_are_spread_over_time_and_over_the_range_of_crowds() {
    let watched = watched(300);
    let suggestions = Suggestion::of(&watched, 30);
    assert_eq!(suggestions.len(), 30);
    for (stretch, suggestion) in suggestions.iter().enumerate() {
        assert!((stretch as f64 * 10.0..(stretch + 1) as f64 * 10.0).contains(&suggestion.at_s), "{suggestion:?}");
    }
    let counts: Vec<f32> = suggestions.iter().map(|suggestion| people(suggestion.at_s as i64)).collect();
    let (low, high) = counts.iter().fold((f32::MAX, f32::MIN), |(low, high), &c| (low.min(c), high.max(c)));
    assert!(low <= 4.0 && high >= 20.0, "{counts:?}");
    assert!(as_csv(&suggestions[..1]).starts_with("frame,count,at_s\n"));
    assert_eq!(Suggestion::of(&Watched { times_us: vec![0], ..watched.clone() }, 0), []);
}

#[test]
fn spread_labels_fit_without_a_word_on_their_spread_and_one_stretch_is_warned_of() {
    let watched = watched(300);
    let spread = fit(&watched, &labels((0..30).map(|index| index * 10))).unwrap();
    let warned = |outcome: &Outcome, of: &str| outcome.advice.warnings.iter().any(|warning| warning.contains(of));
    assert!(!warned(&spread, "one stretch") && !warned(&spread, "no better"), "{:?}", spread.advice);
    assert!(spread.fit.error < 0.5 && spread.unused == 0);
    let stretch = fit(&watched, &labels(0..25)).unwrap();
    assert!(warned(&stretch, "one stretch"), "{:?}", stretch.advice);
    let next = &stretch.advice.next;
    assert!(!next.is_empty() && next.iter().all(|next| people(next.at_s as i64) > 16.0), "{next:?}");
}

#[test]
fn frames_of_one_second_are_one_observation_and_unseen_ones_are_told() {
    let mut watched = watched(100);
    watched.seconds.retain(|second, _| !(50..60).contains(second));
    let mut all: Vec<Label> = labels((0..50).step_by(2));
    all.extend(all.clone().iter().map(|label| Label { frame: label.frame + 1, count: label.count + 1.0 }));
    all.push(Label { frame: 555, count: 3.0 });
    let outcome = fit(&watched, &all).unwrap();
    assert_eq!((outcome.seconds, outcome.unused), (25, 1));
    assert_eq!(outcome.fit.calibration.counts[0], people(0) + 0.5, "the mean of two labels");
}

#[test]
fn a_calibration_file_reads_back_to_the_bit_and_others_are_refused() {
    let fit = fit(&watched(300), &labels((0..30).map(|index| index * 10))).unwrap().fit;
    let file = CalibrationFile::new("counter \"1\"", &fit);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.people.toml");
    let load = |text: &str| {
        std::fs::write(&path, text).unwrap();
        CalibrationFile::load(&path)
    };
    let text = file.to_text();
    assert_eq!(load(&text).unwrap(), file);
    assert!(matches!(
        load(&text.replace("version = 1", "version = 9\nmore = 2")),
        Err(CalibrationError::Version { found: 9, .. })
    ));
    assert!(matches!(
        load(&text.replace("margin = ", "margin = -")),
        Err(CalibrationError::Value { key: "margin", .. })
    ));
    assert!(matches!(
        load(&text.replace("area = [", "area = [nan, ")),
        Err(CalibrationError::Value { key: "area", .. })
    ));
    assert!(matches!(load(&text.replace("labels = ", "lables = ")), Err(CalibrationError::Unreadable { .. })));
    assert!(matches!(CalibrationFile::load(Path::new("/nonexistent/x")), Err(CalibrationError::Read { .. })));
}
