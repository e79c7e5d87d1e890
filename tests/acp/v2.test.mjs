// The draft of version 2, behind [acp] unstable = ["v2"], with the SDK's experimental client. At the
// end of each scenario every line that thole wrote is checked against the draft's schema.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { unstableAcpV2 } from "../node/peers.mjs";
import { assert, call, calls, choose, fail, hang, neverAnswer, say, sayThenCall, scenario, text, think } from "./rig.mjs";
import { spawn } from "./rig/agents.mjs";
import { ofType } from "./rig/log.mjs";
import { done, draft, first, raise } from "./rig/plans.mjs";
import { faultsOf } from "./rig/schema_v2.mjs";
import { scenarioV2 } from "./rig/v2.mjs";

const endless = "Forever and ever and ever, as long as anybody reads what is written here.";
const code = (promise) =>
  promise.then(
    () => undefined,
    (error) => error.code,
  );
const idle = (picture) => picture.states.at(-1)?.state === "idle";
const states = (picture) => picture.states.map((s) => s.stopReason ?? s.state);
const hello = { protocolVersion: 2, info: { name: "x", version: "1" }, capabilities: {} };

scenarioV2("106: a request for 2 negotiates 2 and then only v2 is spoken", {}, async (rig) => {
  rig.model.script(
    think("First I look.", "Looking."),
    sayThenCall("I read.", call("read_file", { path: "notes.txt" })),
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    calls(call("bash", { command: "echo ran" })),
    say("Edited."),
  );
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  assert.equal(session.editor.initialized.protocolVersion, 2);
  assert.equal(session.editor.initialized.info.name, "thole");
  assert.equal((await session.turn("Think")).stopReason, "end_turn");
  assert.equal((await session.turn("Edit the notes")).stopReason, "end_turn");
  const kinds = new Set(session.editor.wire.fromAgent.map((m) => m.params?.update?.sessionUpdate));
  for (const old of ["tool_call", "plan", "current_mode_update"]) assert.ok(!kinds.has(old), old);
});

scenarioV2("106: versions above 2 get 2, 1 gets 1, and each keeps its methods", {}, async (rig) => {
  const asked = async (protocolVersion) => {
    const wire = rig.wire();
    const { result } = await wire.request("initialize", { ...hello, protocolVersion });
    return { wire, version: result.protocolVersion };
  };
  const three = await asked(3);
  assert.equal(three.version, 2);
  for (const method of ["session/load", "session/set_mode", "authenticate", "auth/login", "auth/logout"])
    assert.equal((await three.wire.request(method, { sessionId: "x", methodId: "x" })).error.code, -32601, method);
  for (const method of ["tool_call/cancel", "terminal/cancel"])
    assert.equal((await three.wire.request(method, { sessionId: "x" })).error.code, -32002, method);
  assert.equal((await three.wire.request("initialize", { ...hello, protocolVersion: 1 })).result.protocolVersion, 2);
  const one = await asked(1);
  assert.equal(one.version, 1);
  const fresh = { cwd: rig.workspace.root, mcpServers: [] };
  assert.ok((await one.wire.request("session/new", fresh)).result.modes);
  assert.equal((await one.wire.request("tool_call/cancel", {})).error.code, -32601);
  rig.wires.splice(rig.wires.indexOf(one.wire), 1);
  assert.equal((await one.wire.quit()).code, 0);
});

scenario("106: without the switch a request for 2 gets 1", {}, async (rig) => {
  assert.equal((await rig.wire().request("initialize", hello)).result.protocolVersion, 1);
});

scenarioV2("v2: who does not say who it is gets no connection", {}, async (rig) => {
  const wire = rig.wire();
  const { error } = await wire.request("initialize", { protocolVersion: 2 });
  assert.equal(error.code, -32602);
  assert.match(error.message, /info/);
  assert.equal((await wire.request("session/list", {})).error.code, -32600);
});

