// No process of a tool survives: not the cancel of its call, not the kill of thole, not its session.
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";

const limit = 1000; // ms, of issue 3

// Each starts `sleep MARK` in a way that is hard to find or to end, and goes on for long.
const escapes = {
  "ignores SIGTERM": (mark) => `trap '' TERM HUP INT; sleep ${mark}; sleep ${mark}`,
  "left the session": (mark) => `setsid nohup sleep ${mark} >/dev/null 2>&1 & wait`,
  "was forked twice": (mark) => `(setsid sh -c '(sleep ${mark} >/dev/null 2>&1 &)' &); sleep 600`,
  "cleared its environment": (mark) =>
    `(env -i setsid nohup sh -c '(trap "" TERM; sleep ${mark} >/dev/null 2>&1 &)' &); sleep 600`,
  "stops itself": (mark) =>
    `sleep ${mark} & until [ "$(cat /proc/$!/comm)" = sleep ]; do :; done; kill -STOP $! $$`,
  "stops its parent": (mark) => `kill -STOP $PPID; setsid sleep ${mark} & wait`,
};

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

// The processes `sleep MARK`; a dead one has no command line.
function marked(mark) {
  return readdirSync("/proc").filter((name) => {
    const [program, argument] = /^\d+$/.test(name) ? commandLine(name) : [];
    return program === "sleep" && argument === mark;
  });
}

async function untilStarted(mark) {
  while (marked(mark).length === 0) await pause(5);
}

async function assertGone(mark) {
  const start = performance.now();
  while (marked(mark).length > 0 && performance.now() - start < limit) await pause(5);
  assert.deepEqual(marked(mark), []);
}

let last = 0;
const newMark = () => `98765.${process.pid}${++last}`;

// A session whose model has called bash with `command`, and the turn of that.
async function started(rig, command, mark) {
  rig.model.script(calls(call("bash", { command })), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  const turn = session.prompt("Run it");
  turn.catch(() => {});
  await untilStarted(mark);
  return { session, turn };
}

for (const [name, script] of Object.entries(escapes)) {
  scenario(`cancel ends a process that ${name}`, {}, async (rig) => {
    const mark = newMark();
    const { session, turn } = await started(rig, script(mark), mark);
    await session.cancel();
    await assertGone(mark);
    assert.equal((await turn).stopReason, "cancelled");
  });

  scenario(
    `kill -9 of thole ends a process that ${name}`,
    { finish: false },
    async (rig) => {
      const mark = newMark();
      const { session } = await started(rig, script(mark), mark);
      session.editor.wire.child.kill("SIGKILL");
      await assertGone(mark);
    },
  );
}

const leftovers = {
  "in the background": (mark) => `sleep ${mark} & echo left`,
  "without output, session and environment": (mark) =>
    `(env -i setsid nohup sh -c '(trap "" TERM; sleep ${mark} >/dev/null 2>&1 &)' &); echo left`,
};

for (const [name, script] of Object.entries(leftovers)) {
  scenario(`what a command left ${name} lives until session/close`, {}, async (rig) => {
    const mark = newMark();
    const { session, turn } = await started(rig, script(mark), mark);
    assert.equal((await turn).stopReason, "end_turn");
    assert.equal(session.calls()[0].status, "completed");
    assert.equal(marked(mark).length, 1);
    await session.close();
    await assertGone(mark);
  });

  scenario(
    `what a command left ${name} dies with thole`,
    { finish: false },
    async (rig) => {
      const mark = newMark();
      const { session, turn } = await started(rig, script(mark), mark);
      await turn;
      session.editor.wire.child.kill("SIGKILL");
      await assertGone(mark);
    },
  );
}

scenario("a command that kills its parent dies with all that it started", {}, async (rig) => {
  const mark = newMark();
  const command = `setsid nohup sleep ${mark} & sleep ${mark} & kill -9 $PPID; sleep ${mark}`;
  rig.model.script(calls(call("bash", { command })), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Run it")).stopReason, "end_turn");
  assert.equal(session.calls()[0].status, "failed");
  assert.deepEqual(marked(mark), []);
});
