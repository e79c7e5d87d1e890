// MCP servers that hang, crash, lie and flood: no session waits for them, and nothing of them stays.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { foreign, hostile, isAlive, patient, pids, untilTrue } from "./rig/servers.mjs";

const long = { timeout: 60_000 };
const work = calls(call("mcp__rogue__work", {}));

// A session with a server that behaves `how`, and the file with the pids of its starts.
async function aboard(rig, how, { env = {}, config = patient, ...options } = {}) {
  const starts = rig.workspace.outside(`${how}.pids`);
  rig.workspace.configure(config);
  const session = await rig.session({
    permission: choose("allow_once"),
    params: { mcpServers: [hostile(how, { PIDS: starts, ...env })] },
    ...options,
  });
  return { session, starts };
}

scenario("a server that hangs when it is greeted costs its wait once, and a notice", long, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  const { session, starts } = await aboard(rig, "hang", { config: '[mcp]\nstartup_wait = "1s"\n' });
  assert.equal((await session.prompt("Hi")).stopReason, "end_turn");
  assert.match(session.text("agent_thought_chunk"), /MCP server 'rogue' is not ready yet/);
  const start = performance.now();
  await session.prompt("Again");
  assert.ok(performance.now() - start < 900, "the second prompt does not wait");
  assert.deepEqual(foreign(rig.model.requests[1]), []);
  const [pid] = pids(starts);
  await session.close();
  assert.ok(!isAlive(pid));
});

scenario("a server that says nothing to the newer greeting is greeted in the older way", long, async (rig) => {
  rig.model.script(work, say("Worked."));
  const { session } = await aboard(rig, "mute");
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
});

scenario("a server that dies of the newer greeting is started again for the older one", long, async (rig) => {
  rig.model.script(work, say("Worked."));
  const { session, starts } = await aboard(rig, "dies-of-discover");
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  assert.equal(pids(starts).length, 2);
});

scenario("a server that dies at once is told of with its last words", long, async (rig) => {
  rig.model.script(say("Alone."));
  const { session } = await aboard(rig, "dies-at-once");
  assert.equal((await session.prompt("Hi")).stopReason, "end_turn");
  assert.match(session.text("agent_thought_chunk"), /MCP server 'rogue': it exited with 3/);
});

scenario("a crash in the middle of a call is a failed call; the next one has a new process", long, async (rig) => {
  rig.model.script(work, work, say("Mended."));
  const mark = rig.workspace.outside("mark");
  const { session, starts } = await aboard(rig, "crash-once", { env: { MARK: mark } });
  await session.prompt("Work");
  const [first, second] = session.calls();
  assert.equal(first.status, "failed");
  assert.match(first.rawOutput.output, /it exited with 7; its last words: the mast broke/);
  assert.equal(second.rawOutput.output, "did work");
  assert.equal(pids(starts).length, 2);
});

scenario("one that crashes each time is not started without end", long, async (rig) => {
  rig.model.script(...Array(8).fill(work), say("Given up."));
  const { session, starts } = await aboard(rig, "crash-in-call");
  await session.prompt("Work");
  assert.ok(session.calls().every((one) => one.status === "failed"));
  assert.ok(pids(starts).length <= 4, `${pids(starts).length} starts`);
});

scenario("a line of 64 MB is left out: the call fails, the server goes on", { timeout: 90_000 }, async (rig) => {
  rig.model.script(work, calls(call("mcp__rogue__env", {})), say("Short."));
  const { session, starts } = await aboard(rig, "long-line");
  await session.prompt("Work");
  const [first] = session.calls();
  assert.equal(first.status, "failed");
  assert.match(first.rawOutput.output, /a line of more than 16 MiB/);
  assert.equal(pids(starts).length, 1);
});

scenario("a server that closes its output without a word is ended and started anew", long, async (rig) => {
  rig.model.script(work, say("Silent."));
  const { session, starts } = await aboard(rig, "silent-close");
  const start = performance.now();
  await session.prompt("Work");
  assert.match(session.calls()[0].rawOutput.output, /it closed its standard output/);
  assert.ok(performance.now() - start < 20_000);
  assert.ok(!isAlive(pids(starts)[0]));
});

