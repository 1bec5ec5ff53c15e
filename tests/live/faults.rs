use crate::account::Account;
use crate::camera::{Camera, Clip, Login, clip, usual_clip};
use crate::link::{Link, Mode};
use crate::run::Rows;
use crate::worker::{Site, Worker, camera, camera_with};
use pantau_models::record::{Gap, GapReason};
use std::thread::sleep;
use std::time::Duration;

/// A camera is back within this after the end of its trouble.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// A link that flaps does so this often.
const FLAPS: u32 = 5;

/// What befalls a camera; returns the camera when that is over.
type Trouble = fn(Camera, &Link, &Clips) -> Camera;

struct Clips {
    usual: Clip,
    /// Of another codec and size.
    other: Clip,
}

/// Troubles, the reason that their gaps must have, if that is certain, and how many seconds may go missing.
const TROUBLES: [(&str, Trouble, Option<GapReason>, f64); 9] = [
    ("none", |camera, _, _| camera, None, 1.5),
    ("killed", killed, Some(GapReason::NoLink), 2.5),
    ("stopped", stopped, Some(GapReason::CameraSilent), 2.5),
    ("refused", refused, Some(GapReason::NoLink), 2.5),
    ("swallowed", swallowed, Some(GapReason::CameraSilent), 2.5),
    ("soiled", soiled, None, 3.5),
    ("stalled", stalled, None, 3.5),
    ("flapping", flapping, Some(GapReason::NoLink), 1.5 + FLAPS as f64),
    ("other-codec", other_codec, Some(GapReason::NoLink), 2.5),
];

fn restarted(camera: Camera, link: &Link, clip: &Clip) -> Camera {
    camera.kill();
    sleep(Duration::from_secs(4));
    let camera = Camera::start(clip);
    link.lead_to(camera.port);
    camera
}

fn killed(camera: Camera, link: &Link, clips: &Clips) -> Camera {
    restarted(camera, link, &clips.usual)
}

fn other_codec(camera: Camera, link: &Link, clips: &Clips) -> Camera {
    restarted(camera, link, &clips.other)
}

fn stopped(camera: Camera, _: &Link, _: &Clips) -> Camera {
    camera.stand_still();
    sleep(Duration::from_secs(14));
    camera.go_on();
    camera
}

fn for_a_while(link: &Link, mode: Mode, seconds: u64) {
    link.set(mode);
    sleep(Duration::from_secs(seconds));
    link.set(Mode::Passes);
}

fn refused(camera: Camera, link: &Link, _: &Clips) -> Camera {
    for_a_while(link, Mode::Refuses, 8);
    camera
}

fn swallowed(camera: Camera, link: &Link, _: &Clips) -> Camera {
    for_a_while(link, Mode::Swallows, 14);
    camera
}

fn soiled(camera: Camera, link: &Link, _: &Clips) -> Camera {
    for_a_while(link, Mode::Soils, 8);
    camera
}

fn stalled(camera: Camera, link: &Link, _: &Clips) -> Camera {
    for_a_while(link, Mode::Stalls(Duration::from_millis(1500)), 12);
    camera
}

fn flapping(camera: Camera, link: &Link, _: &Clips) -> Camera {
    for _ in 0..FLAPS {
        sleep(Duration::from_secs(3));
        link.cut();
    }
    camera
}

