// The numbered conformance checklist, third part: what needs more than one message and its answer.
import {
  assert,
  call,
  calls,
  choose,
  fail,
  hang,
  neverAnswer,
  say,
  scenario,
  scenarios,
  text,
} from "./rig.mjs";
import { draft, first, raise, done } from "./rig/plans.mjs";
import { foreign, hostile, isAlive, pids, untilTrue } from "./rig/servers.mjs";

const code = (message) => message.error?.code;
const isAsked = (m) => m.method === "session/request_permission";
const cancels = (wire) => wire.fromAgent.filter((m) => m.method === "$/cancel_request");
const modeOf = (update) => update.configOptions.find((o) => o.id === "mode").currentValue;

scenario(
  "32: initialize starts no server of the configuration and asks no network",
  {},
  async (rig) => {
    const file = rig.workspace.outside("hang.pids");
    const { command, args } = hostile("hang");
    rig.workspace.configure(
      `[mcp.servers.rogue]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n` +
        `env = { PIDS = ${JSON.stringify(file)} }\n`,
    );
    const begun = performance.now();
    const wire = await rig.rawAgent();
    assert.ok(performance.now() - begun < 1000, "answered within a second");
    assert.ok((await wire.request("session/list", {})).result);
    assert.deepEqual(pids(file), [], "no server was started");
    assert.deepEqual(rig.model.posts, [], "no provider was asked");
  },
);

scenario(
  "33: a server that hangs holds up no session/new, and the turn says that it is missing",
  {},
  async (rig) => {
    rig.workspace.configure('[mcp]\nstartup_wait = "1s"\n');
    rig.model.script(say("Without it."));
    const file = rig.workspace.outside("hang.pids");
    const editor = await rig.editor();
    const begun = performance.now();
    const session = await editor.newSession(rig.workspace.root, {
      mcpServers: [hostile("hang", { PIDS: file })],
    });
    assert.ok(performance.now() - begun < 2000, "answered within two seconds");
    assert.equal((await session.prompt("Go")).stopReason, "end_turn");
    assert.match(session.text("agent_thought_chunk"), /MCP server 'rogue' is not ready/);
    const [pid] = pids(file);
    await session.close();
    await untilTrue(() => !isAlive(pid), "the server has gone with its session");
  },
);

scenario(
  "45: load and resume use the servers and folders that they are given, and none else",
  {},
  async (rig) => {
    const keel = rig.workspace.outside("keel.txt");
    const dir = keel.slice(0, keel.lastIndexOf("/"));
    const write = calls(call("write_file", { path: keel, content: "oak" }));
    rig.workspace.configure('[mcp]\nstartup_wait = "25s"\n');
    rig.model.script(write, say("Written."), write, say("Not written."), say("Servers?"));
    const session = await rig.session({
      permission: choose("reject_once"),
      params: { additionalDirectories: [dir], mcpServers: [hostile("good")] },
    });
    await session.setMode("accept-edits");
    await session.prompt("Write");
    assert.equal(session.editor.permissions.length, 0, "the folder is a root");
    assert.deepEqual(foreign(rig.model.requests[0]), ["mcp__rogue__work", "mcp__rogue__env"]);
    await session.editor.wire.quit();

    const second = await rig.editor({ permission: choose("reject_once") });
    const loaded = await second.loadSession(session.id, rig.workspace.root);
    await loaded.prompt("Write again");
    assert.equal(second.permissions.length, 1, "the folder is no root any more");
    assert.deepEqual(foreign(rig.model.lastRequest), [], "nor are the servers there");
    await second.wire.quit();

    const third = await rig.editor();
    const resumed = await third.agent.request("session/resume", {
      sessionId: session.id,
      cwd: rig.workspace.root,
      mcpServers: [hostile("good", {}, "other")],
    });
    assert.ok(resumed.modes);
    await third.agent.request("session/prompt", { sessionId: session.id, prompt: text("Servers?") });
    assert.deepEqual(foreign(rig.model.lastRequest), ["mcp__other__work", "mcp__other__env"]);
  },
);

