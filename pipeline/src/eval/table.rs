//! The evaluation as tables for people: a line a clip, a line a group, reliability, comparability, wrong stretches.

use super::presence::PresenceScore;
use super::{ActivityScore, ClipScore, CountScore, Evaluation, GroupScore, Reliability};

const HEAD: [&str; 16] = [
    "clip", "s", "acc", "+-1s", "F1", "rec.", "false s", "worst", "in/out", "err s", "occup.", "MAE", "med.", "fit",
    "held", "mask F",
];
/// Columns of [`HEAD`] that presence fills, after name and length.
const PRESENCE_COLUMNS: usize = 9;
/// What stands where there is nothing to tell.
const NOTHING: &str = "-";

/// One line a clip, the groups, and what holds for all clips together.
pub fn as_text(evaluation: &Evaluation) -> String {
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    lines.extend(evaluation.clips.iter().map(clip_line));
    if !evaluation.groups.is_empty() {
        lines.push(Vec::new());
        lines.extend(evaluation.groups.iter().map(group_line));
    }
    if let Some(all) = evaluation.all.as_ref().filter(|_| evaluation.clips.len() > 1) {
        lines.push(Vec::new());
        let footage_s = evaluation.clips.iter().map(|clip| clip.footage_s).sum();
        lines.push(presence_line(format!("all ({})", evaluation.clips.len()), footage_s, Some(all)));
    }
    let mut text = aligned(&lines);
    if let Some(accuracy) = evaluation.binary_accuracy {
        text += &format!("mean accuracy per second over the clips labelled 0 or 1: {accuracy:.3}\n");
    }
    text += &reliability_text(&evaluation.reliability);
    text += &activity_text(&evaluation.activity);
    for failed in &evaluation.failed {
        text += &format!("{}: not evaluated: {}\n", failed.name, failed.message);
    }
    text
}

/// The wrong stretches of every clip that has some: `from-to said/true`, in seconds since the clip's start.
pub fn failures_as_text(evaluation: &Evaluation) -> String {
    let mut text = String::new();
    for clip in evaluation.clips.iter().filter(|clip| !clip.wrong.is_empty()) {
        let wrong_s: u64 = clip.wrong.iter().map(super::Stretch::length_s).sum();
        text += &format!("\n{}: {wrong_s} s wrong\n", clip.name);
        for run in &clip.wrong {
            let (said, truth, mean) = (u8::from(run.said), u8::from(run.truth), run.presence_mean);
            text += &format!("  {}-{} {said}/{truth}  mean {mean:.3}\n", run.from_s, run.to_s);
        }
    }
    text
}

/// Columns as wide as their widest cell: the first to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            text += &if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

fn clip_line(clip: &ClipScore) -> Vec<String> {
    let mut line = presence_line(clip.name.clone(), clip.footage_s, clip.presence.as_ref());
    let people = clip.people.as_ref();
    line.extend([
        people.map_or(NOTHING.to_owned(), mae),
        people.map_or(NOTHING.to_owned(), |score| format!("{:.2}", score.constant_mae)),
        people.and_then(|score| score.calibrated).map_or(NOTHING.to_owned(), |score| format!("{:.2}", score.mae)),
        share(people.and_then(|score| score.calibrated).map(|score| score.held)),
        share(clip.change.map(|score| score.f)),
    ]);
    line
}

fn mae(score: &CountScore) -> String {
    match score.mae {
        _ if score.seconds == 0 => "unknown".to_owned(),
        Some(mae) => format!("{mae:.2}"),
        None => NOTHING.to_owned(),
    }
}

fn group_line(group: &GroupScore) -> Vec<String> {
    presence_line(format!("{} ({})", group.name, group.clips), group.footage_s, group.presence.as_ref())
}

fn presence_line(name: String, footage_s: f64, presence: Option<&PresenceScore>) -> Vec<String> {
    let mut line = vec![name, format!("{footage_s:.0}")];
    match presence {
        Some(score) => line.extend(presence_cells(score)),
        None => line.extend([NOTHING; PRESENCE_COLUMNS].map(str::to_owned)),
    }
    line
}

