#!/usr/bin/env bash
# Makes sure that the system's parts are there: a C compiler and linker, pkg-config, clang's library (the FFmpeg
# bindings are generated with it), FFmpeg's libraries and headers, the ffmpeg program and Python (for tests). With
# `--tests` also what only tests need: GStreamer's RTSP server and its Python bindings, for cameras to watch.
# Installs them with apt as root or by sudo; on other systems it tells the packages and stops. It looks first: where
# nothing is missing it is instant and needs no network.
set -euo pipefail

with_tests=
[[ ${1-} != --tests ]] || with_tests=yes

ffmpeg_libraries=(libavcodec libavformat libavutil libswscale)

have_libclang() {
  [[ -n ${LIBCLANG_PATH:-} ]] && return
  compgen -G '/usr/lib/llvm*/lib/libclang*.so*' >/dev/null && return
  compgen -G '/usr/lib*/libclang*.so*' >/dev/null && return
  compgen -G '/usr/lib/*/libclang*.so*' >/dev/null && return
  compgen -G '/opt/homebrew/opt/llvm/lib/libclang.dylib' >/dev/null && return
  compgen -G '/usr/local/opt/llvm/lib/libclang.dylib' >/dev/null && return
  compgen -G '/Library/Developer/CommandLineTools/usr/lib/libclang.dylib' >/dev/null
}

have_headers() { pkg-config --exists "$1" 2>/dev/null; }

# A venv needs ensurepip, which Debian keeps in a package of its own.
have_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }

# The tests' cameras run on the system's Python: GStreamer's bindings are packages of the system.
system_python() { if [[ -x /usr/bin/python3 ]]; then /usr/bin/python3 "$@"; else python3 "$@"; fi; }

have_rtsp_server() {
  system_python -c 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer' 2>/dev/null
}

# In GStreamer's packages "base" and "good".
have_rtsp_plugins() {
  system_python -c '
import gi, sys
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
sys.exit(not all(map(Gst.ElementFactory.find, ["appsrc", "rtpbin", "rtph264pay", "udpsrc"])))' 2>/dev/null
}

# Prints what is missing, as Debian names it.
missing_packages() {
  command -v cc >/dev/null || echo gcc
  # A compiler without the C library's headers compiles nothing, and Debian's gcc only recommends them.
  [[ ! -e /etc/debian_version || -e /usr/include/stdlib.h ]] || echo libc6-dev
  command -v clang >/dev/null || echo clang
  have_libclang || echo libclang-dev
  command -v pkg-config >/dev/null || echo pkg-config
  local library
  for library in "${ffmpeg_libraries[@]}"; do have_headers "$library" || echo "$library-dev"; done
  command -v ffmpeg >/dev/null || echo ffmpeg
  command -v python3 >/dev/null || echo python3
  have_venv || echo python3-venv
  [[ -n $with_tests ]] || return 0
  have_rtsp_server || echo python3-gi gir1.2-gst-rtsp-server-1.0
  [[ -x /usr/sbin/mosquitto ]] || command -v mosquitto >/dev/null || echo mosquitto
  command -v mosquitto_sub >/dev/null || echo mosquitto-clients
  have_rtsp_plugins || echo gstreamer1.0-plugins-base gstreamer1.0-plugins-good
}

tell_and_stop() {
  cat >&2 <<END
Missing here (as Debian names it): ${missing[*]}
Please install it and run this again:
  Debian, Ubuntu  apt-get install gcc libc6-dev clang libclang-dev pkg-config libavcodec-dev libavformat-dev libavutil-dev libswscale-dev ffmpeg python3 python3-venv
  Fedora          dnf install gcc clang clang-devel pkgconf-pkg-config ffmpeg-free ffmpeg-free-devel python3
  Arch            pacman -S gcc clang pkgconf ffmpeg python
  Alpine          apk add gcc musl-dev clang clang-dev pkgconf ffmpeg ffmpeg-dev python3
  macOS           brew install llvm pkg-config ffmpeg python3
END
  [[ -z $with_tests ]] || cat >&2 <<END
and for tests:
  Debian, Ubuntu  apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good mosquitto mosquitto-clients
  Fedora          dnf install python3-gobject gstreamer1-rtsp-server gstreamer1-plugins-base gstreamer1-plugins-good mosquitto
  Arch            pacman -S python-gobject gst-rtsp-server gst-plugins-base gst-plugins-good mosquitto
  Alpine          apk add py3-gobject3 gst-rtsp-server gst-plugins-base gst-plugins-good mosquitto mosquitto-clients
  macOS           brew install pygobject3 gstreamer mosquitto
END
  exit 1
}

install_with_apt() {
  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "Neither root nor sudo." >&2; tell_and_stop; }
    as_root=(sudo)
  fi
  echo "Installing with apt: ${missing[*]}" >&2
  echo "(compiler and linker, FFmpeg's libraries to read video, clang to generate their bindings, Python for tests)" >&2
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

if ! command -v cargo >/dev/null; then
  echo "Missing: Rust. Install it with rustup (https://rustup.rs), open a new shell, and run this again." >&2
  exit 1
fi

mapfile -t missing < <(missing_packages | tr ' ' '\n')
[[ ${#missing[@]} -gt 0 ]] || exit 0
command -v apt-get >/dev/null || tell_and_stop
install_with_apt
mapfile -t missing < <(missing_packages | tr ' ' '\n')
[[ ${#missing[@]} -eq 0 ]] || tell_and_stop
