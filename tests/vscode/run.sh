#!/bin/sh
# Tests the VS Code extension: checks and unit tests, then the built .vsix in a real VS Code in
# chromium, against $THOLE_BINARY (build/release/thole when unset). Arguments: node's own options
# (--test-name-pattern=RE), then test files; none: everything.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
extension=$top/vscode-extension
packages=$top/tests/node
THOLE_BINARY=${THOLE_BINARY:-$top/build/release/thole}
THOLE_VSCODE_HOST=${THOLE_VSCODE_HOST:-$top/build/vscode-host}
CHROMIUM=${CHROMIUM:-$(command -v chromium || true)}
export THOLE_BINARY THOLE_VSCODE_HOST CHROMIUM

if [ ! -x "$THOLE_BINARY" ]; then
  echo "tests/vscode: $THOLE_BINARY is missing; build it or set THOLE_BINARY" >&2
  exit 2
fi
if [ -z "$CHROMIUM" ]; then
  echo "tests/vscode: chromium is missing; install it or set CHROMIUM" >&2
  exit 2
fi

# The packages of a folder with a lock file, once.
packages_of() {
  if cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; then return; fi
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
}

packages_of "$packages"
packages_of "$extension"
"$here/install.sh" "$THOLE_VSCODE_HOST"

(
  cd "$extension"
  npm run --silent check
  [ $# -gt 0 ] || npm test --silent
  npm run --silent package >/dev/null
)

# Between node's options and the files comes the script that runs them in one process.
given=$#
files=0
for word in "$@"; do
  case $word in
    --*) ;;
    *) if [ "$files" = 0 ]; then set -- "$@" "$here/rig/all.mjs"; fi; files=1 ;;
  esac
  set -- "$@" "$word"
done
if [ "$files" = 0 ]; then set -- "$@" "$here/rig/all.mjs" "$here"/*.test.mjs; fi
shift "$given"

# Editors sync each file that they save: in memory nobody waits for a busy disk.
memory=/dev/shm
free=$(df -k "$memory" 2>/dev/null | awk 'END { print $4 + 0 }')
if [ -w "$memory" ] && [ "$free" -gt 1000000 ]; then
  TMPDIR=$(mktemp -d "$memory/thole-vscode.XXXXXX")
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
fi
node --test-force-exit --test-reporter=spec "$@"
