#!/usr/bin/env bash
# Reads a lake with the tools that analysts use (DuckDB, Polars, pandas), without Pantau. The lake is LAKE if set, else
# one made here from two films of a minute each. The tools live in a venv of their own under target/, made once.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=tests/analysts/requirements.txt
place=target/analysts
venv=$place/venv
pantau=target/release/pantau

make_venv() {
  local wanted
  wanted=$(cksum <"$requirements")
  [[ -e $venv/made_from && $(<"$venv/made_from") == "$wanted" ]] && return
  echo "Making a Python environment in $venv (DuckDB, Polars, pandas)" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  echo "$wanted" >"$venv/made_from"
}

# A minute of a grey, noisy room through which a light box walks in the middle third. MPEG-4 part 2: every build of
# FFmpeg can encode it.
film() {
  ffmpeg -nostdin -loglevel error -y \
    -f lavfi -i "color=gray:size=320x240:rate=10:duration=60,noise=alls=6:allf=t" \
    -f lavfi -i "color=white:size=40x90:rate=10:duration=60" \
    -filter_complex "[0][1]overlay=x='mod(40*t,320)':y=110:enable='between(t,20,40)'" \
    -c:v mpeg4 -q:v 5 -g 50 "$1"
}

# Two recordings with two minutes between them: rows, events, a gap and a manifest.
make_lake() {
  rm -rf "$place/films" "$place/lake"
  mkdir -p "$place/films/hall"
  film "$place/films/hall/hall_20261123_080000.avi"
  cp "$place/films/hall/hall_20261123_080000.avi" "$place/films/hall/hall_20261123_080300.avi"
  "$pantau" --quiet analyze "$place/films" --lake "$place/lake"
}

mkdir -p "$place"
make_venv
if [[ -z ${LAKE:-} ]]; then
  make_lake
  LAKE=$place/lake
fi
"$venv/bin/python" tests/analysts/read_lake.py "$LAKE"
