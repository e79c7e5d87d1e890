// Clients that do what no good one does: they answer nothing or nonsense, do not read, stop in the
// middle, flood, send lines without end. No turn hangs, nothing is lost, nothing grows without bound.
import { readFileSync } from "node:fs";
import {
  assert,
  call,
  calls,
  choose,
  say,
  sayThenCall,
  scenario,
  scenarios,
  text,
  think,
} from "./rig.mjs";
import { bash, inMode, spawn } from "./rig/agents.mjs";
import { events } from "./rig/log.mjs";
import { draft, first } from "./rig/plans.mjs";
import { hostile, isAlive, untilTrue } from "./rig/servers.mjs";

const write = (path) => calls(call("write_file", { path, content: path }));
const isAsked = (m) => m.method === "session/request_permission";
const reasons = (answers) => answers.map((m) => m.result?.stopReason ?? m.error);
const ask = (wire, sessionId, words, id) =>
  wire.request("session/prompt", { sessionId, prompt: text(words) }, id);
const hasEnded = (rig, id) =>
  rig.workspace.has(`.thole/sessions/${id}.events.jsonl`) &&
  events(rig, id).some((e) => e.type === "BusyStateChanged" && !e.busy);
// MiB of memory that the process has, or has had at most ("VmHWM").
const memory = (wire, which = "VmRSS") => {
  const status = readFileSync(`/proc/${wire.child.pid}/status`, "utf8");
  return Number(new RegExp(`^${which}:\\s+(\\d+)`, "m").exec(status)[1]) / 1024;
};
const spoken = (wire, from = 0) =>
  wire.records
    .slice(from)
    .map((r) => r.message?.params?.update)
    .filter((u) => u?.sessionUpdate === "agent_message_chunk");

// --- 107: answers permissions, and nothing else; has no capability, or has all and honours none

const stories = {
  "thoughts, text and reading": [
    think("Hm.", "I look."),
    sayThenCall("There.", call("read_file", { path: "notes.txt" }), call("glob", { pattern: "*" })),
    say("Done."),
  ],
  "edits and commands": [
    write("w.txt"),
    calls(call("edit_file", { path: "w.txt", old_string: "w", new_string: "v" })),
    ...[bash("echo ran; exit 1"), bash("sleep 0.01 &")],
    say("Done."),
  ],
  "a question": [calls(call("ask_user", { question: "Left?", options: ["yes", "no"] })), say("Well.")],
  "a task list": [calls(call("update_tasks", { tasks: [{ content: "A", status: "pending" }] })), say("Done.")],
  "a plan": [draft(first), say("Executed."), say("Done.")],
  "a sub-agent": [calls(spawn("Number the notes")), say("Done.")],
  "an MCP server": [calls(call("mcp__rogue__work", {})), say("Done.")],
  "an MCP server that hangs": [say("Done.")],
  "a page that is not there": [calls(call("fetch_url", { url: "http://127.0.0.1:9/" })), say("Done.")],
  "calls that are wrong": [calls(call("no_such_tool", {}), call("read_file", { path: 7 })), say("Done.")],
};

const all = {
  fs: { readTextFile: false, writeTextFile: false },
  session: { notices: {}, compaction: {}, configOptions: { boolean: {} } },
  plan: {},
  auth: { terminal: true },
};

async function endure(rig, name, clientCapabilities) {
  rig.workspace.configure('[mcp]\nstartup_wait = "2s"\n');
  rig.model.scriptFor(/^Number the notes/, say("Numbered."));
  rig.model.script(...stories[name]);
  const mcpServers = /MCP/.test(name) ? [hostile(/hangs/.test(name) ? "hang" : "good")] : [];
  const { wire, sessionId } = await rig.rawSession({ clientCapabilities, params: { mcpServers } });
  if (name === "a plan") await wire.request("session/set_mode", { sessionId, modeId: "plan" });
  let done = false;
  const turn = ask(wire, sessionId, "Do it").finally(() => (done = true));
  for (let from = 0; !done; ) {
    const isNext = (m) => isAsked(m) || m.result?.stopReason || m.error;
    const asked = await wire.until(isNext, "a question or the end", from);
    from = wire.records.findIndex((r) => r.message === asked) + 1;
    if (!isAsked(asked)) break;
    wire.answer(asked.id, choose("allow_once")());
  }
  return turn;
}