scenarios("62: the limit of steps ends the turn with max_turn_requests", {}, async (rig) => {
  rig.workspace.configure(`${rig.model.settings}[session]\nmax_turns_per_run = 2\n`);
  const look = calls(call("glob", { pattern: "*.md" }));
  rig.model.script(look, look, say("More."));
  const session = await rig.session();
  assert.equal((await session.prompt("Look")).stopReason, "max_turn_requests");
  assert.equal(rig.model.requests.length, 2);
  assert.equal((await session.prompt("Go on")).stopReason, "end_turn");
});

// Each place in which a cancel meets something that then fails.
const abortions = {
  "the first byte of the model": [[hang("", 0)], (wire, rig) => rig.model.untilRequests(1)],
  "a model that streams": [[hang("Once upon a time", 3)], (wire) => wire.update("agent_message_chunk")],
  "a command": [[calls(call("bash", { command: "sleep 600" }))], (wire) => wire.update("tool_call_update", (u) => u.status === "in_progress")],
  "a retry": [Array(3).fill(fail(500)), (wire, rig) => rig.model.untilRequests(2), { THOLE_RETRY_BASE_MS: "20000" }],
  "a fetch": [[calls(call("fetch_url", { url: "http://127.0.0.1:9/" }))], (wire) => wire.update("tool_call_update", (u) => u.status === "in_progress")],
};

for (const [where, [script, reached, env]] of Object.entries(abortions)) {
  scenario(`74: a cancel in ${where} is an end of the turn, no error`, { env }, async (rig) => {
    if (where === "a retry") script.splice(1);
    rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
    rig.model.script(...script, say("After."));
    const { wire, sessionId } = await rig.rawSession();
    const turn = wire.request("session/prompt", { sessionId, prompt: text("Go") });
    await (where === "a retry" ? rig.model.untilRequests(1) : reached(wire, rig));
    wire.notify("session/cancel", { sessionId });
    const answer = await turn;
    // What was over before the cancel came is over.
    const reason = answer.result?.stopReason;
    assert.ok(reason === "cancelled" || (where === "a fetch" && reason), JSON.stringify(answer));
    assert.deepEqual(wire.fromAgent.filter((m) => m.error), []);
  });
}

// [name in clientInfo, whether it is told that a dialog need not be answered any more]
const knowers = [
  ["thole-tests", false],
  ["codecompanion.nvim", false],
  ["JetBrains", false],
  ["zed", true],
];

for (const [name, isTold] of knowers) {
  scenario(`77: a client called ${name} gets ${isTold ? "a" : "no"} $/cancel_request`, {}, async (rig) => {
    rig.model.script(calls(call("write_file", { path: "a", content: "a" })));
    const wire = rig.wire();
    const clientInfo = { name, version: "1" };
    await wire.request("initialize", { protocolVersion: 1, clientInfo });
    const fresh = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [] });
    const { sessionId } = fresh.result;
    const turn = wire.request("session/prompt", { sessionId, prompt: text("Write") });
    const asked = await wire.until(isAsked);
    wire.notify("session/cancel", { sessionId });
    assert.equal((await turn).result.stopReason, "cancelled");
    const expected = isTold ? [{ requestId: asked.id }] : [];
    assert.deepEqual(cancels(wire).map((m) => m.params), expected);
  });
}

scenario("77: a client that takes requests back itself is told, too", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a", content: "a" })));
  const { wire, sessionId } = await rig.rawSession();
  wire.notify("$/cancel_request", { requestId: 4711 });
  const turn = wire.request("session/prompt", { sessionId, prompt: text("Write") });
  await wire.until(isAsked);
  wire.notify("session/cancel", { sessionId });
  assert.equal((await turn).result.stopReason, "cancelled");
  assert.equal(cancels(wire).length, 1);
});

scenarios(
  "97: an approved plan changes the mode in both families before the next call",
  {},
  async (rig) => {
    rig.model.script(draft(first), raise, done("1", "2"), say("Done."));
    const session = await rig.session({ permission: choose("allow_always") });
    await session.setMode("plan");
    await session.prompt("Row faster");
    const updates = session.updates();
    const edit = updates.findIndex((u) => u.sessionUpdate === "tool_call" && u.name === "edit_file");
    const before = updates.slice(0, edit);
    const told = (kind) => before.filter((u) => u.sessionUpdate === kind).at(-1);
    assert.equal(told("current_mode_update").currentModeId, "accept-edits");
    assert.equal(modeOf(told("config_option_update")), "accept-edits");
    const review = before.findIndex((u) => u.kind === "switch_mode");
    const order = before.slice(review).map((u) => u.sessionUpdate);
    assert.ok(order.includes("current_mode_update") && order.includes("config_option_update"));
  },
);

