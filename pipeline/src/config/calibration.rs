//! The file that tells how a camera's people are counted: small TOML, made by `pantau calibrate`, named by the
//! configuration, readable and correctable by people.
//!
//! `version` is raised whenever the same numbers would count otherwise. Numbers are written so that they read back to
//! the bit: what the file says is what changes rows, and goes into the settings id.

use pantau_models::evidence::BANDS;
use pantau_models::people::{Calibration, Fit};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The version that this program reads and writes.
const VERSION: u32 = 1;

const HEAD: &str = "\
# How Pantau counts the people in one camera's view. Made by `pantau calibrate`; to use it, write into the camera's
# table of the configuration:  calibration = \"THIS FILE\"
# people = base + for each of nine bands of rows, from the top: area x its share that differs from the background
# + edge x its share of new edges. Outside what was seen while labelling, the interval grows.
";

/// A calibration with where it comes from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationFile {
    version: u32,
    /// Camera that was labelled.
    pub camera: String,
    /// Mean absolute error on stretches of labels that were left out.
    pub error: f64,
    /// The same for always saying the median.
    pub constant_error: f64,
    /// What counts.
    pub people: Calibration,
}

/// Only what is judged before the rest is read: a newer file may hold what this program does not know.
#[derive(Deserialize)]
struct Versioned {
    version: Option<u32>,
}

/// Why a calibration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The file can't be read.
    #[error("{}: cannot read: {source}; make one with `pantau calibrate`, or take the key out", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no calibration.
    #[error("{}: line {line}: {message}; make it anew with `pantau calibrate`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It is of another version.
    #[error("{}: version {found} of calibrations, this program reads version {VERSION}: update Pantau, or make it anew with `pantau calibrate`", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// A number can't be.
    #[error("{}: `{key}` holds what can't be: {reason}; make it anew with `pantau calibrate`", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// Why not.
        reason: &'static str,
    },
}

impl CalibrationFile {
    /// Of a fit.
    pub fn new(camera: &str, fit: &Fit) -> Self {
        Self {
            version: VERSION,
            camera: camera.to_owned(),
            error: (fit.error * 1e3).round() / 1e3,
            constant_error: (fit.constant_error * 1e3).round() / 1e3,
            people: fit.calibration.clone(),
        }
    }

    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self, CalibrationError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| CalibrationError::Read { path: path.to_owned(), source })?;
        let unreadable = |error: toml::de::Error| CalibrationError::Unreadable {
            path: path.to_owned(),
            line: error.span().map_or(1, |span| super::refusal::line_of(&text, span.start)),
            message: error.message().to_owned(),
        };
        let versioned: Versioned = toml::from_str(&text).map_err(unreadable)?;
        match versioned.version {
            Some(found) if found != VERSION => Err(CalibrationError::Version { path: path.to_owned(), found }),
            _ => {
                let file: Self = toml::from_str(&text).map_err(unreadable)?;
                file.judge(path)?;
                Ok(file)
            }
        }
    }

    fn judge(&self, path: &Path) -> Result<(), CalibrationError> {
        let refuse = |key, reason| Err(CalibrationError::Value { path: path.to_owned(), key, reason });
        let Calibration { labels: _, counts, margin, beside, base, area, edge, area_seen, edge_seen } = &self.people;
        if !(counts[0] >= 0.0 && counts[1] >= counts[0] && counts[1].is_finite()) {
            return refuse("counts", "it is [fewest, most] people, from 0");
        }
        if !(*margin >= 0.0 && margin.is_finite()) {
            return refuse("margin", "it is a number of people, from 0");
        }
        if !(0.0..=1.0).contains(beside) {
            return refuse("beside", "it is a weight, 0 to 1");
        }
        let weights = [*base].into_iter().chain(*area).chain(*edge);
        let mut numbers = weights.chain(area_seen.iter().chain(edge_seen).flatten().copied());
        if numbers.any(|number| !number.is_finite()) {
            return refuse("area", "all weights and ranges are plain numbers");
        }
        Ok(())
    }

    /// As written to a file.
    pub fn to_text(&self) -> String {
        let Calibration { labels, counts, margin, beside, base, area, edge, area_seen, edge_seen } = &self.people;
        let list = |values: &[f32; BANDS]| join(values.iter().map(|value| format!("{value:?}")));
        let pairs = |values: &[[f32; 2]; BANDS]| join(values.iter().map(|[low, high]| format!("[{low:?}, {high:?}]")));
        let camera = toml::Value::String(self.camera.clone());
        format!(
            "{HEAD}version = {}\ncamera = {camera}\n\
             error = {:?}            # mean error on stretches of labels that were left out, people\n\
             constant_error = {:?}   # the same for always saying the median\n\n[people]\n\
             labels = {labels}\ncounts = [{:?}, {:?}]   # fewest and most labelled\n\
             margin = {margin:?}   # half of the 90 % interval\n\
             beside = {beside:?}   # weight of the seconds before and after\nbase = {base:?}\narea = [{}]\nedge = [{}]\n\
             area_seen = [{}]\nedge_seen = [{}]\n",
            self.version,
            self.error,
            self.constant_error,
            counts[0],
            counts[1],
            list(area),
            list(edge),
            pairs(area_seen),
            pairs(edge_seen),
        )
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
