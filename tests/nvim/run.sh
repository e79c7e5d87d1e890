#!/bin/sh
# Runs the tests of the Neovim client against $THOLE_BINARY (build/release/thole when unset), in the
# least Neovim that is supported and, where it can be had, in the newest. Arguments: words; only
# tests whose name or file has all of them are run. THOLE_NVIM=PROGRAM runs in that one only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages=$root/tests/node

export THOLE_BINARY="${THOLE_BINARY:-$root/build/release/thole}"
if [ ! -x "$THOLE_BINARY" ]; then
  echo "tests/nvim: $THOLE_BINARY is missing; build it or set THOLE_BINARY" >&2
  exit 2
fi
if ! cmp -s "$packages/package-lock.json" "$packages/node_modules/.installed-lock"; then
  (cd "$packages" && npm ci --loglevel=error)
  cp "$packages/package-lock.json" "$packages/node_modules/.installed-lock"
fi

run() {
  program=$1
  shift
  (cd "$root" && "$program" --clean -l "$here/run.lua" "$@")
}

if [ -n "${THOLE_NVIM:-}" ]; then
  run "$THOLE_NVIM" "$@"
  exit
fi

"$here/get-nvim.sh" trixie "$root/build/nvim-trixie"
newest=$root/build/nvim-forky
"$here/get-nvim.sh" forky "$newest" || newest= # it said why

status=0
log=$root/build/nvim-tests.log
if [ -n "$newest" ]; then
  run "$newest/usr/bin/nvim" "$@" >"$log" 2>&1 &
  other=$!
fi
run "$root/build/nvim-trixie/usr/bin/nvim" "$@" || status=1
if [ -n "$newest" ]; then
  wait "$other" || status=1
  cat "$log"
else
  echo "tests/nvim: the newest Neovim could not be fetched; only the least was tested" >&2
fi
exit $status
