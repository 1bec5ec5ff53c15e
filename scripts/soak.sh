#!/usr/bin/env bash
# A long run of the live worker with troubles: cameras of the tests' own are killed, stopped, restarted with another
# codec; their links are cut, refuse, swallow, stall, flap and soil. At the end it tells, for each kind of trouble, how
# soon cameras were back, for each camera, whether every second was seen or is in a gap, and whether the worker's
# memory, threads and files stayed. It fails if something is not well.
#   scripts/soak.sh [MINUTES] [CAMERAS]      (15 min of 8 cameras if not told; about a trouble per camera in 30 s)
# Needs what `make test` needs. A camera of the tests takes 1 % of a core and 40 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --tests
export SOAK_MINUTES=${1:-15} SOAK_CAMERAS=${2:-8}
exec cargo test --release --locked -p pantau --test live -- --ignored --nocapture --exact soak::soak
