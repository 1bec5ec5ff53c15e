//! The lake's file names: the only place that composes or takes them apart.
//!
//! A part's files are `<table>/date=YYYY-MM-DD/<camera>-<start>-<id>.parquet`. The camera keeps `A-Z a-z 0-9 _ . -`;
//! every other byte becomes `~XX` (hex), as does a first `.`, `_` or `-`, since readers take such files for hidden or
//! for options. `~` needs no quoting in shells and URLs. A camera longer than 120 bytes is cut and gets `~~` and a
//! hash: such a name can't be turned back, so readers look into the file.

use super::schema::Table;
use pantau_models::ids::CameraId;
use pantau_models::time::UtcMicros;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Longest escaped camera in a file name, bytes: leaves room for start, id and temp suffix within 255.
const CAMERA_BYTES_MAX: usize = 120;
/// Hex digits of a part's id: 48 bits make a collision within one camera and second practically impossible.
const ID_DIGITS: usize = 12;
/// What names a Parquet file.
const PARQUET_SUFFIX: &str = ".parquet";
/// What names a partition's folder.
const DATE_PREFIX: &str = "date=";

/// The files of one lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakePaths {
    root: PathBuf,
}

impl LakePaths {
    /// The files of the lake in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The lake's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Which schema wrote here.
    pub fn marker(&self) -> PathBuf {
        self.root.join("_pantau.json")
    }

    /// A table's folder.
    pub fn table(&self, table: Table) -> PathBuf {
        self.root.join(table.name())
    }

    /// A part's file in the table's partition of that day.
    pub fn part(&self, table: Table, date: &str, part: &PartName) -> PathBuf {
        self.partition(table, date).join(format!("{}{PARQUET_SUFFIX}", part.stem))
    }

    /// The file of the same name in the table's partition of that day.
    pub(super) fn on_day(&self, table: Table, date: &str, file: &Path) -> PathBuf {
        self.partition(table, date).join(file.file_name().unwrap_or_default())
    }

    fn partition(&self, table: Table, date: &str) -> PathBuf {
        self.table(table).join(format!("{DATE_PREFIX}{date}"))
    }

    /// Checkpoints of the archive.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join("_state")
    }

    /// The checkpoint of one camera under these settings.
    pub fn state(&self, camera: &CameraId, settings_id: &str) -> PathBuf {
        self.state_dir().join(format!("{}@{}.state", escape(camera.as_str()), escape(settings_id)))
    }

    /// Journal, lock, markers.
    pub fn journal_dir(&self) -> PathBuf {
        self.root.join("_journal")
    }

    /// The archive's journal.
    pub fn journal(&self) -> PathBuf {
        self.journal_dir().join("archive.journal")
    }

    /// Held by the one archive run that writes.
    pub fn journal_lock(&self) -> PathBuf {
        self.journal_dir().join("archive.lock")
    }

    /// Where the damaged rest of a journal goes, by number.
    pub fn damaged_journal(&self, number: u32) -> PathBuf {
        aside(&self.journal(), "damaged", number)
    }

    /// The live workers' journal.
    pub fn live_journal(&self) -> PathBuf {
        self.journal_dir().join("live.journal")
    }

    /// Held by the one live worker that writes.
    pub fn live_lock(&self) -> PathBuf {
        self.journal_dir().join("live.lock")
    }

    /// What live workers have seen and not yet written as rows.
    pub fn spool_dir(&self) -> PathBuf {
        self.root.join("_spool")
    }

    /// One camera's spool.
    pub fn spool(&self, camera: &CameraId) -> PathBuf {
        self.spool_dir().join(format!("{}.spool", escape(camera.as_str())))
    }

    /// Markers of parts being written.
    pub fn pending_dir(&self) -> PathBuf {
        self.journal_dir().join("pending")
    }

    /// The marker of one part being written.
    pub fn pending(&self, part: &PartName) -> PathBuf {
        self.pending_dir().join(format!("{}.json", part.stem))
    }
}

/// Beside a file, what was put aside of it, by number.
pub(super) fn aside(path: &Path, what: &str, number: u32) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.{what}-{number}"))
}

/// What a part's files are called in every table and partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartName {
    stem: String,
}

impl PartName {
    /// The name of a part: the same identity text gives the same name for ever.
    pub fn new(camera: &CameraId, start: UtcMicros, identity: &str) -> Self {
        let start = start.to_timestamp().strftime("%Y%m%dT%H%M%SZ");
        Self { stem: format!("{}-{start}-{}", escape(camera.as_str()), part_id(identity)) }
    }
}