scenario("a call that never ends is given up after its patience", long, async (rig) => {
  rig.model.script(work, say("Patience is over."));
  const server = { command: process.execPath, args: hostile("hang-in-call").args };
  rig.workspace.configure(
    `${patient}[mcp.servers.rogue]\ncommand = "${server.command}"\nargs = ${JSON.stringify(server.args)}\ntimeout = "1s"\n`,
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Work");
  assert.match(session.calls()[0].rawOutput.output, /did not answer 'tools\/call' within 1 s/);
});

scenario("wrong ids, broken JSON and lines of a log are passed over", long, async (rig) => {
  rig.model.script(work, say("Worked."));
  const { session } = await aboard(rig, "wrong-ids");
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
});

scenario("names that no API takes, and names that are taken, are made fit", long, async (rig) => {
  rig.model.script(say("Named."));
  const { session } = await aboard(rig, "names");
  await session.prompt("Hi");
  const names = foreign(rig.model.requests[0]);
  assert.equal(names.length, 4);
  assert.equal(new Set(names).size, 4);
  for (const name of names) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
});

scenario("schemas that no API takes are made fit", long, async (rig) => {
  rig.model.script(say("Fit."));
  const { session } = await aboard(rig, "schemas");
  await session.prompt("Hi");
  const offered = rig.model.requests[0].tools.filter((one) => one.function.name.startsWith("mcp__"));
  assert.equal(offered.length, 5);
  for (const { function: { parameters } } of offered) {
    assert.equal(parameters.type, "object");
    assert.equal(parameters.oneOf, undefined);
  }
  assert.deepEqual(offered[3].function.parameters.required, ["ok"]);
});

scenario("a list of tools that is huge is cut, and people are told once", long, async (rig) => {
  rig.model.script(say("Enough."), say("More than enough."));
  const { session } = await aboard(rig, "huge");
  await session.prompt("Hi");
  await session.prompt("Again");
  const names = foreign(rig.model.requests[0]);
  assert.deepEqual([names.length, names.at(-1)], [100, "mcp__rogue__t99"]);
  assert.ok(rig.model.requests[0].tools.length < 128);
  const told = session.text("agent_thought_chunk").match(/have 256 tools.*the first 100 are used, which cuts those of 'rogue'/g);
  assert.equal(told?.length, 1);
});

scenario("a list of tools without an end is cut", long, async (rig) => {
  rig.model.script(say("Enough."));
  const { session } = await aboard(rig, "endless");
  await session.prompt("Hi");
  const count = foreign(rig.model.requests[0]).length;
  assert.ok(count > 0 && count <= 100, `${count} tools`);
});

scenario("a list that changes is read again", long, async (rig) => {
  rig.model.script(work, calls(call("mcp__rogue__fresh", {})), say("Fresh."));
  const { session } = await aboard(rig, "changes", { env: { MARK: rig.workspace.outside("mark") } });
  await session.prompt("Work");
  assert.deepEqual(foreign(rig.model.requests[0]), ["mcp__rogue__work"]);
  assert.equal(session.calls()[1].rawOutput.output, "did fresh");
});

scenario("a server that wants a model is told politely that there is none for it", long, async (rig) => {
  rig.model.script(work, say("Refused."));
  const { session } = await aboard(rig, "sampling");
  await session.prompt("Work");
  assert.match(rig.model.toolResults[0], /sampling: thole does not lend its model/);
});

scenario("a revision that thole does not know is said by its name", long, async (rig) => {
  rig.model.script(say("Unknown."));
  const { session } = await aboard(rig, "future");
  await session.prompt("Hi");
  assert.match(session.text("agent_thought_chunk"), /it speaks revision '2099-01-01' of the protocol/);
});

for (const [what, end] of [
  ["the end of the session", (rig, session) => session.close()],
  ["the end of input", (rig) => rig.wires[0].closeInput()],
  ["SIGTERM for thole", (rig) => rig.wires[0].child.kill("SIGTERM")],
  ["the kill of thole", (rig) => rig.wires[0].kill()],
]) {
  scenario(`nothing that a server has started outlives ${what}`, { ...long, finish: false }, async (rig) => {
    const mark = `98764.${process.pid}`;
    rig.model.script(work, say("Bred."));
    const { session, starts } = await aboard(rig, "children", { env: { MARK: mark } });
    await session.prompt("Work");
    const [pid] = pids(starts);
    assert.ok(isAlive(pid));
    await end(rig, session);
    await untilTrue(() => !isAlive(pid) && !sleeps(mark), "every process gone", 3000);
  });
}

// Whether a `sleep MARK` runs.
function sleeps(mark) {
  return readdirSync("/proc").some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8") === `sleep\0${mark}\0`;
    } catch {
      return false;
    }
  });
}

// What the session has on the disk, its blobs too.
function onDisk(rig) {
  const folder = rig.workspace.path(".thole/sessions");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8"))
    .join("\n");
}
const mcpLog = (rig) => readFileSync(join(rig.env.XDG_STATE_HOME, "thole/log/mcp.log"), "utf8");

scenario("what a server was given as a secret stands in no log", long, async (rig) => {
  rig.model.script(calls(call("mcp__rogue__env", {})), say("Shown."));
  const secret = "tr3asure-under-the-mast";
  const { session } = await aboard(rig, "good", { env: { BOAT_TOKEN: secret } });
  await session.prompt("Env");
  assert.match(rig.model.toolResults[0], /"BOAT_TOKEN":"\[redacted\]"/);
  await session.close();
  assert.ok(!onDisk(rig).includes(secret));
  assert.doesNotMatch(rig.model.toolResults[0], /ANTHROPIC_API_KEY/);
});

