//! The invariants of the source tree: order of stages, who may know FFmpeg, where `unsafe` may stand, sizes, names,
//! durable writes. Each rule is also shown a made-up source that breaks it.

use std::fmt;
use std::path::{Path, PathBuf};

/// The line that footage runs through: a stage may use itself and those before it.
const STAGES: [&str; 8] = ["ingest", "triage", "decode", "diff", "scene", "estimate", "lake", "report"];
/// What stands around the line: stages know none of it.
const DRIVERS: [&str; 8] = ["archive", "calibrate", "cli", "config", "doctor", "eval", "live", "look"];
/// The only folders that know FFmpeg.
const FFMPEG_FOLDERS: [&str; 2] = ["ingest/", "decode/"];
/// Files that may hold `unsafe`: calls to FFmpeg that its safe wrapper lacks, one to the C library's allocator, and
/// nothing else.
const UNSAFE_FILES: [&str; 3] = ["ingest/ffi.rs", "decode/ffi.rs", "cli/allocator.rs"];
/// The one place that makes files; its way is temp file, fsync, rename, fsync of the folder.
const WRITING_FILE: &str = "lake/durable.rs";
/// Longest file; one that grows longer is usually two things.
const LINES_MAX: usize = 500;
/// Names that say nothing.
const EMPTY_NAMES: [&str; 9] = ["utils", "util", "common", "helpers", "helper", "manager", "core", "engine", "misc"];
/// Starts of paths that exist on one machine only; written in halves so that this file passes.
const MACHINE_PATHS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

#[derive(Debug, PartialEq)]
struct Violation {
    file: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

/// A source file: its path under the crate's `src/`, its text, and its text without comments and literals.
struct Source {
    file: String,
    text: String,
    code: String,
}

impl Source {
    fn new(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), code: code_only(text) }
    }

    fn violation(&self, offset: usize, rule: String) -> Violation {
        Violation { file: self.file.clone(), line: 1 + self.code[..offset].matches('\n').count(), rule }
    }

    /// Violations at each whole word of the code that is refused.
    fn words<'a>(&'a self, word: &'a str, rule: &'a str) -> impl Iterator<Item = Violation> + 'a {
        whole_words(&self.code, word).map(move |offset| self.violation(offset, rule.to_owned()))
    }

    /// From here on the file is tests.
    fn tests_from(&self) -> usize {
        let endings = ["tests.rs", "fixtures.rs"];
        let named_tests = endings.iter().any(|ending| self.file.ends_with(ending)) || self.file.contains("/tests/");
        if named_tests { 0 } else { self.code.find("#[cfg(test)]").unwrap_or(self.code.len()) }
    }
}

fn is_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn whole_words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(offset, _)| offset).filter(move |&offset| {
        !is_word(offset.checked_sub(1).and_then(|before| bytes.get(before))) && !is_word(bytes.get(offset + word.len()))
    })
}

/// Comments and the insides of literals as blanks; line feeds and offsets stay.
fn code_only(text: &str) -> String {
    let mut code = text.as_bytes().to_vec();
    let mut at = 0;
    while at < code.len() {
        let end = match (code[at], code.get(at + 1)) {
            (b'/', Some(b'/')) => find(&code, at, b"\n"),
            (b'/', Some(b'*')) => find(&code, at + 2, b"*/") + 2,
            (b'r', Some(b'"' | b'#')) if !is_word(at.checked_sub(1).and_then(|before| code.get(before))) => {
                raw_end(&code, at)
            }
            (b'"', _) => literal_end(&code, at + 1, b'"'),
            (b'\'', Some(b'\\')) => literal_end(&code, at + 1, b'\''),
            (b'\'', _) if code.get(at + 2) == Some(&b'\'') => at + 3,
            _ => at,
        };
        let end = end.min(code.len());
        code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&code).into_owned()
}

fn find(code: &[u8], from: usize, needle: &[u8]) -> usize {
    let rest = code.get(from..).unwrap_or_default();
    rest.windows(needle.len()).position(|window| window == needle).map_or(code.len(), |found| from + found)
}

