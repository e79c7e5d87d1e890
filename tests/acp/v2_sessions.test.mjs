// Sessions of the v2 draft: replays, running turns that others come to, lists, and the end of an editor.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { assert, call, calls, choose, hang, say, sayThenCall, think } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { scenarioV2 } from "./rig/v2.mjs";

const endless = "Forever and ever and ever, as long as anybody reads what is written here.";
const code = (promise) =>
  promise.then(
    () => undefined,
    (error) => error.code,
  );
const idle = (picture) => picture.states.at(-1)?.state === "idle";
const states = (picture) => picture.states.map((s) => s.stopReason ?? s.state);

// One turn with thinking, text, a read, an edit, a command and tasks.
async function richTurn(rig) {
  rig.model.script(
    think("First I look.", "Looking."),
    sayThenCall("I read.", call("read_file", { path: "notes.txt" })),
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    calls(call("bash", { command: "echo out; exit 1" })),
    calls(call("update_tasks", { tasks: [{ id: "1", content: "Count", status: "in_progress", priority: "high" }] })),
    say("Edited."),
  );
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  await session.turn("Think");
  await session.turn("Edit the notes");
  return session;
}

scenarioV2("v2: a resume replays the session as it was, then tells its state", {}, async (rig) => {
  const live = await richTurn(rig);
  await live.editor.wire.quit();
  const editor = await rig.editorV2();
  const cwd = rig.workspace.root;
  const from = editor.wire.records.length;
  const again = await editor.resume(live.id, cwd, { replayFrom: { type: "start" } });
  const written = editor.wire.records.slice(from).filter((r) => r.from === "agent");
  const response = written.findIndex((r) => r.message.result);
  assert.equal(written[response - 1].message.params.update.sessionUpdate, "state_update");
  await again.until(idle);
  assert.deepEqual(states(again.picture), ["idle"]);
  assert.ok(again.opened.configOptions.length > 0);

  const spoken = (p) => p.order.filter((id) => !id.startsWith("terminal-"));
  assert.deepEqual(spoken(again.picture), spoken(live.picture), "the same ids in the same order");
  const words = (p) => [...p.messages.entries()].map(([id, m]) => [id, m.kind, m.content.map((b) => b.text).join("")]);
  assert.deepEqual(words(again.picture), words(live.picture));
  const shape = ({ toolCallId, title, kind, status, name, content }) => ({ toolCallId, title, kind, status, name, content });
  const shapes = (p) => [...p.calls.values()].map(shape);
  assert.deepEqual(shapes(again.picture), shapes(live.picture));
  assert.deepEqual([...again.picture.terminals.values()], [...live.picture.terminals.values()]);
  assert.deepEqual([...again.picture.plans.values()], [...live.picture.plans.values()]);

  const before = words(again.picture);
  await editor.resume(live.id, cwd, { replayFrom: { type: "start" } });
  const repeated = (update) => update.sessionUpdate === "user_message";
  await editor.sawAgain(again.id, repeated, 4);
  assert.deepEqual(words(again.picture), before, "a second replay changes nothing");
  rig.model.script(say("As I said."));
  await again.turn("What did you do?");
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /Edit the notes.*Edited\..*What did you do/s);
});

scenarioV2("v2: a resume without a replay tells its state only", {}, async (rig) => {
  const live = await richTurn(rig);
  await live.editor.wire.quit();
  const editor = await rig.editorV2();
  const again = await editor.resume(live.id, rig.workspace.root);
  await again.until(idle);
  assert.equal(again.picture.order.length, 0);
  assert.deepEqual(states(again.picture), ["idle"]);
  const cwd = rig.workspace.root;
  const raw = (more) => editor.wire.request("session/resume", { sessionId: live.id, cwd, ...more }, `r${Math.random()}`);
  assert.equal((await raw({ replayFrom: { type: "middle" } })).error.code, -32602);
  const unknown = await raw({ sessionId: "20200101-0000-aaaa" });
  assert.equal(unknown.error.code, -32002);
  assert.equal(unknown.error.data.sessionId, "20200101-0000-aaaa");
});

scenarioV2("v2: who comes to a running turn sees it go on, and can cancel it", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "echo begun; sleep 600" })));
  const owner = await rig.sessionV2({ permission: choose("allow_once") });
  await owner.prompt("Run");
  await owner.until((p) => [...p.terminals.values()].some((t) => String(t.output) === "begun\n"));
  const editor = await rig.editorV2();
  const guest = await editor.resume(owner.id, rig.workspace.root, { replayFrom: { type: "start" } });
  await guest.until((p) => p.states.length > 0);
  assert.deepEqual(states(guest.picture), ["running"]);
  assert.deepEqual(guest.picture.text("user_message"), ["Run"]);
  await guest.until((p) => p.output(guest.call) === "begun\n");
  await guest.cancel();
  await owner.until(idle);
  await guest.until(idle);
  assert.equal(guest.picture.states.at(-1).stopReason, "cancelled");
  assert.equal(guest.call.status, "cancelled");
});

scenarioV2("v2: sessions are listed, closed and deleted", {}, async (rig) => {
  rig.model.script(say("One."), hang(endless));
  const session = await rig.sessionV2();
  await session.turn("Count the oars");
  const { editor } = session;
  const list = async () => (await editor.request("session/list", {})).sessions;
  const [info] = await list();
  assert.deepEqual([info.sessionId, info.title, info.cwd], [session.id, "Count the oars", rig.workspace.root]);
  await session.prompt("Talk");
  await session.until((p) => p.text("agent_message").at(-1).startsWith("Forever"));
  const from = editor.wire.records.length;
  await session.close();
  const written = editor.wire.records.slice(from).filter((r) => r.from === "agent").map((r) => r.message);
  const closed = written.findIndex((m) => m.result);
  const ended = written.findIndex((m) => m.params?.update?.stopReason === "cancelled");
  assert.ok(ended >= 0 && ended < closed, "the end of the turn comes before the response");
  assert.equal(await code(session.prompt("More")), -32002);
  assert.equal((await list()).length, 1);
  await editor.request("session/delete", { sessionId: session.id });
  assert.deepEqual(await list(), []);
});

scenarioV2("v2: a turn outlives its editor, and one that is to end with it ends", {}, async (rig) => {
  const gate = rig.workspace.path("gate");
  const command = `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo through`;
  const begin = async () => {
    rig.model.script(calls(call("bash", { command })), say("Through."));
    const session = await rig.sessionV2({ permission: choose("allow_once") });
    await session.prompt("Wait at the gate");
    await session.until((p) => [...p.terminals.values()].some((t) => String(t.output) === "begun\n"));
    return session;
  };
  const session = await begin();
  session.editor.wire.closeInput();
  writeFileSync(gate, "");
  assert.equal((await session.editor.wire.exit).code, 0);
  assert.equal(ofType(rig, session.id, "MessageReceived").at(-1).content, "Through.");

  execFileSync("rm", [gate]);
  rig.workspace.configure('[session]\non_disconnect = "cancel"\n[acp]\nunstable = ["v2"]\n');
  const other = await begin();
  other.editor.wire.closeInput();
  assert.equal((await other.editor.wire.exit).code, 0);
  assert.equal(ofType(rig, other.id, "BusyStateChanged").at(-1).stop_reason, "cancelled");
});