scenarioV2("v2: a new session tells its options and commands in the response", {}, async (rig) => {
  const session = await rig.sessionV2();
  const { configOptions, availableCommands, modes } = session.opened;
  assert.equal(modes, undefined);
  assert.ok(configOptions.find((o) => o.configId === "mode" && o.currentValue === "default"));
  assert.ok(availableCommands.find((c) => c.name === "plan" && c.input.type === "text"));
  const changed = await session.setOption("mode", "accept-edits");
  assert.equal(changed.configOptions.find((o) => o.configId === "mode").currentValue, "accept-edits");
  assert.equal(await code(session.setOption("mode", "frantic")), -32602);
  assert.equal(await code(session.setOption("sail", "up")), -32602);
  const updates = session.editor.wire.fromAgent.map((m) => m.params?.update?.sessionUpdate);
  assert.ok(!updates.includes("available_commands_update"), "what was told is not told again");
});

scenarioV2("v2: servers that cannot be used are an error", {}, async (rig) => {
  const editor = await rig.editorV2();
  const cwd = rig.workspace.root;
  const server = { type: "stdio", name: "ship", command: "/bin/true", args: [], env: [] };
  const refused = (mcpServers) => editor.wire.request("session/new", { cwd, mcpServers }, `s${Math.random()}`);
  assert.equal((await refused([{ type: "pigeon", name: "p" }])).error.code, -32602);
  assert.equal((await refused([server, server])).error.code, -32602);
});

scenarioV2("v2: a prompt is answered when it is in the conversation, its end is a state", {}, async (rig) => {
  rig.model.script(hang(endless));
  const session = await rig.sessionV2();
  const { messageId } = await session.prompt("Talk");
  const picture = await session.until((p) => p.text("agent_message").join("").startsWith("Forever"));
  assert.deepEqual(picture.messages.get(messageId).content, text("Talk"), "the prompt is echoed");
  assert.deepEqual(states(picture), ["running"]);
  await session.cancel();
  await session.until(idle);
  assert.deepEqual(states(picture), ["running", "cancelled"]);
  rig.model.script(say("Again."));
  assert.equal((await session.turn("Again")).stopReason, "end_turn");
  assert.equal(picture.text("agent_message").at(-1), "Again.");
});

scenarioV2("v2: a prompt that waits is answered when its time comes, or is cancelled", {}, async (rig) => {
  rig.model.script(hang(endless));
  const session = await rig.sessionV2();
  await session.prompt("One");
  const second = code(session.prompt("Two"));
  await session.until((p) => p.text("agent_message").length > 0);
  assert.deepEqual(session.picture.text("user_message"), ["One"]);
  await session.cancel();
  assert.equal(await second, -32800);
  await session.until(idle);
  assert.deepEqual(session.picture.text("user_message"), ["One"], "it never was in the conversation");
});

scenarioV2("v2: changes are told as operations with a patch that git takes", {}, async (rig) => {
  rig.model.script(
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    calls(call("write_file", { path: "new näme.txt", content: "new\n" })),
    say("Done."),
  );
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  await session.turn("Change");
  const diffs = [...session.picture.calls.values()].map((c) => c.content.find((i) => i.type === "diff"));
  const [changed, added] = diffs.map((diff) => diff.changes);
  assert.deepEqual(changed, [{ operation: "modify", path: rig.workspace.path("notes.txt"), fileType: "text" }]);
  assert.deepEqual(added, [{ operation: "add", path: rig.workspace.path("new näme.txt"), fileType: "text" }]);

  execFileSync("git", ["checkout", "-q", "notes.txt"], { cwd: rig.workspace.root });
  execFileSync("rm", ["new näme.txt"], { cwd: rig.workspace.root });
  for (const { patch } of diffs) {
    assert.equal(patch.format, "git_patch");
    writeFileSync(rig.workspace.path("p.patch"), patch.text.replaceAll(`${rig.workspace.root}/`, ""));
    execFileSync("git", ["apply", "-p0", "p.patch"], { cwd: rig.workspace.root });
  }
  assert.equal(rig.workspace.read("notes.txt"), "first line\n2nd line\nthird line\n");
  assert.equal(rig.workspace.read("new näme.txt"), "new\n");
});

