#!/usr/bin/env bash
# Licences, duplicates and sources of the dependencies, against deny.toml. cargo-deny is built once under target/
# where it is missing: that takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=target/tools
export PATH="$PWD/$tools/bin:$PATH"
if ! command -v cargo-deny >/dev/null; then
  echo "cargo-deny is missing: building it into $tools (minutes, once)" >&2
  cargo install cargo-deny --locked --root "$tools"
fi
cargo-deny --log-level error check licenses bans sources
