use crate::account::Account;
use crate::camera::{Camera, Clip, clip, usual_clip};
use crate::from_environment;
use crate::link::{Link, Mode};
use crate::run::Rows;
use crate::worker::{Site, Worker, camera};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A camera is back within this after the end of its trouble.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// Seconds that may go missing in a trouble.
const MISSING_S_MAX: f64 = 2.0;
/// How often the process is looked at.
const LOOK: Duration = Duration::from_secs(5);
const KINDS: [&str; 9] =
    ["killed", "stopped", "refused", "swallowed", "soiled", "stalled", "cut", "flapping", "another codec"];

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A trouble that is over.
struct Past {
    camera: String,
    kind: &'static str,
    lasted: Duration,
    /// `None` if it was not back in time.
    back: Option<Duration>,
}

/// Many cameras and troubles for long; `scripts/soak.sh` tells how.
#[test]
#[ignore = "takes as long as it is told to: scripts/soak.sh"]
fn soak() {
    let minutes = from_environment("SOAK_MINUTES", 15);
    let count = from_environment("SOAK_CAMERAS", 8);
    let dir = tempfile::tempdir().unwrap();
    let other = clip(dir.path(), "other.h265", (640, 360), &["-c:v", "libx265", "-x265-params", "log-level=none"]);
    let clips = [usual_clip(dir.path()), other];
    let ids: Vec<String> = (0..count).map(|number| format!("camera-{number}")).collect();
    let cameras: Vec<Camera> = ids.iter().map(|_| Camera::start(&clips[0])).collect();
    let links: Vec<Link> = cameras.iter().map(|camera| Link::to(camera.port)).collect();
    let site = Site::new(dir.path());
    site.configure(&ids.iter().zip(&links).map(|(id, link)| camera(id, link)).collect::<Vec<_>>());
    let worker = site.watch(&[]);
    for id in &ids {
        worker.wait_for_pictures(id, Duration::from_secs(60));
    }
    let calm = worker.footprint();
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let (past, mut looks) = (Mutex::new(Vec::new()), Vec::new());
    // Cameras outlive their troubles, and are all there at the end.
    let _cameras: Vec<Camera> = std::thread::scope(|scope| {
        let lives = ids.iter().zip(cameras).zip(&links).enumerate().map(|(number, ((id, camera), link))| {
            let (worker, clips, past) = (&worker, &clips, &past);
            scope.spawn(move || live_on(worker, id, camera, link, clips, number as u64, until, past))
        });
        let lives: Vec<_> = lives.collect();
        while Instant::now() < until {
            looks.push(worker.footprint());
            sleep(LOOK);
        }
        lives.into_iter().map(|life| life.join().unwrap()).collect()
    });
    // Sessions that ended are gone by now.
    sleep(Duration::from_secs(5));
    // A file is open now and then while rows are published.
    let looks_after: Vec<_> = (0..10)
        .map(|_| {
            sleep(Duration::from_millis(500));
            worker.footprint()
        })
        .collect();
    let after = looks_after.into_iter().min_by_key(|look| look.files + look.threads).expect("invariant: ten looks");
    let abandoned = worker.metric("pantau_sessions_abandoned_total");
    let began = worker.began;
    let stopped = worker.stop();

    let mut verdicts = Vec::new();
    let past = past.into_inner().unwrap();
    for kind in KINDS {
        let of_kind: Vec<&Past> = past.iter().filter(|past| past.kind == kind).collect();
        let back: Vec<f64> = of_kind.iter().filter_map(|past| past.back).map(|back| back.as_secs_f64()).collect();
        let lasted: f64 = of_kind.iter().map(|past| past.lasted.as_secs_f64()).sum();
        let (mean, worst) = (back.iter().sum::<f64>() / back.len() as f64, back.iter().copied().fold(0.0, f64::max));
        println!(
            "{kind:<14} {:>3} times, {lasted:>5.0} s; back after {mean:>4.1} s, {worst:>4.1} s at most",
            of_kind.len()
        );
    }
    for late in past.iter().filter(|past| past.back.is_none()) {
        verdicts.push(format!("{} was not back in {BACK_WITHIN:?} after '{}'", late.camera, late.kind));
    }
    let rows = Rows::of(site.lake());
    for id in &ids {
        let account = Account::of(&rows, id, began, stopped);
        let troubles = past.iter().filter(|past| past.camera == *id).count();
        let Account { seen_s, gap_s, missing_s, double_s, .. } = account;
        println!(
            "{id}: {troubles} troubles, {seen_s:.0} s seen, {gap_s:.0} s in {} gaps, {missing_s:.1} s missing, {double_s:.1} s double",
            account.gaps.len()
        );
        if missing_s.max(double_s) > MISSING_S_MAX * (troubles + 1) as f64 {
            verdicts.push(format!("{id}: {missing_s:.1} s are neither seen nor in a gap, {double_s:.1} s are both"));
        }
    }
    let steady = &looks[looks.len() / 3..];
    let slope = slope(steady) * 3600.0 / LOOK.as_secs_f64();
    let mean = steady.iter().map(|look| look.memory_mb).sum::<f64>() / steady.len() as f64;
    let peak = looks.iter().map(|look| look.memory_mb).fold(0.0, f64::max);
    println!(
        "memory: {:.1} MB at first, {mean:.1} MB in the mean of the last two thirds, {peak:.1} MB at most, {slope:+.1} MB an hour",
        calm.memory_mb
    );
    println!(
        "threads and files: {} and {} at first, {} and {} at the end",
        calm.threads, calm.files, after.threads, after.files
    );
    println!(
        "processor: {:.3} of a core; sessions left behind: {abandoned}",
        (after.cpu_s - calm.cpu_s) / (60 * minutes) as f64
    );
    // What a quarter of an hour adds must be small against what is there.
    if slope * minutes as f64 / 60.0 > mean * 0.1 {
        verdicts.push(format!("memory grows by {slope:.1} MB an hour"));
    }
    if after.threads > calm.threads || after.files > calm.files {
        verdicts.push("threads or files are left".to_owned());
    }
    println!(
        "{} troubles in {minutes} min of {count} cameras: {}",
        past.len(),
        if verdicts.is_empty() { "all is well" } else { "NOT WELL" }
    );
    assert!(verdicts.is_empty(), "{verdicts:#?}");
}

