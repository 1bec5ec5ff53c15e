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
        for command in
            ["analyze", "report", "look", "eval", "calibrate", "demo", "config", "doctor", "completions", "man"]
        {
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
