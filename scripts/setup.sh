#!/usr/bin/env bash
# Makes sure that the system's parts are there: a C compiler and linker, pkg-config, clang's library (the FFmpeg
# bindings are generated with it), FFmpeg's libraries and headers, the ffmpeg program and Python (for tests).
# Installs them with apt as root or by sudo; on other systems it tells the packages and stops. It looks first: where
# nothing is missing it is instant and needs no network.
set -euo pipefail

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

mapfile -t missing < <(missing_packages)
[[ ${#missing[@]} -gt 0 ]] || exit 0
command -v apt-get >/dev/null || tell_and_stop
install_with_apt
mapfile -t missing < <(missing_packages)
[[ ${#missing[@]} -eq 0 ]] || tell_and_stop
