#!/bin/sh
# Runs the end-to-end tests against $THOLE_BINARY (build/release/thole when unset).
# Arguments: node's own options (--test-name-pattern=RE), then test files; none: every test. With
# --conformance alone: the files with tests of the conformance checklist. After both it says how many of
# the checklist's statements hold, and fails when one does not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages=$here/../node

if ! cmp -s "$packages/package-lock.json" "$packages/node_modules/.installed-lock"; then
  (cd "$packages" && npm ci --loglevel=error)
  cp "$packages/package-lock.json" "$packages/node_modules/.installed-lock"
fi

if [ -z "${THOLE_BINARY:-}" ] && [ ! -x "$here/../../build/release/thole" ]; then
  echo "tests/acp: build/release/thole is missing; build it or set THOLE_BINARY" >&2
  exit 2
fi

# Runs the tests "$@" and counts the statements that they hold.
count() {
  passed=$(mktemp)
  status=0
  node --test --test-force-exit --test-concurrency=2 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter="$here/conformance.mjs" --test-reporter-destination="$passed" "$@" || status=$?
  node "$here/conformance.mjs" "$passed" || status=1
  rm -f "$passed"
  exit "$status"
}

if [ $# = 0 ]; then count "$here"/*.test.mjs; fi
if [ "$*" = --conformance ]; then
  # shellcheck disable=SC2046
  count $(grep -lE '["`]([0-9]+, )*[0-9]+( \([GO]+\))?: |\$\{number\}' "$here"/*.test.mjs)
fi

files=1
for word in "$@"; do
  case $word in *.test.mjs) files=0 ;; esac
done
if [ "$files" = 1 ]; then set -- "$@" "$here"/*.test.mjs; fi
exec node --test --test-force-exit --test-concurrency=2 --test-reporter=spec "$@"
