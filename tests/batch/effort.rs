use crate::footage::{Film, cut, ffmpeg, name_at};
use crate::run::{Rows, analyzed, assert_same, at, manifest};
use pantau_models::record::EventKind;
use std::path::Path;

/// Four minutes each of two cameras, key frames 2 s apart; somebody walks for twenty seconds.
fn film(folder: &Path) {
    let film = Film { walks: (100, 120), ..Film::of(240) };
    film.encode(name_at(folder, "lobby", 0), &["-g", "10"]);
    film.encode(name_at(folder, "hall", 0), &["-g", "10", "-bf", "2", "-x264-params", "open-gop=1:scenecut=0"]);
    film.encode(name_at(folder, "counter", 0).with_extension("ts"), &["-g", "10", "-bf", "1"]);
    film.encode(
        name_at(folder, "yard", 0).with_extension("mkv"),
        &["-c:v", "libx265", "-x265-params", "log-level=none"],
    );
}

fn samples(rows: &Rows) -> u64 {
    rows.observations.iter().map(|row| u64::from(row.samples)).sum()
}

/// With less decoded the rows tell the same time, and adaptively the same movement; on any number of threads.
#[test]
fn less_effort_tells_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("videos");
    film(&videos);
    let lake = |effort: &str, jobs: &str| dir.path().join(format!("{effort}-{jobs}"));
    let run =
        |effort: &str, jobs: &str| analyzed(&lake(effort, jobs), &[&videos], &["--effort", effort, "--jobs", jobs]);
    let full = run("full", "2");
    for effort in ["adaptive", "keyframes"] {
        let rows = run(effort, "1");
        assert_eq!(rows.starts(), full.starts(), "{effort}");
        for (row, other) in rows.observations.iter().zip(&full.observations) {
            assert!((row.observed_s - other.observed_s).abs() < 0.01, "{effort}: {row:?} instead of {other:?}");
        }
        let messages: Vec<String> = manifest(&lake(effort, "1")).into_iter().map(|told| told.message).collect();
        // A camera's first 45 s, a fifth of it, are looked at all the time.
        let most = if effort == "adaptive" { samples(&full) / 2 } else { samples(&full) / 3 };
        assert!(samples(&rows) < most, "{effort}: {} of {}: {messages:?}", samples(&rows), samples(&full));
        for jobs in ["2", "5"] {
            run(effort, jobs);
            assert_same(&lake(effort, jobs), &lake(effort, "1"), jobs);
        }
    }
    let adaptive = Rows::of(&lake("adaptive", "1"));
    for camera in ["lobby", "hall", "counter", "yard"] {
        let moves = |rows: &Rows| -> Vec<_> {
            let of_camera = rows.events.iter().filter(|event| event.place.camera.as_str() == camera);
            of_camera.filter(|event| event.kind == EventKind::Motion).map(|event| event.span).collect()
        };
        assert_eq!(moves(&adaptive).len(), moves(&full).len(), "{camera}: {:?}", moves(&adaptive));
        for (found, wanted) in moves(&adaptive).iter().zip(moves(&full)) {
            let off_s = found.start.seconds_since(wanted.start).abs().max(found.end.seconds_since(wanted.end).abs());
            assert!(off_s <= 2.0, "{camera}: {found:?} instead of {wanted:?}");
            assert!(found.end > at(100.0) && found.start < at(121.0), "{camera}: {found:?}");
        }
    }
    let told = manifest(&lake("adaptive", "1"));
    assert!(told.iter().all(|recording| recording.message.contains("groups of pictures decoded")), "{told:?}");
    assert!(told.iter().all(|recording| recording.frames == 1200), "{told:?}");
}

/// Where every frame stands alone, those that are not looked at are not decoded, and the rows are the same to the bit.
#[test]
fn single_pictures_are_sampled() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { fps: 15, walks: (20, 40), ..Film::of(60) };
    let clip = film.encode(name_at(dir.path(), "yard", 0).with_extension("avi"), &["-c:v", "mjpeg", "-q:v", "4"]);
    let lake = |effort: &str| dir.path().join(effort);
    let full = analyzed(&lake("full"), &[&clip], &["--effort", "full"]);
    for effort in ["adaptive", "keyframes"] {
        let rows = analyzed(&lake(effort), &[&clip], &["--effort", effort, "--jobs", "2"]);
        assert_eq!(samples(&rows), 300, "{effort}");
        assert_eq!(rows, full, "{effort}");
    }
}