scenarioV2("v2: a permission has a title and the call that it is about", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "w.txt", content: "w" })), say("Pity."));
  const session = await rig.sessionV2({ permission: choose("reject_once") });
  await session.turn("Write");
  const [asked] = session.editor.permissions;
  assert.equal(asked.subject.type, "tool_call");
  assert.equal(asked.subject.toolCall.toolCallId, session.call.toolCallId);
  assert.equal(asked.subject.toolCall.content[0].changes[0].operation, "add");
  assert.equal(asked.title, asked.subject.toolCall.title);
  assert.deepEqual(asked.options.map((o) => o.kind).at(-1), "reject_once");
  assert.deepEqual(session.call.statuses, ["pending", "failed"]);
  assert.ok(states(session.picture).includes("requires_action"));
  assert.ok(!rig.workspace.has("w.txt"));
});

scenarioV2("v2: what a shell prints is a terminal of thole's own", {}, async (rig) => {
  rig.model.script(
    calls(call("bash", { command: "printf 'one\\ntwo ü\\n'; exit 3" })),
    calls(call("bash", { command: "true" })),
    calls(call("bash", { command: "kill -9 $$" })),
    calls(call("bash", { command: "sleep 600", timeout_ms: 100 })),
    say("Done."),
  );
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  await session.turn("Run");
  const { picture } = session;
  const [failed, fine, killed, late] = picture.calls.values();
  const exits = [...picture.terminals.values()].map((t) => t.exitStatus);
  assert.deepEqual(exits, [{ exitCode: 3 }, { exitCode: 0 }, { signal: "SIGKILL" }, {}]);
  assert.equal(picture.output(failed), "one\ntwo ü\n");
  assert.equal(picture.output(fine), "");
  assert.deepEqual(failed.statuses, ["pending", "in_progress", "failed"]);
  assert.deepEqual(fine.statuses, ["pending", "in_progress", "completed"]);
  assert.deepEqual(
    [...picture.terminals.values()].map((t) => t.command).slice(0, 2),
    ["printf 'one\\ntwo ü\\n'; exit 3", "true"],
  );
  assert.equal(picture.terminals.get(killed.content[0].terminalId).cwd, rig.workspace.root);
  assert.match(late.content.at(-1).content.text, /timed out after 100 ms/);
});

scenarioV2("v2: a cancel ends a command, and what waits for an answer", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "echo begun; sleep 600" })));
  let answer = choose("allow_once");
  const session = await rig.sessionV2({ permission: (params) => answer(params) });
  await session.prompt("Run");
  await session.until((p) => [...p.terminals.values()].some((t) => String(t.output) === "begun\n"));
  await session.cancel();
  await session.until(idle);
  assert.deepEqual(session.call.statuses, ["pending", "in_progress", "cancelled"]);
  assert.ok([...session.picture.terminals.values()][0].exitStatus);

  rig.model.script(calls(call("bash", { command: "touch ran" })));
  answer = neverAnswer;
  await session.prompt("Run again");
  await session.until((p) => p.states.at(-1).state === "requires_action");
  await session.cancel();
  await session.until(idle);
  assert.equal(session.picture.states.at(-1).stopReason, "cancelled");
  assert.deepEqual(session.call.statuses, ["pending", "cancelled"]);
  assert.ok(!rig.workspace.has("ran"));
});

scenarioV2("v2: a plan is reviewed, approved and carried out", {}, async (rig) => {
  rig.model.script(draft(first), raise, done("1"), done("2"), say("Faster."));
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  await session.setOption("mode", "plan");
  const { stopReason } = await session.turn("Make the strokes faster");
  assert.equal(stopReason, "end_turn");
  const review = session.editor.permissions[0];
  assert.equal(review.subject.toolCall.kind, "switch_mode");
  assert.match(JSON.stringify(review.subject.toolCall.content), /Raise the rate/);
  const [plan] = session.picture.plans.values();
  assert.equal(plan.type, "items");
  assert.deepEqual(
    plan.entries.map((e) => `${e.content} ${e.status}`),
    ["Raise the rate in src/oar.c completed", "Say so in README.md completed"],
  );
  const options = session.editor.wire.fromAgent
    .map((m) => m.params?.update)
    .filter((u) => u?.sessionUpdate === "config_option_update");
  assert.equal(options.at(-1).configOptions.find((o) => o.configId === "mode").currentValue, "default");
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
});