scenario(
  "100: a plan that is rejected by the form executes nothing and stays in plan mode",
  {},
  async (rig) => {
    rig.model.script(draft(first));
    const editor = await rig.editor({ capabilities: { elicitation: { form: {} } } });
    editor.elicit = () => ({ action: "accept", content: { decision: "reject" } });
    const session = await editor.newSession(rig.workspace.root);
    await session.setMode("plan");
    const before = rig.workspace.read("src/oar.c");
    assert.equal((await session.prompt("Row faster")).stopReason, "end_turn");
    assert.equal(rig.workspace.read("src/oar.c"), before);
    assert.equal(rig.model.requests.length, 1);
    assert.equal(session.updates("current_mode_update").at(-1).currentModeId, "plan");
  },
);

scenario(
  "100: a client that knows only allow_once and reject_once reviews a plan",
  {},
  async (rig) => {
    rig.model.script(draft(first), draft(`${first}\n`), raise, done("1", "2"), say("Done."));
    const chosen = ["reject_once", "allow_once", "allow_once"];
    const only = ({ options }) => {
      const kind = chosen.shift();
      return choose(options.find((o) => o.kind === kind).optionId)();
    };
    const session = await rig.session({ permission: only });
    await session.setMode("plan");
    const before = rig.workspace.read("src/oar.c");
    await session.prompt("Row faster");
    assert.equal(rig.workspace.read("src/oar.c"), before, "rejected: nothing is executed");
    assert.equal(session.updates("current_mode_update").at(-1).currentModeId, "plan");
    await session.prompt("As you said, after all");
    assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
    assert.equal(session.updates("current_mode_update").at(-1).currentModeId, "default");
  },
);

scenario("75: a listing that is taken back is -32800 or done", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  const listed = wire.request("session/list", {}, "list");
  wire.notify("$/cancel_request", { requestId: "list" });
  const answer = await listed;
  assert.ok(answer.result || code(answer) === -32800, JSON.stringify(answer));
  assert.ok((await wire.request("session/list", {})).result, "the next one is answered");
  assert.ok((await wire.request("session/close", { sessionId })).result);
});

// A replay that does not fit into the pipe waits for its reader: there is time to take it back.
scenario("75: a load that is taken back in the middle is -32800", { timeout: 60_000 }, async (rig) => {
  rig.model.script(...Array(8).fill(say("row ".repeat(60_000), { chunkSize: 40_000 })));
  const session = await rig.session();
  for (let i = 0; i < 8; ++i) await session.prompt("Sing");
  await session.editor.wire.quit();
  const wire = await rig.rawAgent();
  wire.child.stdout.pause();
  const loading = wire.request("session/load", { sessionId: session.id, cwd: rig.workspace.root, mcpServers: [] }, "load");
  wire.notify("$/cancel_request", { requestId: "load" });
  const listed = wire.request("session/list", {});
  wire.child.stdout.resume();
  assert.equal(code(await loading), -32800);
  assert.ok((await listed).result);
  const again = await wire.request("session/load", { sessionId: session.id, cwd: rig.workspace.root, mcpServers: [] });
  assert.ok(again.result, "it can be loaded afterwards");
});

scenario("16: while a form is open, everything else is handled", {}, async (rig) => {
  rig.model.script(calls(call("ask_user", { question: "Left?" })), say("Never."));
  const editor = await rig.editor({ capabilities: { elicitation: { form: {} } } });
  editor.elicit = neverAnswer;
  const waiting = await editor.newSession(rig.workspace.root);
  const turn = waiting.prompt("Ask");
  await editor.wire.until((m) => m.method === "elicitation/create");
  assert.ok((await editor.listSessions()).sessions);
  await waiting.cancel();
  assert.equal((await turn).stopReason, "cancelled");
});
