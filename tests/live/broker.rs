use crate::camera::{Camera, usual_clip};
use crate::link::Link;
use crate::worker::{Site, camera};
use std::net::{TcpListener, TcpStream};
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
    let within = Instant::now();
    let state = loop {
        // A row is final a minute and more after its time.
        match broker.retained("pantau/test/lobby/state") {
            Some(state) if state.contains("presence") && !state.contains("null") => break state,
            told if within.elapsed() > Duration::from_secs(120) => panic!("{told:?}\n{}", site.log()),
            _ => {}
        }
    };
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!((state["room"].as_str(), state["cameras_up"].as_u64()), (Some("lobby"), Some(1)), "{state}");
    assert!(["ON", "OFF"].contains(&state["occupied"].as_str().unwrap()), "{state}");
    let discovery = broker.retained("homeassistant/#").expect("Home Assistant is told");
    assert!(discovery.contains("pantau/test/lobby/state"), "{discovery}");

    worker.kill();
    broker.wait_for("pantau/test/state", "offline");
    let worker = site.watch(&[]);
    broker.wait_for("pantau/test/state", "online");
    worker.stop();
    broker.wait_for("pantau/test/state", "offline");
}

/// Mosquitto; it is gone with the test.
struct Broker {
    process: Child,
    port: u16,
}

impl Broker {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
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

    fn wait_for(&self, topic: &str, payload: &str) {
        let began = Instant::now();
        while self.retained(topic).as_deref() != Some(payload) {
            assert!(began.elapsed() < Duration::from_secs(60), "{topic} is not {payload}");
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
