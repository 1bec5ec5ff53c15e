//! Labels as people write them: CSV with the columns `frame` (from 0, decode order) and `count`; others are ignored. A
//! row without a count is not labelled yet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A frame's count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Frame, from 0.
    pub frame: u32,
    /// People in the view.
    pub count: f32,
}

/// Most people that a label may tell: beyond it is a typing error.
const COUNT_MAX: f32 = 10_000.0;

/// Why labels can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// The file can't be read, or is no such table.
    #[error("{}: line {line}: {source}; it is CSV with a first line `frame,count`", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What csv says.
        source: csv::Error,
    },
    /// A count can't be.
    #[error("{}: line {line}: {count} people: a count is a number from 0 to {COUNT_MAX}", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// As written.
        count: f32,
    },
    /// A frame is labelled twice.
    #[error("{}: line {line}: frame {frame} is labelled twice with different counts; keep one of the two lines", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// Line of the second, from 1.
        line: u64,
        /// Frame.
        frame: u32,
    },
    /// A frame that the clip does not have.
    #[error("{}: frame {frame}, but the clip has frames 0 to {last}; are these labels of another clip?", path.display())]
    NoSuchFrame {
        /// The file.
        path: PathBuf,
        /// As written.
        frame: u32,
        /// The clip's last frame.
        last: usize,
    },
}

#[derive(serde::Deserialize)]
struct Row {
    frame: u32,
    count: Option<f32>,
}

impl Label {
    /// Reads a file of a clip of so many frames; labels in the order of frames.
    pub fn load(path: &Path, frames: usize) -> Result<Vec<Self>, LabelsError> {
        let refuse = |line: u64| move |source| LabelsError::Csv { path: path.to_owned(), line, source };
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_path(path).map_err(refuse(1))?;
        let mut labels: BTreeMap<u32, f32> = BTreeMap::new();
        let headers = reader.headers().map_err(refuse(1))?.clone();
        for record in reader.records() {
            let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
            let record = record.map_err(|source| refuse(line_of(&source))(source))?;
            let line = record.position().map_or(1, csv::Position::line);
            let row: Row = record.deserialize(Some(&headers)).map_err(refuse(line))?;
            if usize::try_from(row.frame).is_ok_and(|frame| frame >= frames) {
                let last = frames.saturating_sub(1);
                return Err(LabelsError::NoSuchFrame { path: path.to_owned(), frame: row.frame, last });
            }
            let Some(count) = row.count else { continue };
            if !(0.0..=COUNT_MAX).contains(&count) {
                return Err(LabelsError::Count { path: path.to_owned(), line, count });
            }
            if labels.insert(row.frame, count).is_some_and(|before| before != count) {
                return Err(LabelsError::Twice { path: path.to_owned(), line, frame: row.frame });
            }
        }
        Ok(labels.into_iter().map(|(frame, count)| Self { frame, count }).collect())
    }
}
