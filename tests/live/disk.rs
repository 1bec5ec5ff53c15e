use crate::account::Account;
use crate::camera::{Camera, quick_clip};
use crate::link::Link;
use crate::run::{Rows, remains};
use crate::small_disk::SmallDisk;
use crate::worker::{Site, camera, camera_with};
use pantau_models::record::GapReason;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Fills a disk to the last byte.
fn fill(file: &Path) {
    let mut file = std::fs::File::create(file).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

/// AC14: a full disk ends no worker; it says so once, goes on when there is room, and what was lost is a gap.
#[test]
fn a_full_disk_is_a_gap_and_no_end() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), "4m") else {
        println!("not tested: this user may not mount a small disk");
        return;
    };
    let eye = Camera::start(&quick_clip(dir.path()));
    let link = Link::to(eye.port);
    let site = Site::new(dir.path()).with_lake(disk.path().join("lake"));
    // More samples fill what may wait in memory sooner.
    site.configure_at(10, &[camera("lobby", &link)]);
    let mut worker = site.watch(&[]);
    worker.wait_for_pictures("lobby", Duration::from_secs(20));
    sleep(Duration::from_secs(5));

    let filler = disk.path().join("filler");
    fill(&filler);
    worker.wait_for(Duration::from_secs(20), "full", |worker| worker.metric("pantau_disk_full") == 1.0);
    worker.wait_for(Duration::from_secs(120), "lost", |_| site.log().contains("lost until there is room"));
    sleep(Duration::from_secs(8));
    Rows::of(site.lake());
    assert_eq!(worker.get("/healthz").unwrap().status, 200);
    assert!(worker.camera("lobby").unwrap().up);
    std::fs::remove_file(&filler).unwrap();
    worker.wait_for(Duration::from_secs(20), "room", |worker| worker.metric("pantau_disk_full") == 0.0);
    worker.wait_for_pictures("lobby", Duration::from_secs(5));
    sleep(Duration::from_secs(6));
    assert_eq!(link.connections(), 1, "{}", site.log());
    let began = worker.began;
    let stopped = worker.stop();

    let log = site.log();
    for once in ["the lake can't be written", "lost until there is room", "there is room again", "can be written again"]
    {
        assert_eq!(log.matches(once).count(), 1, "{once}: {log}");
    }
    let account = Account::of(&Rows::of(site.lake()), "lobby", began, stopped);
    println!("{account:?}");
    account.must_be_whole("lobby", 3.0);
    assert!((6.0..20.0).contains(&account.gap_s_of(GapReason::Disk)), "{account:#?}");
    assert_eq!(remains(site.lake()), Vec::<PathBuf>::new());
}

/// A camera whose last rows can't be written for a new configuration goes on with the old one, and takes the new one over
/// when there is room.
#[test]
fn a_new_configuration_waits_for_room() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&dir.path().join("disk"), "4m") else {
        println!("not tested: this user may not mount a small disk");
        return;
    };
    let eye = Camera::start(&quick_clip(dir.path()));
    let link = Link::to(eye.port);
    let site = Site::new(dir.path()).with_lake(disk.path().join("lake"));
    site.configure(&[camera("lobby", &link)]);
    let mut worker = site.watch(&[]);
    worker.wait_for_pictures("lobby", Duration::from_secs(20));
    sleep(Duration::from_secs(3));

    let filler = disk.path().join("filler");
    fill(&filler);
    worker.wait_for(Duration::from_secs(20), "full", |worker| worker.metric("pantau_disk_full") == 1.0);
    site.configure(&[camera_with("lobby", &format!("room = \"Hall\"\nurl = \"{}\"", link.url()))]);
    worker.hang_up();
    worker.wait_for(Duration::from_secs(20), "told", |_| site.log().contains("is not taken over"));
    worker.wait_for_pictures("lobby", Duration::from_secs(20));

    std::fs::remove_file(&filler).unwrap();
    worker.wait_for(Duration::from_secs(20), "room", |worker| worker.metric("pantau_disk_full") == 0.0);
    worker.hang_up();
    worker.wait_for(Duration::from_secs(20), "taken", |worker| {
        worker.metric("pantau_config_reloads_total{result=\"taken\"}") == 1.0
    });
    worker.wait_for_pictures("lobby", Duration::from_secs(20));
    sleep(Duration::from_secs(3));
    let began = worker.began;
    let stopped = worker.stop();

    let rows = Rows::of(site.lake());
    Account::of(&rows, "lobby", began, stopped).must_be_whole("lobby", 3.0);
    let rooms: std::collections::BTreeSet<String> =
        rows.observations.iter().map(|row| row.place.room.to_string()).collect();
    assert_eq!(rooms.len(), 2, "{rooms:?}");
    assert_eq!(remains(site.lake()), Vec::<PathBuf>::new());
}
