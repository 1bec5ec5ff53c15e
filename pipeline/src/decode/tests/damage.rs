//! Damaged recordings: nothing wrong is handed out, everything else is, and the rest is told.

use super::*;
use crate::ingest::Ending;

/// On one thread: with several, one encode in six differs, and with it what is damaged.
const H264: &str = "-c:v libx264 -threads 1 -bf 0 -g 25 -pix_fmt yuv420p";

/// Flips bytes in the middle of a file.
fn damage(footage: &Footage, whole: &Path, name: &str, from: f64, length: usize) -> std::path::PathBuf {
    let mut bytes = std::fs::read(whole).unwrap();
    let start = (bytes.len() as f64 * from) as usize;
    bytes[start..start + length].iter_mut().for_each(|byte| *byte ^= 0x5a);
    footage.write(name, &bytes)
}

#[test]
fn frames_after_damage_are_withheld_until_a_key_frame() {
    let footage = Footage::new();
    for (name, options, wrong_max) in [
        ("a.ts", H264, 1),
        ("b.mp4", &format!("{H264} -movflags +faststart"), 1),
        // A B-frame is shown before the damaged frame that it is predicted from.
        ("c.mkv", "-c:v libx264 -threads 1 -bf 2 -g 25 -pix_fmt yuv420p -fflags +bitexact", 2),
        ("d.ts", "-c:v mpeg2video -g 25 -q:v 4", 1),
    ] {
        let whole = footage.encode(name, 6, options);
        // Well inside a group of pictures: damage to its last frames can leave none in which the decoder might notice.
        let path = damage(&footage, &whole, &format!("damaged-{name}"), 0.4, 600);
        let (good, bad) = (decode(&whole, EACH_KEY), decode(&path, EACH_KEY));
        // Video carries no checksum: the decoder may notice only in the frame after the first damaged one.
        let noticed_us = bad.reports.iter().flat_map(|report| &report.troubles).map(|trouble| trouble.pts_us).min();
        let wrong: Vec<i64> =
            bad.frames.iter().filter(|frame| !good.frames.contains(frame)).map(|(pts_us, _)| *pts_us).collect();
        let is_just_before = |pts_us: &i64| noticed_us.is_some_and(|at_us| (at_us - 80_000..at_us).contains(pts_us));
        assert!(wrong.len() <= wrong_max && wrong.iter().all(is_just_before), "{name}: {wrong:?} in {:?}", bad.reports);
        let lost = good.frames.len() - bad.frames.len();
        assert!((1..=51).contains(&lost), "{name}: {lost} frames lost");
        assert!(bad.errors() > 0, "{name}");
        assert_eq!(bad, decode_on(&path, EACH_KEY, 2), "{name}: two threads");
    }
}

#[test]
fn unseen_time_is_told() {
    let footage = Footage::new();
    let whole = footage.encode("a.mp4", 6, &format!("{H264} -movflags +faststart"));
    let path = damage(&footage, &whole, "damaged.mp4", 0.4, 600);
    let decoded = decode(&path, WHOLE);
    let report = &decoded.reports[0];
    let missing = 150 - report.frames as i64;
    assert!((2..=25).contains(&missing), "{report:?}");
    assert_eq!(report.unseen.len(), 1, "{report:?}");
    assert_eq!(report.unseen_us(), missing * 40_000, "{report:?}");
    assert!(decoded.times_us().contains(&report.unseen[0].until_us), "seen again there: {report:?}");
    let text = report.troubles[0].to_string();
    assert!(text.contains(" s: "), "{text}");
}

#[test]
fn a_torn_mp4_gives_all_frames_before_the_tear() {
    let footage = Footage::new();
    let whole = footage.encode("whole.mp4", 8, &format!("{H264} -movflags +faststart"));
    let bytes = std::fs::read(&whole).unwrap();
    let path = footage.write("torn.mp4", &bytes[..bytes.len() * 6 / 10]);
    let (good, torn) = (decode(&whole, EACH_KEY), decode(&path, EACH_KEY));
    assert!(torn.frames.len() > 80);
    assert_eq!(torn.frames[..], good.frames[..torn.frames.len()]);
    let mut reader = Recording::open(&path).unwrap().reader;
    while reader.next_segment().is_some() {}
    assert!(!reader.report().is_clean() && reader.report().ending != Ending::Reading);
}

#[test]
fn noise_neither_panics_nor_hangs() {
    let footage = Footage::new();
    let whole = footage.encode("a.ts", 2, H264);
    for share in 1..9 {
        let path = damage(&footage, &whole, "noise.ts", f64::from(share) / 10.0, 3000);
        let decoded = decode(&path, EACH_KEY);
        assert!(decoded.frames.len() <= 50);
        assert!(decoded.times_us().is_sorted());
    }
}
