// What a client gets when it has said that it knows it, and what it gets instead when it has not:
// switches, compactions, notices, forms.
import { assert, call, calls, choose, say, scenario, text } from "./rig.mjs";

const code = (message) => message.error?.code;
const option = (options, id) => options.find((one) => one.id === id);
const switches = { session: { configOptions: { boolean: {} } } };
const forms = { elicitation: { form: {} } };

// --- 98: options of type boolean

scenario("98: a switch is set with type boolean and nothing else", {}, async (rig) => {
  const { wire, sessionId, result } = await rig.rawSession({ clientCapabilities: switches });
  const { type, currentValue } = option(result.configOptions, "accept_edits");
  assert.deepEqual([type, currentValue], ["boolean", false]);
  const set = (configId, value, rest = {}) =>
    wire.request("session/set_config_option", { sessionId, configId, value, ...rest });
  const wrong = [
    ["accept_edits", true],
    ["accept_edits", "true"],
    ["accept_edits", "true", { type: "boolean" }],
    ["accept_edits", 1, { type: "boolean" }],
    ["accept_edits", undefined, { type: "boolean" }],
    ["mode", true, { type: "boolean" }],
    ["model", false, { type: "boolean" }],
    ["nope", true, { type: "boolean" }],
  ];
  for (const one of wrong) assert.equal(code(await set(...one)), -32602, JSON.stringify(one));
  const listed = await wire.request("session/resume", { sessionId, cwd: rig.workspace.root });
  assert.equal(option(listed.result.configOptions, "accept_edits").currentValue, false, "unchanged");

  const on = await set("accept_edits", true, { type: "boolean" });
  assert.equal(option(on.result.configOptions, "accept_edits").currentValue, true);
  assert.equal(option(on.result.configOptions, "mode").currentValue, "accept-edits", "adjusted");
  await wire.update("current_mode_update", (u) => u.currentModeId === "accept-edits");
  const from = wire.records.length;
  const off = await set("accept_edits", false, { type: "boolean" });
  assert.equal(option(off.result.configOptions, "mode").currentValue, "default");
  const told = await wire.update("config_option_update", () => true, from);
  assert.equal(option(told.configOptions, "accept_edits").currentValue, false);

  const planning = await set("mode", "plan");
  assert.equal(option(planning.result.configOptions, "accept_edits"), undefined, "planning has none");
  assert.equal(code(await set("accept_edits", true, { type: "boolean" })), -32602);
});

scenario("98: a switch that is on lets edits through, with the official SDK", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })), say("Done."));
  const session = await rig.session({ capabilities: switches });
  const { agent } = session.editor;
  const params = { sessionId: session.id, configId: "accept_edits", type: "boolean", value: true };
  const { configOptions } = await agent.request("session/set_config_option", params);
  assert.equal(option(configOptions, "accept_edits").currentValue, true);
  await session.prompt("Write");
  assert.equal(session.editor.permissions.length, 0);
  assert.equal(rig.workspace.read("a.txt"), "a");
});

scenario("87, 98: without the gate there is no switch, and none can be set", {}, async (rig) => {
  const { wire, sessionId, result } = await rig.rawSession();
  assert.deepEqual([...new Set(result.configOptions.map((one) => one.type))], ["select"]);
  for (const value of [true, "true"]) {
    const params = { sessionId, configId: "accept_edits", type: "boolean", value };
    assert.equal(code(await wire.request("session/set_config_option", params)), -32602);
  }
});

// --- compactions

async function summarised(rig, capabilities) {
  rig.model.wordsOnly = { content: "They rowed to Zanzibar." };
  rig.model.script(say("We row."), say("We row on."));
  const session = await rig.session({ capabilities });
  for (const words of ["Row", "Row on", "/compact"]) {
    assert.equal((await session.prompt(words)).stopReason, "end_turn");
  }
  return session;
}

scenario("87: who shows compactions is told of each with its summary, live and in a replay", {}, async (rig) => {
  const capabilities = { session: { compaction: {} } };
  const session = await summarised(rig, capabilities);
  const [begun, ended, ...more] = session.updates("compaction_update");
  assert.deepEqual(more, []);
  assert.deepEqual(begun, { sessionUpdate: "compaction_update", compactionId: begun.compactionId, status: "in_progress" });
  assert.equal(ended.compactionId, begun.compactionId);
  assert.equal(ended.status, "completed");
  assert.deepEqual(ended.summary, text("They rowed to Zanzibar."));
  assert.equal(session.text("agent_thought_chunk"), "", "it is not said twice");
  await session.editor.wire.quit();
  const loaded = await (await rig.editor({ capabilities })).loadSession(session.id, rig.workspace.root);
  assert.deepEqual(loaded.updates("compaction_update"), [ended]);
});

scenario("87: a compaction that fails says why", {}, async (rig) => {
  const capabilities = { session: { compaction: {} } };
  rig.model.wordsOnly = { error: { message: "no ink", type: "invalid_request_error" }, status: 400 };
  rig.model.script(say("We row."), say("We row on."));
  const session = await rig.session({ capabilities });
  for (const words of ["Row", "Row on", "/compact"]) await session.prompt(words);
  const [begun, ended] = session.updates("compaction_update");
  assert.deepEqual([begun.status, ended.status], ["in_progress", "failed"]);
  assert.match(ended.error, /no ink/);
});