/// AC11: whatever befalls cameras and links, the worker lives, others notice nothing, each camera is back within a
/// minute of the end of its trouble, and each second was either seen or is in a gap.
#[test]
fn cameras_come_back_and_every_unseen_second_is_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let other = ["-c:v", "libx265", "-x265-params", "log-level=none"];
    let clips = Clips { usual: usual_clip(dir.path()), other: clip(dir.path(), "other.h265", (640, 360), &other) };
    let cameras = TROUBLES.map(|_| Camera::start(&clips.usual));
    let links = cameras.each_ref().map(|camera| Link::to(camera.port));
    let nobody = Link::to(1);
    nobody.set(Mode::Refuses);
    let login = Login { method: "digest", user: "admin", password: "right" };
    let guarded = Camera::guarded(&clips.usual, login);
    let guarded_link = Link::to(guarded.port);
    let site = Site::new(dir.path());
    let password = site.file("password");
    std::fs::write(&password, "wrong\n").unwrap();
    let mut tables: Vec<String> = TROUBLES.iter().zip(&links).map(|((id, ..), link)| camera(id, link)).collect();
    tables.push(camera("nobody", &nobody));
    let lines = format!(
        "url = \"{}\"\nuser = \"admin\"\npassword = {{ file = \"{}\" }}",
        guarded_link.url(),
        password.display()
    );
    tables.push(camera_with("guarded", &lines));
    site.configure(&tables);

    let worker = site.watch(&[]);
    // Cameras outlive the others' troubles: their end would be one of their own.
    let _cameras: Vec<Camera> = std::thread::scope(|scope| {
        let befallen = TROUBLES.iter().zip(cameras).zip(&links).map(|(((id, trouble, ..), camera), link)| {
            let (worker, clips) = (&worker, &clips);
            scope.spawn(move || befall(worker, id, || trouble(camera, link, clips)))
        });
        let befallen: Vec<_> = befallen.collect();
        scope.spawn(|| {
            sleep(Duration::from_secs(5));
            let told = worker.camera("guarded").unwrap();
            assert_eq!((told.up, told.trouble.as_str()), (false, "the camera refuses user or password"));
            std::fs::write(&password, "right\n").unwrap();
            worker.hang_up();
            let back = worker.wait_for_pictures("guarded", BACK_WITHIN);
            println!("guarded: pictures {back:.1?} after the right password");
        });
        befallen.into_iter().map(|camera| camera.join().unwrap()).collect()
    });
    let untouched = links[0].connections();
    let abandoned = worker.metric("pantau_sessions_abandoned_total");
    let began = worker.began;
    let stopped = worker.stop();

    assert_eq!((untouched, abandoned), (1, 0.0), "{}", site.log());
    let rows = Rows::of(site.lake());
    for (id, _, reason, tolerance_s) in TROUBLES {
        let account = Account::of(&rows, id, began, stopped);
        println!(
            "{id}: {:.1} s seen, {:.1} s in {} gaps, {:.1} s missing, {:.1} s double",
            account.seen_s,
            account.gap_s,
            account.gaps.len(),
            account.missing_s,
            account.double_s
        );
        account.must_be_whole(id, tolerance_s);
        if let Some(reason) = reason {
            // A start that takes a second is a gap, too.
            let is_told = |gap: &Gap| gap.reason == reason && gap.detail != "not connected yet";
            assert!(account.gaps.iter().any(is_told), "{id}: {:#?}", account.gaps);
        }
    }
    let account = Account::of(&rows, "guarded", began, stopped);
    account.must_be_whole("guarded", 1.5);
    assert!(account.gap_s_of(GapReason::CameraSilent) > 3.0, "{account:#?}");
    let account = Account::of(&rows, "nobody", began, stopped);
    account.must_be_whole("nobody", 1.5);
    assert_eq!(account.seen_s, 0.0, "{account:#?}");
    assert!((account.gap_s_of(GapReason::NoLink) - account.gap_s).abs() < 0.01, "{account:#?}");
}

/// Waits for the camera, lets it come to trouble, and waits for it again.
fn befall(worker: &Worker, id: &str, trouble: impl FnOnce() -> Camera) -> Camera {
    worker.wait_for_pictures(id, Duration::from_secs(30));
    sleep(Duration::from_secs(3));
    let camera = trouble();
    let back = worker.wait_for_pictures(id, BACK_WITHIN);
    println!("{id}: pictures {back:.1?} after the end");
    sleep(Duration::from_secs(5));
    assert!(worker.camera(id).unwrap().up, "{id}");
    camera
}
