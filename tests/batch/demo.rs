use assert_cmd::Command;

/// What the demo says of each of its rooms: right seconds, percent; entries and exits found, of how many, and false ones.
fn figures(told: &str) -> Vec<(f64, [u32; 3])> {
    let room = |line: &str| {
        let (_, figures) = line.split_once(": presence right in ")?;
        let (percent, rest) = figures.split_once(" % of ")?;
        let (_, edges) = rest.split_once("; ")?;
        let numbers: Vec<u32> = edges.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        Some((percent.parse().unwrap(), numbers.try_into().unwrap()))
    };
    told.lines().filter_map(room).collect()
}

#[test]
fn the_demo_is_right_about_every_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_pantau"));
    let run = command.args(["demo", "--dir"]).arg(folder.path()).assert().code(0);
    let told = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let rooms = figures(&told);
    assert_eq!(rooms.len(), 3, "{told}");
    for (right_percent, [found, changes, extra]) in rooms {
        assert!(right_percent >= 99.0, "{told}");
        assert!(changes > 0 && found == changes && extra == 0, "{told}");
    }
    assert!(folder.path().join("report.html").exists());
}