scenario("87: who does not show compactions is told in a thought, or a notice", {}, async (rig) => {
  const session = await summarised(rig, {});
  assert.deepEqual(session.updates("compaction_update"), []);
  assert.match(session.text("agent_thought_chunk"), /The context was summarised: \d+ tokens became \d+/);
  const noticing = await summarised(rig, { session: { notices: {} } });
  const notices = noticing.updates("notice").map((one) => [one.severity, one.title]);
  assert.equal(notices.length, 1);
  assert.match(notices[0].join(), /^info,The context was summarised/);
});

// --- forms

const ask = (input) => calls(call("ask_user", input));
const answers = [
  ["an option", { action: "accept", content: { choice: "right" } }, /right/],
  ["words of one's own", { action: "accept", content: { answer: "The middle one" } }, /The middle one/],
  ["both: the words count", { action: "accept", content: { choice: "left", answer: "Neither" } }, /Neither/],
  ["a choice that was not offered", { action: "accept", content: { choice: "up" } }, /did not answer/],
  ["nothing", { action: "accept" }, /did not answer/],
  ["a refusal", { action: "decline" }, /did not answer/],
  ["a closed form", { action: "cancel" }, /did not answer/],
];

for (const [name, answer, says] of answers) {
  scenario(`87: a question is a form for who has forms, answered with ${name}`, {}, async (rig) => {
    rig.model.script(ask({ question: "Which oar?", options: ["left", "right"] }), say("Aye."));
    const asked = [];
    const editor = await rig.editor({ capabilities: forms });
    editor.elicit = (params) => {
      asked.push(params);
      return answer;
    };
    const session = await editor.newSession(rig.workspace.root);
    assert.equal((await session.prompt("Row")).stopReason, "end_turn");
    assert.equal(asked.length, 1);
    const [{ mode, message, sessionId, toolCallId, requestedSchema }] = asked;
    assert.deepEqual([mode, message, sessionId], ["form", "Which oar?", session.id]);
    assert.equal(toolCallId, session.calls()[0].toolCallId);
    assert.deepEqual(requestedSchema.properties.choice.oneOf.map((one) => one.const), ["left", "right"]);
    assert.match(rig.model.toolResults[0], says);
  });
}

scenario("87: a client whose form breaks leaves the question to the next message", {}, async (rig) => {
  rig.model.script(ask({ question: "Which oar?" }), say("Which oar, then?"));
  const session = await rig.session({ capabilities: forms });
  assert.equal((await session.prompt("Row")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /did not answer/);
});

scenario("87: who has no forms gets the question as the end of the turn", {}, async (rig) => {
  rig.model.script(ask({ question: "Which oar?" }), say("Which oar, left or right?"), say("Right it is."));
  const session = await rig.session({ permission: choose("reject_once") });
  assert.equal((await session.prompt("Row")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /end the turn/);
  assert.equal(session.text(), "Which oar, left or right?");
  assert.equal((await session.prompt("Right")).stopReason, "end_turn");
  assert.equal(session.editor.permissions.length, 0, "no question is put into permission options");
});

// --- folders and mentions

scenario("53: a further folder that is not there is left out with a word, and no root", {}, async (rig) => {
  const file = rig.workspace.outside("there/keel.txt");
  const folder = file.slice(0, file.lastIndexOf("/"));
  const missing = `${folder}-not-yet`;
  const write = (path) => calls(call("write_file", { path, content: "oak" }));
  rig.model.script(write(`${missing}/keel.txt`), write(file), say("Done."));
  const session = await rig.session({
    permission: choose("reject_once"),
    params: { additionalDirectories: [folder, missing] },
  });
  await session.setMode("accept-edits");
  assert.equal((await session.prompt("Write")).stopReason, "end_turn");
  assert.deepEqual(session.calls().map((one) => one.status), ["failed", "completed"]);
  assert.equal(session.editor.permissions.length, 1);
  assert.ok(session.text("agent_thought_chunk").includes(`The further folder '${missing}' is not there`));
});

const mentions = [
  ["file:///", { type: "resource_link", uri: "file:///p/notes.txt", name: "notes.txt" }, /notes\.txt/],
  ["a line range", { type: "resource_link", uri: "file:///p/oar.c#L10:20", name: "oar.c (10-20)" }, /oar\.c#L10:20/],
  ["a symbol", { type: "resource_link", uri: "file:///p/oar.c?symbol=strokes#L3", name: "strokes" }, /symbol=strokes/],
  ["an address of Zed's", { type: "resource_link", uri: "zed:///agent/thread/1?name=Old", name: "Old" }, /zed:\/\/\/agent\/thread\/1/],
  ["a bare path", { type: "resource_link", uri: "/p/notes.txt", name: "notes.txt" }, /\/p\/notes\.txt/],
  ["all fields", { type: "resource_link", uri: "https://example.com/a", name: "a", title: "T", description: "About a", mimeType: "text/html", size: 7 }, /example\.com\/a/],
  ["a text", { type: "resource", resource: { uri: "file:///p/sel.c", text: "int selected;", mimeType: "text/x-c" } }, /int selected;/],
  ["a text without a type", { type: "resource", resource: { uri: "untitled:1", text: "draft words" } }, /draft words/],
];

for (const [name, block, says] of mentions) {
  scenario(`58: a mention with ${name} reaches the model, before and after the words`, {}, async (rig) => {
    rig.model.script(say("Seen."), say("Seen."));
    const session = await rig.session();
    for (const prompt of [[block, ...text("Look at this")], [...text("Look at this"), block]]) {
      assert.equal((await session.prompt(prompt)).stopReason, "end_turn");
      const said = rig.model.lastRequest.messages.filter((m) => m.role === "user").at(-1);
      assert.match(JSON.stringify(said), says);
      assert.match(JSON.stringify(said), /Look at this/);
    }
  });
}
