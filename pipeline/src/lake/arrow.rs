//! Rows to Arrow columns and on to the bytes of a Parquet file. The way back is `columns`.

use super::Result;
use super::error::LakeError;
use super::rounding::{ACTIVITY, EVENT, LUMA, PEOPLE, PROBABILITY, SECONDS, SHARE, round};
use super::rows::TableRow;
use super::schema::{arrow_schema, writer_properties};
use arrow_array::builder::FixedSizeBinaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float32Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
    UInt64Array,
};
use pantau_models::ids::Place;
use pantau_models::record::{CELLS, Event, Gap, Observation, Recording};
use pantau_models::time::UtcMicros;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use std::path::Path;
use std::sync::Arc;

/// The bytes of a Parquet file with these rows, in this order. The same rows give the same bytes. `path` is for
/// messages.
pub(super) fn parquet_bytes<R: TableRow>(path: &Path, rows: &[R], settings_id: &str) -> Result<Vec<u8>> {
    encode(rows, settings_id).map_err(|source| LakeError::Encode { path: path.to_owned(), source })
}

fn encode<R: TableRow>(rows: &[R], settings_id: &str) -> std::result::Result<Vec<u8>, ParquetError> {
    let properties = writer_properties(R::TABLE, settings_id);
    let mut writer = ArrowWriter::try_new(Vec::new(), arrow_schema(R::TABLE), Some(properties))?;
    writer.write(&batch(rows)?)?;
    writer.into_inner()
}

fn batch<R: TableRow>(rows: &[R]) -> std::result::Result<RecordBatch, ParquetError> {
    let array =
        |name| R::array(name, rows).ok_or_else(|| ParquetError::General(format!("no source for column {name}")));
    let arrays = R::TABLE.columns().iter().map(|column| array(column.name)).collect::<std::result::Result<_, _>>()?;
    Ok(RecordBatch::try_new(arrow_schema(R::TABLE), arrays)?)
}

/// A column of `observations`.
pub(super) fn observation_array(name: &str, rows: &[Observation]) -> Option<ArrayRef> {
    let floats = |value: fn(&Observation) -> f32, steps| f32s(rows.iter().map(value), steps);
    let people = |value: fn(&Observation) -> Option<f32>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| value(row).map(|people| round(people, PEOPLE))).collect::<Float32Array>())
    };
    Some(match name {
        "start" => moments(rows.iter().map(|row| row.start)),
        "duration_s" => floats(|row| row.duration_s, SECONDS),
        "zone" => ids(rows.iter().map(|row| row.zone.as_str())),
        "observed_s" => floats(|row| row.observed_s, SECONDS),
        "samples" => u32s(rows.iter().map(|row| row.samples)),
        "motion" => floats(|row| row.motion, SHARE),
        "motion_peak" => floats(|row| row.motion_peak, SHARE),
        "active_s" => floats(|row| row.active_s, SECONDS),
        "activity" => floats(|row| row.activity, ACTIVITY),
        "presence" => floats(|row| row.presence, PROBABILITY),
        "people" => people(|row| row.people),
        "people_low" => people(|row| row.people_low),
        "people_high" => people(|row| row.people_high),
        "luma" => floats(|row| row.luma, LUMA),
        "quality" => u32s(rows.iter().map(|row| row.quality.0)),
        "cells" => cells(rows),
        _ => return place_array(name, rows),
    })
}

/// A column of `events`.
pub(super) fn event_array(name: &str, rows: &[Event]) -> Option<ArrayRef> {
    Some(match name {
        "zone" => ids(rows.iter().map(|row| row.zone.as_str())),
        "kind" => ids(rows.iter().map(|row| row.kind.as_str())),
        "peak" => f32s(rows.iter().map(|row| row.peak), EVENT),
        "mean" => f32s(rows.iter().map(|row| row.mean), EVENT),
        "confidence" => f32s(rows.iter().map(|row| row.confidence), PROBABILITY),
        _ => return span_array(name, rows),
    })
}

/// A column of `gaps`.
pub(super) fn gap_array(name: &str, rows: &[Gap]) -> Option<ArrayRef> {
    Some(match name {
        "reason" => ids(rows.iter().map(|row| row.reason.as_str())),
        "detail" => texts(rows.iter().map(|row| row.detail.as_str())),
        _ => return span_array(name, rows),
    })
}

/// A column of `recordings`.
pub(super) fn recording_array(name: &str, rows: &[Recording]) -> Option<ArrayRef> {
    Some(match name {
        "path" => texts(rows.iter().map(|row| row.path.as_str())),
        "content_id" => texts(rows.iter().map(|row| row.content_id.as_str())),
        "time_source" => ids(rows.iter().map(|row| row.time_source.as_str())),
        "codec" => ids(rows.iter().map(|row| row.codec.as_str())),
        "width" => u32s(rows.iter().map(|row| row.width)),
        "height" => u32s(rows.iter().map(|row| row.height)),
        "size_bytes" => u64s(rows.iter().map(|row| row.size_bytes)),
        "frames" => u64s(rows.iter().map(|row| row.frames)),
        "decode_errors" => u64s(rows.iter().map(|row| row.decode_errors)),
        "status" => ids(rows.iter().map(|row| row.status.as_str())),
        "message" => texts(rows.iter().map(|row| row.message.as_str())),
        "settings_id" => ids(rows.iter().map(|row| row.settings_id.as_str())),
        "spent_s" => f32s(rows.iter().map(|row| row.spent_s), SECONDS),
        _ => return span_array(name, rows),
    })
}

/// `start` and `end`, and where.
fn span_array<R: TableRow>(name: &str, rows: &[R]) -> Option<ArrayRef> {
    Some(match name {
        "start" => moments(rows.iter().map(|row| row.span().start)),
        "end" => moments(rows.iter().map(|row| row.span().end)),
        _ => return place_array(name, rows),
    })
}

/// Where.
fn place_array<R: TableRow>(name: &str, rows: &[R]) -> Option<ArrayRef> {
    let value: fn(&Place) -> &str = match name {
        "site" => |place| place.site.as_str(),
        "district" => |place| place.district.as_str(),
        "agency" => |place| place.agency.as_str(),
        "room" => |place| place.room.as_str(),
        "camera" => |place| place.camera.as_str(),
        _ => return None,
    };
    Some(ids(rows.iter().map(|row| value(row.place()))))
}

fn moments(values: impl Iterator<Item = UtcMicros>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values.map(|at| at.0)).with_timezone("UTC"))
}

fn ids<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(values.collect::<DictionaryArray<Int32Type>>())
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn f32s(values: impl Iterator<Item = f32>, steps_per_unit: f64) -> ArrayRef {
    Arc::new(Float32Array::from_iter_values(values.map(|value| round(value, steps_per_unit))))
}

fn u32s(values: impl Iterator<Item = u32>) -> ArrayRef {
    Arc::new(UInt32Array::from_iter_values(values))
}

fn u64s(values: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(values))
}

fn cells(rows: &[Observation]) -> ArrayRef {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(rows.len(), CELLS as i32);
    for row in rows {
        builder.append_value(row.cells).expect("invariant: a row's cells are as long as the column is wide");
    }
    Arc::new(builder.finish())
}
