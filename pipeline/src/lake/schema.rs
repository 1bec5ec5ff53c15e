//! Arrow schemas and Parquet settings of the tables, made from the contract in `pantau_models::schema`.
//!
//! Only encodings that every reader knows (DuckDB, Polars, pandas, Spark with its vectorised reader): dictionary and
//! plain, delta for the time columns. BYTE_STREAM_SPLIT is left out: Spark refuses it, and after rounding dictionaries
//! are smaller (measured on a noisy camera-day for every float column but activity).

use super::Result;
use super::error::LakeError;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use pantau_models::schema::{
    Column, ColumnType, EVENTS, GAPS, META_PROGRAM_VERSION, META_SCHEMA_VERSION, META_SETTINGS_ID, OBSERVATIONS,
    RECORDINGS, SCHEMA_VERSION,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::path::Path;
use std::sync::Arc;

/// Zstd level of the files. Measured on a noisy camera-day (`tests/size.rs`), bytes a row: level 1 35.3, 3 35.1, 6 32.6,
/// 9 31.6, 15 28.9; up to 6 the time does not grow measurably, 15 takes six times as long.
const ZSTD_LEVEL: i32 = 6;

/// The lake's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row per camera, zone, interval.
    Observations,
    /// One row per episode.
    Events,
    /// One row per span that nobody saw.
    Gaps,
    /// The manifest: one row per input file.
    Recordings,
}

impl Table {
    /// All of them, in the order in which a part is written: the manifest last.
    pub const ALL: [Self; 4] = [Self::Observations, Self::Events, Self::Gaps, Self::Recordings];

    /// Its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observations => "observations",
            Self::Events => "events",
            Self::Gaps => "gaps",
            Self::Recordings => "recordings",
        }
    }

    /// Its columns, as the contract lists them.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Observations => OBSERVATIONS,
            Self::Events => EVENTS,
            Self::Gaps => GAPS,
            Self::Recordings => RECORDINGS,
        }
    }

    /// The columns by which its files are sorted, as far as Parquet can tell it.
    fn sorted_by(self) -> &'static [&'static str] {
        match self {
            Self::Observations | Self::Events => &["camera", "zone", "start"],
            Self::Gaps | Self::Recordings => &["camera", "start"],
        }
    }
}

/// The table's columns as Arrow knows them.
pub(super) fn arrow_schema(table: Table) -> SchemaRef {
    let fields = table.columns().iter().map(|column| Field::new(column.name, arrow_type(column.kind), column.nullable));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::TimestampUs => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Id => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ColumnType::Text => DataType::Utf8,
        ColumnType::F32 => DataType::Float32,
        ColumnType::U32 => DataType::UInt32,
        ColumnType::U64 => DataType::UInt64,
        ColumnType::Bytes(length) => DataType::FixedSizeBinary(length),
    }
}

/// How the table's files are written.
pub(super) fn writer_properties(table: Table, settings_id: &str) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("invariant: 6 is a zstd level");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting(table)))
        .set_key_value_metadata(Some(metadata(settings_id)));
    for column in table.columns() {
        let path = ColumnPath::from(column.name);
        properties = match column.kind {
            ColumnType::TimestampUs => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            // Smallest and largest of 144 bytes help no query.
            ColumnType::Bytes(_) => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None),
            _ => properties,
        };
    }
    properties.build()
}

fn sorting(table: Table) -> Vec<SortingColumn> {
    let index = |name: &&str| table.columns().iter().position(|column| column.name == *name);
    let indices = table.sorted_by().iter().filter_map(index);
    indices
        .filter_map(|index| i32::try_from(index).ok())
        .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: false })
        .collect()
}

fn metadata(settings_id: &str) -> Vec<KeyValue> {
    vec![
        KeyValue::new(META_SCHEMA_VERSION.to_owned(), SCHEMA_VERSION.to_string()),
        KeyValue::new(META_PROGRAM_VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        KeyValue::new(META_SETTINGS_ID.to_owned(), settings_id.to_owned()),
    ]
}

/// What a file's metadata tells about its writer. Files of other programs tell nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// Its schema version.
    pub(super) schema_version: Option<u32>,
    /// Its settings.
    pub(super) settings_id: Option<String>,
}

impl Origin {
    /// From a file's metadata; refuses newer schemas.
    pub(super) fn of(path: &Path, metadata: Option<&Vec<KeyValue>>) -> Result<Self> {
        let value = |key: &str| metadata.into_iter().flatten().find(|pair| pair.key == key)?.value.clone();
        let schema_version = value(META_SCHEMA_VERSION).and_then(|text| text.parse().ok());
        match schema_version {
            Some(found) if found > SCHEMA_VERSION => Err(LakeError::NewerSchema { path: path.to_owned(), found }),
            _ => Ok(Self { schema_version, settings_id: value(META_SETTINGS_ID) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pantau_models::schema::TABLES;

    #[test]
    fn every_table_of_the_contract_is_known() {
        let known: Vec<_> = Table::ALL.iter().map(|table| (table.name(), table.columns().len())).collect();
        let contract: Vec<_> = TABLES.iter().map(|(name, columns)| (*name, columns.len())).collect();
        assert_eq!(known, contract);
        for table in Table::ALL {
            assert_eq!(sorting(table).len(), table.sorted_by().len(), "{table:?}");
        }
    }
}
