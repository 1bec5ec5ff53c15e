//! Pixel formats, sizes and times.

use super::*;
use std::path::PathBuf;
use std::process::Command;

/// FFmpeg's own grey picture of every frame, row after row.
fn grey_by_ffmpeg(path: &Path, pixel_format: &str) -> Vec<u8> {
    let arguments = format!("-f rawvideo -pix_fmt {pixel_format} -vsync passthrough -");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-vf", "extractplanes=y"])
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// All frames' rows, as bytes, decoded with the loop filter.
fn rows(path: &Path) -> (Vec<u8>, u8) {
    let OpenRecording { parameters, mut reader, .. } = Recording::open(path).unwrap();
    let mut decoder = Decoder::new(&parameters, settings(true)).unwrap();
    let (mut bytes, mut bit_depth) = (Vec::new(), 0);
    while let Some(segment) = reader.next_segment() {
        let report = decoder.decode_segment(&segment, |luma| {
            (0..luma.height()).for_each(|y| bytes.extend_from_slice(luma.row(y)));
            bit_depth = luma.bit_depth();
            ControlFlow::Continue(())
        });
        report.unwrap();
    }
    (bytes, bit_depth)
}

#[test]
fn brightness_is_what_ffmpeg_decodes() {
    let footage = Footage::new();
    for (name, options, grey, bit_depth) in [
        ("420.mp4", "-c:v libx264 -pix_fmt yuv420p", "gray", 8),
        ("odd.mkv", "-vf scale=157:117 -c:v libx264 -pix_fmt yuv444p", "gray", 8),
        ("422.avi", "-c:v mjpeg -pix_fmt yuvj422p", "gray", 8),
        ("10.mp4", "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le", "gray10le", 10),
        ("10.mkv", "-c:v libx264 -pix_fmt yuv420p10le", "gray10le", 10),
        ("gray.mkv", "-c:v ffv1 -pix_fmt gray", "gray", 8),
        ("gray12.mkv", "-c:v ffv1 -pix_fmt gray12le", "gray12le", 12),
    ] {
        let path = footage.encode(name, 1, options);
        let (ours, depth) = rows(&path);
        assert_eq!(depth, bit_depth, "{name}");
        assert!(ours == grey_by_ffmpeg(&path, grey), "{name}: {} bytes differ from FFmpeg's", ours.len());
    }
}

#[test]
fn packed_and_coloured_formats_are_copied_out() {
    let footage = Footage::new();
    for (name, options) in [
        ("yuyv.avi", "-c:v rawvideo -pix_fmt yuyv422"),
        ("uyvy.avi", "-c:v rawvideo -pix_fmt uyvy422"),
        ("nv12.nut", "-c:v rawvideo -pix_fmt nv12"),
    ] {
        let path = footage.encode(name, 1, options);
        assert!(rows(&path).0 == grey_by_ffmpeg(&path, "gray"), "{name}");
    }
    // A grey picture as RGB and as a palette: brightness is the grey, to rounding.
    for (name, options) in [
        ("bgr.avi", "-vf format=gray -c:v rawvideo -pix_fmt bgr24"),
        ("gbrp.mkv", "-vf format=gray -c:v ffv1 -pix_fmt gbrp"),
        ("pal.mov", "-vf format=gray,format=pal8 -c:v qtrle -pix_fmt pal8"),
    ] {
        let path = footage.encode(name, 1, options);
        let (ours, _) = rows(&path);
        let OpenRecording { info, .. } = Recording::open(&path).unwrap();
        assert_eq!(ours.len(), 25 * 160 * 120, "{name}: {info:?}");
        let mean = ours.iter().map(|value| f64::from(*value)).sum::<f64>() / ours.len() as f64;
        assert!((80.0..180.0).contains(&mean), "{name}: {mean}");
    }
}

#[test]
fn formats_without_brightness_in_reach_are_named() {
    let footage = Footage::new();
    let path = footage.encode("mono.nut", 1, "-c:v rawvideo -pix_fmt monob");
    let OpenRecording { parameters, mut reader, .. } = Recording::open(&path).unwrap();
    let mut decoder = Decoder::new(&parameters, settings(false)).unwrap();
    let refused = decoder.decode_segment(&reader.next_segment().unwrap(), |_| ControlFlow::Continue(()));
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("monob"), "{error}");
}

