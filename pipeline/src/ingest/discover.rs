//! Which files to analyse: files, folders, globs and lists become one de-duplicated list. No file is opened.
//!
//! - A file named explicitly is always taken, whatever its extension; found again by another input it is taken once.
//! - A folder is walked in name order; hidden entries are left out, links to files are followed, links to folders
//!   aren't (they could lead in circles).
//! - A glob takes what it matches; if its last part ends with `*`, only video files of what it matches.
//! - `-` reads one path a line from standard input.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::{self, BufRead};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use thiserror::Error;
use walkdir::{DirEntry, WalkDir};

/// Extensions that recorders and cameras give to video, in lower case.
pub const VIDEO_EXTENSIONS: &[&str] = &[
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "asf", "mpg", "mpeg", "m2v", "ts", "mts", "m2ts", "flv", "h264",
    "264", "h265", "265", "hevc", "mjpeg", "mjpg", "dav",
];

/// What the inputs led to.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, in the order of the inputs, folders in name order.
    pub files: Vec<FoundFile>,
    /// Inputs, or parts of them, that led to nothing.
    pub problems: Vec<DiscoverProblem>,
}

/// A file to analyse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Where, as the input led to it.
    pub path: PathBuf,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// When it was last written, microseconds since 1970 UTC.
    pub mtime_us: i64,
}

/// Why an input, or a part of it, led to nothing.
#[derive(Debug, Error)]
pub enum DiscoverProblem {
    /// Nothing has that name.
    #[error("{}: no such file or folder; check the spelling, and that the share is mounted", path.display())]
    Missing {
        /// As named.
        path: PathBuf,
    },
    /// The folder holds nothing that looks like video.
    #[error("{}: the folder holds no video file; name the files explicitly if their extension is unusual", path.display())]
    NoVideos {
        /// As named.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{}: can't be read: {source}; check that this user may read it", path.display())]
    Unreadable {
        /// As found.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A socket, a device, a pipe.
    #[error("{}: neither a file nor a folder", path.display())]
    NotAFile {
        /// As named.
        path: PathBuf,
    },
    /// The glob is not well formed.
    #[error("{pattern}: not a valid pattern: {source}")]
    BadPattern {
        /// As written.
        pattern: String,
        /// What is wrong.
        source: glob::PatternError,
    },
    /// The glob matches nothing.
    #[error("{pattern}: matches no file; hidden files are left out")]
    NoMatch {
        /// As written.
        pattern: String,
    },
    /// The list on standard input can't be read.
    #[error("standard input: the list of files can't be read: {source}")]
    List {
        /// What the system says.
        source: io::Error,
    },
}

/// Finds the files that `inputs` name; `list` is read if one of them is `-`.
pub fn discover(inputs: &[String], list: impl BufRead) -> Found {
    let mut search = Search::default();
    let mut list = Some(list);
    for input in inputs {
        if input == "-" {
            if let Some(list) = list.take() {
                search.take_list(list);
            }
        } else {
            search.take_input(input);
        }
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Found,
    /// Device and inode of what was taken: the same file under two names or through a link is taken once.
    taken: HashSet<(u64, u64)>,
}

impl Search {
    fn take_list(&mut self, list: impl BufRead) {
        for line in list.split(b'\n') {
            match line {
                Ok(mut line) => {
                    if line.last() == Some(&b'\r') {
                        line.pop();
                    }
                    if !line.is_empty() {
                        self.take_path(Path::new(&OsString::from_vec(line)));
                    }
                }
                Err(source) => return self.found.problems.push(DiscoverProblem::List { source }),
            }
        }
    }

    /// An existing path wins over its reading as a glob: `[M]` is common in recorders' file names.
    fn take_input(&mut self, input: &str) {
        let path = Path::new(input);
        if path.symlink_metadata().is_err() && input.contains(['*', '?', '[']) {
            self.take_glob(input);
        } else {
            self.take_path(path);
        }
    }

    fn take_path(&mut self, path: &Path) {
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => self.take_file(path.to_owned(), &metadata),
            Ok(metadata) if metadata.is_dir() => self.take_folder(path),
            Ok(_) => self.found.problems.push(DiscoverProblem::NotAFile { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.found.problems.push(DiscoverProblem::Missing { path: path.to_owned() });
            }
            Err(source) => self.unreadable(path, source),
        }
    }

    fn take_folder(&mut self, folder: &Path) {
        let before = (self.found.problems.len(), self.taken.len());
        let mut videos = 0_usize;
        let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name();
        for entry in entries.into_iter().filter_entry(|entry| !is_hidden(entry)) {
            match entry {
                Ok(entry) if !entry.file_type().is_dir() && is_video(entry.path()) => {
                    videos += usize::from(self.take_entry(&entry));
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    self.unreadable(&path, error.into());
                }
            }
        }
        if videos == 0 && before == (self.found.problems.len(), self.taken.len()) {
            self.found.problems.push(DiscoverProblem::NoVideos { path: folder.to_owned() });
        }
    }

    /// True if the entry is a file or leads to one.
    fn take_entry(&mut self, entry: &DirEntry) -> bool {
        match entry.path().metadata() {
            Ok(metadata) if metadata.is_file() => {
                self.take_file(entry.path().to_owned(), &metadata);
                true
            }
            Ok(_) => false,
            Err(source) => {
                self.unreadable(entry.path(), source);
                false
            }
        }
    }

    fn take_glob(&mut self, pattern: &str) {
        let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
        let matches = match glob::glob_with(pattern, options) {
            Ok(matches) => matches,
            Err(source) => {
                return self.found.problems.push(DiscoverProblem::BadPattern { pattern: pattern.to_owned(), source });
            }
        };
        let videos_only = pattern.ends_with('*');
        let before = (self.found.problems.len(), self.found.files.len());
        let mut matched = false;
        for entry in matches {
            match entry {
                Ok(path) if videos_only && !is_video(&path) && !path.is_dir() => {}
                Ok(path) => {
                    matched = true;
                    self.take_path(&path);
                }
                Err(error) => {
                    let path = error.path().to_owned();
                    self.unreadable(&path, error.into());
                }
            }
        }
        if !matched && before == (self.found.problems.len(), self.found.files.len()) {
            self.found.problems.push(DiscoverProblem::NoMatch { pattern: pattern.to_owned() });
        }
    }

    fn take_file(&mut self, path: PathBuf, metadata: &Metadata) {
        if self.taken.insert((metadata.dev(), metadata.ino())) {
            let mtime_us = metadata.mtime().saturating_mul(1_000_000).saturating_add(metadata.mtime_nsec() / 1_000);
            self.found.files.push(FoundFile { path, size_bytes: metadata.len(), mtime_us });
        }
    }

    fn unreadable(&mut self, path: &Path, source: io::Error) {
        self.found.problems.push(DiscoverProblem::Unreadable { path: path.to_owned(), source });
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().first() == Some(&b'.')
}

fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| VIDEO_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "fixtures need no durability")]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        folder
    }

