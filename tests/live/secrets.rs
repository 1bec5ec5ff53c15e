use crate::camera::{Camera, Login, usual_clip};
use crate::link::{Link, Mode};
use crate::run::{Rows, files, manifest};
use crate::worker::{Site, camera_with};
use std::thread::sleep;
use std::time::Duration;

/// A password as it is, as addresses write it, and as Basic authentication sends it.
const PASSWORD: &str = "t0p/Secr3t?:@w0rd";
const PERCENT: &str = "t0p%2FSecr3t%3F%3A%40w0rd";
const BASIC: &str = "YWRtaW46dDBwL1NlY3IzdD86QHcwcmQ=";
/// What must be found nowhere: the password's forms, and telling parts of them.
const FORBIDDEN: [&str; 4] = [PASSWORD, PERCENT, BASIC, "Secr3t"];

/// With every word that the program and FFmpeg can say, in good times and bad, nobody reads a password.
#[test]
fn no_log_metric_page_or_file_holds_a_password() {
    let dir = tempfile::tempdir().unwrap();
    let clip = usual_clip(dir.path());
    let login = |method| Login { method, user: "admin", password: PASSWORD };
    let cameras = [
        Camera::guarded(&clip, login("digest")),
        Camera::guarded(&clip, login("basic")),
        Camera::guarded(&clip, Login { password: "another", ..login("digest") }),
        Camera::start(&clip),
    ];
    let links = cameras.each_ref().map(|camera| Link::to(camera.port));
    let [digest, basic, refusing, asking] = &links;
    let site = Site::new(dir.path());
    let secret = |name: &str, text: String| {
        std::fs::write(site.file(name), text).unwrap();
        format!("{{ file = \"{}\" }}", site.file(name).display())
    };
    let in_address = secret("digest-url", digest.url_with(&format!("admin:{PERCENT}")));
    let in_query = secret("query-url", format!("{}?user=admin&password={PERCENT}", asking.url()));
    let beside = secret("password", PASSWORD.to_owned());
    let with_login = |link: &Link| format!("url = \"{}\"\nuser = \"admin\"\npassword = {beside}", link.url());
    site.configure(&[
        camera_with("digest", &format!("url = {in_address}")),
        camera_with("basic", &with_login(basic)),
        camera_with("refusing", &with_login(refusing)),
        camera_with("asking", &format!("url = {in_query}")),
    ]);
    let mut worker = site.watch(&["-vvv"]);
    let up = ["digest", "basic", "asking"];
    let mut pages = String::new();
    for trouble in [None, Some(Mode::Soils), Some(Mode::Refuses)] {
        if let Some(mode) = trouble {
            links.iter().for_each(|link| link.set(mode));
            sleep(Duration::from_secs(3));
            links.iter().for_each(|link| link.set(Mode::Passes));
        }
        for id in up {
            worker.wait_for_pictures(id, Duration::from_secs(40));
        }
        for path in ["/metrics", "/status"] {
            pages += &worker.get(path).unwrap().body;
        }
    }
    // Once more while it stands in the spool, and a configuration that can't be read.
    pages += &files(site.lake()).iter().map(|path| text_of(path)).collect::<String>();
    std::fs::remove_file(site.file("password")).unwrap();
    worker.hang_up();
    worker.wait_for(Duration::from_secs(5), "refused", |worker| {
        worker.metric("pantau_config_reloads_total{result=\"refused\"}") == 1.0
    });
    worker.stop();

    let log = site.log();
    assert!(log.contains("the camera refuses user or password") && log.contains("ffmpeg"), "{log}");
    let rows = Rows::of(site.lake());
    let decoded = format!("{rows:?} {:?}", manifest(site.lake()));
    let kept: String = files(site.lake()).iter().map(|path| text_of(path)).collect();
    for (what, text) in [("log", &log), ("pages", &pages), ("rows", &decoded), ("files", &kept)] {
        for forbidden in FORBIDDEN {
            let line = text.lines().find(|line| line.contains(forbidden));
            assert!(line.is_none(), "{what}: {line:?}");
        }
    }
}

/// A file's name and bytes, as text.
fn text_of(path: &std::path::Path) -> String {
    // A temp file may be gone in between.
    let bytes = std::fs::read(path).unwrap_or_default();
    format!("{}\n{}\n", path.display(), String::from_utf8_lossy(&bytes))
}
