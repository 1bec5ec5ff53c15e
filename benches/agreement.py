"""What `--effort adaptive` finds of what `--effort full` finds, clip by clip, and at which share of its CPU.

usage: agreement.py [--effort EFFORT] [--gop SECONDS] [--pantau PROGRAM] CLIP ...

Needs duckdb (PyPI). Events are those of kind `motion`: found means that one of the other effort overlaps it, in place that
it also starts and ends within one group of pictures (`--gop`, 2 s unless said) of it.
"""

import argparse
import pathlib
import shlex
import statistics
import tempfile

import duckdb
from measure import measure

PANTAU = pathlib.Path(__file__).parent.parent / "target/release/pantau"


def analyse(pantau, clip, effort, lake):
    """CPU seconds of analysing a clip into a lake of its own."""
    command = [pantau, "-q", "analyze", clip, "--lake", lake, "--effort", effort]
    command += ["--camera", "bench", "--start", "2026-01-01T00:00:00Z"]
    cpu_s, _, _, code = measure(command)
    if code:
        raise SystemExit(f"exit code {code}; run it to see why: {shlex.join(command)}")
    return cpu_s


def rows(lake, table, columns, where="true"):
    """Rows of a table, in time order; none if it holds no file."""
    if not list(pathlib.Path(lake, table).rglob("*.parquet")):
        return []
    start, end = "epoch(start) as start", 'epoch("end") as "end"'
    columns = ", ".join({"start": start, "end": end}.get(column, column) for column in columns)
    return duckdb.sql(
        f"select {columns} from read_parquet('{lake}/{table}/**/*.parquet') where {where} order by start"
    ).fetchall()


def ranks(values):
    """Ranks from 0 on, equal values sharing their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for index in order[first : last + 1]:
            result[index] = (first + last) / 2
        first = last + 1
    return result


def rank_correlation(a, b):
    """Spearman's, or None where one of both is constant."""
    if len(a) < 3 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    return statistics.correlation(ranks(a), ranks(b))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--effort", default="adaptive")
    parser.add_argument("--gop", type=float, default=2.0)
    parser.add_argument("--pantau", default=str(PANTAU))
    options = parser.parse_args()
    total = {key: [0, 0] for key in ("presence", "long", "long in place", "short")}
    everything = ([], [])
    print("clip | CPU of full | presence equal | events >= 1 s found, in place | shorter | activity, rank | extra events")
    for clip in options.clips:
        with tempfile.TemporaryDirectory() as folder:
            efforts = ("full", options.effort)
            lakes = [f"{folder}/{number}" for number in range(2)]
            cpu = [analyse(options.pantau, clip, effort, lake) for effort, lake in zip(efforts, lakes)]
            columns = ("start", "presence", "activity")
            full, other = (
                {start: values for start, *values in rows(lake, "observations", columns, "zone = 'room'")}
                for lake in lakes
            )
            movement = "kind = 'motion' and zone = 'room'"
            events, found = (rows(lake, "events", ("start", "end"), movement) for lake in lakes)
        both = [start for start in full if start in other and None not in (full[start][0], other[start][0])]
        equal = sum((full[start][0] >= 0.5) == (other[start][0] >= 0.5) for start in both)
        counts = {"presence": [equal, len(full)], "long": [0, 0], "long in place": [0, 0], "short": [0, 0]}
        for start, end in events:
            near = [event for event in found if event[0] < end and event[1] > start]
            kind = "long" if end - start >= 1.0 else "short"
            counts[kind][0] += bool(near)
            counts[kind][1] += 1
            if kind == "long":
                is_in_place = near and abs(near[0][0] - start) <= options.gop and abs(near[-1][1] - end) <= options.gop
                counts["long in place"][0] += bool(is_in_place)
                counts["long in place"][1] += 1
        extra = sum(not any(event[0] < end and event[1] > start for event in events) for start, end in found)
        activity = [(full[start][1], other[start][1]) for start in both if None not in (full[start][1], other[start][1])]
        a, b = [pair[0] for pair in activity], [pair[1] for pair in activity]
        everything[0].extend(a)
        everything[1].extend(b)
        for key, (part, whole) in counts.items():
            total[key][0] += part
            total[key][1] += whole
        correlation = rank_correlation(a, b)
        cells = [f"{part}/{whole}" for part, whole in counts.values()]
        shown = "-" if correlation is None else f"{correlation:.3f}"
        name = "/".join(pathlib.Path(clip).with_suffix("").parts[-2:])
        print(f"{name} | {cpu[1] / cpu[0]:.2f} | {cells[0]} | {cells[1]}, {cells[2]} | {cells[3]} | {shown} | {extra}", flush=True)
    cells = [f"{part}/{whole}" for part, whole in total.values()]
    correlation = rank_correlation(*everything)
    shown = "-" if correlation is None else f"{correlation:.3f}"
    print(f"all | | {cells[0]} | {cells[1]}, {cells[2]} | {cells[3]} | {shown} |")


main()
