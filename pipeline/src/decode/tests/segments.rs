//! Cutting changes nothing.

use super::*;

/// Codec, container, options, and whether it can be cut at its key frames.
const ENCODES: [(&str, &str, &str, bool); 14] = [
    ("h264 without B-frames", "mp4", "-c:v libx264 -bf 0 -g 25", true),
    ("h264 with B-frames, closed", "mp4", "-c:v libx264 -bf 3 -b_strategy 0 -g 25", true),
    ("h264 open", "mp4", "-c:v libx264 -bf 3 -b_strategy 0 -g 25 -x264-params open-gop=1:scenecut=0", true),
    (
        "h264 open",
        "ts",
        "-c:v libx264 -bf 3 -b_strategy 0 -g 25 -x264-params open-gop=1:scenecut=0:b-pyramid=normal",
        true,
    ),
    ("h264 open", "mkv", "-c:v libx264 -bf 2 -g 25 -x264-params open-gop=1", true),
    ("h264 gradual refresh", "ts", "-c:v libx264 -bf 0 -g 25 -x264-params intra-refresh=1", false),
    ("h265 open", "mp4", "-c:v libx265 -x265-params keyint=25:log-level=none", true),
    ("h265 open", "ts", "-c:v libx265 -x265-params keyint=25:log-level=none", true),
    ("mpeg2 with B-frames", "ts", "-c:v mpeg2video -bf 2 -g 12 -q:v 4", true),
    ("mpeg2 with B-frames", "mpg", "-c:v mpeg2video -bf 2 -g 12 -q:v 4", true),
    ("mjpeg", "avi", "-c:v mjpeg -q:v 4", true),
    ("mpeg4", "avi", "-c:v mpeg4 -g 25 -q:v 4", true),
    ("mpeg4 with B-frames", "avi", "-c:v mpeg4 -bf 2 -g 25 -q:v 4", false),
    ("wmv2", "wmv", "-c:v wmv2 -g 25 -q:v 4", true),
];

#[test]
fn segments_give_the_frames_of_one_go_on_any_number_of_threads() {
    let footage = Footage::new();
    for (number, (codec, container, options, cuts)) in ENCODES.into_iter().enumerate() {
        let path = footage.encode(&format!("{number}.{container}"), 6, &format!("{options} -pix_fmt yuv420p"));
        if codec == "mjpeg" {
            assert!(Recording::open(&path).unwrap().parameters.intra_only);
        }
        let whole = decode(&path, WHOLE);
        let cut = decode(&path, EACH_KEY);
        assert_eq!(whole.reports.len(), 1, "{codec} in {container}");
        assert_eq!(cut.reports.len() > 1, cuts, "{codec} in {container}: {} segments", cut.reports.len());
        assert_eq!(whole.frames.len() as u64, frames_by_ffprobe(&path), "{codec} in {container}");
        assert_eq!(whole.errors(), 0, "{codec} in {container}: {:?}", whole.reports);
        assert_eq!(cut.errors(), 0, "{codec} in {container}: {:?}", cut.reports);
        assert!(whole.times_us().is_sorted_by(|a, b| a < b), "{codec} in {container}");
        assert_eq!(first_difference(&whole, &cut), None, "{codec} in {container}");
        assert_eq!(cut, decode_on(&path, EACH_KEY, 3), "{codec} in {container}: three threads");
    }
}

/// The first frame, by its number, in which both differ.
fn first_difference(a: &Decoded, b: &Decoded) -> Option<usize> {
    (0..a.frames.len().max(b.frames.len())).find(|&index| a.frames.get(index) != b.frames.get(index))
}

#[test]
fn pieces_of_a_recording_without_key_frames_give_the_same_frames() {
    let footage = Footage::new();
    let path = footage.encode("one-key.mp4", 6, "-c:v libx264 -bf 2 -g 1000 -x264-params scenecut=0 -pix_fmt yuv420p");
    let pieces = Limits { segment_us: 1, piece_us: 1_000_000, ..EACH_KEY };
    let (whole, pieced) = (decode(&path, WHOLE), decode_on(&path, pieces, 2));
    assert_eq!(whole.frames, pieced.frames);
    assert_eq!(pieced.reports.len(), 6);
    assert_eq!(pieced.errors(), 0);
}

#[test]
fn frames_know_how_old_their_key_frame_is() {
    let footage = Footage::new();
    for (options, key_us) in [("-c:v libx264 -bf 2 -g 25 -x264-params scenecut=0", 1_000_000), ("-c:v mjpeg", 40_000)] {
        let path = footage.encode("keys.mkv", 3, &format!("{options} -r 25 -pix_fmt yuvj420p"));
        let OpenRecording { parameters, mut reader, .. } = Recording::open(&path).unwrap();
        reader.set_limits(WHOLE);
        let (mut decoder, mut ages) = (Decoder::new(&parameters, settings(false)).unwrap(), Vec::new());
        let segment = reader.next_segment().unwrap();
        decoder
            .decode_segment(&segment, |luma| {
                ages.push((luma.pts_us() % key_us, luma.plane().since_key_us.unwrap()));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(ages.len(), 75);
        assert!(ages.iter().all(|(expected_us, age_us)| expected_us == age_us), "{options}: {ages:?}");
    }
}

#[test]
fn a_piece_without_its_predecessor_is_refused() {
    let footage = Footage::new();
    let path = footage.encode("one-key.mp4", 3, "-c:v libx264 -g 1000 -pix_fmt yuv420p");
    let OpenRecording { parameters, mut reader, .. } = Recording::open(&path).unwrap();
    reader.set_limits(Limits { piece_us: 1_000_000, ..EACH_KEY });
    reader.next_segment().unwrap();
    let second = reader.next_segment().unwrap();
    let mut other = Decoder::new(&parameters, settings(false)).unwrap();
    let refused = other.decode_segment(&second, |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(DecodeError::MissingPredecessor { index: 1 })), "{refused:?}");
}

#[test]
fn a_visitor_that_has_seen_enough_stops_the_segment() {
    let footage = Footage::new();
    let path = footage.encode("a.mp4", 3, "-c:v libx264 -g 25 -pix_fmt yuv420p");
    let OpenRecording { parameters, mut reader, .. } = Recording::open(&path).unwrap();
    reader.set_limits(EACH_KEY);
    let mut decoder = Decoder::new(&parameters, settings(false)).unwrap();
    let first = reader.next_segment().unwrap();
    let report = decoder.decode_segment(&first, |_| ControlFlow::Break(())).unwrap();
    assert_eq!((report.frames, report.was_stopped), (1, true));
    let second = reader.next_segment().unwrap();
    let report = decoder.decode_segment(&second, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((report.frames, report.was_stopped, report.first_pts_us), (25, false, Some(1_000_000)));
}
