//! Arrow columns to rows: takes what Pantau writes, and what other tools make of it (other widths of numbers, other
//! time units, missing nullable columns).

use super::Result;
use super::error::LakeError;
use arrow_array::types::{
    Float32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, FixedSizeBinaryArray, PrimitiveArray, RecordBatch, StringArray,
};
use pantau_models::ids::{Place, ZoneId};
use pantau_models::record::{
    CELLS, Event, EventKind, Gap, GapReason, Observation, Quality, Recording, RecordingStatus, TimeSource,
};
use pantau_models::time::{Span, UtcMicros};
use std::path::Path;
use std::sync::Arc;

/// A batch of a file's rows, with the file's name for messages.
pub(super) struct Columns<'a> {
    pub(super) path: &'a Path,
    pub(super) batch: &'a RecordBatch,
    /// Rows of the file before this batch.
    pub(super) rows_before: usize,
}

impl Columns<'_> {
    /// Rows of `observations`.
    pub(super) fn observations(&self) -> Result<Vec<Observation>> {
        let (start, duration_s) = (self.moments("start")?, self.f32s("duration_s")?);
        let (mut places, zone) = (self.places()?, self.texts("zone")?);
        let (observed_s, samples, active_s) = (self.f32s("observed_s")?, self.u32s("samples")?, self.f32s("active_s")?);
        let (motion, motion_peak) = (self.f32s("motion")?, self.f32s("motion_peak")?);
        let (activity, presence, luma) = (self.f32s("activity")?, self.f32s("presence")?, self.f32s("luma")?);
        let people = self.f32s_or_null("people")?;
        let (people_low, people_high) = (self.f32s_or_null("people_low")?, self.f32s_or_null("people_high")?);
        let (quality, cells) = (self.u32s("quality")?, self.cells()?);
        let row = |row: usize| {
            Ok(Observation {
                start: UtcMicros(start[row]),
                duration_s: duration_s[row],
                place: places.at(row),
                zone: ZoneId::new(zone.value(row)),
                observed_s: observed_s[row],
                samples: samples[row],
                motion: motion[row],
                motion_peak: motion_peak[row],
                active_s: active_s[row],
                activity: activity[row],
                presence: presence[row],
                people: people[row],
                people_low: people_low[row],
                people_high: people_high[row],
                luma: luma[row],
                quality: Quality(quality[row]),
                cells: self.cells_at(&cells, row)?,
            })
        };
        self.rows().map(row).collect()
    }

    /// Rows of `events`.
    pub(super) fn events(&self) -> Result<Vec<Event>> {
        let (start, end) = (self.moments("start")?, self.moments("end")?);
        let (mut places, zone, kind) = (self.places()?, self.texts("zone")?, self.texts("kind")?);
        let (peak, mean, confidence) = (self.f32s("peak")?, self.f32s("mean")?, self.f32s("confidence")?);
        let row = |row: usize| {
            Ok(Event {
                span: Span::new(UtcMicros(start[row]), UtcMicros(end[row])),
                place: places.at(row),
                zone: ZoneId::new(zone.value(row)),
                kind: self.word("kind", kind, row, EventKind::parse)?,
                peak: peak[row],
                mean: mean[row],
                confidence: confidence[row],
            })
        };
        self.rows().map(row).collect()
    }

    /// Rows of `gaps`.
    pub(super) fn gaps(&self) -> Result<Vec<Gap>> {
        let (start, end) = (self.moments("start")?, self.moments("end")?);
        let (mut places, reason, detail) = (self.places()?, self.texts("reason")?, self.texts("detail")?);
        let row = |row: usize| {
            Ok(Gap {
                span: Span::new(UtcMicros(start[row]), UtcMicros(end[row])),
                place: places.at(row),
                reason: self.word("reason", reason, row, GapReason::parse)?,
                detail: detail.value(row).to_owned(),
            })
        };
        self.rows().map(row).collect()
    }

    /// Rows of `recordings`.
    pub(super) fn recordings(&self) -> Result<Vec<Recording>> {
        let (start, end) = (self.moments("start")?, self.moments("end")?);
        let (mut places, path, content_id) = (self.places()?, self.texts("path")?, self.texts("content_id")?);
        let (time_source, codec) = (self.texts("time_source")?, self.texts("codec")?);
        let (width, height, size_bytes) = (self.u32s("width")?, self.u32s("height")?, self.u64s("size_bytes")?);
        let (frames, decode_errors) = (self.u64s("frames")?, self.u64s("decode_errors")?);
        let (status, message) = (self.texts("status")?, self.texts("message")?);
        let (settings_id, spent_s) = (self.texts("settings_id")?, self.f32s("spent_s")?);
        let row = |row: usize| {
            Ok(Recording {
                place: places.at(row),
                path: path.value(row).to_owned(),
                content_id: content_id.value(row).to_owned(),
                span: Span::new(UtcMicros(start[row]), UtcMicros(end[row])),
                time_source: self.word("time_source", time_source, row, TimeSource::parse)?,
                codec: codec.value(row).to_owned(),
                width: width[row],
                height: height[row],
                size_bytes: size_bytes[row],
                frames: frames[row],
                decode_errors: decode_errors[row],
                status: self.word("status", status, row, RecordingStatus::parse)?,
                message: message.value(row).to_owned(),
                settings_id: settings_id.value(row).to_owned(),
                spent_s: spent_s[row],
            })
        };
        self.rows().map(row).collect()
    }

    fn rows(&self) -> std::ops::Range<usize> {
        0..self.batch.num_rows()
    }

    /// A column that must be there, without nulls.
    fn required(&self, column: &'static str) -> Result<&ArrayRef> {
        let array = self
            .batch
            .column_by_name(column)
            .ok_or_else(|| LakeError::MissingColumn { path: self.path.to_owned(), column })?;
        match (array.null_count() > 0).then(|| self.rows().find(|row| array.is_null(*row))).flatten() {
            Some(row) => Err(self.bad_value(column, row, "null")),
            None => Ok(array),
        }
    }

    fn texts(&self, column: &'static str) -> Result<&StringArray> {
        let array = self.required(column)?;
        array.as_any().downcast_ref().ok_or_else(|| self.bad_type(column, array, "text"))
    }

    fn moments(&self, column: &'static str) -> Result<Vec<i64>> {
        let array = self.required(column)?;
        numbers::<TimestampMicrosecondType, _>(array, |us| us)
            .or_else(|| numbers::<TimestampMillisecondType, _>(array, |ms| ms.saturating_mul(1000)))
            .or_else(|| numbers::<TimestampNanosecondType, _>(array, |ns| ns.div_euclid(1000)))
            .ok_or_else(|| self.bad_type(column, array, "a timestamp"))
    }

    fn f32s(&self, column: &'static str) -> Result<Vec<f32>> {
        let array = self.required(column)?;
        floats(array).ok_or_else(|| self.bad_type(column, array, "a float"))
    }

    fn f32s_or_null(&self, column: &'static str) -> Result<Vec<Option<f32>>> {
        let Some(array) = self.batch.column_by_name(column) else { return Ok(vec![None; self.batch.num_rows()]) };
        let values = floats(array).ok_or_else(|| self.bad_type(column, array, "a float"))?;
        Ok(values.into_iter().enumerate().map(|(row, value)| array.is_valid(row).then_some(value)).collect())
    }

    fn u64s(&self, column: &'static str) -> Result<Vec<u64>> {
        let array = self.required(column)?;
        numbers::<UInt64Type, _>(array, Some)
            .or_else(|| numbers::<UInt32Type, _>(array, |value| Some(u64::from(value))))
            .or_else(|| numbers::<Int64Type, _>(array, |value| u64::try_from(value).ok()))
            .or_else(|| numbers::<Int32Type, _>(array, |value| u64::try_from(value).ok()))
            .ok_or_else(|| self.bad_type(column, array, "an unsigned integer"))?
            .into_iter()
            .enumerate()
            .map(|(row, value)| value.ok_or_else(|| self.bad_value(column, row, "a negative number")))
            .collect()
    }

    fn u32s(&self, column: &'static str) -> Result<Vec<u32>> {
        let fit = |(row, value): (usize, u64)| {
            u32::try_from(value).map_err(|_| self.bad_value(column, row, "a number above 32 bits"))
        };
        self.u64s(column)?.into_iter().enumerate().map(fit).collect()
    }

    fn word<T>(
        &self,
        column: &'static str,
        texts: &StringArray,
        row: usize,
        parse: fn(&str) -> Option<T>,
    ) -> Result<T> {
        let text = texts.value(row);
        parse(text).ok_or_else(|| self.bad_value(column, row, &format!("`{text}`")))
    }

    fn cells(&self) -> Result<Cells<'_>> {
        let array = self.required("cells")?;
        let fixed = array.as_any().downcast_ref().map(Cells::Fixed);
        fixed
            .or_else(|| array.as_any().downcast_ref().map(Cells::Plain))
            .ok_or_else(|| self.bad_type("cells", array, "144 bytes"))
    }

    fn cells_at(&self, cells: &Cells<'_>, row: usize) -> Result<[u8; CELLS]> {
        let bytes = match cells {
            Cells::Fixed(array) => array.value(row),
            Cells::Plain(array) => array.value(row),
        };
        bytes.try_into().map_err(|_| self.bad_value("cells", row, &format!("{} bytes", bytes.len())))
    }

    fn places(&self) -> Result<Places<'_>> {
        let ids = ["site", "district", "agency", "room", "camera"];
        let mut columns = Vec::with_capacity(ids.len());
        for id in ids {
            columns.push(self.texts(id)?);
        }
        Ok(Places { columns, last: None })
    }

    fn bad_type(&self, column: &'static str, array: &ArrayRef, expected: &'static str) -> LakeError {
        LakeError::ColumnType { path: self.path.to_owned(), column, found: array.data_type().to_string(), expected }
    }

    fn bad_value(&self, column: &'static str, row: usize, value: &str) -> LakeError {
        LakeError::Value { path: self.path.to_owned(), column, row: self.rows_before + row, value: value.to_owned() }
    }
}

