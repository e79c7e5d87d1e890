// The numbers of the conformance checklist that hold of all traffic. rig/invariants.mjs checks them in
// every scenario of every file; here each of them is shown to hold of a rich session, and to be able to
// fail: the same traffic with one fault in it is found out.
import { assert, call, calls, choose, say, sayThenCall, scenario, test, text, think } from "./rig.mjs";
import { faultsOfTraffic } from "./rig/invariants.mjs";
import { Rig } from "./rig.mjs";
import { after } from "node:test";

const task = { id: "1", content: "Note it", status: "in_progress", priority: "high" };

const story = [
  think("I look first.", "Looking."),
  sayThenCall("I read.", call("read_file", { path: "notes.txt" }, "call_1")),
  calls(call("update_tasks", { tasks: [task] }, "call_2")),
  calls(call("write_file", { path: "log.txt", content: "rowed\n" }, "call_3")),
  calls(call("bash", { command: "cat log.txt" }, "call_4")),
  say("Written."),
  calls(call("read_file", { path: "notes.txt" }, "call_1")),
  say("Read again."),
];

// Plays the story in one process and loads its session in another; gives the traffic of both.
async function play() {
  const rig = await Rig.start({ script: story });
  after(() => rig.dispose());
  const session = await rig.session({ permission: choose("allow_once") });
  for (const words of ["Look", "Write", "Look again"]) {
    assert.equal((await session.prompt(words)).stopReason, "end_turn");
  }
  await session.editor.wire.quit();
  const second = await rig.editor();
  const loaded = await second.loadSession(session.id, rig.workspace.root);
  await rig.finish();
  return { session, loaded, live: session.editor.wire.records, replay: second.wire.records };
}

let played;
const once = () => (played ??= play());

const isUpdate = (kind, holds = () => true) => ({ from, message }) =>
  from === "agent" && message?.params?.update?.sessionUpdate === kind && holds(message.params.update);
const isRequest = (method) => ({ from, message }) => from === "agent" && message?.method === method;
const isAnswer = (records, method) => {
  const asked = records.find((r) => r.from === "client" && r.message?.method === method);
  return ({ from, message }) => from === "agent" && message.id === asked.message.id && message.result;
};
const named = (name) => (update) => update.name === name;

// A copy of the traffic in which `spoil` has changed one record or the order of all.
function spoiled(records, spoil) {
  const copy = structuredClone(records);
  spoil(copy);
  for (const record of copy) {
    if (record.message !== undefined && record.retold !== false) record.text = JSON.stringify(record.message);
  }
  return copy;
}

const find = (records, matches) => {
  const index = records.findIndex(matches);
  assert.notEqual(index, -1, `the story has no ${matches}`);
  return index;
};
const change = (matches, edit) => (records) => edit(records[find(records, matches)]);
const inUpdate = (kind, edit, holds) => change(isUpdate(kind, holds), (r) => edit(r.message.params.update));
const move = (matches, before) => (records) => {
  const [record] = records.splice(find(records, matches), 1);
  records.splice(find(records, before(records)), 0, record);
};
const insert = (message, at) => (records) =>
  records.splice(find(records, at(records)), 0, { from: "agent", message: message(records), text: "" });
const sessionOf = (records) =>
  records.find((r) => r.from === "agent" && r.message?.params?.sessionId).message.params.sessionId;
const notification = (update) => (records) => ({
  jsonrpc: "2.0",
  method: "session/update",
  params: { sessionId: sessionOf(records), update },
});
const again = (matches, edit) => (records) => {
  const index = find(records, matches);
  const copy = structuredClone(records[index]);
  edit?.(copy.message);
  records.splice(index + 1, 0, copy);
};

const ask = isRequest("session/request_permission");
const promptAnswer = (records) => isAnswer(records, "session/prompt");
const loadAnswer = (records) => isAnswer(records, "session/load");
const chunk = { messageId: "m", content: { type: "text", text: "Look" } };

