#!/usr/bin/env bash
# The whole line against what others do with a recording: CPU seconds over those of `ffmpeg -threads 1 -f null` on the
# same clip, one after the other in one run.
#   benches/rivals/run.sh CLIP ...        (needs `make build` first, and the network once for the Python packages)
# Each CLIP is looped to LENGTH_S seconds (default 60) without encoding again.
set -euo pipefail
cd "$(dirname "$0")/../.."
pantau=${PANTAU:-target/release/pantau}
length_s=${LENGTH_S:-60}
venv=${RIVALS_VENV:-target/rivals-venv}
[[ $# -gt 0 ]] || { echo "usage: benches/rivals/run.sh CLIP ..." >&2; exit 2; }
[[ -x "$pantau" ]] || { echo "$pantau isn't there: run \`make build\` first" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ ! -e "$venv/complete" ]]; then
  echo "installing OpenCV and DVR-Scan into $venv ..." >&2
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r benches/rivals/requirements.txt
  touch "$venv/complete"
fi

# Name, then the command. A failure is a line of the table as well.
line() {
  local name=$1 cpu wall peak code
  shift
  read -r cpu wall peak code < <(python3 benches/measure.py "$@")
  python3 - "$name" "$cpu" "$wall" "$peak" "$code" "$floor" "$length_s" <<'PY'
import sys
name, (cpu, wall, peak, code, floor, length) = sys.argv[1], map(float, sys.argv[2:])
said = "" if code == 0 else f"  failed: exit code {code:.0f}"
print(f"{name:34} {cpu:8.2f} {cpu / floor:8.3f} {length / wall:9.1f}x {peak / 1024:8.0f}{said}")
PY
}

analyze() {
  line "pantau analyze --effort $1" "$pantau" -q analyze "$long" --lake "$work/lake-$1" --camera bench \
    --start 2026-01-01T00:00:00Z --jobs 1 --effort "$1"
}

for clip in "$@"; do
  long="$work/long.mp4"
  rm -rf "$work"/lake-*
  ffmpeg -v error -y -stream_loop -1 -i "$clip" -t "$length_s" -c copy "$long" </dev/null
  ffmpeg=(ffmpeg -nostdin -threads 1 -v error)
  read -r floor _ < <(python3 benches/measure.py "${ffmpeg[@]}" -i "$long" -an -f null -)
  printf '\n%s, %s s\n%-34s %8s %8s %10s %8s\n' "$(basename "$clip")" "$length_s" "" "CPU s" ratio "realtime" "peak MB"
  line "ffmpeg, packets only" "${ffmpeg[@]}" -i "$long" -map 0:v -c copy -f null -
  line "ffmpeg, key frames only" "${ffmpeg[@]}" -skip_frame nokey -i "$long" -an -f null -
  line "ffmpeg, decoding: the floor" "${ffmpeg[@]}" -i "$long" -an -f null -
  line "ffmpeg freezedetect" "${ffmpeg[@]}" -i "$long" -an -vf freezedetect -f null -
  line "OpenCV, absdiff" "$venv/bin/python" benches/rivals/opencv.py absdiff "$long"
  line "OpenCV, MOG2" "$venv/bin/python" benches/rivals/opencv.py mog2 "$long"
  line "DVR-Scan, CNT" "$venv/bin/dvr-scan" --ignore-user-config -q -so -b CNT -i "$long"
  line "DVR-Scan, MOG2 (default)" "$venv/bin/dvr-scan" --ignore-user-config -q -so -i "$long"
  analyze full
  analyze adaptive
  analyze keyframes
done