fn literal_end(code: &[u8], mut at: usize, quote: u8) -> usize {
    while at < code.len() && code[at] != quote {
        at += if code[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_end(code: &[u8], at: usize) -> usize {
    let hashes = code[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    if code.get(at + 1 + hashes) != Some(&b'"') {
        return at;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    find(code, at + 2 + hashes, &close) + close.len()
}

/// Top-level modules that the code names: `crate::x` and `crate::{x::.., y}`, with their offsets.
fn crate_modules(code: &str) -> Vec<(usize, String)> {
    let mut modules = Vec::new();
    for start in whole_words(code, "crate").filter(|start| code[start + 5..].starts_with("::")) {
        let rest = &code[start + 7..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut fresh = true;
            for (offset, letter) in group.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    _ if depth == 0 && fresh && letter.is_alphabetic() => {
                        modules.push((start + 8 + offset, identifier(&group[offset..])));
                        fresh = false;
                    }
                    _ => {}
                }
            }
        } else {
            modules.push((start, identifier(rest)));
        }
    }
    modules
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn order(source: &Source) -> Vec<Violation> {
    let folder = source.file.split(['/', '.']).next().unwrap_or_default();
    let Some(own) = STAGES.iter().position(|stage| *stage == folder) else { return Vec::new() };
    let allowed = |module: &str| {
        !DRIVERS.contains(&module) && STAGES.iter().position(|stage| *stage == module).is_none_or(|other| other <= own)
    };
    crate_modules(&source.code)
        .into_iter()
        .filter(|(_, module)| !allowed(module))
        .map(|(offset, module)| {
            source.violation(offset, format!("{folder} may not know {module}, which comes after it"))
        })
        .collect()
}

fn ffmpeg(source: &Source) -> Vec<Violation> {
    if FFMPEG_FOLDERS.iter().any(|folder| source.file.starts_with(folder)) {
        return Vec::new();
    }
    let words = ["ffmpeg_next", "ffmpeg_sys_next", "ffmpeg"];
    words.iter().flat_map(|word| source.words(word, "only ingest/ and decode/ know FFmpeg")).collect()
}

fn unsafe_code(source: &Source) -> Vec<Violation> {
    if UNSAFE_FILES.contains(&source.file.as_str()) {
        return Vec::new();
    }
    source.words("unsafe", "unsafe outside the list in tests/architecture.rs").collect()
}

fn size(source: &Source) -> Vec<Violation> {
    let lines = source.text.lines().count();
    let rule = format!("{lines} lines; a file has at most {LINES_MAX}");
    if lines > LINES_MAX { vec![Violation { file: source.file.clone(), line: lines, rule }] } else { Vec::new() }
}

fn names(source: &Source) -> Vec<Violation> {
    let file_parts = source.file.trim_end_matches(".rs").split('/').filter(|part| EMPTY_NAMES.contains(part));
    let files = file_parts.map(|part| source.violation(0, format!("the name '{part}' says nothing")));
    let modules = whole_words(&source.code, "mod").filter_map(|offset| {
        let name = identifier(source.code[offset + 3..].trim_start());
        let refused = EMPTY_NAMES.contains(&name.as_str());
        refused.then(|| source.violation(offset, format!("the name '{name}' says nothing")))
    });
    files.chain(modules).collect()
}

fn durable(source: &Source) -> Vec<Violation> {
    if source.file == WRITING_FILE {
        return Vec::new();
    }
    let refused = ["File::create", "File::create_new", "fs::write"];
    let found = refused.iter().flat_map(|call| whole_words(&source.code, call));
    let found = found.filter(|offset| *offset < source.tests_from());
    found.map(|offset| source.violation(offset, format!("files are made by {WRITING_FILE} only"))).collect()
}

fn machine_paths(file: &str, text: &str) -> Vec<Violation> {
    let lines = text.lines().enumerate();
    let refused = lines.filter(|(_, line)| MACHINE_PATHS.iter().any(|path| line.contains(path)));
    let rule = "a path of one machine";
    refused.map(|(index, _)| Violation { file: file.to_owned(), line: index + 1, rule: rule.to_owned() }).collect()
}

/// The project's top folder. Cargo names it when it runs the test, so that a copied build still checks its own tree.
fn top() -> PathBuf {
    let pipeline = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&pipeline).join("..")
}

/// Files below a folder of the project, without what git ignores or keeps for itself.
fn files(folder: &Path, endings: &[&str]) -> Vec<(String, String)> {
    let kept = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !["target", "demo", ".git", ".venv"].contains(&name.as_ref())
    };
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_entry(kept).map(|entry| entry.unwrap());
    let wanted = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.file_type().is_file() && endings.iter().any(|ending| name.ends_with(ending))
    });
    wanted
        .map(|entry| {
            let file = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (file, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn sources(folder: &str) -> Vec<Source> {
    let found: Vec<_> =
        files(&top().join(folder), &[".rs"]).iter().map(|(file, text)| Source::new(file, text)).collect();
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

fn expect_none(violations: impl Iterator<Item = Violation>) {
    let told: Vec<String> = violations.map(|violation| violation.to_string()).collect();
    assert!(told.is_empty(), "\n{}\n", told.join("\n"));
}

#[test]
fn the_pipeline_keeps_its_rules() {
    let rules = [order, ffmpeg, unsafe_code, size, names, durable];
    expect_none(sources("pipeline/src").iter().flat_map(|source| rules.iter().flat_map(|rule| rule(source))));
}

#[test]
fn models_and_datasets_keep_sizes_and_names() {
    let all = ["models/src", "datasets/src"].into_iter().flat_map(sources);
    expect_none(
        all.collect::<Vec<_>>().iter().flat_map(|source| [size, names].into_iter().flat_map(|rule| rule(source))),
    );
}

#[test]
fn models_forbids_unsafe_code() {
    let models = sources("models/src").into_iter().find(|source| source.file == "lib.rs").unwrap();
    assert!(models.code.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let endings = [".rs", ".md", ".toml", ".sh", ".py", ".txt", "Makefile", "run"];
    expect_none(files(&top(), &endings).iter().flat_map(|(file, text)| machine_paths(file, text)));
}

/// Where and how often a rule strikes a made-up source.
fn lines(rule: fn(&Source) -> Vec<Violation>, file: &str, text: &str) -> Vec<usize> {
    rule(&Source::new(file, text)).into_iter().map(|violation| violation.line).collect()
}

#[test]
fn an_import_of_a_later_stage_or_a_driver_is_found() {
    assert_eq!(lines(order, "diff/cells.rs", "use crate::decode::Luma;\nuse crate::scene::Evidence;\n"), [2]);
    assert_eq!(
        lines(order, "diff/mod.rs", "use crate::{decode::Luma,\n    lake::{Writer, Reader},\n    report};"),
        [2, 3]
    );
    assert_eq!(lines(order, "lake/mod.rs", "fn f() { let c = crate::config::Config::default(); }"), [1]);
    assert_eq!(
        lines(order, "scene/mod.rs", "use crate::scene::light; // crate::report\nconst A: &str = \"crate::lake\";"),
        []
    );
    assert_eq!(lines(order, "archive/mod.rs", "use crate::{config::Config, report};"), []);
}

#[test]
fn ffmpeg_outside_its_folders_is_found() {
    assert_eq!(lines(ffmpeg, "scene/mod.rs", "//! FFmpeg\nuse ffmpeg_next as av;"), [2]);
    assert_eq!(lines(ffmpeg, "decode/mod.rs", "use ffmpeg_next as av;"), []);
}

#[test]
fn unsafe_is_found_but_not_in_words_comments_and_text() {
    assert_eq!(lines(unsafe_code, "diff/avx.rs", "fn f() {\n    unsafe { g() }\n}"), [2]);
    let harmless = "#![forbid(unsafe_code)]\n// unsafe\n/* unsafe\n */ const A: &str = r#\"\"unsafe\"\"#;\nlet b = '\"'; let c = \"\\\"unsafe\";";
    assert_eq!(lines(unsafe_code, "diff/mod.rs", harmless), []);
}

#[test]
fn long_files_and_empty_names_are_found() {
    assert_eq!(lines(size, "lake/mod.rs", &"\n".repeat(LINES_MAX + 1)), [LINES_MAX + 1]);
    assert_eq!(lines(size, "lake/mod.rs", &"\n".repeat(LINES_MAX)), []);
    assert_eq!(lines(names, "lake/utils.rs", ""), [1]);
    assert_eq!(lines(names, "lake/mod.rs", "mod paths;\npub mod helpers;"), [2]);
}

#[test]
fn files_made_outside_the_durable_writer_are_found() {
    let text = "fn f() {\n    std::fs::write(a, b);\n    File::create(a);\n}\n#[cfg(test)]\nmod tests { fn g() { std::fs::write(a, b); } }";
    let mut found = lines(durable, "report/html.rs", text);
    found.sort_unstable();
    assert_eq!(found, [2, 3]);
    assert_eq!(lines(durable, WRITING_FILE, text), []);
    assert_eq!(lines(durable, "report/tests.rs", text), []);
}

#[test]
fn a_path_of_one_machine_is_found() {
    let text = format!("fine\nsee {}me/x\n", MACHINE_PATHS[2]);
    assert_eq!(machine_paths("README.md", &text).len(), 1);
    assert_eq!(machine_paths("README.md", "/srv/recordings and ~/x").len(), 0);
}
