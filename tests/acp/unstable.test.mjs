// What [acp] unstable switches on, in version 1: forks, archives, titles and statuses of sessions; and
// the updates that a client switches on by itself. Every message is checked against the SDK's schema
// of what is not settled yet.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unstableAcp } from "../node/peers.mjs";
import { assert, call, calls, hang, say, scenario, text } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { draft, first, planFile } from "./rig/plans.mjs";
import { run } from "./rig/run.mjs";
import { faultsOf } from "./rig/schema.mjs";

const endless = "Forever and ever and ever, as long as anybody reads what is written here.";
const all = ["archive", "fork", "set_title", "status"];
const capabilityOf = { archive: "archive", fork: "fork", set_title: "title", status: "status" };
const methodsOf = {
  archive: ["session/archive", "session/unarchive"],
  fork: ["session/fork"],
  set_title: ["session/set_title"],
  status: ["session/status"],
};
const answers = {
  initialize: "InitializeResponse",
  "session/list": "ListSessionsResponse",
  "session/fork": "ForkSessionResponse",
  "session/archive": "ArchiveSessionResponse",
  "session/unarchive": "UnarchiveSessionResponse",
  "session/status": "SessionStatusResponse",
  "session/set_title": "SetSessionTitleResponse",
};

const switchOn = (rig, ...names) =>
  rig.workspace.configure(`[acp]\nunstable = ${JSON.stringify(names)}\n`);

// Ends all processes and judges what they wrote.
async function finish(rig) {
  for (const wire of rig.wires) {
    assert.equal((await wire.quit()).code, 0);
    assert.equal(wire.stderr, "");
    const asked = new Map();
    for (const { from, message } of wire.records) {
      if (from === "client" && message.method) asked.set(message.id, message.method);
      if (message.method === "session/update") check("SessionNotification", message.params);
      const name = from === "agent" && message.result && answers[asked.get(message.id)];
      if (name) check(name, message.result);
    }
  }
}

const check = (name, value) => assert.deepEqual(faultsOf(name, value, "acp-unstable"), []);

// A scenario with some features switched on; without `names`, with all.
const unstable = (name, body, names = all) =>
  scenario(`unstable: ${name}`, { finish: false }, async (rig, t) => {
    switchOn(rig, ...names);
    await body(rig, t);
    await finish(rig);
  });

