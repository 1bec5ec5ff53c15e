//! Reads the tables: prunes by day, by the camera in the file's name and by the file's statistics; sorts.
//!
//! A missing table is an empty one. A file that vanishes while the lake is read was replaced, and is passed over.

use super::Result;
use super::columns::Columns;
use super::error::LakeError;
use super::files::{PartFile, part_files, partitions};
use super::rows::TableRow;
use super::schema::{Origin, Table};
use super::writer::Lake;
use pantau_models::ids::CameraId;
use pantau_models::record::{Event, Gap, Observation, Recording};
use pantau_models::time::{Interval, Span, US_PER_S, UtcMicros};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

/// Rows decoded at once: 4096 observations are below 2 MB.
const BATCH_ROWS: usize = 4096;

/// Which rows are wanted. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// First moment wanted. Observations are wanted by their start; rows with an end of their own (events, gaps,
    /// recordings) if they overlap the time wanted, so a gap that began before is there.
    pub from: Option<UtcMicros>,
    /// First moment not wanted any more.
    pub to: Option<UtcMicros>,
    /// Cameras wanted.
    pub cameras: Option<BTreeSet<CameraId>>,
}

impl Query {
    /// Everything of one camera.
    pub fn of_camera(camera: CameraId) -> Self {
        Self { cameras: Some(BTreeSet::from([camera])), ..Self::default() }
    }

    fn wants_camera(&self, camera: &CameraId) -> bool {
        self.cameras.as_ref().is_none_or(|wanted| wanted.contains(camera))
    }

    /// True if rows of that partition could be wanted.
    fn wants_date(&self, table: Table, date: &str) -> bool {
        // Rows with an end of their own may have begun on any day before.
        let from = self.from.filter(|_| table == Table::Observations);
        from.is_none_or(|from| date >= from.utc_date().as_str())
            && self.to.is_none_or(|to| date <= to.utc_date().as_str())
    }
}

impl Lake {
    /// Observations, sorted by camera, zone, start.
    pub fn observations(&self, query: &Query) -> Result<Vec<Observation>> {
        self.rows(query)
    }

    /// Events, sorted by camera, zone, start.
    pub fn events(&self, query: &Query) -> Result<Vec<Event>> {
        self.rows(query)
    }

    /// Gaps, sorted by camera, start.
    pub fn gaps(&self, query: &Query) -> Result<Vec<Gap>> {
        self.rows(query)
    }

    /// The manifest, sorted by camera, start, path.
    pub fn recordings(&self, query: &Query) -> Result<Vec<Recording>> {
        self.rows(query)
    }

    /// Observations one by one, in the order of UTC day, camera, zone, start. Holds a day of one camera (and that
    /// day's rows from files whose name does not tell their camera), however long the time wanted.
    pub fn for_each_observation(&self, query: &Query, mut each: impl FnMut(Observation)) -> Result<()> {
        self.for_each_row(query, &mut each)
    }

    fn rows<R: TableRow>(&self, query: &Query) -> Result<Vec<R>> {
        let mut rows = Vec::new();
        self.for_each_row(query, &mut |row| rows.push(row))?;
        rows.sort_by(R::order);
        Ok(rows)
    }