/// Somebody comes in, sits down and moves a hand now and then, here and there, which hardly shows in sizes or key frames: as
/// long as somebody is there everything is decoded, so the rows tell what those of full effort tell.
#[test]
fn whoever_sits_still_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let clip = name_at(dir.path(), "desk", 0);
    let room = "color=c=gray:s=320x180:r=5:d=240,noise=alls=3:allf=t[room]";
    let person = "color=c=white:s=40x60:r=5:d=240[person]";
    let hand = "color=c=black:s=10x10:r=5:d=240[hand]";
    let path = "if(lt(t,76),(t-70)*20,if(lt(t,170),120,120-(t-170)*20))";
    let sits = format!("[room][person]overlay=x='{path}':y=60:enable='between(t,70,176)'[sits]");
    let place = "x=130+6*mod(floor(t*5)\\,2):y=70+10*mod(floor(t/11)\\,4)";
    let waves = format!("[sits][hand]overlay={place}:enable='between(t,80,165)*lt(mod(t,11),1)'");
    let source = format!("{room};{person};{hand};{sits};{waves}");
    let film = ["-f", "lavfi", "-i", &source, "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "10"];
    ffmpeg(&film, &clip);
    let lake = |effort: &str| dir.path().join(effort);
    let run = |effort: &str| analyzed(&lake(effort), &[&clip], &["--effort", effort, "--jobs", "2"]);
    let (full, adaptive) = (run("full"), run("adaptive"));
    let moves = |rows: &Rows| -> Vec<_> {
        rows.events.iter().filter(|event| event.kind == EventKind::Motion).map(|event| event.span).collect()
    };
    assert!(moves(&full).len() >= 5, "{:?}", full.events);
    for wanted in moves(&full) {
        let is_found = moves(&adaptive).iter().any(|found| found.start < wanted.end && found.end > wanted.start);
        assert!(is_found, "{wanted:?} is not among {:?}", moves(&adaptive));
    }
    for (row, wanted) in adaptive.observations.iter().zip(&full.observations) {
        assert_eq!(row.presence >= 0.5, wanted.presence >= 0.5, "{row:?}");
    }
    assert!(samples(&adaptive) < samples(&full) * 4 / 5, "{} of {}", samples(&adaptive), samples(&full));
}

/// What is known of a view before it was looked at for a while is how it trembles: its first three quarters of a minute
/// are decoded whole, once a camera and not once a recording.
#[test]
fn the_first_moments_of_a_camera_are_decoded_whole() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { walks: (0, 0), ..Film::of(120) };
    let whole = film.encode(dir.path().join("whole.mp4"), &["-g", "10"]);
    let videos = dir.path().join("videos");
    cut(&whole, &[60, 60], |at_s| name_at(&videos, "store", at_s));
    let rows = analyzed(&dir.path().join("lake"), &[&videos], &["--effort", "adaptive", "--jobs", "2"]);
    let samples: Vec<u32> = rows.observations.iter().map(|row| row.samples).collect();
    assert!(samples[..4].iter().all(|&samples| samples == 50), "{samples:?}");
    // Later, beside key frames, what the lot falls on.
    assert!(samples[5..].iter().sum::<u32>() < 7 * 15, "{samples:?}");
    let told = manifest(&dir.path().join("lake"));
    assert!(told.iter().all(|recording| recording.message.contains("groups of pictures decoded")), "{told:?}");
}

/// A burnt-in counter of seconds in an empty room: its rhythm is not seen in key frames, so the first of it is decoded
/// whole, and its digits are nobody.
#[test]
fn a_burnt_in_clock_is_nobody_in_key_frames_either() {
    for fps in [5, 2] {
        let dir = tempfile::tempdir().unwrap();
        let clip = name_at(dir.path(), "store", 0);
        counter(fps, &clip);
        let rows = analyzed(&dir.path().join("lake"), &[&clip], &["--effort", "keyframes", "--jobs", "2"]);
        assert!(rows.observations.iter().all(|row| row.presence < 0.5), "{fps}: {:?}", rows.observations);
        let samples: Vec<u32> = rows.observations.iter().map(|row| row.samples).collect();
        assert!(samples[0] == 10 * fps && samples[2..].iter().all(|&samples| samples == 5), "{fps}: {samples:?}");
    }
}

