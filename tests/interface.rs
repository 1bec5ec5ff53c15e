//! What scripts and readers rely on: the program's exit codes and streams, and a reference that lists everything.

use assert_cmd::Command;
use pantau::config::{self, Key};
use pantau_models::schema::{Column, ColumnType, TABLES};
use std::io::Write;

/// The program, with none of the caller's variables.
fn pantau(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pantau"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PANTAU_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// The program as a script runs it: exit codes, streams, closed pipes.
mod command_line {
    use super::*;

    #[test]
    fn help_and_version_are_data_and_success() {
        for args in [&["--version"][..], &["--help"], &["analyze", "--help"], &["help", "report"]] {
            let output = pantau(args).assert().code(0).get_output().clone();
            assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}");
        }
    }

    #[test]
    fn a_wrong_command_line_is_2_and_told_on_standard_error() {
        for args in
            [&["analyse"][..], &["analyze"], &["analyze", "x"], &["report", "--lake", "l", "--by", "person"], &[]]
        {
            let output = pantau(args).assert().code(2).get_output().clone();
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
        }
    }

    #[test]
    fn a_refused_configuration_is_2_with_file_line_and_suggestion() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"[analysis]\nintervall_s = 10\n").unwrap();
        let path = file.path().to_str().unwrap();
        let expected =
            format!("pantau: {path}:2: unknown key 'intervall_s' in [analysis]; did you mean 'interval_s'?\n");
        pantau(&["config", "check", path]).assert().code(2).stdout("").stderr(expected.clone());
        pantau(&["analyze", "x", "--lake", "l", "--config", path]).assert().code(2).stderr(expected.clone());
        pantau(&["analyze", "x", "--lake", "l"]).env("PANTAU_CONFIG", path).assert().code(2).stderr(expected);
    }

    #[test]
    fn a_variable_wins_over_the_file_and_a_flag_over_the_variable() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"[site]\ntimezone = \"UTC\"\n").unwrap();
        let args = ["report", "--lake", "l", "--config", file.path().to_str().unwrap()];
        let nowhere = |args: &[&str]| {
            let output = pantau(args).env("PANTAU_TIMEZONE", "Asia/Nowhere").assert().get_output().clone();
            String::from_utf8(output.stderr).unwrap().contains("--timezone: unknown time zone 'Asia/Nowhere'")
        };
        assert!(nowhere(&args), "the file's zone was taken");
        assert!(!nowhere(&[&args[..], &["--timezone", "Asia/Jayapura"]].concat()), "the variable's zone was taken");
    }

    #[test]
    fn the_example_passes_its_own_check_and_the_schema_is_json() {
        let example = pantau(&["config", "example"]).assert().code(0).get_output().stdout.clone();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&example).unwrap();
        pantau(&["config", "check", file.path().to_str().unwrap()]).assert().code(0);
        let schema = pantau(&["config", "schema"]).assert().code(0).get_output().stdout.clone();
        let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
        assert_eq!(schema["type"], "object");
    }

    #[test]
    fn doctor_finds_the_decoders() {
        let output = pantau(&["doctor", "--json"]).assert().code(0).get_output().stdout.clone();
        let found: serde_json::Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(found["version"]["value"], env!("CARGO_PKG_VERSION"));
        assert_eq!(found["h264"]["fine"], true);
        assert!(found["kernels"]["value"].as_str().unwrap().starts_with("scalar, "));
        let forced = pantau(&["doctor"]).env("PANTAU_KERNEL", "scalar").assert().code(0).get_output().stdout.clone();
        assert!(String::from_utf8(forced).unwrap().contains("kernel       scalar\n"));
        let unknown = pantau(&["doctor"]).env("PANTAU_KERNEL", "mmx").assert().code(1).get_output().stdout.clone();
        assert!(String::from_utf8(unknown).unwrap().contains("PANTAU_KERNEL=mmx: no such kernel on this machine"));
    }

    #[test]
    fn completions_and_manual_pages_name_every_command() {
        let script = pantau(&["completions", "bash"]).assert().code(0).get_output().stdout.clone();
        let script = String::from_utf8(script).unwrap();
        for command in [
            "analyze",
            "watch",
            "top",
            "report",
            "look",
            "eval",
            "calibrate",
            "demo",
            "config",
            "doctor",
            "completions",
            "man",
        ] {
            assert!(script.contains(command), "{command}");
            let page = pantau(&["man", command]).assert().code(0).get_output().stdout.clone();
            assert!(
                String::from_utf8(page).unwrap().contains(&format!("pantau {command}").replace(' ', "\\-")),
                "{command}"
            );
        }
        pantau(&["man", "analyse"]).assert().code(2);
    }

    #[test]
    fn a_reader_that_closes_our_output_is_success() {
        let script = format!("{} config schema | head -c 1; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_pantau"));
        Command::new("bash").args(["-c", &script]).assert().stdout("{0\n");
        let full = format!("{} config schema > /dev/full", env!("CARGO_BIN_EXE_pantau"));
        Command::new("bash").args(["-c", &full]).assert().code(1);
    }
}