for (const [kind, capabilities] of Object.entries({ none: {}, all })) {
  for (const name of Object.keys(stories)) {
    const title = `107: ${name}: a client with ${kind} of the capabilities that answers only permissions`;
    scenario(title, { timeout: 60_000 }, async (rig) => {
      assert.deepEqual((await endure(rig, name, capabilities)).result, { stopReason: "end_turn" });
    });
  }
}

scenario("107: a client that answers nothing at all can still cancel", {}, async (rig) => {
  const fs = { readTextFile: true, writeTextFile: true };
  const { wire, sessionId } = await rig.rawSession({
    clientCapabilities: { fs, elicitation: { form: {} } },
  });
  const waits = [
    [calls(call("read_file", { path: "notes.txt" })), "fs/read_text_file"],
    [write("never.txt"), "session/request_permission"],
    [calls(call("ask_user", { question: "Left?" })), "elicitation/create"],
  ];
  for (const [reply, method] of waits) {
    rig.model.script(reply);
    const from = wire.records.length;
    const turn = ask(wire, sessionId, "Go");
    await wire.until((m) => m.method === method, method, from);
    const begun = performance.now();
    wire.notify("session/cancel", { sessionId });
    assert.deepEqual((await turn).result, { stopReason: "cancelled" });
    assert.ok(performance.now() - begun < 1000, `${method}: cancelled within a second`);
  }
  assert.equal(rig.workspace.has("never.txt"), false);
});

// --- 17: does not read

const line = (n) => `${n} ${"row ".repeat(3)}\n`;

scenario("17: who does not read loses nothing, and memory grows with the text only", { timeout: 60_000 }, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  const song = Array.from({ length: 120_000 }, (_, n) => line(n)).join("");
  rig.model.script(say("Warm."), sayThenCall("", call("bash", { command: "echo between" })));
  const { wire, sessionId } = await rig.rawSession();
  await ask(wire, sessionId, "Sing");
  await untilTrue(() => hasEnded(rig, sessionId), "the first turn");
  rig.model.forgetRest();
  rig.model.script(say(song, { chunkSize: 16 }), say("unused"));
  const before = memory(wire);
  const from = wire.records.length;
  wire.child.stdout.pause();
  const turn = ask(wire, sessionId, "All of it");
  const ends = () => events(rig, sessionId).filter((e) => e.type === "BusyStateChanged" && !e.busy).length;
  await untilTrue(() => ends() === 2, "the turn ends without its reader", 45_000);
  const grown = memory(wire) - before;
  assert.equal(wire.records.length, from + 1, "nothing was read");
  wire.child.stdout.resume();
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  const pieces = spoken(wire, from);
  assert.equal(pieces.map((u) => u.content.text).join(""), song, "whole and in order");
  assert.ok(pieces.length < 10_000, `${pieces.length} lines for 120,000 pieces`);
  // The text is there several times: for the client, the log and the next request (12 MiB); and the
  // index may just be taking it in (as much again). A line for each piece would be 50 MiB more.
  assert.ok(grown < 40, `${grown.toFixed(1)} MiB for ${song.length} bytes`);
});

scenario("17: calls and their ends keep their order while nobody reads", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  const shout = (n) => sayThenCall(`Round ${n}.`, call("bash", { command: `seq ${n}000 ${n}999` }));
  rig.model.script(...[1, 2, 3, 4, 5].map(shout), say("Over."));
  const { wire, sessionId } = await rig.rawSession();
  wire.child.stdout.pause();
  const turn = ask(wire, sessionId, "Count");
  await untilTrue(() => hasEnded(rig, sessionId), "the turn ends without its reader");
  wire.child.stdout.resume();
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.equal(spoken(wire).map((u) => u.content.text).join(""), "Round 1.Round 2.Round 3.Round 4.Round 5.Over.");
});

scenario("15: the end of input ends thole though nobody reads", { finish: false }, async (rig) => {
  rig.workspace.configure(`${inMode("bypass-permissions")}[session]\non_disconnect = "cancel"\n`);
  rig.model.script(say("x".repeat(1 << 20), { chunkSize: 1 << 16 }));
  const { wire, sessionId } = await rig.rawSession();
  wire.child.stdout.pause();
  ask(wire, sessionId, "Go").catch(() => {});
  await untilTrue(() => hasEnded(rig, sessionId), "the turn ends without its reader");
  const { pid } = wire.child;
  wire.closeInput();
  await untilTrue(() => !isAlive(pid), "thole ends without its reader", 3_000);
  wire.child.stdout.resume();
  assert.equal((await wire.exit).code, 0);
});

