#!/bin/sh
# `thole demo` must show the main job, short enough to be read, and do it: a plan that is approved, two
# sub-agents in worktrees, both merged, all tests passing. Also where git, Landlock or both are missing.
# run.sh THOLE WITHOUT_LANDLOCK
set -eu
thole=$1
without_landlock=$2
place=$(mktemp -d "${TMPDIR:-/tmp}/demo-test-XXXXXX")
trap 'rm -rf "$place"' EXIT
export HOME="$place/home" XDG_STATE_HOME="$place/state" XDG_CONFIG_HOME="$place/config"
export XDG_RUNTIME_DIR="$place/run" GIT_CONFIG_NOSYSTEM=1
unset THOLE_MODEL 2>/dev/null || :
mkdir -p "$HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"

fail() {
  cat "$place/$name.out" >&2
  echo "demo ($name): $*" >&2
  exit 1
}
# shows PATTERN…: each is a line of the output
shows() {
  for pattern; do grep -Eq -- "$pattern" "$place/$name.out" || fail "does not show: $pattern"; done
}
hides() {
  for pattern; do ! grep -Eq -- "$pattern" "$place/$name.out" || fail "shows: $pattern"; done
}
# plays NAME COMMAND…: what every run of it has to show and to do
plays() {
  name=$1
  shift
  "$@" demo "$place/$name" >"$place/$name.out" 2>"$place/$name.err" || fail "exit code $?"
  [ ! -s "$place/$name.err" ] || fail "standard error: $(cat "$place/$name.err")"
  lines=$(wc -l <"$place/$name.out")
  most=60
  [ "$name" = usual ] || most=72 # what is missing has to be said
  [ "$lines" -le "$most" ] || fail "$lines lines"
  shows '^plan +Repair the sample project$' '^you +.* yes\. The plan is approved' \
    '^greet +▸' '^stats +▸' '^(greet)? +.* src/greet\.sh +\+1 −1$' '^(stats)? +.* src/stats\.sh +\+1 −1$' \
    'sh tests/run\.sh · 6 passed, 0 failed$' '4/4 Run all tests$' 'All tests pass now' "cd $place/$name\$"
  sh "$place/$name/tests/run.sh" >/dev/null || fail "the tests of the project fail"
}

plays usual "$thole"
shows '^greet +▸ .*branch thole/' '^stats +▸ .*branch thole/' 'merged src/greet\.sh' 'merged src/stats\.sh' \
  '\? may I\? sh tests/run\.sh greet$' '✗ sh tests/run\.sh · 3 passed, 2 failed$'
hides 'No worktree can be made'
[ "$(git -C "$place/usual" diff --name-only | tr '\n' ' ')" = "src/greet.sh src/stats.sh " ] || fail "git diff"
[ -z "$(git -C "$place/usual" branch --list 'thole/*')" ] || fail "branches are left"
"$thole" worktrees | grep -q "no working trees" || fail "a worktree is left"

mkdir "$place/bin"
for program in sh dirname cat ls; do ln -s "$(command -v $program)" "$place/bin/$program"; done
plays without-git env PATH="$place/bin" "$thole"
shows 'git is not installed' '^greet +▸ works in your files'

plays without-landlock "$without_landlock" landlock "$thole"
shows 'merged src/greet\.sh' 'merged src/stats\.sh'