scenarioV2("v2: a task that is dropped is told as cancelled", {}, async (rig) => {
  const tasks = [
    { id: "1", content: "Count", status: "in_progress", priority: "high" },
    { id: "2", content: "Paint", status: "pending", priority: "low" },
  ];
  const drop = { changes: [{ op: "drop", id: "2", reason: "no paint" }] };
  rig.model.script(calls(call("update_tasks", { tasks })), calls(call("update_tasks", drop)), say("Dropped."));
  const session = await rig.sessionV2();
  await session.turn("Plan");
  const [plan] = session.picture.plans.values();
  assert.deepEqual(
    plan.entries.map((e) => e.status),
    ["in_progress", "cancelled"],
  );
});

scenarioV2("v2: a sub-agent's work shows in the call that started it, with its approvals", {}, async (rig) => {
  rig.model.script(calls(spawn("Number the notes")), say("Done."));
  rig.model.scriptFor(/^Number the notes/, calls(call("bash", { command: "echo counted; exit 2" })), say("Numbered."));
  const session = await rig.sessionV2({ permission: choose("allow_once") });
  assert.equal((await session.turn("Go")).stopReason, "end_turn");
  const [own, childs] = session.picture.calls.values();
  assert.equal(own.status, "completed");
  assert.match(JSON.stringify(own.content), /Numbered\./);
  assert.match(childs.toolCallId, /\//);
  assert.equal(childs.status, "failed");
  assert.equal(session.picture.output(childs), "counted\n");
  assert.deepEqual(session.picture.terminals.get(`terminal-${childs.toolCallId}`).exitStatus, { exitCode: 2 });
  const asked = session.editor.permissions.at(-1);
  assert.equal(asked.subject.toolCall.toolCallId, childs.toolCallId);
});

scenarioV2("v2: without a key there is a way to log in, and no session", {}, async (rig) => {
  for (const name of Object.keys(rig.env)) if (/API_KEY$/.test(name)) delete rig.env[name];
  const editor = await rig.editorV2({ capabilities: { auth: { terminal: {} } } });
  const [method] = editor.initialized.authMethods;
  assert.equal(method.type, "terminal");
  assert.deepEqual(method.args, ["login"]);
  assert.deepEqual(method.env, []);
  const cwd = rig.workspace.root;
  assert.equal(await code(editor.request("session/new", { cwd })), -32000);
  const { methodId } = method;
  assert.equal(await code(editor.request("auth/login", { methodId })), -32602, "that is done in a terminal");
  assert.equal(await code(editor.request("auth/login", { methodId: "x" })), -32602);
  assert.deepEqual(await editor.request("auth/logout", {}), {});
});

scenarioV2("v2: a compaction and a switch need no capability", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."), say("Three."));
  const session = await rig.sessionV2();
  const changed = await session.editor.request("session/set_config_option", {
    sessionId: session.id,
    configId: "accept_edits",
    type: "boolean",
    value: true,
  });
  assert.equal(changed.configOptions.find((o) => o.configId === "mode").currentValue, "accept-edits");
  for (const words of ["One", "Two", "Three"]) await session.turn(words);
  await session.prompt("/compact");
  const isOver = (u) => u.sessionUpdate === "compaction_update" && u.status === "completed";
  const { taken } = await session.until((p) => p.taken.some(isOver));
  const told = taken.filter((u) => u.sessionUpdate === "compaction_update");
  assert.deepEqual(
    told.map((u) => u.status),
    ["in_progress", "completed"],
  );
  await session.until(idle);
});

scenarioV2("v2: a slash command is a turn of its own", {}, async (rig) => {
  const session = await rig.sessionV2();
  const { messageId, stopReason } = await session.turn("/help");
  assert.equal(stopReason, "end_turn");
  assert.deepEqual(session.picture.messages.get(messageId).content, text("/help"));
  assert.match(session.picture.text("agent_message")[0], /\/tasks/);
  assert.deepEqual(states(session.picture), ["running", "end_turn"]);
});

