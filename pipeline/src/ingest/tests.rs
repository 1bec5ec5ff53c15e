//! Recordings as they come: whole, torn, wrongly named, with clocks that start anew.

use super::fixtures::Footage;
use super::*;
use pantau_models::time::UtcMicros;
use std::path::Path;

const H264: &str = "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p";

fn read_all(path: &Path) -> (Vec<Segment>, ReadReport) {
    let mut reader = Recording::open(path).unwrap().reader;
    let segments = std::iter::from_fn(|| reader.next_segment()).collect();
    (segments, reader.report().clone())
}

fn refusal(path: &Path) -> IngestError {
    Recording::open(path).expect_err("must be refused")
}

#[test]
fn what_is_no_recording_is_refused_with_its_reason() {
    let footage = Footage::new();
    assert!(matches!(refusal(&footage.write("empty.mp4", b"")), IngestError::Empty { .. }));
    let text = footage.write("text.mp4", "minutes of the meeting, not a video\n".repeat(100).as_bytes());
    let error = refusal(&text);
    assert!(matches!(error, IngestError::NotVideo { .. }), "{error}");
    assert!(error.to_string().contains("(Invalid data found"), "{error}");
    let sound = footage.run("sound.mp4", "-f lavfi -t 2 -i sine -c:a aac");
    let error = refusal(&sound);
    assert!(matches!(error, IngestError::NoVideoStream { .. }), "{error}");
    assert!(error.to_string().contains("only sound"), "{error}");
    assert!(matches!(refusal(&footage.path("gone.mp4")), IngestError::Unreadable { .. }));
    let folder = refusal(footage.path("gone.mp4").parent().unwrap());
    assert!(matches!(folder, IngestError::Unreadable { .. } | IngestError::NotVideo { .. }), "{folder}");
}

#[test]
fn a_playlist_under_a_videos_name_reaches_no_network() {
    let footage = Footage::new();
    let list = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n";
    let error = refusal(&footage.write("list.mp4", list.as_bytes()));
    assert!(!matches!(error, IngestError::NoMoov { .. }), "{error}");
}

#[test]
fn an_mp4_whose_recorder_was_interrupted_says_so() {
    let footage = Footage::new();
    let whole = std::fs::read(footage.encode("whole.mp4", 4, H264)).unwrap();
    let torn = footage.write("torn.mp4", &whole[..whole.len() / 2]);
    let error = refusal(&torn);
    assert!(matches!(error, IngestError::NoMoov { .. }), "{error}");
    assert!(error.to_string().contains("torn.mp4") && error.to_string().contains("interrupted"), "{error}");
}

#[test]
fn a_header_is_told_as_it_is() {
    let footage = Footage::new();
    let path = footage.encode("a b'c.mp4", 3, &format!("{H264} -metadata creation_time=2026-07-14T01:02:03Z"));
    let OpenRecording { info, parameters, .. } = Recording::open(&path).unwrap();
    assert_eq!((info.codec.as_str(), info.width, info.height), ("h264", 160, 120));
    assert_eq!((info.pixel_format.as_str(), info.declared_fps), ("yuv420p", Some(25.0)));
    assert_eq!(info.duration_us, Some(3_000_000));
    assert_eq!(info.creation_time, Some(UtcMicros(1_783_990_923_000_000)));
    assert!(!parameters.intra_only && !parameters.counts_frames);
}

#[test]
fn segments_start_at_key_frames_and_cover_the_recording_once() {
    let footage = Footage::new();
    let (segments, report) = read_all(&footage.encode("long.mkv", 40, H264));
    let spans: Vec<_> = segments.iter().map(|segment| (segment.start_us, segment.end_us)).collect();
    assert_eq!(spans, [(0, 16_000_000), (16_000_000, 32_000_000), (32_000_000, 40_000_000)]);
    assert_eq!(segments.iter().map(|segment| segment.packets.len()).sum::<usize>(), 1000, "no packet twice");
    assert!(segments.iter().all(|segment| segment.packets[0].is_key() && !segment.continues_next));
    assert_eq!(segments.iter().map(|segment| segment.is_last).collect::<Vec<_>>(), [false, false, true]);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.packets, report.end_us), (1000, 40_000_000));
}

#[test]
fn torn_recordings_are_partial_and_keep_what_came_before() {
    let footage = Footage::new();
    let whole = std::fs::read(footage.encode("whole.mp4", 8, &format!("{H264} -movflags +faststart"))).unwrap();
    let torn = footage.write("torn.mp4", &whole[..whole.len() * 6 / 10]);
    let (segments, report) = read_all(&torn);
    assert!(!report.is_clean() && report.read_errors + report.corrupt_packets > 0, "{report:?}");
    assert!((90..150).contains(&report.packets), "{report:?}");
    assert!(report.read_errors < 64, "bounded: {report:?}");
    assert!(segments.last().unwrap().is_last);
    let whole = std::fs::read(footage.encode("whole.mkv", 8, H264)).unwrap();
    let (_, report) = read_all(&footage.write("torn.mkv", &whole[..whole.len() / 2]));
    assert!(!report.is_clean(), "{report:?}");
}

#[test]
fn a_transport_stream_cut_anywhere_is_read() {
    let footage = Footage::new();
    let whole = std::fs::read(footage.encode("whole.ts", 8, H264)).unwrap();
    let (_, report) = read_all(&footage.write("torn.ts", &whole[whole.len() / 5..whole.len() * 3 / 4]));
    assert!((90..120).contains(&report.packets), "{report:?}");
    assert_eq!(report.read_errors, 0);
}

#[test]
fn clocks_that_wrap_or_start_anew_go_on() {
    let footage = Footage::new();
    // 2^33 ticks are 95443.7 s.
    let wrapping = footage.encode("wrap.ts", 8, &format!("{H264} -output_ts_offset 95440"));
    let (segments, report) = read_all(&wrapping);
    assert_eq!((report.jump_count, report.packets, report.end_us), (0, 200, 8_000_000), "{report:?}");
    assert_monotone(&segments);
    let once = std::fs::read(footage.encode("once.ts", 4, H264)).unwrap();
    let (segments, report) = read_all(&footage.write("twice.ts", &[once.clone(), once].concat()));
    assert_monotone(&segments);
    assert_eq!((report.jump_count, report.packets), (1, 200), "{report:?}");
    assert!((report.end_us - 8_000_000).abs() <= 40_000, "{report:?}");
}

fn assert_monotone(segments: &[Segment]) {
    let times: Vec<i64> = segments.iter().flat_map(|s| &s.packets).map(|packet| packet.dts().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(times[0] >= 0);
}