const ask = async (wire, method, params) => {
  const answer = await wire.request(method, params);
  assert.equal(answer.error, undefined, `${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
};
const code = async (wire, method, params) => (await wire.request(method, params)).error?.code;
const prompt = (wire, sessionId, words) =>
  ask(wire, "session/prompt", { sessionId, prompt: text(words) });
const place = (rig) => ({ cwd: rig.workspace.root, mcpServers: [] });
const list = async (wire, params = {}) => (await ask(wire, "session/list", params)).sessions;
const said = (request) => JSON.stringify(request.messages);
const logFile = (rig, id) => rig.workspace.path(`.thole/sessions/${id}.events.jsonl`);

// A client and a session with one turn.
async function talked(rig, words = "Count the oars") {
  rig.model.script(say("Two."));
  const { wire, sessionId } = await rig.rawSession();
  await prompt(wire, sessionId, words);
  return { wire, sessionId };
}

scenario("unstable: nothing of it is there until it is switched on", {}, async (rig) => {
  const { wire, sessionId } = await talked(rig);
  const { sessionCapabilities } = wire.fromAgent[0].result.agentCapabilities;
  assert.deepEqual(Object.keys(sessionCapabilities).sort(), [
    "additionalDirectories",
    "close",
    "delete",
    "list",
    "resume",
  ]);
  for (const method of Object.values(methodsOf).flat())
    assert.equal(await code(wire, method, { sessionId, ...place(rig), title: "T" }), -32601);
  const [info] = await list(wire, { archived: "only" });
  assert.equal(info.sessionId, sessionId, "a filter that was not offered filters nothing");
  assert.equal(info.archived, undefined);
});

for (const name of all) {
  unstable(
    `"${name}" switches on what it says and nothing else`,
    async (rig) => {
      const { wire, sessionId } = await talked(rig);
      const { sessionCapabilities } = wire.fromAgent[0].result.agentCapabilities;
      for (const other of all) {
        const is = other === name;
        assert.deepEqual(sessionCapabilities[capabilityOf[other]], is ? {} : undefined);
        for (const method of methodsOf[other]) {
          const answer = await code(wire, method, { sessionId, ...place(rig), title: "T" });
          assert.equal(answer, is ? undefined : -32601, method);
        }
      }
    },
    [name],
  );
}

scenario("unstable: a name that there is not is an error that lists those there are", {}, async (rig) => {
  switchOn(rig, "fork", "froth");
  const { code: exit, stderr } = await run(rig, ["--stdio"]);
  assert.equal(exit, 3);
  assert.match(stderr, /config\.toml:2: \[acp\] unstable: .*'froth'.*archive, fork, set_title, status, v2/);
});

scenario("unstable: a workspace switches nothing on", {}, async (rig) => {
  const settings = `[acp]\nunstable = ${JSON.stringify([...all, "v2"])}\n`;
  rig.workspace.write(".thole/config.toml", settings);
  const wire = await rig.rawAgent();
  assert.equal(wire.fromAgent[0].result.agentCapabilities.sessionCapabilities.fork, undefined);
  assert.equal(await code(wire, "session/status", { sessionId: "x" }), -32601);
});

unstable("a fork has the conversation so far, in a log of its own", async (rig) => {
  const { wire, sessionId } = await talked(rig);
  const before = readFileSync(logFile(rig, sessionId));
  const forked = await ask(wire, "session/fork", { sessionId, ...place(rig) });
  assert.notEqual(forked.sessionId, sessionId);
  assert.equal(forked.modes.currentModeId, "default");
  assert.deepEqual(readFileSync(logFile(rig, sessionId)), before, "the source is as it was");

  rig.model.script(say("As I said."), say("Three?"));
  await prompt(wire, forked.sessionId, "Sure?");
  assert.match(said(rig.model.lastRequest), /Count the oars.*Two\..*Sure\?/s);
  await prompt(wire, sessionId, "And now?");
  assert.doesNotMatch(said(rig.model.lastRequest), /Sure\?/, "what the fork does is its own");

  await ask(wire, "session/delete", { sessionId });
  await ask(wire, "session/close", { sessionId: forked.sessionId });
  const sessions = await list(wire);
  assert.deepEqual(
    sessions.map((s) => [s.sessionId, s.title, s._meta.thole.forkedFrom]),
    [[forked.sessionId, "Count the oars", sessionId]],
  );
  const other = await rig.rawAgent();
  const from = other.records.length;
  await ask(other, "session/load", { sessionId: forked.sessionId, ...place(rig) });
  const words = other.records
    .slice(from)
    .map((r) => r.message?.params?.update)
    .filter((u) => u?.sessionUpdate === "agent_message_chunk")
    .map((u) => u.content.text)
    .join("");
  assert.equal(words, "Two.As I said.", "also when the source is gone");
});

unstable("a fork of what runs has its calls interrupted; the source goes on", async (rig) => {
  const gate = join(rig.workspace.root, "gate");
  const command = `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; echo through`;
  rig.model.script(calls(call("bash", { command })));
  const { wire, sessionId } = await rig.rawSession();
  await ask(wire, "session/set_mode", { sessionId, modeId: "bypass-permissions" });
  const turn = prompt(wire, sessionId, "Wait at the gate");
  await wire.update("tool_call_update", (u) => JSON.stringify(u.content ?? "").includes("begun"));

  const forked = await ask(wire, "session/fork", { sessionId, ...place(rig) });
  const [ended] = ofType(rig, forked.sessionId, "ToolCallCompleted");
  assert.equal(ended.status, "interrupted");
  assert.match(ended.output, new RegExp(`belongs to session ${sessionId}`));
  assert.equal(ofType(rig, sessionId, "ToolCallCompleted").length, 0);
  rig.model.script(say("I stand at the gate."));
  await prompt(wire, forked.sessionId, "Where are you?");
  assert.match(rig.model.toolResults[0], /interrupted/);

  rig.model.script(say("Through."));
  writeFileSync(gate, "");
  assert.equal((await turn).stopReason, "end_turn");
  assert.match(ofType(rig, sessionId, "ToolCallCompleted")[0].output, /through/);
});

unstable("a fork has plan, tasks, mode and model; grants and sub-agents stay behind", async (rig) => {
  rig.model.script(
    calls(call("bash", { command: "echo granted" })),
    calls(call("update_tasks", { tasks: [{ id: "1", content: "Count", status: "in_progress", priority: "high" }] })),
    say("Granted."),
    draft(first),
  );
  const { wire, sessionId } = await rig.rawSession();
  const answer = (from, optionId) =>
    wire
      .until((m) => m.method === "session/request_permission", "a permission", from)
      .then((m) => wire.answer(m.id, { outcome: { outcome: "selected", optionId } }));
  const granted = answer(wire.records.length, "allow_always");
  await prompt(wire, sessionId, "Echo");
  await granted;
  await ask(wire, "session/set_mode", { sessionId, modeId: "plan" });
  const kept = answer(wire.records.length, "reject_once");
  await prompt(wire, sessionId, "Plan faster strokes");
  await kept;

  const { sessionId: id, modes } = await ask(wire, "session/fork", { sessionId, ...place(rig) });
  assert.equal(modes.currentModeId, "plan");
  assert.equal(readFileSync(planFile(rig, id), "utf8"), first);
  const plan = await ask(wire, "_thole/plan/get", { sessionId: id });
  assert.equal(plan.path, planFile(rig, id));
  assert.equal(plan.content, first);
  const { tasks } = await ask(wire, "_thole/tasks/get", { sessionId: id });
  assert.deepEqual(
    tasks.map((task) => task.content),
    ["Count"],
  );
  await ask(wire, "session/set_mode", { sessionId: id, modeId: "default" });
  rig.model.script(calls(call("bash", { command: "echo granted" })), say("Denied."));
  const denied = answer(wire.records.length, "reject_once");
  await prompt(wire, id, "Echo again");
  await denied;
});

unstable("forking what is not there, or from elsewhere, is refused", async (rig) => {
  const { wire } = await talked(rig);
  const refused = await wire.request("session/fork", { sessionId: "20200101-0000-aaaa", ...place(rig) });
  assert.equal(refused.error.code, -32002);
  assert.equal(refused.error.data.sessionId, "20200101-0000-aaaa");
  assert.equal(await code(wire, "session/fork", { sessionId: "../x", ...place(rig) }), -32002);
  const { sessionId } = await ask(wire, "session/new", place(rig));
  assert.equal(await code(wire, "session/fork", { sessionId, cwd: "here" }), -32602);
});

unstable("what is archived is away from the list until it is taken back", async (rig) => {
  const { wire, sessionId } = await talked(rig, "One");
  rig.model.script(say("Two."));
  const { sessionId: other } = await ask(wire, "session/new", place(rig));
  await prompt(wire, other, "Two");
  const ids = async (of, archived) =>
    (await list(of, archived ? { archived } : {})).map((s) => `${s.title} ${s.archived}`).sort();

  const { updatedAt } = (await list(wire)).find((s) => s.sessionId === sessionId);
  assert.deepEqual(await ask(wire, "session/archive", { sessionId }), {});
  assert.deepEqual(await ask(wire, "session/archive", { sessionId }), {}, "twice is fine");
  assert.deepEqual(await ids(wire), ["Two false"]);
  assert.deepEqual(await ids(wire, "exclude"), ["Two false"]);
  assert.deepEqual(await ids(wire, "include"), ["One true", "Two false"]);
  assert.deepEqual(await ids(wire, "only"), ["One true"]);
  assert.equal(await code(wire, "session/list", { archived: "sometimes" }), -32602);
  assert.equal(await code(wire, "session/prompt", { sessionId, prompt: text("?") }), -32002, "closed");

  const later = await rig.rawAgent();
  assert.deepEqual(await ids(later, "only"), ["One true"], "another process knows it, too");
  await ask(later, "session/load", { sessionId, ...place(rig) });
  await ask(later, "session/unarchive", { sessionId });
  assert.deepEqual(await ask(later, "session/unarchive", { sessionId }), {});
  assert.deepEqual(await ids(later), ["One false", "Two false"]);
  assert.deepEqual(
    ofType(rig, sessionId, "ArchiveChanged").map((e) => e.archived ?? false),
    [true, false],
  );
  for (const method of methodsOf.archive)
    assert.equal(await code(wire, method, { sessionId: "20200101-0000-aaaa" }), -32002);
  const same = (await list(wire)).find((s) => s.sessionId === sessionId);
  assert.ok(same.updatedAt >= updatedAt);
});

unstable("archiving ends what runs", async (rig) => {
  rig.model.script(hang(endless));
  const { wire, sessionId } = await rig.rawSession();
  const turn = prompt(wire, sessionId, "Talk");
  await wire.update("agent_message_chunk");
  await ask(wire, "session/archive", { sessionId });
  assert.equal((await turn).stopReason, "cancelled");
  assert.equal((await list(wire, { archived: "only" }))[0].sessionId, sessionId);
});

unstable("a page of archived sessions is followed by others of them only", async (rig) => {
  const { wire, sessionId } = await talked(rig);
  await ask(wire, "session/close", { sessionId });
  const text = readFileSync(logFile(rig, sessionId), "utf8");
  for (let i = 0; i < 60; ++i) {
    const id = `20260101-0000-${String(i).padStart(4, "0")}`;
    const lines = text.replaceAll(sessionId, id).split("\n").map((line) => line.replace(/,"crc":"[0-9a-f]{8}"}$/, "}"));
    writeFileSync(logFile(rig, id), lines.join("\n"), { mode: 0o600 });
  }
  for (let i = 0; i < 55; ++i)
    await ask(wire, "session/archive", { sessionId: `20260101-0000-${String(i).padStart(4, "0")}` });
  const page = await ask(wire, "session/list", { archived: "only" });
  assert.equal(page.sessions.length, 50);
  const rest = await ask(wire, "session/list", { archived: "only", cursor: page.nextCursor });
  assert.equal(rest.sessions.length, 5);
  assert.equal(rest.nextCursor, undefined);
  assert.equal(await code(wire, "session/list", { cursor: page.nextCursor }), -32602, "of another filter");
});

unstable("a status says whether it is open, and does nothing", async (rig) => {
  const { wire, sessionId } = await talked(rig);
  assert.deepEqual(await ask(wire, "session/status", { sessionId }), { status: "open" });
  await ask(wire, "session/close", { sessionId });
  const before = readFileSync(logFile(rig, sessionId));
  assert.deepEqual(await ask(wire, "session/status", { sessionId }), { status: "saved" });
  assert.deepEqual(readFileSync(logFile(rig, sessionId)), before);
  assert.equal(await code(wire, "session/prompt", { sessionId, prompt: text("?") }), -32002, "still closed");
  const unknown = await wire.request("session/status", { sessionId: "20200101-0000-aaaa" });
  assert.equal(unknown.error.code, -32002);
  assert.equal(unknown.error.data.sessionId, "20200101-0000-aaaa");
});

unstable("a title that was chosen stays, wherever it is shown", async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  const set = (title, of = wire) => ask(of, "session/set_title", { sessionId, title });
  assert.deepEqual(await set("  Faster\n strokes\t now "), { title: "Faster strokes now" });
  await wire.update("session_info_update", (u) => u.title === "Faster strokes now");
  rig.model.script(say("Two."));
  await prompt(wire, sessionId, "Count the oars");
  const titles = async (of) => (await list(of)).map((s) => s.title);
  assert.deepEqual(await titles(wire), ["Faster strokes now"], "the first prompt does not name it");

  await ask(wire, "session/close", { sessionId });
  assert.deepEqual(await set("Saved"), { title: "Saved" });
  const later = await rig.rawAgent();
  assert.deepEqual(await titles(later), ["Saved"]);
  assert.equal((await set("x".repeat(1000), later)).title.length < 250, true);
  assert.deepEqual(await set("Short", later), { title: "Short" });
  const { stdout } = await run(rig, ["sessions"]);
  assert.match(stdout, /Short/);
  assert.match((await run(rig, ["sessions", "--search", "short"])).stdout, new RegExp(sessionId));

  for (const title of ["", " \n\t "])
    assert.equal(await code(wire, "session/set_title", { sessionId, title }), -32602);
  assert.equal(await code(wire, "session/set_title", { sessionId }), -32602);
  assert.equal(
    await code(wire, "session/set_title", { sessionId: "20200101-0000-aaaa", title: "T" }),
    -32002,
  );
  assert.equal(ofType(rig, sessionId, "TitleChanged").length, 4, "what was refused left nothing");
  assert.equal(ofType(rig, sessionId, "SessionStarted").length, 1, "nobody opened it for that");
});

unstable("a secret in a title is not kept", async (rig) => {
  const { wire, sessionId } = await talked(rig);
  const secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
  await ask(wire, "session/set_title", { sessionId, title: `Use ${secret}` });
  assert.doesNotMatch(readFileSync(logFile(rig, sessionId), "utf8"), new RegExp(secret));
  assert.doesNotMatch(JSON.stringify(await list(wire)), new RegExp(secret));
});

unstable("another process's session is titled and archived there", async (rig) => {
  rig.model.script(hang(endless));
  const owner = await rig.rawSession();
  const { sessionId } = owner;
  const turn = prompt(owner.wire, sessionId, "Talk");
  await owner.wire.update("agent_message_chunk");
  const wire = await rig.rawAgent();
  assert.deepEqual(await ask(wire, "session/status", { sessionId }), { status: "open" });
  assert.deepEqual(await ask(wire, "session/set_title", { sessionId, title: "Mine" }), { title: "Mine" });
  await owner.wire.update("session_info_update", (u) => u.title === "Mine");
  await ask(wire, "session/archive", { sessionId });
  assert.equal((await turn).stopReason, "cancelled", "to put it away ends what runs in it");
  assert.equal(ofType(rig, sessionId, "ArchiveChanged").length, 1);
});

unstable("the SDK's client of unstable features forks, titles and archives", async (rig) => {
  rig.model.script(say("Two."));
  const editor = await rig.editor({ capabilities: { subagents: {} } });
  const session = await editor.newSession(rig.workspace.root);
  await session.prompt("Count");
  const { session: methods } = unstableAcp.methods.agent;
  const request = (method, params) => editor.agent.request(method, params);
  const forked = await request(methods.fork, { sessionId: session.id, ...place(rig) });
  assert.ok(forked.configOptions.length > 0);
  const named = await request(methods.setTitle, { sessionId: forked.sessionId, title: " Copy " });
  assert.equal(named.title, "Copy");
  await request(methods.archive, { sessionId: session.id });
  const { sessions } = await request(methods.list, { archived: "only" });
  assert.deepEqual(
    sessions.map((s) => s.sessionId),
    [session.id],
  );
  assert.equal((await request(methods.status, { sessionId: session.id })).status, "saved");
});

// What a client switches on by itself needs no setting.
scenario("unstable: plans are told to clients that know plan operations", { finish: false }, async (rig) => {
  rig.model.script(draft(first), say("Dropped."));
  const { wire, sessionId } = await rig.rawSession({ clientCapabilities: { plan: {} } });
  await ask(wire, "session/set_mode", { sessionId, modeId: "plan" });
  const turn = prompt(wire, sessionId, "Plan faster strokes");
  const shown = await wire.update("plan_update");
  assert.deepEqual(shown.plan, { type: "markdown", planId: "plan", content: first });
  const asked = await wire.until((m) => m.method === "session/request_permission");
  await ask(wire, "_thole/plan/review", { sessionId, decision: "rejected" });
  await turn;
  const removed = await wire.update("plan_removed");
  assert.equal(removed.planId, "plan");
  assert.ok(asked.id);
  await finish(rig);
});
