use crate::camera::{Camera, usual_clip};
use crate::link::Link;
use crate::worker::{Site, camera, free_port};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A real broker is told the room's state, how Home Assistant finds it, and who is gone: by the worker that stops, by
/// its last will if it is killed.
#[test]
fn a_broker_is_told_how_rooms_are_and_that_the_worker_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(dir.path());
    let source = Camera::start(&usual_clip(dir.path()));
    let link = Link::to(source.port);
    let site = Site::new(dir.path());
    let mqtt = format!("[mqtt]\nhost = \"127.0.0.1\"\nport = {}\n", broker.port);
    site.configure(&[camera("lobby", &link), mqtt]);

    let worker = site.watch(&[]);
    worker.wait_for_pictures("lobby", Duration::from_secs(20));
    assert_eq!(broker.retained("pantau/test/state").as_deref(), Some("online"));
    // A row is final a minute and more after its time.
    let is_known = |state: &str| state.contains("presence") && !state.contains("null");
    let state = broker.wait_for("pantau/test/lobby/state", Duration::from_secs(120), is_known);
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!((state["room"].as_str(), state["cameras_up"].as_u64()), (Some("lobby"), Some(1)), "{state}");
    assert!(["ON", "OFF"].contains(&state["occupied"].as_str().unwrap()), "{state}");
    let discovery = broker.retained("homeassistant/#").expect("Home Assistant is told");
    assert!(discovery.contains("pantau/test/lobby/state"), "{discovery}");

    worker.kill();
    let wait_until = |word: &str| broker.wait_for("pantau/test/state", Duration::from_secs(60), |state| state == word);
    wait_until("offline");
    let worker = site.watch(&[]);
    wait_until("online");
    worker.stop();
    wait_until("offline");
}

/// Mosquitto; it is gone with the test.
struct Broker {
    process: Child,
    port: u16,
}

impl Broker {
    fn start(folder: &Path) -> Self {
        let port = free_port();
        let configuration = folder.join("mosquitto.conf");
        std::fs::write(&configuration, format!("listener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
        // Debian has it where only root looks.
        let program = Some("/usr/sbin/mosquitto").filter(|path| Path::new(path).exists()).unwrap_or("mosquitto");
        let mut command = Command::new(program);
        command.arg("-c").arg(configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("this test needs mosquitto; `make test` installs it");
        let broker = Self { process, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "no broker for the test");
            std::thread::sleep(Duration::from_millis(50));
        }
        broker
    }

    /// What it keeps under a topic: the first message, if there is any.
    fn retained(&self, topic: &str) -> Option<String> {
        let mut command = Command::new("mosquitto_sub");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-t", topic, "-C", "1", "-W", "1"]);
        let told = command.output().expect("this test needs mosquitto_sub; `make test` installs it");
        let text = String::from_utf8(told.stdout).unwrap();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// What it keeps under a topic once it is as asked for.
    fn wait_for(&self, topic: &str, most: Duration, is_so: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let told = self.retained(topic);
            if let Some(told) = told.as_ref().filter(|told| is_so(told)) {
                return told.clone();
            }
            assert!(began.elapsed() < most, "{topic}: {told:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