/// Twelve hex digits that stand for the text.
pub fn part_id(identity: &str) -> String {
    let mut digits = format!("{:016x}", xxh3_64(identity.as_bytes()));
    digits.truncate(ID_DIGITS);
    digits
}

/// The camera that a part's file name tells; `None` where the name is foreign or cut.
pub fn camera_of(file_name: &str) -> Option<CameraId> {
    let stem = file_name.strip_suffix(PARQUET_SUFFIX)?;
    let mut fields = stem.rsplitn(3, '-');
    let (id, start, camera) = (fields.next()?, fields.next()?, fields.next()?);
    (is_id(id) && is_start(start)).then_some(())?;
    unescape(camera).map(CameraId::new)
}

/// The day of a partition's folder.
pub fn date_of(folder_name: &str) -> Option<&str> {
    let date = folder_name.strip_prefix(DATE_PREFIX)?;
    let shape_is_right = date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    shape_is_right.then_some(date)
}

/// True for a file that readers of the lake should open.
pub fn is_parquet(file_name: &str) -> bool {
    file_name.ends_with(PARQUET_SUFFIX) && !file_name.starts_with(['.', '_'])
}

fn is_id(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_start(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

fn escape(text: &str) -> String {
    if text.is_empty() {
        return "~".to_owned();
    }
    let mut escaped = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || (at > 0 && matches!(byte, b'_' | b'.' | b'-'));
        if plain {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("~{byte:02X}"));
        }
    }
    if escaped.len() > CAMERA_BYTES_MAX {
        escaped.truncate(CAMERA_BYTES_MAX - ID_DIGITS - 2);
        escaped.push_str("~~");
        escaped.push_str(&part_id(text));
    }
    escaped
}

fn unescape(name: &str) -> Option<String> {
    if name == "~" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'~' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const CAMERAS: [&str; 12] = [
        "lobby-2",
        "lobby~2",
        "lobby/2",
        "lobby 2",
        "lobby%2",
        "Ruang Pelayanan №1",
        ".hidden",
        "_hidden",
        "-flag",
        "",
        "a-20261123T080000Z-0123456789ab",
        "..",
    ];

    #[test]
    fn every_camera_comes_back_from_its_file_name_and_none_shares_it() {
        let mut names = BTreeSet::new();
        for camera in CAMERAS.map(CameraId::from) {
            let part = PartName::new(&camera, UtcMicros(1_795_420_800_000_000), "content|settings");
            let path = LakePaths::new("lake").part(Table::Events, "2026-11-23", &part);
            let name = path.file_name().and_then(|name| name.to_str()).unwrap().to_owned();
            assert!(is_parquet(&name), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte)), "{name}");
            assert_eq!(camera_of(&name), Some(camera), "{name}");
            assert!(names.insert(name));
        }
    }

    #[test]
    fn the_layout_is_the_contract() {
        let part = PartName::new(&"lobby-2".into(), UtcMicros(1_795_420_800_000_000), "content|settings");
        let path = LakePaths::new("lake").part(Table::Observations, "2026-11-23", &part);
        let id = part_id("content|settings");
        let expected = format!("lake/observations/date=2026-11-23/lobby-2-20261123T080000Z-{id}.parquet");
        assert_eq!(path, Path::new(&expected));
        assert_eq!(part_id("content|settings").len(), 12);
        assert_ne!(part_id("content|settings"), part_id("content|settings2"));
    }

    #[test]
    fn long_cameras_fit_a_file_name_and_stay_apart() {
        let long = |last: &str| CameraId::new("Ж".repeat(200) + last);
        let name = |camera: &CameraId| format!("{}.parquet", PartName::new(camera, UtcMicros(0), "x").stem);
        assert_ne!(name(&long("1")), name(&long("2")));
        assert!(name(&long("1")).len() < 200);
        assert_eq!(camera_of(&name(&long("1"))), None);
    }

    #[test]
    fn foreign_names_tell_no_camera() {
        for name in ["part-0.parquet", "a-20261123T080000Z-xyz.parquet", "a-2026-0123456789ab.parquet", "a.csv"] {
            assert_eq!(camera_of(name), None, "{name}");
        }
        assert_eq!(date_of("date=2026-11-23"), Some("2026-11-23"));
        for folder in ["date=2026-1-23", "day=2026-11-23", "date=__HIVE_DEFAULT_PARTITION__"] {
            assert_eq!(date_of(folder), None, "{folder}");
        }
    }
}
