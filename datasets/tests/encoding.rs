//! What the encoder promises: every frame, at its exact time, with the wall clock of the start, whole or not at all.

use ffmpeg_next as ffmpeg;
use pantau_datasets::demo;
use pantau_datasets::encode::{EncodeError, EncodeSpec, Recorder, constant_rate, encode};
use pantau_datasets::office::Scene;
use pantau_datasets::scenes;
use pantau_datasets::yuv::Yuv420;
use std::path::Path;

/// What a file holds.
struct Content {
    /// Times of the packets, 1/90,000 s.
    ticks: Vec<i64>,
    /// Indices of the key frames.
    keys: Vec<usize>,
    luma: Vec<Vec<u8>>,
    creation_time: Option<String>,
    codec: ffmpeg::codec::Id,
    duration_s: f64,
}

fn read(path: &Path) -> Content {
    ffmpeg::init().unwrap();
    let mut input = ffmpeg::format::input(path).unwrap();
    let stream = input.streams().best(ffmpeg::media::Type::Video).unwrap();
    let base = stream.time_base();
    let context = ffmpeg::codec::context::Context::from_parameters(stream.parameters()).unwrap();
    let mut decoder = context.decoder().video().unwrap();
    let mut content = Content {
        ticks: Vec::new(),
        keys: Vec::new(),
        luma: Vec::new(),
        creation_time: input.metadata().get("creation_time").map(str::to_owned),
        codec: decoder.id(),
        duration_s: input.duration() as f64 / 1e6,
    };
    let mut packet = ffmpeg::Packet::empty();
    while packet.read(&mut input).is_ok() {
        if packet.is_key() {
            content.keys.push(content.ticks.len());
        }
        let pts = packet.pts().unwrap();
        content.ticks.push(pts * 90_000 * i64::from(base.numerator()) / i64::from(base.denominator()));
        decoder.send_packet(&packet).unwrap();
        drain(&mut decoder, &mut content.luma);
    }
    decoder.send_eof().unwrap();
    drain(&mut decoder, &mut content.luma);
    content
}

fn drain(decoder: &mut ffmpeg::decoder::Video, luma: &mut Vec<Vec<u8>>) {
    let mut frame = ffmpeg::frame::Video::empty();
    while decoder.receive_frame(&mut frame).is_ok() {
        let (stride, width) = (frame.stride(0), frame.width() as usize);
        let rows = frame.data(0).chunks(stride).take(frame.height() as usize);
        luma.push(rows.flat_map(|row| row[..width].to_vec()).collect());
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_scene_comes_back_frame_for_frame_at_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("walk: through.mp4");
    let scene = Scene::new(scenes::walk_through().sized(320, 180).lasting(12.0).with_crf(18)).unwrap();
    let start = "2026-07-12T23:20:00Z".parse().unwrap();
    let written = scenes::record(&scene, &path, Some(start)).unwrap();
    let content = read(&path);
    assert_eq!((written.frames, content.luma.len()), (60, 60));
    assert_eq!(content.ticks, (0..60).map(|frame| frame * 18_000).collect::<Vec<_>>());
    assert_eq!(content.keys, [0, 10, 20, 30, 40, 50], "a key frame every two seconds");
    assert!((content.duration_s - 12.0).abs() < 0.01, "{}", content.duration_s);
    assert_eq!(content.creation_time.as_deref(), Some("2026-07-12T23:20:00.000000Z"));
    assert_eq!(written.bytes, std::fs::metadata(&path).unwrap().len());
    let mut picture = Yuv420::new(320, 180);
    scene.render(7.0, &mut picture);
    let error = picture.y.iter().zip(&content.luma[35]).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
    assert!(error / (320.0 * 180.0) < 3.0, "frame 35 is not the scene at 7 s: mean error {error}");
    assert_eq!(names(folder.path()), ["walk: through.mp4"]);
}

#[test]
fn variable_rates_keep_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vfr.mp4");
    let times_us = [0, 40_000, 80_000, 1_080_000, 1_113_333, 61_113_333];
    let written = encode(&path, EncodeSpec::new(160, 96, 25.0), times_us, |at, picture| {
        picture.y.fill((at / 40_000 % 200) as u8);
    });
    assert_eq!(written.unwrap().frames, 6);
    assert_eq!(read(&path).ticks, [0, 3_600, 7_200, 97_200, 100_200, 5_500_200]);
}

#[test]
fn without_h264_it_falls_back_to_mpeg4() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.mp4");
    let spec = EncodeSpec { encoder: Some("mpeg4"), ..EncodeSpec::new(320, 180, 5.0) };
    let scene = Scene::new(scenes::empty_noise().sized(320, 180)).unwrap();
    let written = encode(&path, spec, constant_rate(5.0, 20), |at, picture| scene.render(at as f64 / 1e6, picture));
    assert_eq!(written.unwrap().encoder, "mpeg4");
    let content = read(&path);
    assert_eq!(content.codec, ffmpeg::codec::Id::MPEG4);
    assert_eq!(content.ticks, (0..20).map(|frame| frame * 18_000).collect::<Vec<_>>());
    assert_eq!(content.luma.len(), 20);
}

#[test]
fn failures_name_the_frame_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.mp4");
    let error = encode(&path, EncodeSpec::new(160, 96, 5.0), [0, 200_000, 200_000], |_, _| ()).unwrap_err();
    assert!(matches!(error, EncodeError::Frame { frame: 2, pts_us: 200_000, .. }), "{error}");
    let mut recorder = Recorder::create(&path, EncodeSpec::new(160, 96, 5.0)).unwrap();
    recorder.push(0, &Yuv420::new(160, 96)).unwrap();
    drop(recorder);
    let spec = EncodeSpec { encoder: Some("no-such-encoder"), ..EncodeSpec::new(160, 96, 5.0) };
    assert!(matches!(encode(&path, spec, [0], |_, _| ()), Err(EncodeError::NoEncoder { .. })));
    assert!(Recorder::create(&folder.path().join("no/such/folder.mp4"), EncodeSpec::new(160, 96, 5.0)).is_err());
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

#[test]
fn the_demo_is_named_as_a_recorder_names_and_its_truth_covers_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let frames = std::sync::atomic::AtomicU64::new(0);
    let cameras = demo::render_lasting(folder.path(), 30.0, |progress| {
        assert!(progress.frames_done <= progress.frames);
        frames.fetch_max(progress.frames_done, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!(cameras.len(), 3);
    assert_eq!(
        frames.into_inner(),
        cameras.iter().flat_map(|camera| &camera.files).map(|file| file.frames).sum::<u64>()
    );
    let counter = &cameras[0];
    assert_eq!(counter.files[0].path, Path::new("counter-1/counter-1_20260713_072000.mp4"));
    assert_eq!(counter.start.to_string(), "2026-07-12T23:20:00Z");
    assert_eq!(counter.people, [Some(0); 30]);
    let content = read(&folder.path().join(&counter.files[0].path));
    assert_eq!(content.ticks.len() as u64, counter.files[0].frames);
    assert_eq!(content.creation_time.as_deref(), Some("2026-07-12T23:20:00.000000Z"));
    let truth = std::fs::read(folder.path().join(demo::TRUTH_FILE)).unwrap();
    assert_eq!(serde_json::from_slice::<Vec<demo::DemoCamera>>(&truth).unwrap(), cameras);
}
