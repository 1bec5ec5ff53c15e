//! Files of other programs and other times: what can be read is read, what can't is named.

use super::sample::{at, new_lake, observation, part};
use crate::lake::schema::arrow_schema;
use crate::lake::{Lake, LakeError, Query, Table};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>, schema_version: Option<&str>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    if let Some(version) = schema_version {
        writer.append_key_value_metadata(KeyValue::new("pantau.schema_version".to_owned(), version.to_owned()));
    }
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn foreign_file(lake: &Lake, table: Table) -> PathBuf {
    lake.paths().table(table).join("date=2026-11-23/part-00000-of-00001.parquet")
}

/// Gaps as another tool would write them: plain text, milliseconds, a column of its own.
fn foreign_gaps(reason: &str) -> Vec<(&'static str, ArrayRef)> {
    let ids = || -> ArrayRef { Arc::new(StringArray::from(vec!["x", "a"])) };
    let start = TimestampMillisecondArray::from(vec![at(5).0 / 1000, at(7).0 / 1000]);
    let end = TimestampNanosecondArray::from(vec![at(6).0 * 1000 + 999, at(8).0 * 1000]);
    vec![
        ("row_number", Arc::new(Int64Array::from(vec![1, 2]))),
        ("start", Arc::new(start.with_timezone("UTC"))),
        ("end", Arc::new(end)),
        ("site", ids()),
        ("district", ids()),
        ("agency", ids()),
        ("room", ids()),
        ("camera", Arc::new(vec!["x", "a"].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("reason", Arc::new(StringArray::from(vec![reason, "disk"]))),
        ("detail", ids()),
    ]
}

#[test]
fn files_of_other_tools_are_read_and_sorted_in() {
    let (_dir, lake) = new_lake();
    lake.write_part(&part("m", 0, 10, "s1")).unwrap();
    write(&foreign_file(&lake, Table::Gaps), foreign_gaps("paused"), None);
    let gaps = lake.gaps(&Query::default()).unwrap();
    let cameras: Vec<_> = gaps.iter().map(|gap| gap.place.camera.as_str()).collect();
    assert_eq!(cameras, ["a", "m", "x"]);
    assert_eq!((gaps[2].span.start, gaps[2].span.end), (at(5), at(6)));
    assert_eq!(lake.gaps(&Query::of_camera("x".into())).unwrap().len(), 1);
}

#[test]
fn missing_nullable_columns_are_null_and_other_widths_are_taken() {
    let (_dir, lake) = new_lake();
    let row = observation("a", "room", 0);
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    for column in Table::Observations.columns().iter().filter(|column| !column.name.starts_with("people")) {
        let array = crate::lake::arrow::observation_array(column.name, std::slice::from_ref(&row)).unwrap();
        let array: ArrayRef = match column.name {
            "samples" | "quality" => {
                let value = if column.name == "samples" { row.samples } else { row.quality.0 };
                Arc::new(Int64Array::from(vec![i64::from(value)]))
            }
            "luma" => Arc::new(Float64Array::from(vec![f64::from(row.luma)])),
            "cells" => Arc::new(BinaryArray::from(vec![row.cells.as_slice()])),
            _ => array,
        };
        columns.push((column.name, array));
    }
    write(&foreign_file(&lake, Table::Observations), columns.clone(), None);
    let mut expected = row.clone();
    (expected.people, expected.people_low, expected.people_high) = (None, None, None);
    assert_eq!(lake.observations(&Query::default()).unwrap(), [expected]);

    columns.retain(|(name, _)| *name != "presence");
    write(&foreign_file(&lake, Table::Observations), columns, None);
    let error = lake.observations(&Query::default()).unwrap_err();
    assert!(matches!(error, LakeError::MissingColumn { column: "presence", .. }), "{error}");
}

#[test]
fn values_outside_the_contract_are_named() {
    let (_dir, lake) = new_lake();
    write(&foreign_file(&lake, Table::Gaps), foreign_gaps("holiday"), None);
    let message = lake.gaps(&Query::default()).unwrap_err().to_string();
    assert!(
        message.contains("part-00000-of-00001.parquet")
            && message.contains("`reason`")
            && message.contains("`holiday`")
    );
    let mut columns = foreign_gaps("disk");
    columns[1].1 = Arc::new(StringArray::from(vec!["2026-11-23", "2026-11-23"]));
    write(&foreign_file(&lake, Table::Gaps), columns, None);
    let error = lake.gaps(&Query::default()).unwrap_err();
    assert!(matches!(error, LakeError::ColumnType { column: "start", .. }), "{error}");
    let mut columns = foreign_gaps("disk");
    columns[9].1 = Arc::new(StringArray::from(vec![Some("x"), None]));
    write(&foreign_file(&lake, Table::Gaps), columns, None);
    let error = lake.gaps(&Query::default()).unwrap_err();
    assert!(matches!(error, LakeError::Value { column: "detail", row: 1, .. }), "{error}");
}

#[test]
fn what_is_no_part_of_the_lake_is_passed_over() {
    let (_dir, lake) = new_lake();
    lake.write_part(&part("a", 0, 10, "s1")).unwrap();
    let table = lake.paths().table(Table::Observations);
    for foreign in [
        "_SUCCESS",
        "date=2026-11-23/.x.parquet",
        "date=2026-11-23/_x.parquet",
        "date=2026-11-23/x.crc",
        "date=2026-11-23/.x.parquet.1-0.tmp",
        "date=2026-11-23/x.tmp",
        "date=unknown",
        "x.parquet",
    ] {
        fs::write(table.join(foreign), b"not rows").unwrap();
    }
    assert_eq!(lake.observations(&Query::default()).unwrap().len(), 2);
}

#[test]
fn a_truncated_parquet_file_is_named_with_the_next_step() {
    let (_dir, lake) = new_lake();
    let files = lake.write_part(&part("a", 0, 600, "s1")).unwrap();
    let bytes = fs::read(&files[0].path).unwrap();
    for keep in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&files[0].path, &bytes[..keep]).unwrap();
        let message = lake.observations(&Query::default()).unwrap_err().to_string();
        assert!(
            message.contains(&*files[0].path.to_string_lossy()) && message.contains("move it out of the lake"),
            "{message}"
        );
    }
    // What the query does not need is not opened.
    assert!(lake.observations(&Query::of_camera("b".into())).unwrap().is_empty());
    assert!(lake.observations(&Query { from: Some(at(86_400)), ..Query::default() }).unwrap().is_empty());
}

