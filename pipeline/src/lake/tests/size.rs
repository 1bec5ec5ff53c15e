//! How much a row costs on disk, and a lake for the scripts in `tests/analysts`.

use super::sample::{DAY_S, at, camera_day, event, gap, new_lake, part};
use crate::lake::arrow::parquet_bytes;
use crate::lake::{Lake, Part, Query};
use pantau_models::record::CELLS;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// Bytes of a row without its cells.
const ROW_BYTES_MAX: f64 = 30.0;
/// Bytes of a row with its cells, noise included.
const ROW_WITH_CELLS_BYTES_MAX: f64 = 120.0;

/// Compressed bytes of each column.
fn column_bytes(path: &Path) -> Vec<(String, i64)> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let columns = builder.metadata().row_group(0).columns();
    columns.iter().map(|column| (column.column_path().string(), column.compressed_size())).collect()
}

/// The shortest of a few runs, milliseconds.
fn best_ms(mut run: impl FnMut()) -> f64 {
    let mut time_ms = || {
        let started = std::time::Instant::now();
        run();
        started.elapsed().as_secs_f64() * 1e3
    };
    (0..10).map(|_| time_ms()).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_camera_day_is_small() {
    let (_dir, lake) = new_lake();
    let observations = camera_day("a");
    let rows = observations.len();
    assert_eq!(rows as i64, DAY_S / 10);
    let part = Part { camera: "a".into(), start: at(0), observations, ..Part::default() };
    let file = lake.write_part(&part).unwrap().remove(0);
    let encoded_ms = best_ms(|| drop(parquet_bytes(&file.path, &part.observations, "s1").unwrap()));
    let written_ms = best_ms(|| drop(lake.write_part(&part).unwrap()));
    let read_ms = best_ms(|| assert_eq!(lake.observations(&Query::default()).unwrap().len(), rows));

    let columns = column_bytes(&file.path);
    for (column, bytes) in &columns {
        println!("{column:12} {:6.2} bytes a row", *bytes as f64 / rows as f64);
    }
    let cells_bytes = columns.iter().find(|(column, _)| column == "cells").unwrap().1;
    let with_cells = file.bytes as f64 / rows as f64;
    let without_cells = (file.bytes as i64 - cells_bytes) as f64 / rows as f64;
    println!("{rows} rows: {without_cells:.1} bytes a row without cells, {with_cells:.1} with ({CELLS} raw)");
    println!("encoded in {encoded_ms:.1} ms, with sorting and disk {written_ms:.1} ms, read in {read_ms:.1} ms");
    assert!(without_cells <= ROW_BYTES_MAX, "{without_cells:.1} bytes a row without cells");
    assert!(with_cells <= ROW_WITH_CELLS_BYTES_MAX, "{with_cells:.1} bytes a row with cells");
}

/// With `PANTAU_TEST_LAKE=DIR`, leaves a lake there: `python tests/analysts/read_lake.py DIR` reads it.
#[test]
fn a_lake_for_analysts_has_every_table_and_two_days() {
    let (dir, _) = new_lake();
    let root = std::env::var_os("PANTAU_TEST_LAKE").map_or_else(|| dir.path().to_owned(), Into::into);
    let lake = Lake::open_for_writing(root).unwrap();
    for camera in ["lobby-2", "ruang №1"] {
        let day = Part {
            observations: camera_day(camera),
            events: vec![event(camera, 0, 3600), event(camera, 7200, DAY_S + 60)],
            gaps: vec![gap(camera, 3600, 3700)],
            ..part(camera, 0, DAY_S, "s1")
        };
        lake.write_part(&day).unwrap();
        let mut next = part(camera, DAY_S, DAY_S + 3600, "s1");
        for row in next.observations.iter_mut().step_by(5) {
            (row.people, row.people_low, row.people_high) = (None, None, None);
        }
        lake.write_part(&next).unwrap();
    }
    assert_eq!(lake.observations(&Query::default()).unwrap().len(), 2 * (8640 + 720));
    assert_eq!(lake.events(&Query::default()).unwrap().len(), 6);
    assert_eq!(lake.gaps(&Query::default()).unwrap().len(), 4);
    assert_eq!(lake.recordings(&Query::default()).unwrap().len(), 4);
}