/// The movement grids as Pantau or another tool stored them.
enum Cells<'a> {
    Fixed(&'a FixedSizeBinaryArray),
    Plain(&'a BinaryArray),
}

/// The five columns that tell where. Neighbouring rows nearly always share their place.
struct Places<'a> {
    columns: Vec<&'a StringArray>,
    last: Option<(usize, Arc<Place>)>,
}

impl Places<'_> {
    fn at(&mut self, row: usize) -> Arc<Place> {
        if let Some((known, place)) = &self.last
            && self.columns.iter().all(|column| column.value(*known) == column.value(row))
        {
            return Arc::clone(place);
        }
        let text = |index: usize| self.columns[index].value(row);
        let place = Arc::new(Place {
            site: text(0).into(),
            district: text(1).into(),
            agency: text(2).into(),
            room: text(3).into(),
            camera: text(4).into(),
        });
        self.last = Some((row, Arc::clone(&place)));
        place
    }
}

/// All values, also those under nulls, if the array has this type.
fn numbers<T: ArrowPrimitiveType, V>(array: &ArrayRef, convert: impl Fn(T::Native) -> V) -> Option<Vec<V>> {
    let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
    Some(array.values().iter().map(|value| convert(*value)).collect())
}

fn floats(array: &ArrayRef) -> Option<Vec<f32>> {
    numbers::<Float32Type, _>(array, |value| value).or_else(|| numbers::<Float64Type, _>(array, |value| value as f32))
}
