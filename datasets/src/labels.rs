//! Labelled footage: folders with `video.*` and `gt.csv`, and perhaps `boxes.csv`, `masks/`, `ROI.bmp`.
//!
//! `gt.csv`: `frame` (from 0, decode order), `count` (people in view), `fg_frac` (share of valid pixels that are moving
//! things); blank means not labelled. `boxes.csv`: `frame,id,x,y,w,h` in pixels.
//!
//! Masks are named by frame, six digits. CDnet itself counts frames from 1, but in this format `masks/000469.png`
//! belongs to row `frame = 469` of `gt.csv`, the 470th frame: over the masks of `cdnet_highway` the share of moving
//! pixels equals the row's `fg_frac` to its last digit at that offset, and at no other (`mask_names_are_rows` tests
//! it). `fg_frac` counts unknown pixels as valid and not moving; only those outside the region are left out.

use crate::grey::{Grey, GreyError};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Mask code: background.
pub const MASK_BACKGROUND: u8 = 0;
/// Mask code: shadow, which counts as background.
pub const MASK_SHADOW: u8 = 50;
/// Mask code: outside the region of interest; ignore.
pub const MASK_OUTSIDE: u8 = 85;
/// Mask code: unknown; ignore.
pub const MASK_UNKNOWN: u8 = 170;
/// Mask code: moving.
pub const MASK_MOVING: u8 = 255;

/// Why labels could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// A folder or file can't be read.
    #[error("{}: cannot read: {source}", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table is malformed.
    #[error("{}: line {line}: {source}", path.display())]
    Csv {
        /// The table.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What csv says.
        source: csv::Error,
    },
    /// A row is out of order.
    #[error("{}: line {line}: frame {found} where {expected} was expected; rows are in order, from frame 0, none left out", path.display())]
    Order {
        /// The table.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// As written.
        found: u32,
        /// The next one.
        expected: u32,
    },
    /// A value can't be.
    #[error("{}: line {line}: {column} = {value} is outside {range}", path.display())]
    Value {
        /// The table.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Its column.
        column: &'static str,
        /// As read.
        value: f32,
        /// What is allowed.
        range: &'static str,
    },
    /// An image can't be read.
    #[error("{}: {source}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: GreyError,
    },
    /// Labels without exactly one video.
    #[error("{}: {found} files named video.*; put exactly one beside gt.csv", path.display())]
    Video {
        /// The folder.
        path: PathBuf,
        /// How many there are.
        found: usize,
    },
}

/// What is known of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameLabel {
    /// People in view, if labelled.
    pub count: Option<u32>,
    /// Share of the pixels of the region that are moving things, if labelled; unknown ones count as not moving.
    pub fg_frac: Option<f32>,
}

/// One labelled thing in one frame, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
pub struct LabelBox {
    /// Frame, from 0.
    pub frame: u32,
    /// Track.
    pub id: i64,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    #[serde(rename = "w")]
    pub width: f32,
    /// Height.
    #[serde(rename = "h")]
    pub height: f32,
}

/// Masks of moving things, read when asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskDir {
    files: BTreeMap<u32, PathBuf>,
}

/// A labelled clip.
#[derive(Clone, Debug)]
pub struct Clip {
    /// Name of its folder.
    pub name: String,
    /// The video.
    pub video: PathBuf,
    /// Labels, one per frame in decode order.
    pub frames: Vec<FrameLabel>,
    /// Labelled boxes, if there are any, by frame.
    pub boxes: Option<Vec<LabelBox>>,
    /// Masks, if there are any.
    pub masks: Option<MaskDir>,
    /// Region of interest: pixels that are not 0 count.
    pub roi: Option<Grey>,
}

#[derive(serde::Deserialize)]
struct Row {
    frame: u32,
    count: Option<u32>,
    fg_frac: Option<f32>,
}

/// The clips below a folder: every subfolder with a `gt.csv`, sorted by name. Others are passed over.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, LabelError> {
    let mut folders = list(dir)?;
    folders.retain(|path| path.join("gt.csv").is_file());
    Ok(folders)
}