/// A running worker, seen from outside, and a machine that is to become one.
mod operations {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    const STATUS: &str = r#"{"version":"0.1.0","site":"town-hall","running_s":75.0,"clock_suspect":false,"disk_full":true,
        "cameras":[{"camera":"lobby-1","room":"Lobby","up":true,"codec":"h264","width":640,"height":360,"fps":5.0,
        "kbit_s":310.0,"last_frame_age_s":0.1,"presence":0.97,"activity":12.0,"frames":300},
        {"camera":"gate-1","room":"Gate","up":false,"trouble":"the camera refuses user or password","reconnects":4}]}"#;

    /// Answers every question with this status; gives its address.
    fn worker() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{STATUS}", STATUS.len());
            }
        });
        address
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn top_without_a_terminal_is_one_plain_table_with_trouble_first() {
        let worker = worker();
        for args in [&["top", "--url", &worker][..], &["top", "--once", "--url", &worker]] {
            let output = pantau(args).assert().code(0).get_output().clone();
            let out = text(&output.stdout);
            let lines: Vec<&str> = out.lines().collect();
            assert_eq!(lines[0], "town-hall: 1 of 2 cameras up, running for 1 min, version 0.1.0");
            assert!(lines[1].starts_with("the lake can't be written") && lines[2].starts_with("CAMERA "));
            assert!(lines[3].starts_with("gate-1 ") && lines[3].ends_with("the camera refuses user or password"));
            assert!(lines[4].starts_with("lobby-1 ") && lines[4].contains("h264 640x360"));
            assert!(lines.len() == 5 && !out.contains('\x1b') && output.stderr.is_empty(), "{out}");
        }
        let json = pantau(&["top", "--json"]).env("PANTAU_URL", &worker).assert().code(0).get_output().stdout.clone();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["cameras"][1]["up"], false);
    }

    #[test]
    fn top_asks_where_the_configuration_says() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "[watch]\nlisten = \"{}\"", worker().trim_start_matches("http://")).unwrap();
        let path = file.path().to_str().unwrap();
        pantau(&["top", "--config", path]).assert().code(0);
    }

    #[test]
    fn a_worker_that_is_not_there_is_1_and_a_wrong_address_is_2() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let output = pantau(&["top", "--url", &nobody]).assert().code(1).stdout("").get_output().clone();
        let told = text(&output.stderr);
        assert!(told.starts_with(&format!("pantau: no worker answers at {nobody}")) && told.contains("pantau watch"));
        pantau(&["top", "--url", "https://edge"]).assert().code(2);
        pantau(&["top", "--url", "ftp://edge"]).assert().code(2);
    }

    #[test]
    fn doctor_tells_disk_and_cameras_and_never_an_address_or_a_password() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = tempfile::NamedTempFile::new().unwrap();
        let text_of = "[[camera]]\nid = \"gate-1\"\nroom = \"Gate\"\nurl = \"rtsp://127.0.0.1:9/hidden-path\"\n\
            user = \"viewer\"\npassword = { env = \"GATE_PASSWORD\" }\n[watch]\nlisten = \"127.0.0.1:0\"\n";
        config.write_all(text_of.as_bytes()).unwrap();
        let lake = dir.path().join("lake");
        let args =
            ["doctor", "--config", config.path().to_str().unwrap(), "--lake", lake.to_str().unwrap(), "--seconds", "2"];
        let run = |args: &[&str]| pantau(args).env("GATE_PASSWORD", "s3cret").assert().code(1).get_output().clone();
        let output = run(&args);
        let out = text(&output.stdout);
        assert!(out.contains("\ncamera gate-1 (Gate)\n    nothing was seen\n"), "{out}");
        assert!(out.contains("\nbroken: camera gate-1: no connection"), "{out}");
        assert!(out.contains("MB/s, a small file is durable in"), "{out}");
        assert!(!lake.exists());
        let json = run(&[&args[..], &["--json"]].concat());
        let found: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(found["level"], "broken");
        assert_eq!(found["cameras"][0]["problems"][0]["fix"], "check cable, power, address and port");
        for told in [out, text(&output.stderr), text(&json.stdout), text(&json.stderr)] {
            assert!(!told.contains("s3cret") && !told.contains("hidden-path"), "{told}");
        }
        let without = pantau(&args).assert().code(1).get_output().stdout.clone();
        assert!(text(&without).contains("GATE_PASSWORD is not set"));
    }
}

