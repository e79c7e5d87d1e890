// The statements of the checklist that must also pass with other people's clients: (G) the official SDK
// 2.4.0, (O) the SDK 0.4.5 with its strict validators. One story is told to each of them, through its
// own client, and each statement looks at what was written and at what came through.
import { after } from "node:test";
import { acp } from "../node/peers.mjs";
import { assert, call, calls, choose, say, sayThenCall, test, text, think } from "./rig.mjs";
import { Rig } from "./rig.mjs";
import { faultsOfTraffic } from "./rig/invariants.mjs";
import { OldEditor } from "./rig/old_editor.mjs";
import { faultsOf, oldFaultsOf, oldUpdates } from "./rig/schema.mjs";

const task = (id, status) => ({ id, content: `Task ${id}`, status, priority: "high" });
const script = [
  think("I look first.", "Looking."),
  sayThenCall("I read.", call("read_file", { path: "notes.txt" })),
  calls(call("update_tasks", { tasks: [task("1", "in_progress"), task("2", "pending")] })),
  calls(call("write_file", { path: "log.txt", content: "rowed\n" })),
  calls(call("edit_file", { path: "notes.txt", old_string: "first", new_string: "1st" })),
  calls(call("bash", { command: "cat log.txt; exit 3" })),
  say("Written."),
];
const prompts = ["Look", "Write"];
const permission = choose("allow_once");
const modern = acp.methods.agent;

// The same few steps of an editor, by the client of each SDK.
const clients = {
  G: (rig) => {
    const open = async () => {
      const editor = await rig.editor({ permission });
      const request = (method, params) => editor.agent.request(method, params);
      return {
        wire: editor.wire,
        initialized: editor.initialized,
        initialize: (protocolVersion) => editor.initialize({ protocolVersion }),
        start: (params) => request(modern.session.new, params),
        load: (params) => request(modern.session.load, params),
        prompt: (params) => request(modern.session.prompt, params),
        asked: editor.permissions,
        cameThrough: () => editor.delivered,
      };
    };
    return { open, knows: () => true };
  },
  O: (rig) => {
    const open = async () => {
      const editor = new OldEditor(rig.wire(), permission);
      const { connection } = editor;
      return {
        wire: editor.wire,
        initialized: await editor.initialize({}),
        initialize: (protocolVersion) => editor.initialize({}, protocolVersion),
        start: (params) => connection.newSession(params),
        load: (params) => connection.loadSession(params),
        prompt: (params) => connection.prompt(params),
        asked: editor.permissions,
        cameThrough: () => editor.updates.length,
      };
    };
    return { open, knows: (update) => oldUpdates.has(update.sessionUpdate) };
  },
};

const updatesOf = (wire) =>
  wire.fromAgent.filter((m) => m.method === "session/update").map((m) => m.params.update);

async function tell(mark) {
  const rig = await Rig.start({ script });
  after(() => rig.dispose());
  const { open, knows } = clients[mark](rig);
  const place = { cwd: rig.workspace.root, mcpServers: [] };
  const first = await open();
  const versions = [];
  for (const version of [1, 2, 999]) versions.push((await first.initialize(version)).protocolVersion);
  const fresh = await first.start(place);
  const { sessionId } = fresh;
  const answers = [];
  for (const words of prompts) answers.push(await first.prompt({ sessionId, prompt: text(words) }));
  await first.wire.quit();
  const second = await open();
  const loaded = await second.load({ ...place, sessionId });
  const ends = [await first.wire.exit, await second.wire.quit()];
  await Promise.all(rig.editors.map((editor) => editor.connection.closed));
  return { first, second, fresh, loaded, sessionId, versions, answers, ends, knows };
}

const told = {};
const story = (mark) => (told[mark] ??= tell(mark));

const answer = (wire, method) => {
  const asked = wire.records.findIndex((r) => r.from === "client" && r.message?.method === method);
  const { id } = wire.records[asked].message;
  const isIt = (r) => r.from === "agent" && r.message.id === id && r.message.method === undefined;
  const at = wire.records.findIndex((r, i) => i > asked && isIt(r));
  return { asked, at, message: wire.records[at].message };
};

function noFaults(wire, name, method) {
  const { message } = answer(wire, method);
  assert.deepEqual(faultsOf(name, message.result), []);
  assert.deepEqual(oldFaultsOf(message, method), []);
}

function everyUpdateCameThrough({ first, second, knows }) {
  for (const one of [first, second]) {
    assert.equal(one.cameThrough(), updatesOf(one.wire).filter(knows).length);
  }
}

const values = (options) => options.map((o) => o.value ?? o.id);

// The turns of the story, or its replay: what a user saw, in order, without what only one of them has.
function seen(wire, method) {
  const { asked, at } = answer(wire, method);
  const until = method === "session/prompt" ? wire.records.length : at;
  const order = [];
  for (const { from, message } of wire.records.slice(asked, until)) {
    const update = from === "agent" ? message.params?.update : undefined;
    if (!update) continue;
    const { sessionUpdate, messageId, toolCallId } = update;
    const what = sessionUpdate === "tool_call" ? toolCallId : /^agent_/.test(sessionUpdate) && messageId;
    if (what && order.at(-1) !== what) order.push(what);
  }
  return order;
}

