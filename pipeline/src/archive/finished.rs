//! Which recordings earlier runs finished, kept small: a file is a hash, its verdict a few words.

use super::tail::Settled;
use crate::ingest::FoundFile;
use crate::lake::Entry;
use pantau_models::ids::CameraId;
use pantau_models::record::{Recording, RecordingStatus, TimeSource};
use pantau_models::time::Span;
use std::collections::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_128;

/// A file as it was found: path, size and modification time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileKey(u128);

impl FileKey {
    fn new(path: &str, size_bytes: u64, mtime_us: i64) -> Self {
        Self(xxh3_128(format!("{size_bytes}\u{1f}{mtime_us}\u{1f}{path}").as_bytes()))
    }

    pub(super) fn found(file: &FoundFile) -> Self {
        Self::new(&file.path.display().to_string(), file.size_bytes, file.mtime_us)
    }

    fn of(recording: &Recording, mtime_us: i64) -> Self {
        Self::new(&recording.path, recording.size_bytes, mtime_us)
    }
}

/// What a run made of a file, of one camera with one set of settings.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// Camera and settings.
    whose: u128,
    pub status: RecordingStatus,
    pub span: Span,
    pub time_source: TimeSource,
    message: u128,
}

impl Verdict {
    /// True if it is one on this camera's with these settings.
    pub(super) fn is_of(&self, camera: &CameraId, settings_id: &str) -> bool {
        self.whose == whose(camera, settings_id)
    }
}

/// Recordings that were finished.
#[derive(Debug, Default)]
pub(super) struct Finished {
    by_file: HashMap<FileKey, Vec<Verdict>>,
    by_content: HashSet<u128>,
}

impl Finished {
    pub(super) fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut finished = Self::default();
        for Entry::RecordingDone { recording, mtime_us } in entries {
            finished.add(&(recording, mtime_us));
        }
        finished
    }

    pub(super) fn add(&mut self, (recording, mtime_us): &Settled) {
        let whose = whose(&recording.place.camera, &recording.settings_id);
        if recording.status != RecordingStatus::Failed {
            self.by_content.insert(content(whose, &recording.content_id));
        }
        let Some(mtime_us) = *mtime_us else { return };
        let verdicts = self.by_file.entry(FileKey::of(recording, mtime_us)).or_default();
        verdicts.retain(|verdict| verdict.whose != whose);
        let message = xxh3_128(recording.message.as_bytes());
        let Recording { status, span, time_source, .. } = *recording;
        verdicts.push(Verdict { whose, status, span, time_source, message });
    }

    /// The last verdicts on this very file, whatever the settings.
    pub(super) fn verdicts(&self, file: FileKey) -> &[Verdict] {
        self.by_file.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The last verdict on this very file.
    pub(super) fn verdict(&self, camera: &CameraId, file: FileKey, settings_id: &str) -> Option<&Verdict> {
        let whose = whose(camera, settings_id);
        self.by_file.get(&file)?.iter().find(|verdict| verdict.whose == whose)
    }

    /// True if this recording has this verdict already.
    pub(super) fn has(&self, (recording, mtime_us): &Settled) -> bool {
        let Some(mtime_us) = *mtime_us else { return false };
        let known = self.verdict(&recording.place.camera, FileKey::of(recording, mtime_us), &recording.settings_id);
        known.is_some_and(|known| {
            known.status == recording.status && known.message == xxh3_128(recording.message.as_bytes())
        })
    }

    pub(super) fn has_content(&self, camera: &CameraId, content_id: &str, settings_id: &str) -> bool {
        self.by_content.contains(&content(whose(camera, settings_id), content_id))
    }
}

fn whose(camera: &CameraId, settings_id: &str) -> u128 {
    xxh3_128(format!("{settings_id}\u{1f}{camera}").as_bytes())
}

fn content(whose: u128, content_id: &str) -> u128 {
    xxh3_128(format!("{whose:x}\u{1f}{content_id}").as_bytes())
}
