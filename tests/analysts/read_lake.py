"""Reads a lake with DuckDB, Polars and pandas, as analysts do: without Pantau.

    python -m venv /tmp/analysts && /tmp/analysts/bin/pip install -r tests/analysts/requirements.txt
    /tmp/analysts/bin/python tests/analysts/read_lake.py LAKE

Checks for each table and tool that every column of the contract is there with its type, that the partition `date`
appears and is the UTC day of `start`, and that all tools count the same rows. Prints the counts; exits 1 on the first
difference.
"""

import datetime
import pathlib
import sys

import duckdb
import pandas
import polars

WHERE = {"site": "id", "district": "id", "agency": "id", "room": "id", "camera": "id"}
SPAN = {"start": "time", "end": "time", **WHERE}
TABLES = {
    "observations": {
        "start": "time", "duration_s": "f32", **WHERE, "zone": "id", "observed_s": "f32", "samples": "u32",
        "motion": "f32", "motion_peak": "f32", "active_s": "f32", "activity": "f32", "presence": "f32",
        "people": "f32", "people_low": "f32", "people_high": "f32", "luma": "f32", "quality": "u32", "cells": "bytes",
    },
    "events": {**SPAN, "zone": "id", "kind": "id", "peak": "f32", "mean": "f32", "confidence": "f32"},
    "gaps": {**SPAN, "reason": "id", "detail": "text"},
    "recordings": {
        **SPAN, "path": "text", "content_id": "text", "time_source": "id", "codec": "id", "width": "u32",
        "height": "u32", "size_bytes": "u64", "frames": "u64", "decode_errors": "u64", "status": "id",
        "message": "text", "settings_id": "id", "spent_s": "f32",
    },
}
# What each tool makes of the contract's types; ids may come as text or as categories.
DUCKDB = {
    "time": {"TIMESTAMP WITH TIME ZONE"}, "id": {"VARCHAR"}, "text": {"VARCHAR"}, "f32": {"FLOAT"},
    "u32": {"UINTEGER"}, "u64": {"UBIGINT"}, "bytes": {"BLOB"}, "date": {"DATE"},
}
POLARS = {
    "time": {"Datetime(time_unit='us', time_zone='UTC')"}, "id": {"Categorical", "String"}, "text": {"String"},
    "f32": {"Float32"}, "u32": {"UInt32"}, "u64": {"UInt64"}, "bytes": {"Binary"}, "date": {"Date"},
}
PANDAS = {
    "time": {"datetime64[us, UTC]"}, "id": {"category"}, "text": {"str", "object"}, "f32": {"float32"},
    "u32": {"uint32"}, "u64": {"uint64"}, "bytes": {"object"}, "date": {"category"},
}
CELLS_BYTES = 144


def fail(text):
    sys.exit(f"read_lake: {text}")


def check_types(tool, table, found, expected):
    """`found`: name to type as text, in file order; the partition may come anywhere."""
    for column, kind in {**TABLES[table], "date": "date"}.items():
        if column not in found:
            fail(f"{tool}: {table}.{column} is missing")
        if found[column] not in expected[kind]:
            fail(f"{tool}: {table}.{column} is {found[column]}, not {' or '.join(sorted(expected[kind]))}")
    if extra := found.keys() - TABLES[table].keys() - {"date"}:
        fail(f"{tool}: {table} has unknown columns {sorted(extra)}")


def read_duckdb(lake, table):
    """Row count, and the sum of a number or of text lengths, to compare tools by."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    rows = connection.sql(f"from read_parquet('{lake}/{table}/**/*.parquet', hive_partitioning = true)")
    check_types("duckdb", table, dict(zip(rows.columns, map(str, rows.types))), DUCKDB)
    wrong_days = rows.filter("start::date <> date").aggregate("count(*)").fetchall()[0][0]
    if wrong_days:
        fail(f"duckdb: {table} has {wrong_days} rows in the partition of another day")
    if table == "observations":
        lengths = rows.project("octet_length(cells)").distinct().fetchall()
        if lengths != [(CELLS_BYTES,)]:
            fail(f"duckdb: cells have lengths {lengths}")
    return rows.aggregate("count(*)").fetchall()[0][0]


def read_polars(lake, table):
    rows = polars.read_parquet(f"{lake}/{table}/**/*.parquet", hive_partitioning=True)
    types = {name: str(kind).split("(")[0] if str(kind).startswith("Categorical") else str(kind)
             for name, kind in rows.schema.items()}
    check_types("polars", table, types, POLARS)
    if (rows["start"].dt.date() != rows["date"]).any():
        fail(f"polars: {table} has rows in the partition of another day")
    return rows.height


def read_pandas(lake, table):
    rows = pandas.read_parquet(f"{lake}/{table}")
    check_types("pandas", table, {name: str(kind) for name, kind in rows.dtypes.items()}, PANDAS)
    if (rows["start"].dt.strftime("%Y-%m-%d") != rows["date"].astype(str)).any():
        fail(f"pandas: {table} has rows in the partition of another day")
    if table == "observations" and set(map(len, rows["cells"])) != {CELLS_BYTES}:
        fail("pandas: cells are not 144 bytes")
    return len(rows)


def check_answers(lake):
    """The same question to each tool: mean presence per camera and UTC day."""
    by_duckdb = duckdb.sql(
        f"select camera, date, avg(presence) from read_parquet('{lake}/observations/**/*.parquet') group by all"
    ).fetchall()
    frame = polars.read_parquet(f"{lake}/observations/**/*.parquet", hive_partitioning=True)
    by_polars = frame.group_by(polars.col("camera").cast(polars.String), "date").agg(
        polars.col("presence").cast(polars.Float64).mean()
    ).rows()
    frame = pandas.read_parquet(f"{lake}/observations", columns=["camera", "date", "presence"])
    means = frame.astype({"presence": "float64"}).groupby(["camera", "date"], observed=True)["presence"].mean()
    by_pandas = [(camera, datetime.date.fromisoformat(str(date)), mean) for (camera, date), mean in means.items()]
    answers = [{(camera, date): round(mean, 6) for camera, date, mean in rows}
               for rows in (by_duckdb, by_polars, by_pandas)]
    if not answers[0] == answers[1] == answers[2]:
        fail(f"mean presence differs: duckdb {answers[0]}, polars {answers[1]}, pandas {answers[2]}")


def main():
    if len(sys.argv) != 2:
        fail("usage: read_lake.py LAKE")
    lake = pathlib.Path(sys.argv[1]).resolve()
    print(f"{'table':14}{'duckdb':>10}{'polars':>10}{'pandas':>10}")
    for table in TABLES:
        if not (lake / table).is_dir():
            fail(f"{lake / table} is missing")
        counts = [read(lake, table) for read in (read_duckdb, read_polars, read_pandas)]
        print(f"{table:14}" + "".join(f"{count:10}" for count in counts))
        if len(set(counts)) != 1:
            fail(f"{table}: the tools count differently")
    check_answers(lake)


if __name__ == "__main__":
    main()