scenario("15: a client that closes the output under a turn ends nothing else", { finish: false }, async (rig) => {
  rig.model.script(say("Once upon a time.", { chunkSize: 2 }), say("Again."));
  const { wire, sessionId } = await rig.rawSession();
  wire.child.stdout.destroy();
  ask(wire, sessionId, "Go").catch(() => {});
  await untilTrue(() => hasEnded(rig, sessionId), "the turn ends");
  const end = await wire.quit();
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
  const second = await rig.editor();
  const session = await second.loadSession(sessionId, rig.workspace.root);
  assert.equal(session.text(), "Once upon a time.");
});

// --- stops in the middle, long lines, split bytes

for (const half of ['{"jsonrpc":"2.0","id":5,"method":"session/li', "\ufeff", '"\\ud83d', "\n\n{"]) {
  scenario(`5: input that ends within ${JSON.stringify(half)} is the end, and no request`, {}, async (rig) => {
    const wire = await rig.rawAgent();
    const from = wire.fromAgent.length;
    wire.send(half);
    const { code } = await wire.quit();
    assert.equal(code, 0);
    const said = wire.fromAgent.slice(from).map((m) => [m.id, m.error?.code]);
    assert.ok(said.length <= 1, wire.transcript());
    for (const one of said) assert.deepEqual(one, [null, -32700]);
  });
}

scenario("5: a last request without the end of its line is answered before the end", { finish: false }, async (rig) => {
  const wire = await rig.rawAgent();
  wire.send('{"jsonrpc":"2.0","id":5,"method":"session/list"}');
  const { code } = await wire.quit();
  assert.equal(code, 0);
  assert.deepEqual(wire.fromAgent.at(-1), { jsonrpc: "2.0", id: 5, result: { sessions: [] } });
});

scenario("6: lines of 64 MB are one error each and take no memory", { timeout: 60_000 }, async (rig) => {
  const wire = await rig.rawAgent();
  const piece = Buffer.alloc(1 << 20, "x");
  // Not through send(), which keeps what it sends.
  const put = (bytes) => new Promise((sent) => wire.child.stdin.write(bytes, sent));
  for (let round = 0; round < 3; ++round) {
    await put('{"jsonrpc":"2.0","id":7,"result":"');
    for (let i = 0; i < 64; ++i) await put(piece);
    await put('"}\n');
  }
  assert.ok((await wire.request("session/list", {})).result);
  const errors = wire.fromAgent.filter((m) => m.error);
  assert.deepEqual(errors.map((m) => [m.id, m.error.code]), Array(3).fill([null, -32600]));
  const most = memory(wire, "VmHWM");
  assert.ok(most < 100, `${most} MiB`);
});

scenarios("6: an answer of 64 MB to a question is no answer; a good one is", { timeout: 60_000 }, async (rig) => {
  rig.model.script(write("a.txt"), say("Done."));
  const { wire, sessionId } = await rig.rawSession();
  const turn = ask(wire, sessionId, "Write");
  const asked = await wire.until(isAsked);
  wire.child.stdin.write(`{"jsonrpc":"2.0","id":${asked.id},"result":{"outcome":"`);
  for (let i = 0; i < 64; ++i) wire.child.stdin.write(Buffer.alloc(1 << 20, "x"));
  wire.child.stdin.write('"}}\n');
  await wire.until((m) => m.id === null && m.error);
  wire.answer(asked.id, choose("allow_once")());
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.equal(rig.workspace.read("a.txt"), "a.txt");
});

scenario("5: a message split at each byte, within characters and escapes, is itself", {}, async (rig) => {
  rig.model.script(say("Read."));
  const { wire, sessionId } = await rig.rawSession();
  const words = 'Ru\u0308der, 漕ぐ, 🚣 "quoted" \\ \u0001';
  const message = { jsonrpc: "2.0", id: 77, method: "session/prompt", params: { sessionId, prompt: text(words) } };
  const escaped = JSON.stringify(message).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const whole of [JSON.stringify(message), escaped]) {
    const from = wire.records.length;
    for (const byte of Buffer.from(`${whole}\n`)) {
      wire.child.stdin.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    wire.records.splice(from, 0, { from: "client", text: whole, message });
    assert.deepEqual((await wire.response(77, from)).result, { stopReason: "end_turn" });
    const sent = rig.model.lastRequest.messages.filter((m) => m.role === "user");
    assert.match(JSON.stringify(sent.at(-1)), new RegExp(JSON.stringify(words).slice(1, -1).replace(/\\/g, "\\\\")));
    rig.model.script(say("Read."));
  }
});

