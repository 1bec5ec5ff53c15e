use crate::footage::{Film, name_at};
use crate::run::{Rows, at, manifest};
use crate::worker::{Site, camera_with};
use pantau_models::record::RecordingStatus;
use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

/// A recording that is written slowly is analysed once, when it is whole; so is one that comes later.
#[test]
fn recordings_are_analysed_once_after_they_have_landed() {
    let dir = tempfile::tempdir().unwrap();
    let film = Film { size: (160, 90), ..Film::of(30) };
    let whole = std::fs::read(film.encode(dir.path().join("made.mp4"), &[])).unwrap();
    let folder = dir.path().join("recorder");
    std::fs::create_dir(&folder).unwrap();
    let site = Site::new(dir.path());
    site.configure(&[camera_with("lobby", &format!("folder = \"{}\"", folder.display()))]);
    let mut worker = site.watch(&[]);

    let slow = name_at(&folder, "lobby", 0);
    let mut file = std::fs::File::create(&slow).unwrap();
    for piece in whole.chunks(whole.len() / 3 + 1) {
        file.write_all(piece).unwrap();
        sleep(Duration::from_secs(8));
    }
    drop(file);
    assert!(manifest(site.lake()).is_empty(), "it was not whole yet");
    std::fs::write(name_at(&folder, "lobby", 30), &whole).unwrap();
    worker.wait_for(Duration::from_secs(40), "analysed", |_| manifest(site.lake()).len() == 2);
    sleep(Duration::from_secs(11));
    worker.stop();

    let manifest = manifest(site.lake());
    assert_eq!(manifest.len(), 2, "{manifest:?}");
    assert!(manifest.iter().all(|recording| recording.status == RecordingStatus::Done), "{manifest:?}");
    let rows = Rows::of(site.lake());
    assert_eq!(rows.gaps, []);
    assert!((59.0..=60.0).contains(&rows.observed_s()), "{}", rows.observed_s());
    assert!(rows.observations.iter().all(|row| (at(0.0)..at(60.0)).contains(&row.start)));
    assert_eq!(site.log().matches("analysed").count(), 2, "{}", site.log());
}