    fn find(inputs: &[&Path]) -> (Vec<String>, Vec<DiscoverProblem>) {
        let inputs: Vec<String> = inputs.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
        let found = discover(&inputs, io::empty());
        let names = found.files.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap().to_owned());
        (names.collect(), found.problems)
    }

    #[test]
    fn folders_are_walked_in_name_order_without_hidden_and_foreign_files() {
        let folder = folder_with(&["b/2.MP4", "b/10.dav", "a/9.ts", ".trash/1.mp4", "b/.3.mp4", "b/notes.txt"]);
        let (names, problems) = find(&[folder.path()]);
        assert_eq!(names, ["9.ts", "10.dav", "2.MP4"]);
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn the_same_file_is_taken_once_and_links_to_files_are_followed() {
        let folder = folder_with(&["a/1.mp4", "odd.bin"]);
        let outside = folder_with(&["2.mp4"]);
        symlink(outside.path().join("2.mp4"), folder.path().join("a/link.mp4")).unwrap();
        symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        symlink("/nowhere", folder.path().join("a/dead.mp4")).unwrap();
        let named = folder.path().join("a/../a/1.mp4");
        let (names, problems) = find(&[&named, folder.path(), &folder.path().join("odd.bin")]);
        assert_eq!(names, ["1.mp4", "link.mp4", "odd.bin"]);
        assert!(matches!(&problems[..], [DiscoverProblem::Unreadable { path, .. }] if path.ends_with("dead.mp4")));
    }

    #[test]
    fn a_folder_given_twice_is_no_problem() {
        let folder = folder_with(&["a.mp4"]);
        let (names, problems) = find(&[folder.path(), folder.path()]);
        assert_eq!(names, ["a.mp4"]);
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn globs_match_and_bracketed_names_that_exist_are_files() {
        let folder = folder_with(&["08.00.00[M][0@0][0].dav", "x.mp4", "y.mp4", "y.txt", ".z.mp4"]);
        let at = |name: &str| folder.path().join(name);
        assert_eq!(find(&[&at("08.00.00[M][0@0][0].dav")]).0, ["08.00.00[M][0@0][0].dav"]);
        assert_eq!(find(&[&at("*.mp4")]).0, ["x.mp4", "y.mp4"]);
        assert_eq!(find(&[&at("y*")]).0, ["y.mp4"]);
        assert_eq!(find(&[&at("*.txt")]).0, ["y.txt"]);
        assert!(matches!(&find(&[&at("q*.mp4")]).1[..], [DiscoverProblem::NoMatch { .. }]));
        assert!(matches!(&find(&[&at("a***b")]).1[..], [DiscoverProblem::BadPattern { .. }]));
    }

    #[test]
    fn problems_are_named() {
        let folder = folder_with(&["notes.txt"]);
        let (names, problems) = find(&[folder.path(), &folder.path().join("gone.mp4"), Path::new("/dev/null")]);
        assert!(names.is_empty());
        assert!(matches!(
            &problems[..],
            [DiscoverProblem::NoVideos { .. }, DiscoverProblem::Missing { .. }, DiscoverProblem::NotAFile { .. }]
        ));
    }

    #[test]
    fn a_list_on_standard_input_is_read_where_the_dash_stands() {
        let folder = folder_with(&["1.mp4", "2.mp4", "3.mp4"]);
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let list = format!("{}\r\n\n{}\n", at("2.mp4"), at("1.mp4"));
        let found = discover(&["-".to_owned(), at("3.mp4")], list.as_bytes());
        let paths: Vec<_> = found.files.iter().map(|file| file.path.to_str().unwrap().to_owned()).collect();
        assert_eq!(paths, [at("2.mp4"), at("1.mp4"), at("3.mp4")]);
    }

    #[test]
    fn many_files_are_found_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for camera in 0..20 {
            let camera = folder.path().join(format!("camera{camera}"));
            fs::create_dir(&camera).unwrap();
            (0..500).for_each(|file| fs::write(camera.join(format!("{file:04}.mp4")), b"").unwrap());
        }
        let once_s = || {
            let started = std::time::Instant::now();
            assert_eq!(find(&[folder.path()]).0.len(), 10_000);
            started.elapsed().as_secs_f64()
        };
        // The best of three, and twice what is promised (50,000 a second): the machine may be busy with other tests.
        let best_s = (0..3).map(|_| once_s()).fold(f64::INFINITY, f64::min);
        println!("10,000 files in {best_s:.3} s");
        assert!(best_s < 0.4, "10,000 files took {best_s:.3} s");
    }
}
