//! The lake's contract: tables, columns, units. What `lake` writes is checked against this list, and the
//! documentation is generated from it.

/// Version of the schema, stored in each file's metadata. Raised when the meaning of a column changes or a column
/// goes; a new column alone does not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// Key of the schema version in a Parquet file's metadata.
pub const META_SCHEMA_VERSION: &str = "pantau.schema_version";
/// Key of the program's version.
pub const META_PROGRAM_VERSION: &str = "pantau.program_version";
/// Key of the settings id.
pub const META_SETTINGS_ID: &str = "pantau.settings_id";

/// A column's type, as analysts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `timestamp(us, UTC)`.
    TimestampUs,
    /// Dictionary-encoded UTF-8.
    Id,
    /// Plain UTF-8.
    Text,
    /// `float32`.
    F32,
    /// `uint32`.
    U32,
    /// `uint64`.
    U64,
    /// `fixed_size_binary(n)`.
    Bytes(i32),
}

/// One column of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means.
    pub meaning: &'static str,
}

const fn column(name: &'static str, kind: ColumnType, meaning: &'static str) -> Column {
    Column { name, kind, nullable: false, meaning }
}

const fn nullable(name: &'static str, kind: ColumnType, meaning: &'static str) -> Column {
    Column { name, kind, nullable: true, meaning }
}

use ColumnType::{Bytes, F32, Id, Text, TimestampUs, U32, U64};

/// `observations`: one row per camera, zone, interval.
pub const OBSERVATIONS: &[Column] = &[
    column("start", TimestampUs, "start of the interval"),
    column("duration_s", F32, "its nominal length"),
    column("site", Id, "whose machine looked"),
    column("district", Id, "kecamatan"),
    column("agency", Id, "SKPD"),
    column("room", Id, "room"),
    column("camera", Id, "camera"),
    column("zone", Id, "zone of the view; `room` is the whole unmasked view"),
    column("observed_s", F32, "seconds really seen, from PTS; 0..duration_s"),
    column("samples", U32, "frames analysed"),
    column("motion", F32, "mean share of the zone's area that moves, 0..1"),
    column("motion_peak", F32, "largest share of the zone's area that moves, 0..1"),
    column("active_s", F32, "seconds with movement distinguishable from rest"),
    column("activity", F32, "0..100, comparable between cameras"),
    column("presence", F32, "probability that somebody is in the zone, 0..1"),
    nullable("people", F32, "estimated number; null where it can't be known"),
    nullable("people_low", F32, "lower end of its 90 % interval"),
    nullable("people_high", F32, "upper end of its 90 % interval"),
    column("luma", F32, "mean brightness, 0..255"),
    column(
        "quality",
        U32,
        "bit set: dark, glare, covered, blurred, frozen, light_change, camera_moved, infrared, decode_errors, clock_suspect, warmup, restless",
    ),
    column("cells", Bytes(144), "movement per cell of a 16 x 9 grid, row by row from the top left, 0..255"),
];

/// `events`: one row per episode.
pub const EVENTS: &[Column] = &[
    column("start", TimestampUs, "first moment"),
    column("end", TimestampUs, "first moment after it"),
    column("site", Id, "whose machine looked"),
    column("district", Id, "kecamatan"),
    column("agency", Id, "SKPD"),
    column("room", Id, "room"),
    column("camera", Id, "camera"),
    column("zone", Id, "zone of the view"),
    column("kind", Id, "motion or presence"),
    column("peak", F32, "largest value in it: share moving, or probability"),
    column("mean", F32, "mean value in it"),
    column("confidence", F32, "how sure we are that it was one, 0..1"),
];

/// `gaps`: one row per span that nobody saw.
pub const GAPS: &[Column] = &[
    column("start", TimestampUs, "first unseen moment"),
    column("end", TimestampUs, "first moment seen again"),
    column("site", Id, "whose machine looked"),
    column("district", Id, "kecamatan"),
    column("agency", Id, "SKPD"),
    column("room", Id, "room"),
    column("camera", Id, "camera"),
    column("reason", Id, "no_link, camera_silent, decode, paused, disk or no_recording"),
    column("detail", Text, "more, for people"),
];

/// `recordings`: the manifest, one row per input file.
pub const RECORDINGS: &[Column] = &[
    column("start", TimestampUs, "wall clock of its first frame"),
    column("end", TimestampUs, "first moment after its last frame"),
    column("site", Id, "whose machine looked"),
    column("district", Id, "kecamatan"),
    column("agency", Id, "SKPD"),
    column("room", Id, "room"),
    column("camera", Id, "camera"),
    column("path", Text, "the file as it was named"),
    column("content_id", Text, "hash of size and parts of the content"),
    column("time_source", Id, "flag, name_pattern, container, nvr_name or file_time"),
    column("codec", Id, "FFmpeg's name of the codec"),
    column("width", U32, "width of the first picture, pixels"),
    column("height", U32, "height of the first picture, pixels"),
    column("size_bytes", U64, "size of the file"),
    column("frames", U64, "frames decoded"),
    column("decode_errors", U64, "packets and frames that could not be decoded"),
    column("status", Id, "done, partial, failed or skipped"),
    column("message", Text, "for people: position, cause, next step"),
    column("settings_id", Id, "hash of the analysis settings"),
    column("spent_s", F32, "CPU seconds spent on it"),
];

/// Every table with its folder's name.
pub const TABLES: &[(&str, &[Column])] =
    &[("observations", OBSERVATIONS), ("events", EVENTS), ("gaps", GAPS), ("recordings", RECORDINGS)];