// [numbers, what holds, of which traffic, one fault in it]
const rules = [
  ["1", "every line is one JSON-RPC object", "live", change(isUpdate("plan"), (r) => delete r.message.jsonrpc)],
  ["1", "every line is JSON", "live", change(isUpdate("plan"), (r) => Object.assign(r, { text: "oops", message: undefined }))],
  ["18", "no id of thole's own comes twice", "live", again(ask)],
  ["18", "no id of thole's own is 0", "live", change(ask, (r) => (r.message.id = 0))],
  ["20", "no line is over 8 MiB", "live", inUpdate("agent_message_chunk", (u) => (u.content.text = "x".repeat(9 << 20)))],
  ["34", "nothing of a session comes before it is told of", "live", (records) => {
    const fresh = isAnswer(records, "session/new");
    move(isUpdate("available_commands_update"), () => fresh)(records);
  }],
  ["41", "a replay asks nothing", "replay", insert(
    (records) => ({ jsonrpc: "2.0", id: 7, method: "fs/read_text_file", params: { sessionId: sessionOf(records), path: "/a" } }), loadAnswer)],
  ["41", "a replay has no notices", "replay", insert(notification({ sessionUpdate: "notice", severity: "info", title: "Hi" }), loadAnswer)],
  ["41", "calls of a replay have ended", "replay", (records) => {
    for (const { from, message } of records) {
      const update = from === "agent" ? message?.params?.update : undefined;
      if (update?.sessionUpdate?.startsWith("tool_call")) update.status = "in_progress";
    }
  }],
  ["56", "the live prompt is not echoed", "live", insert(notification({ sessionUpdate: "user_message_chunk", ...chunk }), promptAnswer)],
  ["57", "each piece of a message names it", "live", inUpdate("agent_message_chunk", (u) => delete u.messageId)],
  ["65", "calls have ended when their prompt is answered", "live", inUpdate("tool_call_update", (u) => (u.status = "in_progress"), (u) => u.status === "completed")],
  ["66", "nothing is said after the prompt's answer", "live", (records) => {
    const last = records.findLastIndex(isUpdate("agent_message_chunk"));
    records.push(...records.splice(last, 1));
  }],
  ["77", "no $/cancel_request for who may not know it", "live", insert(
    () => ({ jsonrpc: "2.0", method: "$/cancel_request", params: { requestId: 1 } }), promptAnswer)],
  ["78", "a call is told before its updates", "live", inUpdate("tool_call", (u) => (u.toolCallId = "another"))],
  ["78", "titles are one line", "live", inUpdate("tool_call", (u) => (u.title = "a\nb"))],
  ["78", "a status never goes back", "live", again(isUpdate("tool_call_update", (u) => u.status === "completed"), (m) => (m.params.update.status = "pending"))],
  ["79", "rawInput is an object", "live", inUpdate("tool_call", (u) => (u.rawInput = "text"))],
  ["79", "there is no null", "live", inUpdate("tool_call_update", (u) => (u.content = null))],
  ["80", "paths of diffs are absolute", "live", inUpdate("tool_call", (u) => (u.content.find((c) => c.type === "diff").path = "log.txt"), named("write_file"))],
  ["81", "locations are absolute", "live", inUpdate("tool_call", (u) => (u.locations[0].path = "notes.txt"), named("read_file"))],
  ["81", "lines count from 1", "live", inUpdate("tool_call", (u) => (u.locations[0].line = 0), named("read_file"))],
  ["82", "what changes things is of no harmless kind", "live", inUpdate("tool_call", (u) => (u.kind = "read"), named("write_file"))],
  ["84", "no id of a call comes twice", "live", (records) => {
    const [first, second] = records.filter(isUpdate("tool_call", named("read_file"))).map((r) => r.message.params.update);
    second.toolCallId = first.toolCallId;
  }],
  ["87", "no update without its gate", "live", insert(notification({ sessionUpdate: "notice", severity: "info", title: "Hi" }), promptAnswer)],
  ["87", "no boolean option without its gate", "live", (records) => {
    const { result } = records[find(records, isAnswer(records, "session/new"))].message;
    result.configOptions.push({ id: "b", name: "B", type: "boolean", currentValue: true });
  }],
  ["87", "no request without its gate", "live", insert(
    (records) => ({ jsonrpc: "2.0", id: 99, method: "fs/read_text_file", params: { sessionId: sessionOf(records), path: "/a" } }), promptAnswer)],
  ["88", "a call is told before it is asked about", "live", (records) => {
    const { toolCallId } = records[find(records, ask)].message.params.toolCall;
    move(ask, () => isUpdate("tool_call", (u) => u.toolCallId === toolCallId))(records);
  }],
  ["88", "it is pending when it is asked about", "live", (records) => {
    const { toolCallId } = records[find(records, ask)].message.params.toolCall;
    inUpdate("tool_call", (u) => (u.status = "in_progress"), (u) => u.toolCallId === toolCallId)(records);
  }],
  ["89", "options have their order", "live", change(ask, (r) => r.message.params.options.reverse())],
  ["89", "ids of options are unique", "live", change(ask, (r) => r.message.params.options.forEach((o) => (o.optionId = "x")))],
  ["92", "one question at a time", "live", again(ask, (m) => (m.id = 77))],
  ["102", "there are no members of our own beside _meta", "live", inUpdate("tool_call", (u) => (u.thole = {})), ""],
  ["103", "no _ notification without a word of the client", "live", insert(
    (records) => ({ jsonrpc: "2.0", method: "_thole/plan/changed", params: { sessionId: sessionOf(records) } }), promptAnswer)],
];