/// A camera's life: calm, trouble, calm, trouble.
#[allow(clippy::too_many_arguments)] // A test's thread.
fn live_on(
    worker: &Worker,
    id: &str,
    mut camera: Camera,
    link: &Link,
    clips: &[Clip; 2],
    number: u64,
    until: Instant,
    past: &Mutex<Vec<Past>>,
) -> Camera {
    let mut dice = Dice(number + 1);
    let mut turn = number;
    loop {
        sleep(Duration::from_millis(5_000 + dice.below(15_000)));
        if Instant::now() + Duration::from_secs(20) > until {
            // All cameras are up at the end.
            sleep(until.saturating_duration_since(Instant::now()) + Duration::from_secs(12));
            return camera;
        }
        let kind = KINDS[(turn % KINDS.len() as u64) as usize];
        turn += 1;
        let (began, pause) = (Instant::now(), Duration::from_millis(1_000 + dice.below(14_000)));
        camera = befall(kind, camera, link, clips, pause);
        let (lasted, healed) = (began.elapsed(), Instant::now());
        let back = worker.pictures_within(id, BACK_WITHIN);
        if back.is_none() {
            println!("{id}: not back after '{kind}': {:?}", worker.camera(id));
        }
        // The worker may not have noticed that anything was wrong.
        let back = back.map(|_| healed.elapsed());
        past.lock().unwrap().push(Past { camera: id.to_owned(), kind, lasted, back });
    }
}

fn befall(kind: &str, camera: Camera, link: &Link, clips: &[Clip; 2], pause: Duration) -> Camera {
    let behave = |mode| {
        link.set(mode);
        sleep(pause);
        link.set(Mode::Passes);
    };
    match kind {
        "killed" | "another codec" => {
            camera.kill();
            sleep(pause);
            let camera = Camera::start(&clips[usize::from(kind == "another codec")]);
            link.lead_to(camera.port);
            return camera;
        }
        "stopped" => {
            camera.stand_still();
            sleep(pause);
            camera.go_on();
        }
        "refused" => behave(Mode::Refuses),
        "swallowed" => behave(Mode::Swallows),
        "soiled" => behave(Mode::Soils),
        "stalled" => behave(Mode::Stalls(Duration::from_millis(1500))),
        "flapping" => {
            for _ in 0..4 {
                link.cut();
                sleep(pause / 4);
            }
        }
        _ => link.cut(),
    }
    camera
}

/// Memory by least squares, MB a look.
fn slope(looks: &[crate::worker::Footprint]) -> f64 {
    let middle = (looks.len() - 1) as f64 / 2.0;
    let along = looks.iter().enumerate().map(|(at, look)| (at as f64 - middle) * look.memory_mb).sum::<f64>();
    let square = (0..looks.len()).map(|at| (at as f64 - middle).powi(2)).sum::<f64>();
    along / square
}
