#!/usr/bin/env bash
# What ops copy from deploy/: alert rules with their unit tests, the dashboard, the systemd unit. Metrics that rules and
# dashboard name must be in docs/reference.md, which a test compares with the program. Tools that are missing are told,
# and their checks left out: promtool is in Debian's package prometheus, systemd-analyze in systemd.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
wrong() { echo "deploy: $*" >&2; failed=1; }
left_out() { echo "deploy: $1 is missing: $2 not checked" >&2; }

rules=deploy/prometheus/pantau.rules.yml
dashboard=deploy/grafana/pantau.json
unit=deploy/pantau-watch.service

if command -v promtool >/dev/null; then
  promtool check rules "$rules" >/dev/null || wrong "$rules is refused"
  promtool test rules "${rules%.yml}.test.yml" >/dev/null || wrong "an alert does not do what its test says"
else
  left_out promtool "$rules"
fi

named() { grep -ohE '\b(pantau|process)_[a-z_]+\b' "$@" | sed -E 's/_(bucket|sum|count)$//' | sort -u; }
for metric in $(named "$rules" "$dashboard"); do
  grep -q "^| $metric |" docs/reference.md || wrong "$metric is in no table of docs/reference.md"
done

if command -v python3 >/dev/null; then
  python3 - "$dashboard" <<'PYTHON' || wrong "$dashboard is broken"
import json, sys
board = json.load(open(sys.argv[1]))
ids = [panel["id"] for panel in board["panels"]]
assert len(ids) == len(set(ids)), "two panels have the same id"
for panel in board["panels"]:
    place = panel["gridPos"]
    assert place["x"] + place["w"] <= 24, f"{panel['title']} is wider than the page"
    assert panel["targets"] and all(target["expr"] for target in panel["targets"]), f"{panel['title']} asks nothing"
PYTHON
else
  left_out python3 "$dashboard"
fi

if command -v systemd-analyze >/dev/null; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  # The program need not be installed here.
  sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$unit" >"$dir/pantau-watch.service"
  told=$(systemd-analyze verify --man=no "$dir/pantau-watch.service" 2>&1) || wrong "$unit is refused: $told"
  [ -z "$told" ] || wrong "$unit: $told"
  # 0 is locked up, 10 wide open; older systemds can't judge a file.
  if systemd-analyze security --help | grep -q offline; then
    systemd-analyze security --offline=true --threshold=20 --no-pager "$dir/pantau-watch.service" >/dev/null ||
      wrong "$unit is less hardened than it was (systemd-analyze security)"
  fi
else
  left_out systemd-analyze "$unit"
fi

exit $failed