for (const [number, says, which, spoil, marked = `${number}:`] of rules) {
  test(`${number}: ${says}`, async () => {
    const traffic = (await once())[which];
    assert.deepEqual(faultsOfTraffic(traffic), []);
    const faults = faultsOfTraffic(spoiled(traffic, spoil));
    assert.ok(faults.some((fault) => fault.startsWith(marked)), `found: ${faults.join("\n")}`);
  });
}

test("57: a message after a call is a new one, and so is its thought", async () => {
  const { session, loaded } = await once();
  const order = [];
  for (const update of session.updates()) {
    const kind = update.sessionUpdate;
    if (kind === "tool_call") order.push("call");
    else if (kind.startsWith("agent_") && order.at(-1) !== update.messageId) order.push(update.messageId);
  }
  const messages = order.filter((one) => one !== "call");
  assert.equal(new Set(messages).size, messages.length, `no message goes on after another: ${order}`);
  assert.equal(messages.length, 5, "a thought and four messages");
  const texts = (view) => view.updates("agent_message_chunk").map((u) => u.content.text).join("");
  assert.equal(texts(loaded), texts(session));
});

test("84: a model that gives every call the same id gets ids of its own", async () => {
  const { session, loaded } = await once();
  const ids = session.calls().map((one) => one.toolCallId);
  assert.equal(ids.length, 5);
  assert.equal(new Set(ids).size, 5);
  assert.deepEqual(loaded.calls().map((one) => one.toolCallId), ids, "the replay has the same");
});

scenario("19: a whole turn writes nothing to standard error", {}, async (rig) => {
  rig.model.script(...story);
  const session = await rig.session({ permission: choose("allow_once") });
  for (const words of ["Look", "Write", "Look again"]) await session.prompt(words);
  assert.equal(session.editor.wire.stderr, "");
});

scenario("87: elicitation {} is no word about forms: nothing is asked by one", {}, async (rig) => {
  rig.model.script(calls(call("ask_user", { question: "Left or right?" })), say("Which side?"));
  const session = await rig.session({ capabilities: { elicitation: {} } });
  assert.equal((await session.prompt("Row")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /cannot show questions/);
  const asked = session.editor.wire.fromAgent.filter((m) => m.method === "elicitation/create");
  assert.deepEqual(asked, []);
});

scenario("18: ids of thole's own are 1, 2, 3 on each connection", {}, async (rig) => {
  rig.model.script(
    calls(call("write_file", { path: "a", content: "a" })),
    calls(call("write_file", { path: "b", content: "b" })),
    say("Done."),
  );
  const { wire, sessionId } = await rig.rawSession();
  const turn = wire.request("session/prompt", { sessionId, prompt: text("Write") });
  const ids = [];
  for (const expected of [1, 2]) {
    const asked = await wire.until((m) => m.method === "session/request_permission" && m.id === expected);
    ids.push(asked.id);
    wire.answer(asked.id, choose("allow_once")());
  }
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.deepEqual(ids, [1, 2]);
});
