use crate::account::Account;
use crate::camera::{Camera, usual_clip};
use crate::from_environment;
use crate::link::Link;
use crate::run::{Rows, files, manifest, remains};
use crate::worker::{Site, camera};
use pantau_models::record::GapReason;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

/// How long each life lasts after its first pictures; none waits for pictures.
const LIVES_MS: [Option<u64>; 7] = [Some(8000), Some(2300), None, Some(5100), Some(700), Some(6400), None];
/// What a kill may cost, seconds.
const LOST_S_MAX: f64 = 10.0;

/// AC10: kill -9, again and again: each costs seconds, which are in a gap; nothing is there twice, every file can be
/// read, and the next worker goes on in the same part.
#[test]
fn a_killed_worker_loses_seconds_and_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let eye = Camera::start(&usual_clip(dir.path()));
    let link = Link::to(eye.port);
    let site = Site::new(dir.path());
    site.configure(&[camera("lobby", &link)]);
    let (mut began, mut kills) = (None, Vec::new());
    // With `KILLS=30` it goes through them again and again.
    let many = from_environment("KILLS", LIVES_MS.len() as u64);
    let lives: Vec<Option<u64>> = LIVES_MS.into_iter().cycle().take(many as usize).collect();
    for &life in &lives {
        let worker = site.watch(&[]);
        began.get_or_insert(worker.began);
        if let Some(length) = life {
            worker.wait_for_pictures("lobby", Duration::from_secs(20));
            sleep(Duration::from_millis(length));
        }
        kills.push(worker.kill());
        Rows::of(site.lake());
    }
    let worker = site.watch(&[]);
    worker.wait_for_pictures("lobby", Duration::from_secs(20));
    sleep(Duration::from_secs(3));
    let began = began.unwrap();
    let stopped = worker.stop();

    let account = Account::of(&Rows::of(site.lake()), "lobby", began, stopped);
    account.must_be_whole("lobby", 1.0 + kills.len() as f64);
    for (&killed, life) in kills.iter().zip(lives) {
        let around = account.gaps.iter().find(|gap| gap.span.start <= killed && killed < gap.span.end);
        let around = around.unwrap_or_else(|| panic!("no gap around {killed}: {:#?}", account.gaps));
        let lost_s = killed.seconds_since(around.span.start);
        println!("killed {killed}: {lost_s:.1} s lost");
        if life.is_some() {
            assert!(lost_s <= LOST_S_MAX && around.reason == GapReason::Paused, "{around:?}");
        }
    }
    let hours = (stopped.0.div_euclid(3_600_000_000) - began.0.div_euclid(3_600_000_000)) as usize;
    let manifest = manifest(site.lake());
    assert!((1..=1 + hours).contains(&manifest.len()), "{manifest:?}");
    assert_eq!(remains(site.lake()), Vec::<PathBuf>::new());
    let unread = files(site.lake()).into_iter().filter(|path| path.to_string_lossy().contains("unread"));
    assert_eq!(unread.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}
