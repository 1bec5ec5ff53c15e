use super::*;

fn refusals(text: &str) -> String {
    Config::parse(text, "pantau.toml").unwrap_err().to_string()
}

#[test]
fn the_example_uses_every_key_and_is_accepted() {
    let config = Config::parse(EXAMPLE, "example.toml").unwrap();
    assert_eq!(config.cameras.len(), 4);
    assert_eq!(config.cameras[1].start.unwrap().to_string(), "2026-11-22T23:30:00Z");
    for (header, keys) in tables() {
        for key in keys {
            assert!(
                EXAMPLE.contains(&format!("{} = ", key.name)) || EXAMPLE.contains(&format!("{}]", key.name)),
                "{header} {}",
                key.name
            );
        }
    }
}

#[test]
fn an_empty_file_is_all_defaults() {
    let config = Config::parse("", "pantau.toml").unwrap();
    assert_eq!(config.site.timezone.iana_name(), Some(DEFAULT_TIMEZONE));
    assert_eq!(config.analysis_for(&"any".into()), Analysis::default());
    let place = config.place(&"any".into());
    assert_eq!((place.site.as_str(), place.room.as_str(), place.camera.as_str()), ("site", "any", "any"));
}

#[test]
fn a_misspelt_key_is_refused_with_its_line_and_a_suggestion() {
    let text = "[site]\nid = \"a\"\n\n[analysis]\nintervall_s = 10\n";
    assert_eq!(refusals(text), "pantau.toml:5: unknown key 'intervall_s' in [analysis]; did you mean 'interval_s'?");
    assert_eq!(
        refusals("[[camera]]\nid = \"a\"\ninterval_s = 5\n"),
        "pantau.toml:3: unknown key 'interval_s' in [[camera]]; it belongs in [analysis]"
    );
    assert_eq!(
        refusals("[[camera]]\nid = \"a\"\n[[camera.zones]]\nid=\"z\"\npolygn = []\n").lines().collect::<Vec<_>>(),
        [
            "pantau.toml:3: key 'polygon' is missing in [[camera.zones]]",
            "pantau.toml:5: unknown key 'polygn' in [[camera.zones]]; did you mean 'polygon'?",
        ]
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once_in_the_files_order() {
    let text = "[analysis]\ninterval_s = 901\nsamples_per_s = 0.1\nloop_filter = \"on\"\n[[camera]]\nroom = \"x\"\n";
    assert_eq!(
        refusals(text).lines().collect::<Vec<_>>(),
        [
            "pantau.toml:2: 'interval_s' in [analysis] must be a whole number from 1 to 900, not 901",
            "pantau.toml:3: 'samples_per_s' in [analysis] must be a number from 0.5 to 10, not 0.1",
            "pantau.toml:4: 'loop_filter' in [analysis] must be true or false, not \"on\"",
            "pantau.toml:5: key 'id' is missing in [[camera]]",
        ]
    );
}

#[test]
fn what_is_not_toml_names_its_line() {
    let text = refusals("[site]\nid = \n");
    assert!(text.starts_with("pantau.toml:2: not TOML: "), "{text}");
}

#[test]
fn ids_polygons_zones_and_moments_are_judged() {
    let text = r#"
[site]
timezone = "Asia/Makasar"
[[camera]]
id = "a"
start = "noon"
match = ["[a"]
name_patterns = ["%H%M"]
zones = [
  { id = "room", polygon = [[0,0],[1,0],[1,1]] },
  { id = "z", polygon = [[0,0],[1,0],[1,1]] },
  { id = "z", polygon = [[0,0],[1,0],[1,1]] },
]
[[camera]]
id = "a"
[[privacy.single_person_rooms]]
room = "Head"
allowed = true
"#;
    let told = refusals(text);
    let expected = [
        "pantau.toml:3: unknown time zone 'Asia/Makasar' for 'timezone' in [site]; did you mean 'Asia/Makassar'?",
        "pantau.toml:6: 'start' of camera 'a': 'noon' is no moment",
        "pantau.toml:7: glob '[a' cannot be used",
        "pantau.toml:8: name pattern '%H%M' does not give a full date and time",
        "pantau.toml:10: zone id 'room' is taken",
        "pantau.toml:12: zone id 'z' is already used by this camera in line 11",
        "pantau.toml:15: camera id 'a' is already used in line 5",
        "pantau.toml:17: room 'Head' is allowed in [[privacy.single_person_rooms]] without a 'reason'",
    ];
    for (line, start) in told.lines().zip(expected) {
        assert!(line.starts_with(start), "{line}\nshould start with\n{start}");
    }
    assert_eq!(told.lines().count(), expected.len(), "{told}");
    for polygon in ["[[0,0],[1,1]]", "[[0,0],[1,0],[1,1.5]]", "[[0,0],[1,0],[1]]"] {
        let text = format!("[[camera]]\nid = \"a\"\nmasks = [{{ polygon = {polygon} }}]\n");
        assert!(refusals(&text).starts_with("pantau.toml:3: 'polygon' in [[camera.masks]] must be"), "{polygon}");
    }
}

#[test]
fn the_calendar_is_read_and_what_is_not_there_stays_usual() {
    let calendar = Config::parse(EXAMPLE, "example.toml").unwrap().calendar;
    assert_eq!(calendar.ramadan[0].last.to_string(), "2027-03-09");
    assert_eq!(calendar.holidays[0].name, "Natal");
    assert_eq!(Calendar { ramadan: Vec::new(), holidays: Vec::new(), ..calendar }, Calendar::default());

    let text = "[calendar]\nfriday = []\nsaturday = [\"8.00-12.00\"]\nholidays = [{ date = 2026-12-25 }]\n";
    let calendar = Config::parse(text, "pantau.toml").unwrap().calendar;
    assert_eq!((calendar.friday.len(), calendar.saturday[0].to_string().as_str()), (0, "08:00-12:00"));
    assert_eq!(calendar.monday_to_thursday, Calendar::default().monday_to_thursday);
    assert_eq!(calendar.holidays[0].date.to_string(), "2026-12-25");
}

#[test]
fn a_calendar_that_cannot_be_meant_is_refused_by_line() {
    let text = r#"
[calendar]
fridays = []
monday_to_thursday = "07:30-12:00"
"#;
    assert_eq!(
        refusals(text).lines().collect::<Vec<_>>(),
        [
            "pantau.toml:3: unknown key 'fridays' in [calendar]; did you mean 'friday'?",
            "pantau.toml:4: 'monday_to_thursday' in [calendar] must be a list of clock ranges such as \"07:30-12:00\", not \"07:30-12:00\"",
        ]
    );
    let text = r#"
[calendar]
monday_to_thursday = ["07:30-12:00",
    "16:00-13:00"]
ramadan = [{ first = "2027-03-09", last = "2027-02-08" }]
holidays = [
    { date = "25 December" },
    { date = 2026-12-25T08:00:00 },
]
"#;
    let told = refusals(text);
    let expected = [
        "pantau.toml:4: 'monday_to_thursday' in [calendar]: `16:00-13:00` is not a range of clock times",
        "pantau.toml:5: 'last' in [[calendar.ramadan]], 2027-02-08, lies before 'first', 2027-03-09",
        "pantau.toml:7: 'date' in [[calendar.holidays]]: '25 December' is no day",
        "pantau.toml:8: 'date' in [[calendar.holidays]]: '2026-12-25T08:00:00' is no day",
    ];
    for (line, start) in told.lines().zip(expected) {
        assert!(line.starts_with(start), "{line}\nshould start with\n{start}");
    }
    assert_eq!(told.lines().count(), expected.len(), "{told}");
}

#[test]
fn no_message_and_no_debug_print_holds_a_password() {
    let camera = |url: &str| format!("[[camera]]\nid = \"a\"\nurl = {url}\n");
    for url in ["\"rtsp://admin:s3cret@10.0.0.7/1\"", "{ env = \"X\", pass = \"s3cret\" }", "[\"s3cret\"]"] {
        let told = refusals(&camera(url));
        assert!(told.starts_with("pantau.toml:3: 'url'") && !told.contains("s3cret"), "{told}");
    }
    let config = Config::parse(&camera("\"rtsp://10.0.0.7/1?key=s3cret\""), "pantau.toml").unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn recordings_find_their_camera() {
    let config = Config::parse(EXAMPLE, "example.toml").unwrap();
    let camera = |path: &str| config.camera_for_path(Path::new(path)).map(|camera| camera.id.to_string());
    assert_eq!(camera("counter-1/2026/08.mp4").as_deref(), Some("counter-1"));
    assert_eq!(camera("/media/disk/counter-1/08.mp4").as_deref(), Some("counter-1"));
    assert_eq!(camera("/srv/recordings/ch01_20261123080000.mp4").as_deref(), Some("counter-1"));
    assert_eq!(camera("/other/srv/recordings/ch01_20261123080000.mp4"), None);
    assert_eq!(camera("lobby/a.avi").as_deref(), Some("lobby-1"));
    assert_eq!(camera("lobby/deeper/a.avi"), None);
}

#[test]
fn a_camera_has_its_own_place_zones_and_patterns() {
    let config = Config::parse(EXAMPLE, "example.toml").unwrap();
    let place = config.place(&"lobby-1".into());
    assert_eq!(
        (place.room.as_str(), place.agency.as_str(), place.district.as_str()),
        ("Lobby", "Front Office", "Kota Timur")
    );
    assert_eq!(config.place(&"counter-1".into()).agency.as_str(), "Civil Registry");
    let analysis = config.analysis_for(&"counter-1".into());
    assert_eq!(analysis.zones.iter().map(|zone| zone.id.as_str()).collect::<Vec<_>>(), ["staff", "visitors"]);
    assert_eq!(analysis.masks.len(), 1);
    assert_eq!(config.name_patterns_for(&"counter-1".into()), ["ch01_%Y%m%d%H%M%S", "cctv_%Y-%m-%d_%H-%M-%S"]);
}

#[test]
fn the_schema_knows_every_key_with_its_bounds() {
    let schema = json_schema();
    let interval = &schema["properties"]["analysis"]["properties"]["interval_s"];
    assert_eq!((interval["minimum"].as_i64(), interval["maximum"].as_i64()), (Some(1), Some(900)));
    let zone = &schema["properties"]["camera"]["items"]["properties"]["zones"]["items"];
    assert_eq!(zone["required"], serde_json::json!(["id", "polygon"]));
    assert_eq!(zone["additionalProperties"], serde_json::json!(false));
}

#[test]
fn a_calibration_is_found_beside_the_configuration_and_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pantau.toml");
    std::fs::write(&path, "[[camera]]\nid = \"a\"\ncalibration = \"a.people.toml\"\n").unwrap();
    let told = Config::load(&path).unwrap_err().to_string();
    let expected = format!(
        "{}:3: 'calibration' of camera 'a': {}: cannot read: ",
        path.display(),
        folder.path().join("a.people.toml").display()
    );
    assert!(told.starts_with(&expected), "{told}");
    let list = |value: &str| [value; 9].join(", ");
    let text = format!(
        "version = 1\ncamera = \"a\"\nerror = 0.4\nconstant_error = 1.0\n[people]\nlabels = 30\ncounts = [2, 8]\nmargin = 1.0\n\
         base = 0.5\narea = [{0}]\nedge = [{0}]\narea_seen = [{1}]\nedge_seen = [{1}]\n",
        list("1.0"),
        list("[0.0, 0.1]"),
    );
    std::fs::write(folder.path().join("a.people.toml"), text).unwrap();
    let config = Config::load(&path).unwrap();
    assert_eq!(
        config.analysis_for(&"a".into()).people.map(|people| (people.labels, people.counts)),
        Some((30, [2.0, 8.0]))
    );
    assert_eq!(config.analysis_for(&"b".into()).people, None);
}
