use crate::account::Account;
use crate::camera::{Camera, usual_clip};
use crate::link::Link;
use crate::run::Rows;
use crate::worker::{Site, camera, camera_with};
use std::time::Duration;

/// SIGHUP: a bad configuration is refused and the old one stays; of a good one, only what it changes begins anew.
#[test]
fn only_changed_cameras_begin_anew_and_a_bad_configuration_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clip = usual_clip(dir.path());
    let cameras = [(); 4].map(|()| Camera::start(&clip));
    let [same, changed, removed, added] = cameras.each_ref().map(|camera| Link::to(camera.port));
    let site = Site::new(dir.path());
    site.configure(&[camera("same", &same), camera("changed", &changed), camera("removed", &removed)]);
    let mut worker = site.watch(&[]);
    for id in ["same", "changed", "removed"] {
        worker.wait_for_pictures(id, Duration::from_secs(20));
    }

    let missing = camera_with("same", "url = { file = \"nowhere\" }");
    let bad = [camera_with("same", "urll = \"rtsp://127.0.0.1/\""), missing, String::new()];
    for (count, table) in (1..).zip(bad) {
        site.configure(&[table]);
        worker.hang_up();
        worker.wait_for(Duration::from_secs(5), "refused", |worker| {
            worker.metric("pantau_config_reloads_total{result=\"refused\"}") == f64::from(count)
        });
    }
    assert!(site.log().contains("did you mean 'url'?"), "{}", site.log());
    for id in ["same", "changed", "removed"] {
        worker.wait_for_pictures(id, Duration::from_secs(5));
    }
    assert_eq!([&same, &changed, &removed, &added].map(Link::connections), [1, 1, 1, 0], "{}", site.log());

    let other_room = format!("room = \"Hall\"\nurl = \"{}\"", changed.url());
    site.configure(&[camera("same", &same), camera_with("changed", &other_room), camera("added", &added)]);
    worker.hang_up();
    worker.wait_for(Duration::from_secs(10), "taken", |worker| {
        worker.metric("pantau_config_reloads_total{result=\"taken\"}") == 1.0
    });
    for id in ["same", "changed", "added"] {
        worker.wait_for_pictures(id, Duration::from_secs(20));
    }
    assert_eq!(worker.camera("removed"), None);
    assert!(!worker.get("/metrics").unwrap().body.contains("\"removed\""));
    assert_eq!([&same, &changed, &removed, &added].map(Link::connections), [1, 2, 1, 1], "{}", site.log());
    let began = worker.began;
    let stopped = worker.stop();

    let rows = Rows::of(site.lake());
    for id in ["same", "changed"] {
        Account::of(&rows, id, began, stopped).must_be_whole(id, 3.0);
    }
    let rooms = |id: &str| -> std::collections::BTreeSet<String> {
        let its = rows.observations.iter().filter(|row| row.place.camera.as_str() == id);
        its.map(|row| row.place.room.to_string()).collect()
    };
    assert_eq!(rooms("changed").len(), 2, "{:?}", rooms("changed"));
    assert_eq!(rooms("same").len(), 1);
    for id in ["removed", "added"] {
        assert!(rows.observations.iter().any(|row| row.place.camera.as_str() == id), "{id}");
    }
}