fn presence_cells(score: &PresenceScore) -> [String; PRESENCE_COLUMNS] {
    let edges = &score.edges;
    let error = edges.error_median_s().zip(edges.error_p95_s());
    [
        share(Some(score.accuracy)),
        share(Some(score.accuracy_within_1_s)),
        share(score.f1),
        share(score.recall),
        score.false_share.map_or(NOTHING.to_owned(), |share| format!("{} {:.1}%", score.false_seconds, 100.0 * share)),
        score.longest_wrong_s.to_string(),
        format!("{}/{}+{}", edges.found(), edges.changes, edges.extra),
        error.map_or(NOTHING.to_owned(), |(median, p95)| format!("{median}/{p95}")),
        score.occupied_error.map_or(NOTHING.to_owned(), |error| format!("{:+.1}%", 100.0 * error)),
    ]
}

fn share(value: Option<f64>) -> String {
    value.map_or(NOTHING.to_owned(), |value| format!("{value:.3}"))
}

fn reliability_text(reliability: &Reliability) -> String {
    let Some(expected) = reliability.expected_gap else { return String::new() };
    let mut lines = vec![vec!["said".to_owned()], vec!["true".to_owned()], vec!["seconds".to_owned()]];
    for bin in &reliability.bins {
        lines[0].push(share(bin.said_mean));
        lines[1].push(share(bin.true_share));
        lines[2].push(bin.seconds.to_string());
    }
    let largest = share(reliability.largest_gap);
    let head = format!(
        "\nreliability by tenths of what is said: largest gap {largest} (bins of 50 s and more), mean {expected:.3}\n"
    );
    head + &aligned(&lines)
}

fn activity_text(scenes: &[ActivityScore]) -> String {
    let mut text = String::new();
    for scene in scenes {
        let deviation = scene.deviation.map_or(NOTHING.to_owned(), |deviation| format!("{:.1}%", 100.0 * deviation));
        let rank = share(scene.rank_correlation);
        text +=
            &format!("\nactivity of {}: largest deviation {deviation}, lowest rank correlation {rank}\n", scene.scene);
        let lines: Vec<Vec<String>> = scene
            .variants
            .iter()
            .map(|one| vec![format!("  {}", one.name), format!("{:.2}", one.activity), share(one.rank_correlation)])
            .collect();
        text += &aligned(&lines);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::presence::Tally;
    use crate::eval::seconds::{Second, Truth, stretches};

    fn clip(name: &str, said: &[f32], present: bool) -> ClipScore {
        let second = |(second, &said): (usize, &f32)| Second { second: second as i64, is_present: present, said };
        let seconds: Vec<Second> = said.iter().enumerate().map(second).collect();
        ClipScore { wrong: stretches(&seconds), seconds, ..ClipScore::empty(name) }
    }

    #[test]
    fn wrong_stretches_are_told_by_clip() {
        let clips = vec![clip("empty-a", &[0.0, 0.9, 0.7, 0.0], false), clip("seated-a", &[1.0, 1.0], true)];
        let text = failures_as_text(&Evaluation::of(clips, Vec::new()));
        assert_eq!(text, "\nempty-a: 2 s wrong\n  1-2 1/0  mean 0.800\n");
    }

    #[test]
    fn the_table_stays_readable_with_long_names_and_full_columns() {
        let mut clips = vec![clip("seated-behind-screen-720p-15fps-crf38", &[0.2; 2700], true)];
        clips[0].footage_s = 2700.0;
        let truth = |second: &Second| Truth { second: second.second, people: 1.0, is_present: second.is_present };
        let truth: Vec<Truth> = clips[0].seconds.iter().map(truth).collect();
        clips[0].tally = Tally::of(&truth, &clips[0].seconds);
        clips[0].presence = clips[0].tally.score();
        let text = as_text(&Evaluation::of(clips, Vec::new()));
        assert!(text.lines().all(|line| line.len() <= 140), "{text}");
        assert!(text.lines().nth(1).unwrap().contains("0.000"), "{text}");
    }
}