scenario("a server that shouts its secret everywhere is heard without it", long, async (rig) => {
  const secret = "tr3asure-under-the-mast";
  rig.model.script(say("First."), say("Second."));
  const { session } = await aboard(rig, "leaks", { env: { BOAT_TOKEN: secret } });
  await session.prompt("Hi");
  await session.prompt("/rogue:leak");
  assert.match(JSON.stringify(rig.model.requests[1].messages), /Say \[redacted\]/);
  assert.match(JSON.stringify(rig.model.requests[0].tools), /pass \[redacted\]/);
  assert.ok(!JSON.stringify(rig.wires[0].fromAgent).includes(secret), "the editor sees nothing of it");
  await session.close();
  assert.ok(!onDisk(rig).includes(secret));
});

scenario("progress comes in measure, and without the server's secret", long, async (rig) => {
  const secret = "tr3asure-under-the-mast";
  rig.model.script(work, say("Counted."));
  const { session } = await aboard(rig, "counts", { env: { BOAT_TOKEN: secret } });
  await session.prompt("Work");
  const shown = session.updates("tool_call_update").filter((one) => one.status === undefined || one.status === "in_progress");
  assert.ok(shown.length >= 1 && shown.length < 20, `${shown.length} updates`);
  assert.ok(!JSON.stringify(rig.wires[0].fromAgent).includes(secret));
  assert.match(JSON.stringify(rig.wires[0].fromAgent), /0: \[redacted\]/);
});

scenario("what a server writes for its own people is in mcp.log, and nowhere else", long, async (rig) => {
  const secret = "tr3asure-under-the-mast";
  rig.model.script(work, say("Talked."));
  const { session } = await aboard(rig, "talks", { env: { BOAT_TOKEN: secret } });
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  await untilTrue(() => /a line of more than 64 KiB/.test(mcpLog(rig)), "the last line");
  assert.match(mcpLog(rig), /^\S+Z rogue: the token is \[redacted\]$/m);
  assert.match(mcpLog(rig), /rogue: warning: {"deck":"wet"}/);
  assert.ok(!mcpLog(rig).includes(secret));
  assert.doesNotMatch(JSON.stringify(rig.wires[0].fromAgent), /the token is|deck/);
});

scenario("a cancelled call is taken back at the server, once", long, async (rig) => {
  const mark = rig.workspace.outside("mark");
  rig.model.script(work, say("Never."));
  const { session } = await aboard(rig, "hang-in-call", { env: { NOTES: mark } });
  const read = () => (existsSync(mark) ? readFileSync(mark, "utf8") : "");
  const end = session.prompt("Work");
  await untilTrue(() => /^called \d+$/m.test(read()), "the call at the server", 40_000);
  session.cancel();
  assert.equal((await end).stopReason, "cancelled");
  const [, id] = /called (\d+)/.exec(read());
  await untilTrue(() => read().includes(`cancelled ${id}: the user cancelled it`), "the cancellation");
  assert.equal(read().match(/^cancelled /gm).length, 1);
});

scenario("a modern server that is late for the newer greeting is not refused for it", long, async (rig) => {
  rig.model.script(work, say("Worked."));
  const { session, starts } = await aboard(rig, "slow-modern");
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  assert.equal(pids(starts).length, 1);
});

scenario("a server that tells of changes without end delays nobody", long, async (rig) => {
  rig.model.script(...Array(4).fill(work), say("Changed."));
  const { session } = await aboard(rig, "floods-changes");
  await session.prompt("Work");
  const start = performance.now();
  rig.model.script(...Array(4).fill(work), say("Again."));
  await session.prompt("Work");
  assert.ok(performance.now() - start < 4000, "five requests, none waits");
});

scenario("a server that asks without end and reads nothing is ended", long, async (rig) => {
  rig.model.script(work, say("Ended."));
  const { session, starts } = await aboard(rig, "pings");
  await session.prompt("Work");
  assert.match(session.calls()[0].rawOutput.output, /it does not read its input/);
  assert.ok(!isAlive(pids(starts)[0]));
});

scenario("no server stands for another in a rule", long, async (rig) => {
  rig.workspace.configure(`${patient}[permissions]\nallow = ["mcp__ship__*"]\n`);
  rig.model.script(calls(call("mcp__ship_evil__work", {})), say("Asked."));
  const session = await rig.session({
    permission: choose("reject_once"),
    params: { mcpServers: [hostile("good", {}, "ship__evil")] },
  });
  await session.prompt("Work");
  assert.deepEqual(foreign(rig.model.requests[0]), ["mcp__ship_evil__work", "mcp__ship_evil__env"]);
  assert.equal(session.editor.permissions.length, 1);
});