scenario("5: a prompt, a cancel and a prompt in one write are three messages", {}, async (rig) => {
  rig.model.script(say("Second."));
  const { wire, sessionId } = await rig.rawSession();
  const lines = [
    { id: 101, method: "session/prompt", params: { sessionId, prompt: text("One") } },
    { method: "session/cancel", params: { sessionId } },
    { id: 102, method: "session/set_mode", params: { sessionId, modeId: "plan" } },
    { id: 103, method: "session/prompt", params: { sessionId, prompt: text("Two") } },
  ];
  wire.send(lines.map((m) => `${JSON.stringify({ jsonrpc: "2.0", ...m })}\n`).join(""));
  const answers = await Promise.all([101, 102, 103].map((id) => wire.response(id)));
  assert.deepEqual(answers.map((m) => m.result), [{ stopReason: "cancelled" }, {}, { stopReason: "end_turn" }]);
});

// --- replies that are wrong

const nonsense = [
  null, [], {}, "yes", 42, true,
  { outcome: null },
  { outcome: "selected" },
  { outcome: { outcome: "selected" } },
  { outcome: { outcome: "selected", optionId: 7 } },
  { outcome: { outcome: "selected", optionId: "" } },
  { outcome: { outcome: ["selected"], optionId: "allow_once" } },
  { outcome: { outcome: "SELECTED", optionId: "allow_once" } },
  { outcome: [{ outcome: "selected", optionId: "allow_once" }] },
  { optionId: "allow_once" },
];

scenario("90: answers that are none deny the call, and the turn goes on", {}, async (rig) => {
  rig.model.script(...nonsense.map((_, i) => write(`no-${i}.txt`)), say("Then not."));
  const { wire, sessionId } = await rig.rawSession();
  const turn = ask(wire, sessionId, "Write");
  for (const [i, answer] of nonsense.entries()) {
    const asked = await wire.until((m) => isAsked(m) && m.id === i + 1);
    wire.answer(asked.id, answer);
  }
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  nonsense.forEach((answer, i) => assert.ok(!rig.workspace.has(`no-${i}.txt`), JSON.stringify(answer)));
});

const wrongErrors = [null, [], "no", 7, {}, { code: "x" }, { code: 1.5, message: 7 }, { code: 2 ** 60, message: "m".repeat(10_000) }];

scenario("90: errors in any form deny the call, and the turn goes on", {}, async (rig) => {
  rig.model.script(...wrongErrors.map((_, i) => write(`no-${i}.txt`)), say("Then not."));
  const { wire, sessionId } = await rig.rawSession();
  const turn = ask(wire, sessionId, "Write");
  for (const [i, error] of wrongErrors.entries()) {
    const asked = await wire.until((m) => isAsked(m) && m.id === i + 1);
    wire.send({ jsonrpc: "2.0", id: asked.id, error });
  }
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  wrongErrors.forEach((_, i) => assert.ok(!rig.workspace.has(`no-${i}.txt`)));
});

scenario("10: answers with ids that are not the question's allow nothing", {}, async (rig) => {
  rig.model.script(write("a.txt"), say("Then not."));
  const { wire, sessionId } = await rig.rawSession();
  const turn = ask(wire, sessionId, "Write");
  const asked = await wire.until(isAsked);
  const yes = choose("allow_once")();
  for (const id of [`${asked.id}`, asked.id + 1, asked.id + 0.5, -asked.id, 2 ** 53, null, "x", {}, [asked.id], true]) {
    wire.answer(id, yes);
  }
  wire.send({ jsonrpc: "2.0", result: yes });
  wire.answer(asked.id, choose("reject_once")());
  wire.answer(asked.id, yes);
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.equal(rig.workspace.has("a.txt"), false);
});

scenario("10: answers in the wrong order and twice go to the right questions", {}, async (rig) => {
  rig.model.script(calls(...["a", "b", "c"].map((path) => call("write_file", { path, content: path }))), say("Done."));
  const features = { approvals: {} };
  const { wire, sessionId } = await rig.rawSession({
    clientCapabilities: { _meta: { thole: { version: 1, features } } },
  });
  const other = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [] });
  rig.model.scriptFor(/^Beside/, write("d"), say("Done."));
  const turns = [ask(wire, sessionId, "Write"), ask(wire, other.result.sessionId, "Beside")];
  const isOf = (path) => (m) => isAsked(m) && m.params.toolCall.rawInput?.path === path;
  const open = { a: await wire.until(isOf("a")), d: await wire.until(isOf("d")) };
  wire.answer(open.d.id, choose("reject_once")());
  wire.answer(open.d.id, choose("allow_once")());
  for (const path of ["a", "b", "c"]) {
    const asked = await wire.until(isOf(path));
    wire.answer(asked.id, choose(path === "b" ? "reject_once" : "allow_once")());
    wire.answer(open.a.id, choose("reject_once")());
  }
  assert.deepEqual(reasons(await Promise.all(turns)), ["end_turn", "end_turn"]);
  assert.deepEqual(["a", "b", "c", "d"].map((path) => rig.workspace.has(path)), [true, false, true, false]);
});