scenarioV2("v2: a provider's error ends the turn, not the prompt", {}, async (rig) => {
  rig.model.script(fail(400, "the oars are broken", "invalid_request_error"));
  const session = await rig.sessionV2();
  const { messageId, stopReason, error } = await session.turn("Row");
  assert.ok(messageId);
  assert.equal(stopReason, "error");
  assert.match(error.message, /oars are broken/);
  rig.model.script(say("Rowing."));
  assert.equal((await session.turn("Row again")).stopReason, "end_turn");
});

scenarioV2("v2: bad prompts are refused without a trace", {}, async (rig) => {
  const session = await rig.sessionV2();
  const { wire } = session.editor;
  const raw = (prompt, sessionId = session.id) => wire.request("session/prompt", { sessionId, prompt }, `p${Math.random()}`);
  assert.equal((await raw([])).error.code, -32602);
  assert.equal((await raw(text("?"), "20200101-0000-aaaa")).error.code, -32002);
  assert.equal((await raw([{ type: "audio", data: "AA==", mimeType: "audio/wav" }])).error.code, -32602);
  assert.equal(session.picture.order.length, 0);
  assert.deepEqual(ofType(rig, session.id, "MessageReceived"), []);
});

scenarioV2("v2: questions are forms where the client shows them, else the model hears why not", {}, async (rig) => {
  const question = call("ask_user", { question: "Which oar?", options: ["left", "right"] });
  rig.model.script(calls(question), say("Left it is."));
  const forms = { elicitation: { form: {} } };
  const elicit = () => ({ action: "accept", content: { choice: "left" } });
  const asked = await rig.sessionV2({ capabilities: forms, elicit });
  await asked.turn("Ask");
  assert.match(rig.model.toolResults[0], /left/);
  rig.model.script(calls(question), say("I asked in vain."));
  const silent = await rig.sessionV2();
  assert.equal((await silent.turn("Ask")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /cannot show questions/);
});

scenarioV2(
  "v2: forks, archives, titles and statuses are there when they are switched on, too",
  { unstable: ["fork", "archive", "set_title", "status"] },
  async (rig) => {
    rig.model.script(say("Two."), say("As I said."));
    const session = await rig.sessionV2();
    const { capabilities } = session.editor.wire.fromAgent[0].result; // the client drops what is unstable
    for (const name of ["fork", "archive", "title", "status"]) assert.deepEqual(capabilities.session[name], {});
    await session.turn("Count");
    const { editor } = session;
    const { session: names } = unstableAcpV2.methods.agent;
    const place = { cwd: rig.workspace.root };
    const ask = (method, params) => editor.wire.request(method, params, `${method}${Math.random()}`).then((m) => m.result);
    const forked = await ask(names.fork, { sessionId: session.id, ...place });
    assert.ok(forked.configOptions[0].configId);
    assert.ok(forked.availableCommands[0].type);
    assert.deepEqual(await ask(names.setTitle, { sessionId: forked.sessionId, title: " Copy " }), { title: "Copy" });
    assert.deepEqual(await ask(names.archive, { sessionId: session.id }), {});
    assert.deepEqual(await ask(names.status, { sessionId: session.id }), { status: "saved" });
    const { sessions } = await ask(names.list, { archived: "only" });
    assert.deepEqual(
      sessions.map((s) => [s.sessionId, s.archived]),
      [[session.id, true]],
    );
  },
);

scenario("v2: the measure of these tests refuses what is not in the draft", {}, async () => {
  const update = (fields) => faultsOf("UpdateSessionNotification", { sessionId: "s", update: fields });
  const fine = { sessionUpdate: "tool_call_update", toolCallId: "c", status: "cancelled" };
  assert.deepEqual(update(fine), []);
  for (const bad of [
    { ...fine, status: "denied" },
    { ...fine, modeId: "x" },
    { sessionUpdate: "tool_call", toolCallId: "c", title: "t" },
    { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "no id" } },
    { sessionUpdate: "plan", entries: [] },
    { ...fine, content: [{ type: "diff", path: "/a", newText: "b" }] },
  ])
    assert.notDeepEqual(update(bad), [], JSON.stringify(bad));
});
