//! Opens lakes and writes parts: all rows of one unit of work of one camera.
//!
//! A part has a name (camera, nominal start, id of its identity and settings) and one file per table and UTC day with
//! rows in it. Writing it again replaces the same files; the same rows give the same bytes. The manifest is written
//! last: what it lists is whole.

use super::Result;
use super::arrow::parquet_bytes;
use super::durable::{create_dir_durably, entries, remove_durably, remove_stale_temps, write_durably};
use super::error::LakeError;
use super::files::partitions;
use super::paths::{LakePaths, PartName};
use super::pending::{Pending, roll_back};
use super::rows::TableRow;
use super::schema::Table;
use pantau_models::ids::CameraId;
use pantau_models::record::{Event, Gap, Observation, Recording};
use pantau_models::schema::SCHEMA_VERSION;
use pantau_models::time::UtcMicros;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A lake, open for reading or for both.
#[derive(Clone, Debug)]
pub struct Lake {
    paths: LakePaths,
}

/// What the marker says.
#[derive(Serialize, Deserialize)]
struct Marker {
    format: String,
    schema_version: u32,
    program_version: String,
}

/// All rows of one unit of work of one camera, in any order.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The camera of every row.
    pub camera: CameraId,
    /// The part's nominal start, a piece of its name: known before any row is, the same in every run.
    pub start: UtcMicros,
    /// What the part was made from, for example the content ids of its recordings: the same in every run.
    pub identity: String,
    /// The settings it was made with.
    pub settings_id: String,
    /// Rows of `observations`.
    pub observations: Vec<Observation>,
    /// Rows of `events`.
    pub events: Vec<Event>,
    /// Rows of `gaps`.
    pub gaps: Vec<Gap>,
    /// Rows of `recordings`.
    pub recordings: Vec<Recording>,
}

/// A file of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its table.
    pub table: Table,
    /// Its path.
    pub path: PathBuf,
    /// Rows in it.
    pub rows: usize,
    /// Its size.
    pub bytes: u64,
}

impl Part {
    fn name(&self) -> PartName {
        let identity = [self.camera.as_str(), &self.identity, &self.settings_id].join("\u{1f}");
        PartName::new(&self.camera, self.start, &identity)
    }
}

