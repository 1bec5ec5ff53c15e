#!/usr/bin/env bash
# A whole day of one camera in one file, cut together from a clip without encoding again: 3 % of the night is busy and
# 30 % of the hours from 7 to 16. Tells CPU seconds over plain decoding's, wall time and peak memory of two workers.
#   benches/day.sh CLIP QUIET_FROM QUIET_TO BUSY_FROM BUSY_TO [EFFORT ...]
# The four times are seconds of CLIP at key frames: a stretch in which nothing happens, and one with somebody in it.
# HOURS (default 24) starts at midnight; plain decoding is measured on FLOOR_S seconds (default 600) of the day and as
# many of the night, and scaled, because it costs more than all the rest. A 2 Mb/s camera's day takes 22 GB in TMPDIR.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# -ge 5 ]] || { echo "usage: benches/day.sh CLIP QUIET_FROM QUIET_TO BUSY_FROM BUSY_TO [EFFORT ...]" >&2; exit 2; }
clip=$(realpath "$1") quiet_from=$2 quiet_to=$3 busy_from=$4 busy_to=$5
efforts=("${@:6}")
[[ ${#efforts[@]} -gt 0 ]] || efforts=(full adaptive keyframes)
pantau=${PANTAU:-target/release/pantau}
hours=${HOURS:-24}
floor_s=${FLOOR_S:-600}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cut() { # FROM TO NAME
  ffmpeg -nostdin -v error -y -ss "$1" -i "$clip" -t "$(python3 -c "print($2 - $1)")" -an -c copy "$work/$3.mp4"
}
cut "$quiet_from" "$quiet_to" quiet
cut "$busy_from" "$busy_to" busy

# The day's stretches, as a list for FFmpeg: after each busy one, as many quiet ones as make the hour's share.
stretches() { # FROM_S TO_S
  python3 - "$work" "$(python3 -c "print($quiet_to - $quiet_from)")" "$(python3 -c "print($busy_to - $busy_from)")" "$@" <<'PY'
import sys
work, (quiet_s, busy_s, at_s, to_s) = sys.argv[1], map(float, sys.argv[2:])
owed_s = 0.0
print("ffconcat version 1.0")
while at_s < to_s:
    share = 0.30 if 7 <= at_s / 3600 % 24 < 16 else 0.03
    is_busy = owed_s >= busy_s
    length_s = busy_s if is_busy else quiet_s
    owed_s += share * length_s - (busy_s if is_busy else 0.0)
    print(f"file {work}/{'busy' if is_busy else 'quiet'}.mp4")
    at_s += length_s
PY
}
film() { # FROM_S TO_S NAME
  stretches "$1" "$2" >"$work/list"
  ffmpeg -nostdin -v error -y -f concat -safe 0 -i "$work/list" -c copy "$work/$3.mp4"
}

night_h=$(python3 -c "print(sum(not 7 <= h < 16 for h in range($hours)))")
film 0 "$floor_s" night
film 36000 $((36000 + floor_s)) noon
floor=0
for part in night noon; do
  read -r cpu _ < <(python3 benches/measure.py ffmpeg -nostdin -threads 1 -v error -i "$work/$part.mp4" -an -f null -)
  part_h=$([[ $part == night ]] && echo "$night_h" || echo $((hours - night_h)))
  floor=$(python3 -c "print($floor + $cpu * $part_h * 3600 / $floor_s)")
done
echo "filming $hours h ..." >&2
film 0 $((hours * 3600)) day
printf '%s, %s h: %.0f s of CPU time to decode it all (scaled from %s s each of night and day)\n' \
  "$(basename "$clip")" "$hours" "$floor" "$floor_s"
printf '%-10s %9s %8s %9s %10s %8s\n' effort "CPU s" ratio "wall s" realtime "peak MB"
for effort in "${efforts[@]}"; do
  rm -rf "$work/lake"
  read -r cpu wall peak code < <(python3 benches/measure.py "$pantau" -q analyze "$work/day.mp4" --lake "$work/lake" \
    --camera bench --start 2026-01-01T00:00:00Z --jobs 2 --effort "$effort")
  python3 - "$effort" "$cpu" "$wall" "$peak" "$code" "$floor" "$hours" <<'PY'
import sys
effort, (cpu, wall, peak, code, floor, hours) = sys.argv[1], map(float, sys.argv[2:])
said = "" if code == 0 else f"  failed: exit code {code:.0f}"
print(f"{effort:10} {cpu:9.1f} {cpu / floor:8.3f} {wall:9.1f} {hours * 3600 / wall:9.0f}x {peak / 1024:8.0f}{said}")
PY
done
