//! Reports that people trust: one HTML page, CSV tables, an XLSX workbook, all drawn from one [`Model`].
//!
//! ```text
//! Input (rows, gaps, calendar) --model--> Model --html/csv/xlsx--> people
//! ```
//!
//! **Invariant:** figures are computed in `model` only; `html`, `csv` and `xlsx` write them down.
//! **Invariant:** a room whose figures must not be shown has none in the model, so that no output can leak them.
//! **Invariant:** nothing here draws or tells unseen time as empty.

mod csv;
mod drawing;
mod heatmap;
mod html;
mod model;
mod notation;
mod ribbon;
mod room;
mod rows;
mod save;
mod sentences;
mod strip;
mod table;
#[cfg(test)]
mod tests;
mod words;
mod xlsx;

pub use self::csv::csv;
pub use drawing::Ribbon;
pub use html::{html, html_file};
pub use model::{Detail, Group, GroupBy, Input, Model, RoomReport, SinglePersonRoom, Visibility, model};
pub use notation::Notation;
pub use rows::SeenRows;
pub use words::{Language, Words};
pub use xlsx::xlsx;

use crate::lake::LakeError;
use std::path::PathBuf;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table could not be put into CSV.
    #[error("{table}: cannot write as csv; this is a defect of the program, please report it")]
    Csv {
        /// Name of the table.
        table: &'static str,
        /// Cause.
        source: ::csv::Error,
    },
    /// The workbook could not be built.
    #[error("{}: cannot build the workbook", path.display())]
    Xlsx {
        /// The workbook.
        path: PathBuf,
        /// Cause.
        source: rust_xlsxwriter::XlsxError,
    },
    /// The file could not be written.
    #[error("{0}; check that the folder exists and may be written, then make the report again")]
    Write(#[from] LakeError),
}