// --- floods

scenario("73: a flood of prompts and cancels: each prompt is answered, and the next turn runs", { timeout: 60_000 }, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  rig.model.script(...Array(300).fill(say("Still here.")));
  const burst = [];
  for (let id = 1000; id < 2000; ++id) {
    const params = { sessionId, prompt: text(`Prompt ${id}`) };
    burst.push({ id, method: "session/prompt", params }, { method: "session/cancel", params: { sessionId } });
  }
  wire.send(burst.map((m) => `${JSON.stringify({ jsonrpc: "2.0", ...m })}\n`).join(""));
  const answers = await Promise.all(burst.filter((m) => m.id).map((m) => wire.response(m.id)));
  assert.deepEqual([...new Set(reasons(answers))], ["cancelled"]);
  assert.deepEqual((await ask(wire, sessionId, "And now?")).result, { stopReason: "end_turn" });
});

scenario("71: a flood of cancels is silence", { timeout: 60_000 }, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  await wire.update("available_commands_update");
  const from = wire.fromAgent.length;
  const one = JSON.stringify({ jsonrpc: "2.0", method: "session/cancel", params: { sessionId } });
  const other = JSON.stringify({ jsonrpc: "2.0", method: "$/cancel_request", params: { requestId: 4 } });
  wire.send(`${one}\n${other}\n`.repeat(20_000));
  assert.ok((await wire.request("session/list", {})).result);
  assert.equal(wire.fromAgent.length, from + 1);
});

scenario("63: two hundred prompts at once are answered in their order", { timeout: 60_000 }, async (rig) => {
  rig.model.script(...Array.from({ length: 200 }, (_, i) => say(`Answer ${i}.`)));
  const { wire, sessionId } = await rig.rawSession();
  const prompts = Array.from({ length: 200 }, (_, i) => ask(wire, sessionId, `Prompt ${i}`, 1000 + i));
  assert.deepEqual([...new Set(reasons(await Promise.all(prompts)))], ["end_turn"]);
  const order = wire.fromAgent.map((m) => m.id).filter((id) => id >= 1000);
  assert.deepEqual(order, Array.from({ length: 200 }, (_, i) => 1000 + i));
  const said = spoken(wire).map((u) => u.content.text).join("");
  assert.equal(said, Array.from({ length: 200 }, (_, i) => `Answer ${i}.`).join(""));
});

scenario("14: a flood of what is unknown is answered one by one, and sessions pile up nowhere", { timeout: 60_000 }, async (rig) => {
  const wire = await rig.rawAgent();
  const lines = Array.from({ length: 5_000 }, (_, i) =>
    JSON.stringify({ jsonrpc: "2.0", id: 10_000 + i, method: i % 2 ? "no/such" : "session/prompt", params: { sessionId: `s${i}`, prompt: text("Hi") } }),
  );
  wire.send(`${lines.join("\n")}\n`);
  await wire.response(14_999);
  assert.ok((await wire.request("session/list", {})).result);
  const codes = wire.fromAgent.filter((m) => m.id >= 10_000).map((m) => m.error.code);
  assert.equal(codes.length, 5_000);
  assert.deepEqual([...new Set(codes)].sort(), [-32002, -32601]);
});

scenario("15: input that ends within a turn and a question leaves a session that goes on", { finish: false }, async (rig) => {
  rig.workspace.configure('[session]\non_disconnect = "cancel"\n');
  rig.model.script(write("a.txt"), say("After."));
  const { wire, sessionId } = await rig.rawSession();
  ask(wire, sessionId, "Write").catch(() => {});
  await wire.until(isAsked);
  const { code } = await wire.quit();
  assert.equal(code, 0);
  const session = await (await rig.editor()).loadSession(sessionId, rig.workspace.root);
  assert.equal(session.calls()[0].status, "failed");
  assert.equal((await session.prompt("Go on")).stopReason, "end_turn");
  assert.equal(rig.workspace.has("a.txt"), false);
});
