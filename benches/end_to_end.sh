#!/usr/bin/env bash
# The whole line against plain decoding: CPU seconds of `pantau analyze --jobs 1` over those of
# `ffmpeg -threads 1 -f null` on the same clip, one after the other in one run, and the gain of a second worker.
#   benches/end_to_end.sh [CLIP ...]        without clips: a made office, filmed here (needs `make build` first)
# Each CLIP is looped to LENGTH_S seconds (default 300) without encoding again.
set -euo pipefail
cd "$(dirname "$0")/.."
pantau=${PANTAU:-target/release/pantau}
length_s=${LENGTH_S:-300}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# CPU seconds, wall seconds, peak KiB of a command.
measure() {
  python3 - "$@" <<'PY'
import os, resource, subprocess, sys, time
begin = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(f"{usage.ru_utime + usage.ru_stime:.2f} {time.monotonic() - begin:.2f} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
PY
}

analyze() {
  rm -rf "$work/lake"
  measure "$pantau" -q analyze "$1" --lake "$work/lake" --camera bench --start 2026-01-01T00:00:00Z "${@:2}"
}

clips=("$@")
if [[ ${#clips[@]} -eq 0 ]]; then
  echo "filming an office ..." >&2
  cargo run --release --quiet -p pantau-datasets --example render -- walk_through "$work/office.mp4" >&2
  clips=("$work/office.mp4")
fi

printf '%-28s %8s %8s %8s %8s %9s %8s\n' clip ffmpeg analyze ratio filter+ 'jobs 2' 'peak MB'
for clip in "${clips[@]}"; do
  long="$work/long.mp4"
  ffmpeg -v error -y -stream_loop -1 -i "$clip" -t "$length_s" -c copy "$long" </dev/null
  read -r floor _ _ _ < <(measure ffmpeg -threads 1 -v error -i "$long" -an -f null -)
  read -r one one_wall peak _ < <(analyze "$long" --jobs 1 --loop-filter off)
  read -r filter _ _ _ < <(analyze "$long" --jobs 1 --loop-filter on)
  read -r _ two_wall _ _ < <(analyze "$long" --jobs 2 --loop-filter off)
  python3 - "$(basename "$clip")" "$floor" "$one" "$filter" "$one_wall" "$two_wall" "$peak" <<'PY'
import sys
name, (floor, one, filtered, one_wall, two_wall, peak) = sys.argv[1], map(float, sys.argv[2:])
print(f"{name[:28]:28} {floor:8.2f} {one:8.2f} {one / floor:8.3f} {filtered / floor:8.3f} {one_wall / two_wall:8.2f}x {peak / 1024:8.0f}")
PY
done
