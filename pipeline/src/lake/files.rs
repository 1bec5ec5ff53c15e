//! Finds a table's Parquet files by partition and name; what is not a part of the lake is passed over.

use super::Result;
use super::durable::entries;
use super::paths::{LakePaths, camera_of, date_of, is_parquet};
use super::schema::Table;
use pantau_models::ids::CameraId;
use std::path::{Path, PathBuf};

/// One day of a table.
pub(super) struct Partition {
    /// The UTC day, `YYYY-MM-DD`.
    pub(super) date: String,
    /// Its folder.
    pub(super) path: PathBuf,
}

/// One Parquet file of a table.
pub(super) struct PartFile {
    /// Its path.
    pub(super) path: PathBuf,
    /// The only camera in it; `None` if the name does not tell.
    pub(super) camera: Option<CameraId>,
}

impl PartFile {
    /// False if its name tells that all of its rows are another camera's.
    pub(super) fn may_hold(&self, camera: &CameraId) -> bool {
        self.camera.as_ref().is_none_or(|own| own == camera)
    }
}

/// The table's days in order.
pub(super) fn partitions(paths: &LakePaths, table: Table) -> Result<Vec<Partition>> {
    let partition = |path: PathBuf| {
        let date = date_of(name(&path)?)?.to_owned();
        path.is_dir().then_some(Partition { date, path })
    };
    Ok(entries(&paths.table(table))?.into_iter().filter_map(partition).collect())
}

/// The day's files, by name.
pub(super) fn part_files(partition: &Partition) -> Result<Vec<PartFile>> {
    let part_file = |path: PathBuf| {
        let name = name(&path)?;
        let camera = camera_of(name);
        is_parquet(name).then_some(PartFile { path, camera })
    };
    Ok(entries(&partition.path)?.into_iter().filter_map(part_file).collect())
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}