#[test]
fn full_range_is_told() {
    let footage = Footage::new();
    for (options, expected) in [("-c:v mjpeg -pix_fmt yuvj420p", true), ("-c:v libx264 -pix_fmt yuv420p", false)] {
        let path = footage.encode("range.avi", 1, options);
        let OpenRecording { parameters, mut reader, .. } = Recording::open(&path).unwrap();
        let mut decoder = Decoder::new(&parameters, settings(false)).unwrap();
        let mut told = Vec::new();
        let segment = reader.next_segment().unwrap();
        decoder
            .decode_segment(&segment, |luma| {
                told.push(luma.full_range());
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(told, [expected; 25]);
    }
}

#[test]
fn variable_frame_rates_keep_their_exact_times() {
    let footage = Footage::new();
    // Frames 0, 1, 4, 9, 16, ...: at n * n * 40 ms.
    let squares = "-vf setpts=N*N/25/TB -vsync vfr -c:v libx264 -bf 2 -pix_fmt yuv420p -enc_time_base 1:1000";
    let path = footage.encode("vfr.mkv", 1, squares);
    let decoded = decode(&path, EACH_KEY);
    let expected: Vec<i64> = (0..25).map(|n| n * n * 40_000).collect();
    assert_eq!(decoded.times_us(), expected);
}

#[test]
fn the_median_step_is_the_frame_duration() {
    let footage = Footage::new();
    let path = footage.encode("a.mp4", 2, "-r 10 -frames:v 20 -c:v libx264 -pix_fmt yuv420p");
    let report = decode(&path, WHOLE).reports.remove(0);
    assert_eq!((report.frame_duration_us, report.frames), (Some(100_000), 20));
    assert_eq!((report.first_pts_us, report.last_pts_us), (Some(0), Some(1_900_000)));
}

#[test]
fn raw_streams_are_timed_by_their_declared_rate() {
    let footage = Footage::new();
    for (name, options) in [
        ("plain.h264", "-c:v libx264 -bf 0 -g 10"),
        ("reordered.h264", "-c:v libx264 -bf 3 -b_strategy 0 -g 10"),
        ("reordered.h265", "-c:v libx265 -x265-params keyint=10:log-level=none"),
    ] {
        let path = footage.encode(name, 3, &format!("-r 10 -frames:v 30 {options} -pix_fmt yuv420p"));
        let OpenRecording { reader, .. } = Recording::open(&path).unwrap();
        assert!(reader.report().timestamps_assumed, "{name}");
        let decoded = decode(&path, EACH_KEY);
        assert_eq!(decoded.times_us(), (0..30).map(|n| n * 100_000).collect::<Vec<i64>>(), "{name}");
        assert_eq!(decoded.frames, decode(&path, WHOLE).frames, "{name}");
    }
}

/// A stream that changes its picture's size in the middle.
fn of_sizes(footage: &Footage, sizes: [&str; 2]) -> PathBuf {
    let parts = sizes.map(|size| {
        let options = format!("-vf scale={size} -c:v libx264 -bf 0 -g 10 -pix_fmt yuv420p");
        std::fs::read(footage.encode(&format!("{}.h264", size.replace(':', "x")), 1, &options)).unwrap()
    });
    footage.write("both.h264", &parts.concat())
}

#[test]
fn the_picture_may_change_its_size() {
    let footage = Footage::new();
    let path = of_sizes(&footage, ["160:120", "320:240"]);
    let whole = decode(&path, WHOLE);
    assert_eq!((whole.sizes.as_slice(), whole.frames.len()), ([(160, 120), (320, 240)].as_slice(), 50));
    assert_eq!(whole.frames, decode(&path, EACH_KEY).frames);
}

#[test]
fn pictures_too_small_for_anything_are_unseen_time() {
    let footage = Footage::new();
    let whole = decode(&of_sizes(&footage, ["320:240", "46:26"]), WHOLE);
    assert_eq!((whole.sizes.as_slice(), whole.frames.len()), ([(320, 240)].as_slice(), 25));
    let report = &whole.reports[0];
    assert_eq!(report.damaged_frames, 25);
    assert_eq!((report.unseen.len(), report.unseen_us()), (1, 1_000_000));
    let detail = report.unseen_detail(report.unseen[0].from_us, report.unseen[0].until_us);
    assert!(detail.contains("46 x 26"), "{detail}");
    let before = report.unseen_detail(0, report.unseen[0].from_us);
    assert!(before.contains("damaged"), "{before}");
}