/// A camera of a frame a second hides all of the rhythm but that something always changes: a minute later it is known.
#[test]
fn a_clock_under_a_camera_of_a_frame_a_second_is_nobody_after_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let clip = name_at(dir.path(), "store", 0);
    counter(1, &clip);
    let rows = analyzed(&dir.path().join("lake"), &[&clip], &["--effort", "full", "--jobs", "2"]);
    assert!(rows.observations[7..].iter().all(|row| row.presence < 0.5), "{:?}", rows.observations);
}

/// Two minutes of an empty room with a counter of seconds in four bits, at the upper left.
fn counter(fps: u32, clip: &Path) {
    let mut source =
        format!("color=c=gray:s=640x360:r={fps}:d=120,noise=alls=3:allf=t,drawbox=x=40:y=8:w=16:h=24:c=black:t=fill");
    for bit in 0..4 {
        let (x, y) = (40 + bit % 2 * 8, 8 + bit / 2 * 12);
        let shown = format!("eq(mod(floor(t/{})\\,2)\\,1)", 1 << bit);
        source += &format!(",drawbox=x={x}:y={y}:w=8:h=12:c=white:t=fill:enable={shown}");
    }
    let key = (2 * fps).to_string();
    let film = ["-f", "lavfi", "-i", &source, "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", &key];
    ffmpeg(&film, clip);
}

/// Where neither sizes nor key frames tell, audits by lot do, and the miss budget decides: everything is decoded, and
/// what moves is found.
#[test]
fn what_audits_find_lost_is_decoded_if_the_budget_says_so() {
    let dir = tempfile::tempdir().unwrap();
    // Noise at a constant rate: packets are as large as the rate allows. Somebody shows between key frames only.
    let room = "color=c=gray:s=192x108:r=5:d=1200,noise=alls=12:allf=t[room]";
    let person = "color=c=white:s=24x36:r=5:d=1200[person]";
    let walk = "overlay=x='mod(t*37,W-w)':y=H/3:enable='gt(t,60)*between(mod(t,2),0.5,1.3)'";
    let source = format!("{room};{person};[room][person]{walk}");
    let rate = ["-b:v", "100k", "-maxrate", "100k", "-minrate", "100k", "-bufsize", "20k"];
    let clip = name_at(dir.path(), "yard", 0);
    // One thread: with more, a rate-controlled encode differs each time, and so do the lots.
    let encoder = ["-c:v", "libx264", "-threads", "1", "-bf", "0", "-g", "10", "-x264-params", "nal-hrd=cbr"];
    ffmpeg(&[["-f", "lavfi", "-i", &source, "-preset", "ultrafast"].as_slice(), &encoder, &rate].concat(), &clip);
    let moving_s = |name: &str, budget: &str| -> f64 {
        let args = ["--effort", "adaptive", "--miss-budget", budget];
        let rows = analyzed(&dir.path().join(name), &[&clip], &args);
        let motion = rows.events.iter().filter(|event| event.kind == EventKind::Motion);
        motion.map(|event| event.span.end.seconds_since(event.span.start)).sum()
    };
    let (within_s, beyond_s) = (moving_s("within", "2"), moving_s("beyond", "100"));
    // Of 1140 s, those before the lot has fallen on two such groups are lost: 200 s, give or take as many.
    assert!(within_s > 500.0, "{within_s}");
    // What the lot falls on, and what is decoded after it until silence has settled that nobody stayed.
    assert!(beyond_s < 200.0, "{beyond_s}");
    let told = |name: &str| manifest(&dir.path().join(name)).remove(0).message;
    assert!(told("within").contains("made stricter"), "{}", told("within"));
    assert!(told("beyond").contains("of what moves was lost"), "{}", told("beyond"));
}
