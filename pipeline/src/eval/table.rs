//! The evaluation as a table for people.

use super::{ClipScore, Evaluation};

const HEAD: [&str; 14] =
    ["clip", "s", "acc", "acc+-1s", "prec", "recall", "F1", "in/out", "err s", "count MAE", "const", "calibrated MAE", "held", "change F"];

/// One line a clip, and the mean that counts.
pub fn as_text(evaluation: &Evaluation) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(evaluation.clips.iter().map(line));
    let widths: Vec<usize> =
        (0..HEAD.len()).map(|column| lines.iter().map(|line| line[column].len()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            let width = widths[column];
            let padded = if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
            text += &padded;
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    if let Some(accuracy) = evaluation.binary_accuracy {
        text += &format!("mean accuracy per second over the clips labelled 0 or 1: {accuracy:.3}\n");
    }
    text
}

fn line(clip: &ClipScore) -> [String; 14] {
    let share = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let presence = clip.presence.as_ref();
    let people = clip.people.as_ref();
    [
        clip.name.clone(),
        format!("{:.0}", clip.footage_s),
        share(presence.map(|score| score.accuracy)),
        share(presence.map(|score| score.accuracy_within_1_s)),
        share(presence.and_then(|score| score.precision)),
        share(presence.and_then(|score| score.recall)),
        share(presence.and_then(|score| score.f1)),
        presence.map_or("-".to_owned(), |score| {
            format!("{}/{}+{}", score.changes_found, score.changes, score.changes_false)
        }),
        presence.and_then(|score| score.change_error_median_s).map_or("-".to_owned(), |error| format!("{error:.0}")),
        match people {
            Some(score) if score.seconds == 0 => "unknown".to_owned(),
            Some(score) => score.mae.map_or("-".to_owned(), |mae| format!("{mae:.2}")),
            None => "-".to_owned(),
        },
        people.map_or("-".to_owned(), |score| format!("{:.2}", score.constant_mae)),
        people.and_then(|score| score.calibrated).map_or("-".to_owned(), |score| format!("{:.2}", score.mae)),
        share(people.and_then(|score| score.calibrated).map(|score| score.held)),
        share(clip.change.map(|score| score.f)),
    ]
}
