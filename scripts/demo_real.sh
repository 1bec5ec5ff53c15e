#!/usr/bin/env bash
# Analyses a public recording of real people: PETS 2009, 80 s of a campus, out of Debian's package opencv-doc.
# Nothing is installed: the package is downloaded and unpacked under target/.
set -euo pipefail
cd "$(dirname "$0")/.."

place=target/demo-real
pantau=target/release/pantau

find_film() { find "$place" -name 'vtest.avi*' -type f 2>/dev/null | sort | head -n 1; }

download() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
    echo "This demo takes its film from Debian's package opencv-doc and needs apt and dpkg." >&2
    echo "Elsewhere: put any vtest.avi into $place/ and run this again." >&2
    exit 1
  }
  echo "Downloading the film (Debian package opencv-doc)" >&2
  # Where the lists of packages are missing or old, they are renewed once; that needs root.
  (cd "$place" && { apt-get download -qq opencv-doc || { apt-get update -qq && apt-get download -qq opencv-doc; }; })
  dpkg -x "$place"/opencv-doc_*.deb "$place/unpacked"
  rm -f "$place"/opencv-doc_*.deb
}

mkdir -p "$place"
[[ -n $(find_film) ]] || download
film=$(find_film)
[[ -n $film ]] || { echo "The package holds no vtest.avi; put one into $place/ and run this again." >&2; exit 1; }
if [[ $film == *.gz ]]; then
  gunzip -kf "$film"
  film=${film%.gz}
fi

rm -rf "$place/lake"
# The film tells no wall clock: a working day's morning stands in for it.
"$pantau" analyze "$film" --lake "$place/lake" --camera campus-1 --room Campus --start 2026-11-23T08:00:00 --interval 5
"$pantau" report --lake "$place/lake" --lang en --out "$place/report.html"
echo "Lake:   $place/lake"
echo "Report: $place/report.html"
if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] && command -v xdg-open >/dev/null; then
  xdg-open "$place/report.html" >/dev/null 2>&1 || true
fi
