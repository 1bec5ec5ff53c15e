//! Tells rooms' states to an MQTT broker, for Home Assistant and its like: retained, at least once, from final rows.
//!
//! ```text
//! <topic>/<site>/state              online, or offline: said by us on a stop, by the broker (last will) otherwise
//! <topic>/<site>/<room>/available   online while it is known how the room is
//! <topic>/<site>/<room>/state       {"room", "occupied": "ON"|"OFF", "presence", "activity", "cameras", "cameras_up"}
//! homeassistant/.../config          what Home Assistant needs to find them by itself
//! ```
//!
//! A room is as its most certain camera says; with none that knows, it is unknown, not empty. Rooms where presence is one
//! person's are left out unless the configuration allows them. Nothing waits for the broker: while it is away nothing
//! is queued, and all states are told again when it is back.

use super::status::{CameraReport, StatusReport};
use super::worker::Worker;
use crate::config::{Config, Mqtt};
use rumqttc::{Client, Connection, ConnectionError, Event, LastWill, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// States are looked at so often; told only if they changed.
const LOOK: Duration = Duration::from_millis(500);
/// A broker that is away is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Messages under way: those of 16 rooms at once; what has no room is told at the next look.
const REQUESTS_MAX: usize = 64;
/// The farewell gets so long.
const FAREWELL: Duration = Duration::from_millis(500);
/// Somebody is there, for those who want yes or no.
const OCCUPIED: f32 = 0.5;

/// Where Home Assistant looks for what it doesn't know yet.
const DISCOVERY: &str = "homeassistant";
const ONLINE: &str = "online";
const OFFLINE: &str = "offline";

/// A message: topic and payload.
type Message = (String, String);

/// Tells until the worker stops; takes over what a reload changes.
pub(super) fn tell(worker: &Worker, config: &Mutex<Config>) {
    while !worker.is_stopping() {
        let now = config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match &now.mqtt {
            None => std::thread::sleep(LOOK),
            Some(mqtt) => serve(worker, config, &now, mqtt),
        }
    }
}

/// What the thread of the connection tells the one that publishes.
#[derive(Default)]
struct Link {
    /// Times the broker let us in.
    connects: AtomicU64,
    is_connected: AtomicBool,
    is_done: AtomicBool,
}

/// Tells one broker until the stop or until the configuration is another.
fn serve(worker: &Worker, shared: &Mutex<Config>, config: &Config, mqtt: &Mqtt) {
    let topics = Topics::new(mqtt, config.site.id.as_str());
    let options = match options(mqtt, &topics) {
        Ok(options) => options,
        Err(error) => {
            tracing::error!(%error, "no password for the MQTT broker");
            std::thread::sleep(AGAIN);
            return;
        }
    };
    let (client, connection) = Client::new(options, REQUESTS_MAX);
    let link = Arc::new(Link::default());
    let watched = link.clone();
    let spawned = std::thread::Builder::new().name("pantau-mqtt-io".into()).spawn(move || run(connection, &watched));
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for the MQTT broker");
        std::thread::sleep(AGAIN);
        return;
    }
    let is_hidden =
        |room: &str| config.single_person_rooms.iter().any(|single| !single.allowed && single.room.as_str() == room);
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let mut connects = 0;
    loop {
        let is_stopping = worker.is_stopping();
        let is_same = {
            let now = shared.lock().unwrap_or_else(PoisonError::into_inner);
            now.mqtt.as_ref() == Some(mqtt) && now.site.id == config.site.id
        };
        if is_stopping || !is_same {
            break;
        }
        let now = link.connects.load(Ordering::Acquire);
        if now != connects {
            connects = now;
            told.clear();
        }
        if link.is_connected.load(Ordering::Acquire) {
            publish(&client, &messages(&topics, mqtt, &worker.report(), is_hidden), &mut told);
        }
        std::thread::sleep(LOOK);
    }
    link.is_done.store(true, Ordering::Release);
    let _ = client.try_publish(topics.site_state(), QoS::AtLeastOnce, true, OFFLINE);
    let _ = client.try_disconnect();
    let began = Instant::now();
    while link.is_connected.load(Ordering::Acquire) && began.elapsed() < FAREWELL {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Keeps the connection until it is of no more use.
fn run(mut connection: Connection, link: &Link) {
    let mut is_told = false;
    for event in connection.iter() {
        match event {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                link.connects.fetch_add(1, Ordering::AcqRel);
                link.is_connected.store(true, Ordering::Release);
                tracing::info!("the MQTT broker is told how rooms are");
                is_told = false;
            }
            Ok(_) => {}
            Err(error) => {
                link.is_connected.store(false, Ordering::Release);
                if link.is_done.load(Ordering::Acquire) || matches!(error, ConnectionError::RequestsDone) {
                    return;
                }
                if !std::mem::replace(&mut is_told, true) {
                    tracing::warn!(%error, "the MQTT broker is away; tried again every {} s", AGAIN.as_secs());
                }
                std::thread::sleep(AGAIN);
            }
        }
        if link.is_done.load(Ordering::Acquire) && !link.is_connected.load(Ordering::Acquire) {
            return;
        }
    }
}

fn options(mqtt: &Mqtt, topics: &Topics) -> Result<MqttOptions, crate::config::SecretError> {
    let mut options = MqttOptions::new(topics.node.clone(), mqtt.host.clone(), mqtt.port);
    options.set_keep_alive(KEEP_ALIVE);
    options.set_last_will(LastWill::new(topics.site_state(), OFFLINE, QoS::AtLeastOnce, true));
    if let Some(login) = &mqtt.login {
        options.set_credentials(login.user.clone(), login.password.read()?);
    }
    Ok(options)
}

/// Sends what changed; what finds no room is sent at the next look.
fn publish(client: &Client, messages: &[Message], told: &mut BTreeMap<String, String>) {
    for (topic, payload) in due(messages, told) {
        if client.try_publish(topic.clone(), QoS::AtLeastOnce, true, payload.clone()).is_err() {
            return;
        }
        if payload.is_empty() {
            told.remove(&topic)
        } else {
            told.insert(topic, payload)
        };
    }
}

/// Messages that differ from what was told; an empty one takes back what is no longer there.
fn due(messages: &[Message], told: &BTreeMap<String, String>) -> Vec<Message> {
    let gone = told.keys().filter(|topic| messages.iter().all(|(known, _)| known != *topic));
    let gone = gone.map(|topic| (topic.clone(), String::new()));
    let changed = messages.iter().filter(|(topic, payload)| told.get(topic) != Some(payload)).cloned();
    gone.chain(changed).collect()
}

/// Everything that the broker should hold.
fn messages(topics: &Topics, mqtt: &Mqtt, status: &StatusReport, is_hidden: impl Fn(&str) -> bool) -> Vec<Message> {
    let mut rooms: BTreeMap<&str, Vec<&CameraReport>> = BTreeMap::new();
    for camera in status.cameras.iter().filter(|camera| !is_hidden(&camera.room)) {
        rooms.entry(camera.room.as_str()).or_default().push(camera);
    }
    let mut all = vec![(topics.site_state(), ONLINE.to_owned())];
    for (room, cameras) in rooms {
        if mqtt.has_discovery {
            all.extend(discovered(topics, room, &status.version));
        }
        let known = cameras.iter().filter_map(|camera| Some((camera.presence?, camera.activity?)));
        let state = known.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
        let available = if state.is_some() { ONLINE } else { OFFLINE };
        all.push((topics.room(room, "available"), available.to_owned()));
        if let Some((presence, activity)) = state {
            let up = cameras.iter().filter(|camera| camera.up).count();
            let state = json!({
                "room": room,
                "occupied": if presence >= OCCUPIED { "ON" } else { "OFF" },
                "presence": (f64::from(presence) * 1000.0).round() / 1000.0,
                "activity": (f64::from(activity) * 10.0).round() / 10.0,
                "cameras": cameras.len(),
                "cameras_up": up,
            });
            all.push((topics.room(room, "state"), state.to_string()));
        }
    }
    all
}

/// Home Assistant's discovery: a device a room, with three entities.
fn discovered(topics: &Topics, room: &str, version: &str) -> Vec<Message> {
    let device = format!("{}-{}", topics.node, key(room));
    let entity = |component: &str, name: &str, template: &str, more: Value| {
        let mut config = json!({
            "name": name,
            "unique_id": format!("{device}-{name}"),
            "state_topic": topics.room(room, "state"),
            "value_template": template,
            "availability": [{ "topic": topics.site_state() }, { "topic": topics.room(room, "available") }],
            "availability_mode": "all",
            "device": {
                "identifiers": [device], "name": room, "suggested_area": room, "manufacturer": "Pantau", "sw_version": version
            },
        });
        if let (Some(config), Some(more)) = (config.as_object_mut(), more.as_object()) {
            config.extend(more.clone());
        }
        (format!("{DISCOVERY}/{component}/{device}-{name}/config"), config.to_string())
    };
    vec![
        entity("binary_sensor", "occupied", "{{ value_json.occupied }}", json!({ "device_class": "occupancy" })),
        entity(
            "sensor",
            "presence",
            "{{ (value_json.presence * 100) | round(0) }}",
            json!({ "unit_of_measurement": "%", "state_class": "measurement" }),
        ),
        entity("sensor", "activity", "{{ value_json.activity }}", json!({ "state_class": "measurement" })),
    ]
}

/// Names of topics.
struct Topics {
    base: String,
    node: String,
}

impl Topics {
    fn new(mqtt: &Mqtt, site: &str) -> Self {
        let site = key(site);
        Self { base: format!("{}/{site}", mqtt.topic.trim_matches('/')), node: format!("pantau-{site}") }
    }

    fn site_state(&self) -> String {
        format!("{}/state", self.base)
    }

    fn room(&self, room: &str, what: &str) -> String {
        format!("{}/{}/{what}", self.base, key(room))
    }
}

/// A name as topics and Home Assistant's ids can hold it; names that were changed for that stay apart by a hash.
fn key(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let key: String = name.chars().map(plain).collect();
    let is_plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if is_plain { key } else { format!("{key}_{:04x}", xxhash_rust::xxh3::xxh3_64(name.as_bytes()) & 0xffff) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mqtt() -> Mqtt {
        Mqtt { host: "h".into(), port: 1883, login: None, topic: "pantau".into(), has_discovery: true }
    }

    fn camera(room: &str, presence: Option<f32>) -> CameraReport {
        CameraReport {
            camera: format!("{room}-1"),
            room: room.into(),
            up: presence.is_some(),
            presence,
            activity: presence.map(|_| 12.0),
            ..CameraReport::default()
        }
    }

    fn told(cameras: Vec<CameraReport>) -> BTreeMap<String, String> {
        let status = StatusReport { cameras, version: "1".into(), ..StatusReport::default() };
        messages(&Topics::new(&mqtt(), "hall"), &mqtt(), &status, |room| room == "head").into_iter().collect()
    }

    #[test]
    fn a_room_is_as_its_most_certain_camera_says() {
        let told = told(vec![camera("lobby", Some(0.2)), camera("lobby", Some(0.9)), camera("lobby", None)]);
        let state: Value = serde_json::from_str(&told["pantau/hall/lobby/state"]).unwrap();
        assert_eq!((&state["occupied"], &state["presence"]), (&json!("ON"), &json!(0.9)));
        assert_eq!((&state["cameras"], &state["cameras_up"]), (&json!(3), &json!(2)));
        assert_eq!(told["pantau/hall/lobby/available"], ONLINE);
        assert_eq!(told["pantau/hall/state"], ONLINE);
    }

    #[test]
    fn what_is_not_known_is_not_empty_and_one_persons_room_is_nobodys_business() {
        let told = told(vec![camera("gate", None), camera("head", Some(1.0))]);
        assert_eq!(told["pantau/hall/gate/available"], OFFLINE);
        assert!(!told.contains_key("pantau/hall/gate/state"));
        assert!(told.iter().all(|(topic, payload)| !topic.contains("head") && !payload.contains("head")));
    }

    #[test]
    fn home_assistant_finds_each_room() {
        let told = told(vec![camera("Ruang 1", Some(0.1))]);
        let key = key("Ruang 1");
        let config: Value =
            serde_json::from_str(&told[&format!("homeassistant/binary_sensor/pantau-hall-{key}-occupied/config")])
                .unwrap();
        assert_eq!(config["state_topic"], format!("pantau/hall/{key}/state"));
        assert!(told.contains_key(config["state_topic"].as_str().unwrap()));
        for place in config["availability"].as_array().unwrap() {
            assert!(told.contains_key(place["topic"].as_str().unwrap()), "{place}");
        }
    }

    #[test]
    fn only_changes_are_told_and_what_is_gone_is_taken_back() {
        let message = |topic: &str, payload: &str| (topic.to_owned(), payload.to_owned());
        let told = BTreeMap::from([message("a", "1"), message("b", "1"), message("c", "1")]);
        let due = due(&[message("a", "1"), message("b", "2"), message("d", "1")], &told);
        assert_eq!(due, [message("c", ""), message("b", "2"), message("d", "1")]);
    }

    #[test]
    fn names_become_topics_and_stay_apart() {
        assert_eq!(key("lobby_1"), "lobby_1");
        assert!(key("Loket/1 #+").starts_with("loket_1____"));
        assert_ne!(key("Ruang A"), key("ruang a"));
    }
}
