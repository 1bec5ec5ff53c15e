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
use super::files::{PartFile, part_files, partitions};
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
    /// The time that is analysed anew.
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

/// A camera's files that other settings wrote, found once: a run that replaces thousands of recordings neither lists
/// folders nor opens files for each of them.
#[derive(Debug)]
pub struct OldFiles {
    camera: CameraId,
    /// Events, gaps, observations, recordings: the order in which rows leave.
    files: [Vec<OldFile>; 4],
}

#[derive(Debug)]
struct OldFile {
    path: PathBuf,
    settings_id: String,
    /// Holds all of its rows.
    span: Span,
}

impl Lake {
    /// Removes the rows that a new analysis will replace. To be called before the new rows are written.
    pub fn remove_replaced(&self, replacement: &Replacement) -> Result<Removed> {
        let Replacement { camera, span, settings_id } = replacement;
        OldFiles::find(self, camera, settings_id, Some(span))?.remove(self, vec![*span])
    }

    /// What other settings wrote of a camera.
    pub fn old_files(&self, camera: &CameraId, settings_id: &str) -> Result<OldFiles> {
        OldFiles::find(self, camera, settings_id, None)
    }

    /// Takes a camera's gaps out of a span for which a recording came later; what could not be decoded stays told.
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
            if gap.reason != GapReason::Decode && gap.span.intersection(&span).is_some() {
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
        rewrite(self.paths(), path, kept, &settings_id, removed).map(drop)
    }
}

impl OldFiles {
    fn find(lake: &Lake, camera: &CameraId, settings_id: &str, within: Option<&Span>) -> Result<Self> {
        let list = |table| old_files_of_table(lake, table, camera, settings_id, within);
        let files = [list(Table::Events)?, list(Table::Gaps)?, list(Table::Observations)?, list(Table::Recordings)?];
        Ok(Self { camera: camera.clone(), files })
    }

    /// Removes the rows in these spans. To be called before the new rows are written.
    pub fn remove(&mut self, lake: &Lake, mut spans: Vec<Span>) -> Result<Removed> {
        let mut removed = Removed::default();
        merge(&mut spans);
        if !spans.is_empty() {
            let Self { camera, files: [events, gaps, observations, recordings] } = self;
            remove_rows::<Event>(lake, camera, events, &spans, &mut removed)?;
            remove_rows::<Gap>(lake, camera, gaps, &spans, &mut removed)?;
            remove_rows::<Observation>(lake, camera, observations, &spans, &mut removed)?;
            remove_rows::<Recording>(lake, camera, recordings, &spans, &mut removed)?;
        }
        Ok(removed)
    }
}

fn old_files_of_table(
    lake: &Lake,
    table: Table,
    camera: &CameraId,
    settings_id: &str,
    within: Option<&Span>,
) -> Result<Vec<OldFile>> {
    let mut files = Vec::new();
    for partition in partitions(lake.paths(), table)? {
        if within.is_some_and(|span| partition.date < first_date(table, span) || partition.date > span.end.utc_date()) {
            continue;
        }
        for PartFile { path, .. } in part_files(&partition)?.into_iter().filter(|file| file.may_hold(camera)) {
            let Some(file) = ParquetFile::open(&path)? else { continue };
            let (span, origin) = (file.time(), file.origin.settings_id.clone().unwrap_or_default());
            if origin != settings_id {
                files.push(OldFile { path, settings_id: origin, span });
            }
        }
    }
    Ok(files)
}

/// Rewrites the files that have rows in the spans; what is left of them stays in the list.
fn remove_rows<R: TableRow>(
    lake: &Lake,
    camera: &CameraId,
    files: &mut Vec<OldFile>,
    spans: &[Span],
    removed: &mut Removed,
) -> Result<()> {
    let mut moved = Vec::new();
    let mut kept_files = Vec::with_capacity(files.len());
    for file in std::mem::take(files) {
        if touched(&file.span, spans).is_empty() {
            kept_files.push(file);
            continue;
        }
        let rest = remove_from_file::<R>(lake, camera, &file, spans, removed)?;
        moved.extend(rest.moved.into_iter().map(|path| OldFile {
            path,
            settings_id: file.settings_id.clone(),
            ..file
        }));
        if rest.stays {
            kept_files.push(file);
        }
    }
    kept_files.extend(moved);
    *files = kept_files;
    Ok(())
}

/// Where the rows of a file are afterwards.
struct Rest {
    stays: bool,
    /// Files of later days that got some of them.
    moved: Vec<PathBuf>,
}

fn remove_from_file<R: TableRow>(
    lake: &Lake,
    camera: &CameraId,
    old: &OldFile,
    spans: &[Span],
    removed: &mut Removed,
) -> Result<Rest> {
    let Some(file) = ParquetFile::open(&old.path)? else { return Ok(Rest { stays: false, moved: Vec::new() }) };
    let (mut kept, mut count) = (Vec::new(), 0);
    file.for_each_row(&mut |row: R| {
        let spans = touched(&row.span(), spans);
        if !spans.is_empty() && row.place().camera == *camera {
            count += 1;
            let cut = |rows: Vec<R>, span| rows.into_iter().flat_map(|row| row.without(span)).collect();
            kept.extend(spans.iter().fold(vec![row], cut));
        } else {
            kept.push(row);
        }
    })?;
    if count == 0 {
        return Ok(Rest { stays: true, moved: Vec::new() });
    }
    removed.rows += count;
    rewrite(lake.paths(), &old.path, kept, &old.settings_id, removed)
}

/// Of sorted spans that share no moment, those that overlap another one.
fn touched<'a>(span: &Span, spans: &'a [Span]) -> &'a [Span] {
    let first = spans.partition_point(|piece| piece.end <= span.start);
    let count = spans[first..].iter().take_while(|piece| piece.intersection(span).is_some()).count();
    &spans[first..first + count]
}

/// Sorts spans and joins those that overlap or touch.
fn merge(spans: &mut Vec<Span>) {
    spans.retain(|span| span.start < span.end);
    spans.sort();
    spans.dedup_by(|next, span| {
        let joins = next.start <= span.end;
        if joins {
            span.end = span.end.max(next.end);
        }
        joins
    });
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
) -> Result<Rest> {
    let mut days: BTreeMap<String, Vec<R>> = BTreeMap::new();
    for row in kept {
        days.entry(row.span().start.utc_date()).or_default().push(row);
    }
    let (mut stays, mut moved) = (Vec::new(), Vec::new());
    for (date, rows) in days {
        let target = paths.on_day(R::TABLE, &date, path);
        if target == path {
            stays = rows;
        } else {
            add_rows(target.clone(), rows, settings_id)?;
            moved.push(target);
        }
    }
    if stays.is_empty() {
        removed.files_removed += 1;
        remove_durably(path)?;
        return Ok(Rest { stays: false, moved });
    }
    removed.files_rewritten += 1;
    EncodedFile::new(path.to_owned(), stays, settings_id)?.write()?;
    Ok(Rest { stays: true, moved })
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
