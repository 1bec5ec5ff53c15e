#!/usr/bin/env bash
# Reads a lake with the tools that analysts use (DuckDB, Polars, pandas), without Pantau. The lake is LAKE if set,
# else one made by `pantau demo`. The tools live in a venv of their own under target/, made once.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=tests/analysts/requirements.txt
place=target/analysts
venv=$place/venv

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

mkdir -p "$place"
make_venv
if [[ -z ${LAKE:-} ]]; then
  rm -rf "$place/demo"
  target/release/pantau --quiet demo --dir "$place/demo"
  LAKE=$place/demo/lake
fi
"$venv/bin/python" tests/analysts/read_lake.py "$LAKE"