    fn for_each_row<R: TableRow>(&self, query: &Query, each: &mut impl FnMut(R)) -> Result<()> {
        for partition in partitions(self.paths(), R::TABLE)? {
            if !query.wants_date(R::TABLE, &partition.date) {
                continue;
            }
            let mut files: BTreeMap<CameraId, Vec<PartFile>> = BTreeMap::new();
            let mut rows: BTreeMap<CameraId, Vec<R>> = BTreeMap::new();
            for file in part_files(&partition)? {
                match &file.camera {
                    Some(camera) if !query.wants_camera(camera) => {}
                    Some(camera) => files.entry(camera.clone()).or_default().push(file),
                    None => {
                        read_wanted::<R>(&file.path, query, &mut |row| {
                            rows.entry(row.place().camera.clone()).or_default().push(row);
                        })?;
                    }
                }
            }
            let cameras: BTreeSet<CameraId> = files.keys().chain(rows.keys()).cloned().collect();
            for camera in cameras {
                let mut day = rows.remove(&camera).unwrap_or_default();
                for file in files.remove(&camera).unwrap_or_default() {
                    read_wanted::<R>(&file.path, query, &mut |row| day.push(row))?;
                }
                day.sort_by(R::order);
                day.into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }
}

/// The rows of a file that the query wants.
fn read_wanted<R: TableRow>(path: &Path, query: &Query, each: &mut dyn FnMut(R)) -> Result<()> {
    let Some(file) = ParquetFile::open(path)? else { return Ok(()) };
    if query.from.is_some_and(|from| file.ends_before(from)) {
        return Ok(());
    }
    file.for_each_row(&mut |row: R| {
        if query.wants_camera(&row.place().camera) && row.is_in_time(query) {
            each(row);
        }
    })
}

/// An open Parquet file whose schema this program knows.
pub(super) struct ParquetFile<'a> {
    path: &'a Path,
    builder: ParquetRecordBatchReaderBuilder<File>,
    /// What its metadata tells about its writer.
    pub(super) origin: Origin,
}

impl<'a> ParquetFile<'a> {
    /// `None` if the file is gone.
    pub(super) fn open(path: &'a Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LakeError::io(path, "open", error)),
            Ok(file) => file,
        };
        // Without Arrow's own metadata every writer's ids come as plain text.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(|source| unreadable(path, source))?;
        let origin = Origin::of(path, builder.metadata().file_metadata().key_value_metadata())?;
        Ok(Some(Self { path, builder, origin }))
    }

    /// True if the statistics prove that every row ends before the moment. Says so only of Pantau's own files.
    pub(super) fn ends_before(&self, moment: UtcMicros) -> bool {
        self.origin.schema_version.is_some() && latest_end_us(self.builder.metadata()).is_some_and(|end| end < moment.0)
    }

    /// A span that holds every row, by the statistics; all of time where they prove nothing.
    pub(super) fn time(&self) -> Span {
        let known = self.origin.schema_version.and_then(|_| time_of(self.builder.metadata()));
        known.unwrap_or(Span::new(UtcMicros(i64::MIN), UtcMicros(i64::MAX)))
    }

    /// Every row in the file's order.
    pub(super) fn for_each_row<R: TableRow>(self, each: &mut dyn FnMut(R)) -> Result<()> {
        let Self { path, builder, .. } = self;
        let names = R::TABLE.columns().iter().map(|column| column.name);
        let wanted = ProjectionMask::columns(builder.parquet_schema(), names);
        let batches = builder.with_projection(wanted).with_batch_size(BATCH_ROWS).build();
        let mut rows_before = 0;
        for batch in batches.map_err(|source| unreadable(path, source))? {
            let batch = batch.map_err(|source| unreadable(path, ParquetError::External(Box::new(source))))?;
            R::from_columns(&Columns { path, batch: &batch, rows_before })?.into_iter().for_each(&mut *each);
            rows_before += batch.num_rows();
        }
        Ok(())
    }
}

fn unreadable(path: &Path, source: ParquetError) -> LakeError {
    LakeError::Unreadable { path: path.to_owned(), source }
}

/// The largest `end` in the file, if each of its row groups tells.
fn latest_end_us(metadata: &ParquetMetaData) -> Option<i64> {
    Some(range_us(metadata, "end")?.1)
}

/// From the first start to the last end; an interval without an end of its own has the longest length.
fn time_of(metadata: &ParquetMetaData) -> Option<Span> {
    let (first, last) = range_us(metadata, "start")?;
    let end = latest_end_us(metadata).unwrap_or(last.saturating_add(i64::from(Interval::MAX_S) * US_PER_S));
    Some(Span::new(UtcMicros(first), UtcMicros(end.max(first))))
}

/// Smallest and largest value of a column of moments, if each of its row groups tells.
fn range_us(metadata: &ParquetMetaData, name: &str) -> Option<(i64, i64)> {
    let mut range = None;
    for row_group in metadata.row_groups() {
        let column = row_group.columns().iter().find(|column| column.column_path().string() == name)?;
        let Statistics::Int64(values) = column.statistics()? else { return None };
        let (low, high) = (*values.min_opt()?, *values.max_opt()?);
        range = range.map_or(Some((low, high)), |(first, last): (i64, i64)| Some((first.min(low), last.max(high))));
    }
    range
}