/// `docs/reference.md` against the program's own lists.
mod reference {
    use super::*;

    const REFERENCE: &str = include_str!("../docs/reference.md");

    fn type_name(kind: ColumnType) -> String {
        match kind {
            ColumnType::TimestampUs => "timestamp(us, UTC)".into(),
            ColumnType::Id => "dictionary utf8".into(),
            ColumnType::Text => "utf8".into(),
            ColumnType::F32 => "float32".into(),
            ColumnType::U32 => "uint32".into(),
            ColumnType::U64 => "uint64".into(),
            ColumnType::Bytes(length) => format!("fixed_size_binary({length})"),
        }
    }

    /// The rows of the table under `### title`, without its head.
    fn rows(title: &str) -> Vec<&'static str> {
        let heading = format!("### {title}\n");
        let Some(start) = REFERENCE.find(&heading) else { return Vec::new() };
        let text = REFERENCE[start + heading.len()..].split("\n#").next().unwrap_or_default();
        text.lines().filter(|line| line.starts_with('|')).skip(2).collect()
    }

    /// The document's tables must be the program's lists; one that isn't is printed ready to be copied.
    fn expect_tables(tables: impl Iterator<Item = (String, Vec<String>)>) {
        let wrong: Vec<_> = tables.filter(|(title, expected)| rows(title) != *expected).collect();
        let text: String =
            wrong.iter().map(|(title, lines)| format!("### {title}\n{}\n\n", lines.join("\n"))).collect();
        assert!(wrong.is_empty(), "docs/reference.md should say:\n{text}");
    }

    #[test]
    fn every_column_is_listed_with_its_type_and_meaning() {
        expect_tables(TABLES.iter().map(|(table, columns)| {
            let row = |column: &Column| {
                let null = if column.nullable { ", may be null" } else { "" };
                format!("| {} | {}{null} | {} |", column.name, type_name(column.kind), column.meaning)
            };
            ((*table).to_owned(), columns.iter().map(row).collect())
        }));
    }

    #[test]
    fn every_key_of_the_configuration_is_listed() {
        expect_tables(config::tables().into_iter().map(|(header, keys)| {
            let row = |key: &Key| {
                let default = if key.required { "required" } else { key.default };
                format!("| {} | {} | {default} | {} |", key.name, key.kind.describe(), key.meaning)
            };
            (header, keys.iter().map(row).collect())
        }));
    }
}