// [number, with which clients, what holds, how]
const statements = [
  [1, "GO", "each line is one object, and all of them come through", ({ ends, ...all }) => {
    for (const { leftover, code } of ends) assert.deepEqual({ leftover, code }, { leftover: "", code: 0 });
    for (const { wire } of [all.first, all.second]) assert.deepEqual(faultsOfTraffic(wire.records), []);
    everyUpdateCameThrough(all);
  }],
  [22, "GO", "the version is the integer 1", ({ versions }) => assert.deepEqual(versions, [1, 1, 1])],
  [25, "GO", "the answer to initialize is a valid one", ({ first }) => {
    noFaults(first.wire, "InitializeResponse", "initialize");
    const { agentCapabilities: can } = answer(first.wire, "initialize").message.result;
    const objects = { ...can.sessionCapabilities, ...can.auth };
    for (const [name, value] of Object.entries(objects)) assert.equal(typeof value, "object", name);
  }],
  [34, "G", "the session is told of before anything of it, its commands after", ({ first, sessionId }) => {
    const { at, message } = answer(first.wire, "session/new");
    assert.equal(message.result.sessionId, sessionId);
    const isOfIt = (r) => r.from === "agent" && r.message.params?.sessionId === sessionId;
    assert.ok(first.wire.records.findIndex(isOfIt) > at);
    const kinds = updatesOf(first.wire).map((u) => u.sessionUpdate);
    assert.ok(kinds.includes("available_commands_update"));
  }],
  [39, "GO", "modes and options of a new session say the same", ({ first, fresh }) => {
    noFaults(first.wire, "NewSessionResponse", "session/new");
    const { modes, configOptions } = answer(first.wire, "session/new").message.result;
    const mode = configOptions.find((o) => o.category === "mode");
    assert.equal(mode.currentValue, modes.currentModeId);
    assert.deepEqual(values(mode.options), values(modes.availableModes));
    assert.deepEqual(fresh.modes, modes, "the client has them");
  }],
  [40, "GO", "a load tells all of it again, in order, before its answer", ({ first, second, loaded }) => {
    noFaults(second.wire, "LoadSessionResponse", "session/load");
    assert.equal(typeof loaded, "object");
    assert.ok(loaded.modes, "the client has the modes");
    assert.deepEqual(seen(second.wire, "session/load"), seen(first.wire, "session/prompt"));
    const { asked, at } = answer(second.wire, "session/load");
    const replay = second.wire.records.slice(asked, at).map((r) => r.message.params?.update ?? {});
    const said = replay.filter((u) => u.sessionUpdate === "user_message_chunk").map((u) => u.content.text);
    assert.deepEqual(said, prompts);
    assert.deepEqual(replay.findLast((u) => u.entries)?.entries.map((e) => e.content), ["Task 1", "Task 2"]);
  }],
  [55, "GO", "a prompt is answered in chunks, all before its response", ({ first, answers }) => {
    assert.deepEqual(answers.map((a) => a.stopReason), ["end_turn", "end_turn"]);
    noFaults(first.wire, "PromptResponse", "session/prompt");
    const { asked, at } = answer(first.wire, "session/prompt");
    const turn = first.wire.records.slice(asked, at).map((r) => r.message.params?.update?.sessionUpdate);
    assert.ok(turn.includes("agent_message_chunk"));
    const last = first.wire.records.findLastIndex((r) => r.message?.result?.stopReason);
    const late = first.wire.records.slice(last).map((r) => r.message.params?.update?.sessionUpdate);
    assert.deepEqual(late.filter((kind) => /^(agent_|tool_)/.test(kind)), []);
  }],
  [79, "O", "every update of a tool call comes through", (all) => {
    everyUpdateCameThrough(all);
    const tools = updatesOf(all.first.wire).filter((u) => u.sessionUpdate.startsWith("tool_call"));
    assert.ok(tools.length >= 10, `${tools.length}`);
    for (const { rawInput = {}, rawOutput = {}, _meta = {} } of tools) {
      for (const member of [rawInput, rawOutput, _meta]) assert.equal(member?.constructor, Object);
    }
  }],
  [89, "GO", "every permission request comes through, with its options in order", ({ first }) => {
    const written = first.wire.fromAgent.filter((m) => m.method === "session/request_permission");
    assert.equal(first.asked.length, 3);
    assert.equal(written.length, 3);
    for (const { options } of first.asked) {
      assert.deepEqual(options.map((o) => o.kind), ["allow_once", "allow_always", "reject_once"]);
      assert.equal(new Set(options.map((o) => o.optionId)).size, 3);
    }
  }],
  [99, "O", "every plan comes through with all its entries", (all) => {
    everyUpdateCameThrough(all);
    const plans = updatesOf(all.first.wire).filter((u) => u.sessionUpdate === "plan");
    assert.ok(plans.length > 0);
    for (const { entries } of plans) {
      for (const { content, priority, status } of entries) {
        assert.ok(content);
        assert.ok(["high", "medium", "low"].includes(priority), priority);
        assert.ok(["pending", "in_progress", "completed"].includes(status), status);
      }
    }
  }],
  [102, "GO", "what is ours is below _meta.thole", ({ first, second }) => {
    let own = 0;
    const look = (value) => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === "_meta") assert.deepEqual(Object.keys(inner), ["thole"]);
        if (key === "_meta") own += 1;
        else if (key !== "rawInput" && key !== "rawOutput") look(inner);
      }
    };
    for (const { wire } of [first, second]) wire.fromAgent.forEach(look);
    assert.ok(own > 5, "there is something of ours");
    for (const { wire } of [first, second]) assert.deepEqual(faultsOfTraffic(wire.records), []);
  }],
];

for (const [number, marks, says, holds] of statements) {
  for (const mark of marks) test(`${number} (${mark}): ${says}`, async () => holds(await story(mark)));
}
