//! The camera's name from a path, where nobody configured one.
//!
//! 1. What the file's name holds beside its time stamp, if that tells something: `lobby_20260714_080000` is `lobby`.
//! 2. If that is only a channel (`ch01`, `RecM01`, `cam2`), the folder's name is put before it: `ground-floor-ch01`.
//! 3. If nothing or a generic word is left (`video`, `clip`, `rec`), the folder's name.
//!
//! "The folder" is the nearest one above that is no date, no hour and no generic word; a folder of exactly three
//! digits on the way is a recorder's channel (`lobby/2026-07-14/001/dav/08/..`: `lobby-001`).

use super::stamp;
use std::net::Ipv4Addr;
use std::path::{Component, Path};

/// Words that name no camera.
const GENERIC: &[&str] = &[
    "video",
    "videos",
    "clip",
    "clips",
    "rec",
    "record",
    "records",
    "recording",
    "recordings",
    "stream",
    "file",
    "movie",
    "output",
    "camera",
    "cam",
    "channel",
    "ch",
    "dav",
    "mp4",
    "main",
    "sub",
    "timing",
    "motion",
    "d",
    "t",
];
/// Prefixes that with a number name a channel of a recorder.
const CHANNEL: &[&str] = &["ch", "chn", "channel", "cam", "camera", "recm", "recs", "video", "stream", "d"];
const SEPARATORS: &[char] = &[' ', '_', '-', '.', ',', '+', '[', ']', '(', ')', '@'];

/// A name for the camera that made the recording; never empty unless the path has no file name.
pub fn camera_from_path(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let rest = without_stamp(&stem);
    if is_meaningful(rest) && !is_channel(rest) {
        return rest.to_owned();
    }
    let channel = is_channel(rest).then_some(rest);
    match (folder_name(path), channel) {
        (Some(folder), Some(channel)) => format!("{folder}-{channel}"),
        (Some(folder), None) => folder,
        (None, Some(channel)) => channel.to_owned(),
        (None, None) => stem.trim().to_owned(),
    }
}

/// What stands before the time stamp; if nothing does, what stands after it.
fn without_stamp(stem: &str) -> &str {
    let range = stamp::find(stem).map(|stamp| stamp.range).or_else(|| time_alone(stem));
    let Some(range) = range else { return stem.trim_matches(SEPARATORS) };
    let before = stem[..range.start].trim_matches(SEPARATORS);
    // `D2026-07-14 T08-00-00`: the letter belongs to the date.
    if !before.is_empty() && !before.eq_ignore_ascii_case("d") {
        return before;
    }
    let mut after = stem[range.end..].trim_start_matches(SEPARATORS);
    while let Some(end) = stamp::find(after).map(|stamp| stamp.range).or_else(|| time_alone(after)) {
        if end.start > 0 {
            break;
        }
        after = after[end.end..].trim_start_matches(SEPARATORS);
    }
    after.trim_matches(SEPARATORS)
}

/// A time of day without a date, only with seconds: `08-00` alone could be anything.
fn time_alone(text: &str) -> Option<std::ops::Range<usize>> {
    stamp::find_time(text).map(|(range, _)| range).filter(|range| range.len() >= 6)
}

/// True if the text holds a word of two letters or more that isn't generic, or a network address.
fn is_meaningful(text: &str) -> bool {
    if text.split(['_', ' ', '-']).any(|word| word.parse::<Ipv4Addr>().is_ok()) {
        return true;
    }
    text.split(SEPARATORS).any(|word| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters >= 2 && !GENERIC.iter().any(|generic| word.eq_ignore_ascii_case(generic))
    })
}

/// True for a channel's prefix with up to four digits, alone or with generic words: `ch01`, `ch1_main`, `camera 2`.
fn is_channel(text: &str) -> bool {
    let mut numbered = false;
    let mut prefixed = false;
    for word in text.split(SEPARATORS).filter(|word| !word.is_empty()) {
        let prefix = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = word.len() - prefix.len();
        let known = CHANNEL.iter().any(|channel| prefix.eq_ignore_ascii_case(channel));
        let generic = GENERIC.iter().any(|generic| word.eq_ignore_ascii_case(generic));
        if !known && !generic && !prefix.is_empty() || digits > 4 {
            return false;
        }
        numbered |= digits > 0;
        prefixed |= known || generic;
    }
    numbered && prefixed
}

/// The nearest folder with a name of its own, and the channel's folder below it.
fn folder_name(path: &Path) -> Option<String> {
    let mut channel = None;
    for component in path.parent()?.components().rev() {
        let Component::Normal(name) = component else { continue };
        let name = name.to_string_lossy();
        if name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_digit()) {
            channel.get_or_insert_with(|| name.clone().into_owned());
        } else if is_channel(&name) {
            channel.get_or_insert_with(|| name.clone().into_owned());
        } else if is_meaningful(&name) && !stamp::is_date(&name) && stamp::find(&name).is_none() {
            return Some(channel.map_or(name.clone().into_owned(), |channel| format!("{name}-{channel}")));
        }
    }
    channel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_as_people_and_recorders_name_them() {
        for (path, camera) in [
            ("/v/lobby_20260714_080000.mp4", "lobby"),
            ("/v/20260714_080000_lobby.mp4", "lobby"),
            ("/v/Service counter 1 2026-07-14 08.00.00.mp4", "Service counter 1"),
            ("/v/Lobby-00-080000-081500.mp4", "Lobby-00"),
            ("/v/lobby.mp4", "lobby"),
            ("/v/lobby-2.mp4", "lobby-2"),
            ("/v/NVR_ch1_main_20260714080000_20260714081500.mp4", "NVR_ch1_main"),
            ("/front/ch01_20260714080000.mp4", "front-ch01"),
            ("/front/RecM01_20260714_080000_081500_6D28808_1C4D6A4.mp4", "front-RecM01"),
            ("/front/2026/07/14/ch2.mp4", "front-ch2"),
            ("ch01_20260714080000.mp4", "ch01"),
            ("/front/20260714_080000.mp4", "front"),
            ("/front/2026-07-14/08-00-00.mp4", "front"),
            ("/front/2026/07/14/08/00.mp4", "front"),
            ("/front/2026-07-14/001/dav/08/08.00.00-08.15.00[M][0@0][0].dav", "front-001"),
            ("/front/cam2/20260714/080000.mp4", "front-cam2"),
            ("/front/D2026-07-14 T08-00-00.mp4", "front"),
            ("/front/video.mp4", "front"),
            ("/front/recordings/clip.mp4", "front"),
            ("/front/1783987200.mp4", "front"),
            ("/front/00012.mp4", "front"),
            ("00012.mp4", "00012"),
            ("video.mp4", "video"),
            ("/v/192.168.1.64_01_20260714080000123_TIMING.mp4", "192.168.1.64_01"),
            ("/v/vtest.avi", "vtest"),
        ] {
            // An address is a name of its own: two cameras of one recorder must not become one.
            assert_eq!(camera_from_path(Path::new(path)), camera, "{path}");
        }
    }
}
