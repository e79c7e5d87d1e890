// The tool `diagnostics`: what the editor's checkers say, asked for by the model.
import { assert, call, calls, neverAnswer, say, scenario, scenarios, withFiles } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";

const checked = { _meta: { thole: { version: 1, features: { diagnostics: {} } } } };
const toolsOf = (request) => request.tools.map((tool) => (tool.function ?? tool).name);
const question = (path) => calls(call("diagnostics", path ? { path } : {}));
const asked = (editor) => editor.wire.fromAgent.filter((m) => m.method === "_thole/editor/diagnostics");

const opened = async (rig, diagnose, capabilities = checked) => {
  const editor = await rig.editor({ capabilities });
  if (diagnose) editor.diagnose = diagnose;
  return editor.newSession(rig.workspace.root);
};

scenarios("the model asks, the editor answers", {}, async (rig) => {
  const path = rig.workspace.path("src/oar.c");
  rig.model.script(question("src/oar.c"), question(), say("I see."));
  const one = { path, line: 5, column: 12, severity: "warning", message: "magic number", source: "lint" };
  const two = { path, line: 1, column: 1, endLine: 1, endColumn: 9, severity: "error", message: "no\nheader", code: "E1" };
  const session = await opened(rig, (params) => ({
    diagnostics: params.path ? [one, two] : [one, { ...two, path: "/elsewhere/x.c" }, { nonsense: true }],
  }));
  assert.deepEqual(await session.prompt("What is wrong?"), { stopReason: "end_turn" });
  assert.ok(toolsOf(rig.model.lastRequest).includes("diagnostics"));
  assert.deepEqual(rig.model.toolResults, [
    "src/oar.c:1:1: error: no header [E1]\nsrc/oar.c:5:12: warning: magic number [lint]\n[1 error, 1 warning]",
    "src/oar.c:5:12: warning: magic number [lint]\n[1 warning]",
  ]);
  const sessionId = session.id;
  assert.deepEqual(
    asked(session.editor).map((m) => m.params),
    [{ sessionId, path }, { sessionId }],
  );
  assert.equal(session.editor.permissions.length, 0, "it only reads");
  const [shown] = session.calls();
  assert.deepEqual([shown.kind, shown.status, shown.title], ["read", "completed", "Problems in src/oar.c"]);
});

scenario("in plan mode too", {}, async (rig) => {
  rig.model.script(question(), say("I see."));
  const session = await opened(rig, () => ({ diagnostics: [] }));
  await session.setMode("plan");
  await session.prompt("What is wrong?");
  assert.deepEqual(rig.model.toolResults, ["The editor reports no problems."]);
});

scenario("without the feature there is no such tool", {}, async (rig) => {
  rig.model.script(question(), say("I see."));
  const session = await opened(rig, undefined, withFiles);
  await session.prompt("What is wrong?");
  assert.ok(!toolsOf(rig.model.lastRequest).includes("diagnostics"));
  assert.match(rig.model.toolResults[0], /there is no tool 'diagnostics'; the tools are: read_file/);
  assert.doesNotMatch(rig.model.toolResults[0], /diagnostics$|, diagnostics/);
  assert.deepEqual(asked(session.editor), []);
});

scenario("an error, and an answer that is none, fail the call and not the turn", {}, async (rig) => {
  rig.model.script(question(), question(), say("I see."));
  const answers = [
    () => {
      throw new Error("no servers");
    },
    () => ({ problems: [] }),
  ];
  const session = await opened(rig, () => answers.shift()());
  assert.deepEqual(await session.prompt("What is wrong?"), { stopReason: "end_turn" });
  assert.match(rig.model.toolResults[0], /^the editor did not say what its checkers report: .+; build or test instead$/);
  assert.match(rig.model.toolResults[1], /holds no list of what its checkers report/);
  assert.deepEqual(session.calls().map((one) => one.status), ["failed", "failed"]);
});

scenario("an editor that never answers is not waited for", {}, async (rig) => {
  rig.model.script(question(), say("I see."));
  const session = await opened(rig, neverAnswer);
  assert.deepEqual(await session.prompt("What is wrong?"), { stopReason: "end_turn" });
  assert.match(rig.model.toolResults[0], /the editor did not say what its checkers report: the client did not answer in time/);
});

scenario("a cancel ends the waiting", {}, async (rig) => {
  rig.model.script(question(), say("never"));
  const session = await opened(rig, neverAnswer);
  const turn = session.prompt("What is wrong?");
  await session.editor.wire.until((m) => m.method === "_thole/editor/diagnostics");
  await session.cancel();
  assert.deepEqual(await turn, { stopReason: "cancelled" });
  const [end] = ofType(rig, session.id, "ToolCallCompleted");
  assert.equal(end.status, "cancelled");
});

scenario("a sub-agent in a worktree does not have it", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "accept-edits"\n');
  rig.model.script(calls(call("spawn_subagent", { task: "Look" })), say("Done."));
  rig.model.scriptFor(/^Look/, question(), say("Looked."));
  const session = await opened(rig, () => ({ diagnostics: [] }));
  await session.prompt("Have it looked at");
  const bodies = rig.model.requests;
  const has = bodies.map((body) => toolsOf(body).includes("diagnostics"));
  const isChild = bodies.map((body) => JSON.stringify(body.messages).includes("there is no tool 'diagnostics'"));
  assert.deepEqual(has.filter((one, i) => isChild[i]), [false]);
  assert.equal(has[0], true);
  assert.deepEqual(asked(session.editor), []);
});

// The log stays, the editor goes: another one that checks nothing does not inherit the tool.
scenario("the tool comes and goes with its editor", {}, async (rig) => {
  rig.model.script(say("1."), say("2."));
  const first = await opened(rig, () => ({ diagnostics: [] }));
  await first.prompt("One");
  await first.editor.wire.quit();
  const editor = await rig.editor({});
  const second = await editor.loadSession(first.id, rig.workspace.root);
  await second.prompt("Two");
  assert.deepEqual(
    rig.model.requests.map((body) => toolsOf(body).includes("diagnostics")),
    [true, false],
  );
});
