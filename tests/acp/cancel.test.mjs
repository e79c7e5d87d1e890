// Cancelling: while the model streams, while a tool runs, while a permission is open.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import {
  assert,
  call,
  calls,
  choose,
  hang,
  neverAnswer,
  say,
  scenario,
  scenarios,
  silence,
  text,
} from "./rig.mjs";

scenarios(
  "67: cancel while streaming ends the turn and the model's connection",
  {},
  async (rig) => {
    rig.model.script(hang("Once upon a time there was a boat on the lake", 5), say("Next."));
    const session = await rig.session();
    const turn = session.prompt("Tell a story");
    await session.editor.wire.update("agent_message_chunk");
    await session.cancel();
    assert.equal((await turn).stopReason, "cancelled");
    await rig.model.untilAbandoned();
    assert.equal((await session.prompt("Go on")).stopReason, "end_turn");
    assert.match(session.text(), /^Once.*Next\.$/s);
  },
);

scenarios("cancel before the first byte of the model ends the turn", {}, async (rig) => {
  rig.model.script(silence());
  const session = await rig.session();
  const turn = session.prompt("Tell a story");
  await rig.model.untilRequests(1);
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  await rig.model.untilAbandoned();
});

// The process that wrote its id into `file`, once it has.
async function startedProcess(file) {
  while (!existsSync(file) || !readFileSync(file, "utf8").endsWith("\n")) await pause(5);
  return Number(readFileSync(file, "utf8"));
}

async function untilGone(pid) {
  while (existsSync(`/proc/${pid}`) && !isZombie(pid)) await pause(5);
}

function isZombie(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].startsWith("Z");
  } catch {
    return true;
  }
}

scenarios("68: cancel in a shell command kills its whole process group", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(
    calls(call("bash", { command: `sh -c 'echo $$ > ${file}; sleep 600 & wait'; echo done` })),
    say("After."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  const turn = session.prompt("Sleep");
  const pid = await startedProcess(file);
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  await untilGone(pid);
  assert.equal(session.calls()[0].status, "failed");
  assert.equal(rig.model.requests.length, 1);
  assert.equal((await session.prompt("And now?")).stopReason, "end_turn");
  assert.equal(rig.model.toolResults.length, 1, "the interrupted call has a result");
});

scenarios("69: cancel ends an open permission; a late answer runs nothing", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "late.txt", content: "x" })), say("Next."));
  const { wire, sessionId } = await rig.rawSession();
  const turn = wire.request("session/prompt", { sessionId, prompt: text("Write") });
  const asked = await wire.until((m) => m.method === "session/request_permission");
  wire.notify("session/cancel", { sessionId });
  assert.deepEqual((await turn).result, { stopReason: "cancelled" });
  wire.answer(asked.id, { outcome: { outcome: "selected", optionId: "allow_once" } });
  const next = await wire.request("session/prompt", { sessionId, prompt: text("And now?") });
  assert.deepEqual(next.result, { stopReason: "end_turn" });
  assert.equal(rig.workspace.has("late.txt"), false);
});

scenarios("69: cancel ends a permission that the SDK's client never answers", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "late.txt", content: "x" })));
  const session = await rig.session({ permission: neverAnswer });
  const turn = session.prompt("Write");
  await session.editor.wire.until((m) => m.method === "session/request_permission");
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  assert.equal(session.calls()[0].status, "failed");
  assert.equal(rig.workspace.has("late.txt"), false);
});

scenario("71: cancel with no turn, for an unknown session, twice: silence", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  const list = () => wire.request("session/list", {});
  await list();
  const before = wire.fromAgent.length;
  for (const id of [sessionId, sessionId, "20200101-0000-none"]) {
    wire.notify("session/cancel", { sessionId: id });
  }
  wire.notify("session/cancel", {});
  await list();
  assert.equal(wire.fromAgent.length, before + 1);
});

scenarios("72: a prompt right after a cancel runs", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3), say("Second."));
  const { wire, sessionId } = await rig.rawSession();
  const first = wire.request("session/prompt", { sessionId, prompt: text("One") });
  await wire.update("agent_message_chunk");
  wire.notify("session/cancel", { sessionId });
  const second = wire.request("session/prompt", { sessionId, prompt: text("Two") });
  assert.deepEqual((await first).result, { stopReason: "cancelled" });
  assert.deepEqual((await second).result, { stopReason: "end_turn" });
});

scenario("73: cancel ends every prompt received before it", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3), say("Fourth."));
  const { wire, sessionId } = await rig.rawSession();
  const prompts = [1, 2, 3].map((n) =>
    wire.request("session/prompt", { sessionId, prompt: text(`Prompt ${n}`) }),
  );
  await wire.update("agent_message_chunk");
  wire.notify("session/cancel", { sessionId });
  const fourth = wire.request("session/prompt", { sessionId, prompt: text("Prompt 4") });
  const reasons = (await Promise.all([...prompts, fourth])).map((m) => m.result?.stopReason);
  assert.deepEqual(reasons, ["cancelled", "cancelled", "cancelled", "end_turn"]);
});

scenarios(
  "75: $/cancel_request of a prompt answers cancelled, of an unknown id nothing",
  {},
  async (rig) => {
    rig.model.script(hang("Once upon a time there was a boat", 3));
    const { wire, sessionId } = await rig.rawSession();
    wire.notify("$/cancel_request", { requestId: 4711 });
    const turn = wire.request("session/prompt", { sessionId, prompt: text("One") }, "the-prompt");
    await wire.update("agent_message_chunk");
    wire.notify("$/cancel_request", { requestId: "the-prompt" });
    assert.deepEqual((await turn).result, { stopReason: "cancelled" });
    await rig.model.untilAbandoned();
  },
);

scenario("76: a cancel in one session leaves the other's turn alone", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3));
  const editor = await rig.editor({ permission: choose("allow_once") });
  const stuck = await editor.newSession(rig.workspace.root);
  const turn = stuck.prompt("One");
  await editor.wire.update("agent_message_chunk");
  rig.model.script(calls(call("write_file", { path: "b.txt", content: "b" })), say("Written."));
  const other = await editor.newSession(rig.workspace.root);
  const second = other.prompt("Two");
  await stuck.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  assert.equal((await second).stopReason, "end_turn");
  assert.equal(rig.workspace.read("b.txt"), "b");
});

const cancelsAlone = '[session]\non_disconnect = "cancel"\n';

for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
  scenario(
    `15: ${signal} in a shell command ends thole and the command`,
    { finish: false },
    async (rig) => {
      if (signal === "SIGHUP") rig.workspace.configure(cancelsAlone);
      const file = rig.workspace.path("pid");
      rig.model.script(calls(call("bash", { command: `echo $$ > ${file}; sleep 600` })));
      const session = await rig.session({ permission: choose("allow_once") });
      session.prompt("Sleep").catch(() => {});
      const pid = await startedProcess(file);
      session.editor.wire.child.kill(signal);
      await session.editor.wire.exit;
      await untilGone(pid);
    },
  );
}

scenario(
  "15: the end of input in a shell command ends thole with 0 and the command, when told so",
  { finish: false },
  async (rig) => {
    rig.workspace.configure(cancelsAlone);
    const file = rig.workspace.path("pid");
    rig.model.script(calls(call("bash", { command: `echo $$ > ${file}; sleep 600` })));
    const session = await rig.session({ permission: choose("allow_once") });
    session.prompt("Sleep").catch(() => {});
    const pid = await startedProcess(file);
    const { code, signal } = await session.editor.wire.quit();
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    await untilGone(pid);
  },
);