/// All clips below a folder, as [`folders`] finds them.
pub fn load_all(dir: &Path) -> Result<Vec<Clip>, LabelError> {
    folders(dir)?.iter().map(|folder| load(folder)).collect()
}

/// One clip.
pub fn load(folder: &Path) -> Result<Clip, LabelError> {
    let mut videos = list(folder)?.into_iter().filter(|path| path.file_stem().is_some_and(|stem| stem == "video"));
    let (video, more) = (videos.next(), videos.count());
    let video = video
        .filter(|_| more == 0)
        .ok_or_else(|| LabelError::Video { path: folder.to_owned(), found: if more > 0 { more + 1 } else { 0 } })?;
    let boxes = folder.join("boxes.csv");
    let roi = folder.join("ROI.bmp");
    Ok(Clip {
        name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        video,
        frames: read_frames(&folder.join("gt.csv"))?,
        boxes: boxes.is_file().then(|| read_boxes(&boxes)).transpose()?,
        masks: MaskDir::open(&folder.join("masks"))?,
        roi: roi.is_file().then(|| read_grey(&roi)).transpose()?,
    })
}

impl MaskDir {
    /// `None` if there is no such folder.
    fn open(folder: &Path) -> Result<Option<Self>, LabelError> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let numbered = |path: PathBuf| {
            let frame = path.file_stem()?.to_str()?.parse().ok()?;
            (path.extension()? == "png").then_some((frame, path))
        };
        Ok(Some(Self { files: list(folder)?.into_iter().filter_map(numbered).collect() }))
    }

    /// Frames with a mask, in order; the numbers are those of `gt.csv`.
    pub fn frames(&self) -> impl Iterator<Item = u32> {
        self.files.keys().copied()
    }

    /// The mask of a frame as luma codes, if it has one.
    pub fn read(&self, frame: u32) -> Result<Option<Grey>, LabelError> {
        self.files.get(&frame).map(|path| read_grey(path)).transpose()
    }
}

fn list(dir: &Path) -> Result<Vec<PathBuf>, LabelError> {
    let io = |source| LabelError::Io { path: dir.to_owned(), source };
    let entries = fs::read_dir(dir).map_err(io)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>().map_err(io)?;
    paths.sort();
    Ok(paths)
}

fn read_grey(path: &Path) -> Result<Grey, LabelError> {
    Grey::read(path).map_err(|source| LabelError::Image { path: path.to_owned(), source })
}

/// Rows of a table with the line each starts at.
fn rows<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<(u64, T)>, LabelError> {
    let file = fs::File::open(path).map_err(|source| LabelError::Io { path: path.to_owned(), source })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let failed = |line| move |source| LabelError::Csv { path: path.to_owned(), line, source };
    let headers = reader.headers().map_err(failed(1))?.clone();
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        if !reader.read_record(&mut record).map_err(failed(line))? {
            return Ok(rows);
        }
        rows.push((line, record.deserialize(Some(&headers)).map_err(failed(line))?));
    }
}

fn read_frames(path: &Path) -> Result<Vec<FrameLabel>, LabelError> {
    let mut frames = Vec::new();
    for (line, Row { frame, count, fg_frac }) in rows::<Row>(path)? {
        let expected = frames.len() as u32;
        if frame != expected {
            return Err(LabelError::Order { path: path.to_owned(), line, found: frame, expected });
        }
        if let Some(value) = fg_frac.filter(|share| !(0.0..=1.0).contains(share)) {
            return Err(LabelError::Value { path: path.to_owned(), line, column: "fg_frac", value, range: "0..1" });
        }
        frames.push(FrameLabel { count, fg_frac });
    }
    Ok(frames)
}

fn read_boxes(path: &Path) -> Result<Vec<LabelBox>, LabelError> {
    let mut boxes = Vec::new();
    for (line, label) in rows::<LabelBox>(path)? {
        for (column, value) in [("w", label.width), ("h", label.height)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(LabelError::Value { path: path.to_owned(), line, column, value, range: "0.. pixels" });
            }
        }
        boxes.push(label);
    }
    boxes.sort_by_key(|label| (label.frame, label.id));
    Ok(boxes)
}
