//! Makes room for another analysis of the same time: removes a camera's rows in a span that other settings made.
//!
//! Files are rewritten without those rows, or removed when nothing is left, one durable step each. Events, gaps and
//! observations go first, the manifest last. After a crash in between, the manifest still claims the time: a run
//! without `--replace` refuses it, one with `--replace` finishes the work; no row is ever counted twice, and readers
//! see the time as not seen, which is true.
//!
//! Rows that reach out of the span: events, gaps and recordings are cut; an observation goes whole, since its numbers
//! hold for the whole interval.

use super::Result;
use super::durable::remove_durably;
use super::files::{part_files, partitions};
use super::paths::LakePaths;
use super::reader::ParquetFile;
use super::rows::TableRow;
use super::schema::Table;
use super::writer::{EncodedFile, Lake};
use pantau_models::ids::CameraId;
use pantau_models::record::{Event, Gap, GapReason, Observation, Recording};
use pantau_models::time::{Interval, Span, US_PER_S};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rows have to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// Whose rows.
    pub camera: CameraId,
    /// The time that is analysed anew. One wide span is much cheaper than many narrow ones.
    pub span: Span,
    /// The new settings: rows that they made already stay.
    pub settings_id: String,
}

/// What a replacement did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows that are gone or were cut.
    pub rows: usize,
    /// Files that were rewritten without them.
    pub files_rewritten: usize,
    /// Files of which nothing was left.
    pub files_removed: usize,
}

impl Lake {
    /// Removes the rows that a new analysis will replace. To be called before the new rows are written.
    pub fn remove_replaced(&self, replacement: &Replacement) -> Result<Removed> {
        let mut removed = Removed::default();
        self.remove_from_table::<Event>(replacement, &mut removed)?;
        self.remove_from_table::<Gap>(replacement, &mut removed)?;
        self.remove_from_table::<Observation>(replacement, &mut removed)?;
        self.remove_from_table::<Recording>(replacement, &mut removed)?;
        Ok(removed)
    }

    /// Takes a camera's "no recording" gaps out of a span for which a recording came later.
    pub fn fill_gaps(&self, camera: &CameraId, span: Span) -> Result<Removed> {
        let mut removed = Removed::default();
        let last = span.end.utc_date();
        for partition in partitions(self.paths(), Table::Gaps)? {
            if partition.date > last {
                continue;
            }
            for file in part_files(&partition)?.into_iter().filter(|file| file.camera.as_ref() == Some(camera)) {
                self.fill_gaps_of_file(&file.path, span, &mut removed)?;
            }
        }
        Ok(removed)
    }

    fn fill_gaps_of_file(&self, path: &Path, span: Span, removed: &mut Removed) -> Result<()> {
        let Some(file) = ParquetFile::open(path)?.filter(|file| !file.ends_before(span.start)) else { return Ok(()) };
        let settings_id = file.origin.settings_id.clone().unwrap_or_default();
        let (mut kept, mut touched) = (Vec::new(), 0);
        file.for_each_row(&mut |gap: Gap| {
            if gap.reason == GapReason::NoRecording && gap.span.intersection(&span).is_some() {
                touched += 1;
                kept.extend(gap.without(&span));
            } else {
                kept.push(gap);
            }
        })?;
        if touched == 0 {
            return Ok(());
        }
        removed.rows += touched;
        rewrite(self.paths(), path, kept, &settings_id, removed)
    }

    fn remove_from_table<R: TableRow>(&self, replacement: &Replacement, removed: &mut Removed) -> Result<()> {
        let first = first_date(R::TABLE, &replacement.span);
        let last = replacement.span.end.utc_date();
        for partition in partitions(self.paths(), R::TABLE)? {
            if partition.date < first || partition.date > last {
                continue;
            }
            for file in part_files(&partition)? {
                if file.camera.is_none_or(|camera| camera == replacement.camera) {
                    self.remove_from_file::<R>(&file.path, replacement, removed)?;
                }
            }
        }
        Ok(())
    }

    fn remove_from_file<R: TableRow>(
        &self,
        path: &Path,
        replacement: &Replacement,
        removed: &mut Removed,
    ) -> Result<()> {
        let Some(file) = ParquetFile::open(path)? else { return Ok(()) };
        let settings_id = file.origin.settings_id.clone().unwrap_or_default();
        if settings_id == replacement.settings_id || file.ends_before(replacement.span.start) {
            return Ok(());
        }
        let (mut kept, mut touched) = (Vec::new(), 0);
        file.for_each_row(&mut |row: R| {
            let overlaps = row.span().intersection(&replacement.span).is_some();
            if overlaps && row.place().camera == replacement.camera {
                touched += 1;
                kept.extend(row.without(&replacement.span));
            } else {
                kept.push(row);
            }
        })?;
        if touched == 0 {
            return Ok(());
        }
        removed.rows += touched;
        rewrite(self.paths(), path, kept, &settings_id, removed)
    }
}

/// The first partition whose rows can reach into the span.
fn first_date(table: Table, span: &Span) -> String {
    if table == Table::Observations {
        span.start.plus_us(-i64::from(Interval::MAX_S) * US_PER_S).utc_date()
    } else {
        String::new()
    }
}

/// Writes what is left of a file. A piece that now starts on a later day moves to that day's partition, before it
/// leaves this one: a crash in between leaves it twice, and the next replacement finds the copy and adds no other.
fn rewrite<R: TableRow>(
    paths: &LakePaths,
    path: &Path,
    kept: Vec<R>,
    settings_id: &str,
    removed: &mut Removed,
) -> Result<()> {
    let mut days: BTreeMap<String, Vec<R>> = BTreeMap::new();
    for row in kept {
        days.entry(row.span().start.utc_date()).or_default().push(row);
    }
    let mut stays = Vec::new();
    for (date, rows) in days {
        let target = paths.on_day(R::TABLE, &date, path);
        if target == path {
            stays = rows;
        } else {
            add_rows(target, rows, settings_id)?;
        }
    }
    if stays.is_empty() {
        removed.files_removed += 1;
        return remove_durably(path);
    }
    removed.files_rewritten += 1;
    EncodedFile::new(path.to_owned(), stays, settings_id)?.write()
}

/// Adds rows to a file that may be there already, and may have some of them.
fn add_rows<R: TableRow>(path: PathBuf, rows: Vec<R>, settings_id: &str) -> Result<()> {
    let mut all = Vec::new();
    if let Some(file) = ParquetFile::open(&path)? {
        file.for_each_row(&mut |row: R| all.push(row))?;
    }
    for row in rows {
        if !all.contains(&row) {
            all.push(row);
        }
    }
    EncodedFile::new(path, all, settings_id)?.write()
}