#[test]
fn newer_schemas_are_refused_in_the_marker_and_in_files() {
    let (dir, lake) = new_lake();
    write(&foreign_file(&lake, Table::Gaps), foreign_gaps("paused"), Some("2"));
    let error = lake.gaps(&Query::default()).unwrap_err();
    assert!(matches!(error, LakeError::NewerSchema { found: 2, .. }), "{error}");
    fs::write(lake.paths().marker(), r#"{"format":"pantau lake","schema_version":2,"program_version":"9.0.0"}"#)
        .unwrap();
    for opened in [Lake::open(dir.path()), Lake::open_for_writing(dir.path())] {
        let message = opened.unwrap_err().to_string();
        assert!(message.contains("_pantau.json") && message.contains("install a newer pantau"), "{message}");
    }
}

#[test]
fn a_folder_without_tables_is_no_lake_and_a_missing_table_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("missing")] {
        assert!(matches!(Lake::open(&path), Err(LakeError::NotALake { .. })));
        assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
    }
    // Tables that were copied without the marker are a lake.
    fs::create_dir(dir.path().join("events")).unwrap();
    let lake = Lake::open(dir.path()).unwrap();
    assert!(lake.observations(&Query::default()).unwrap().is_empty());
    assert!(!lake.has_recordings().unwrap());
}

#[test]
fn files_have_the_types_of_the_contract_for_arrow_readers() {
    let (_dir, lake) = new_lake();
    for file in lake.write_part(&part("a", 0, 60, "s1")).unwrap() {
        let opened = File::open(&file.path).unwrap();
        let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(opened).unwrap();
        assert_eq!(builder.schema().fields(), arrow_schema(file.table).fields());
        let metadata = builder.metadata().file_metadata().key_value_metadata().unwrap();
        let value = |key: &str| metadata.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.as_deref());
        assert_eq!(value("pantau.schema_version"), Some("1"));
        assert_eq!(value("pantau.program_version"), Some(env!("CARGO_PKG_VERSION")));
        assert_eq!(value("pantau.settings_id"), Some("s1"));
        let group = builder.metadata().row_group(0);
        assert!(group.columns().iter().all(|column| column.offset_index_offset().is_some()), "page index");
        assert!(
            group.columns().iter().all(|column| matches!(column.compression(), parquet::basic::Compression::ZSTD(_)))
        );
    }
}