impl Lake {
    /// Opens a lake for reading only.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let lake = Self { paths: LakePaths::new(dir.as_ref()) };
        let has_marker = lake.check_marker()?;
        if !has_marker && !Table::ALL.iter().any(|table| lake.paths.table(*table).is_dir()) {
            return Err(LakeError::NotALake { path: dir.as_ref().to_owned() });
        }
        Ok(lake)
    }

    /// Opens a lake for reading and writing, makes it if need be, and clears away what killed writers left: temp
    /// files, and parts that lack their last file. Several processes may write at once; what belongs to a live one
    /// stays.
    pub fn open_for_writing(dir: impl AsRef<Path>) -> Result<Self> {
        let lake = Self { paths: LakePaths::new(dir.as_ref()) };
        let has_marker = lake.check_marker()?;
        for folder in [lake.paths.root(), &lake.paths.state_dir(), &lake.paths.journal_dir()] {
            create_dir_durably(folder)?;
        }
        if !has_marker {
            lake.write_marker()?;
        }
        lake.clear_remains()?;
        Ok(lake)
    }

    /// The lake's files.
    pub fn paths(&self) -> &LakePaths {
        &self.paths
    }

    /// Writes a part durably and returns its files, the manifest's last. Numbers are rounded as the lake keeps them.
    pub fn write_part(&self, part: &Part) -> Result<Vec<WrittenFile>> {
        let name = part.name();
        let mut files = self.part_files(&part.observations, part, &name)?;
        files.extend(self.part_files(&part.events, part, &name)?);
        files.extend(self.part_files(&part.gaps, part, &name)?);
        files.extend(self.part_files(&part.recordings, part, &name)?);
        // A single file is all or nothing by itself.
        let pending = (files.len() > 1).then(|| {
            let paths: Vec<PathBuf> = files.iter().map(|file| file.meta.path.clone()).collect();
            Pending::begin(&self.paths, &name, &paths)
        });
        let pending = pending.transpose()?;
        let written = files.iter().try_for_each(EncodedFile::write);
        if let Some(pending) = &pending {
            match &written {
                Ok(()) => pending.commit()?,
                Err(_) => pending.abandon(&self.paths),
            }
        }
        written?;
        Ok(files.into_iter().map(|file| file.meta).collect())
    }

    /// Writes a part again whose former version may have had files that this one lacks: those are removed after.
    pub fn rewrite_part(&self, part: &Part) -> Result<Vec<WrittenFile>> {
        let written = self.write_part(part)?;
        let name = part.name();
        for table in Table::ALL {
            for partition in partitions(&self.paths, table)? {
                let path = self.paths.part(table, &partition.date, &name);
                if path.exists() && !written.iter().any(|file| file.path == path) {
                    remove_durably(&path)?;
                }
            }
        }
        Ok(written)
    }

    /// The same for a part whose former files are known: the lake's days are not looked through.
    pub fn rewrite_files(&self, part: &Part, former: &[WrittenFile]) -> Result<Vec<WrittenFile>> {
        let written = self.write_part(part)?;
        for old in former.iter().filter(|old| !written.iter().any(|file| file.path == old.path)) {
            remove_durably(&old.path)?;
        }
        Ok(written)
    }

    /// The part's files of one table, encoded, one per UTC day.
    fn part_files<R: TableRow>(&self, rows: &[R], part: &Part, name: &PartName) -> Result<Vec<EncodedFile>> {
        let mut days: BTreeMap<String, Vec<R>> = BTreeMap::new();
        for row in rows {
            let camera = &row.place().camera;
            if *camera != part.camera {
                return Err(LakeError::ForeignRow { part: part.camera.clone(), row: camera.clone() });
            }
            days.entry(row.span().start.utc_date()).or_default().push(row.clone());
        }
        let file = |(date, rows): (String, Vec<R>)| {
            EncodedFile::new(self.paths.part(R::TABLE, &date, name), rows, &part.settings_id)
        };
        days.into_iter().map(file).collect()
    }

    /// True if the marker is there; refuses lakes of newer programs.
    fn check_marker(&self) -> Result<bool> {
        let path = self.paths.marker();
        let json = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(LakeError::io(&path, "read", error)),
            Ok(json) => json,
        };
        let marker: Marker =
            serde_json::from_slice(&json).map_err(|source| LakeError::Marker { path: path.clone(), source })?;
        if marker.schema_version > SCHEMA_VERSION {
            return Err(LakeError::NewerSchema { path, found: marker.schema_version });
        }
        Ok(true)
    }

    fn write_marker(&self) -> Result<()> {
        let path = self.paths.marker();
        let marker = Marker {
            format: "pantau lake".to_owned(),
            schema_version: SCHEMA_VERSION,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let mut json =
            serde_json::to_vec(&marker).map_err(|source| LakeError::EncodeEntry { path: path.clone(), source })?;
        json.push(b'\n');
        write_durably(&path, |file| file.write_all(&json))
    }

    fn clear_remains(&self) -> Result<()> {
        let paths = &self.paths;
        let mut folders = vec![paths.root().to_owned(), paths.state_dir(), paths.journal_dir(), paths.pending_dir()];
        for table in Table::ALL {
            folders.extend(partitions(paths, table)?.into_iter().map(|partition| partition.path));
        }
        let mut temps = 0;
        for folder in &folders {
            temps += remove_stale_temps(folder)?;
        }
        let parts = roll_back(paths)?;
        if temps + parts > 0 {
            tracing::info!(temp_files = temps, parts, "cleared what a killed run left");
        }
        Ok(())
    }

    /// True if the manifest has any file.
    pub fn has_recordings(&self) -> Result<bool> {
        self.has_files(Table::Recordings)
    }

    /// True if any table has a file.
    pub fn has_rows(&self) -> Result<bool> {
        Table::ALL.into_iter().try_fold(false, |has, table| Ok(has || self.has_files(table)?))
    }

    fn has_files(&self, table: Table) -> Result<bool> {
        for partition in partitions(&self.paths, table)? {
            if !entries(&partition.path)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A Parquet file that only needs to be written.
pub(super) struct EncodedFile {
    /// What it will be.
    pub(super) meta: WrittenFile,
    bytes: Vec<u8>,
}

impl EncodedFile {
    /// Sorts and encodes the rows.
    pub(super) fn new<R: TableRow>(path: PathBuf, mut rows: Vec<R>, settings_id: &str) -> Result<Self> {
        rows.sort_by(R::order);
        let bytes = parquet_bytes(&path, &rows, settings_id)?;
        let meta = WrittenFile { table: R::TABLE, path, rows: rows.len(), bytes: bytes.len() as u64 };
        Ok(Self { meta, bytes })
    }

    /// Writes it durably, with its folder.
    pub(super) fn write(&self) -> Result<()> {
        if let Some(folder) = self.meta.path.parent() {
            create_dir_durably(folder)?;
        }
        write_durably(&self.meta.path, |file| file.write_all(&self.bytes))
    }
}
