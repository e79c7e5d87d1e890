// Sub-agents as sessions of their own, for clients that know such sessions (capability `subagents`).
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { bash, edit, inMode, spawn } from "./rig/agents.mjs";

const capabilities = { subagents: {} };

const updatesOf = (wire, sessionId) =>
  wire.fromAgent
    .filter((m) => m.method === "session/update" && m.params.sessionId === sessionId)
    .map((m) => m.params.update);
const kinds = (updates) => updates.map((u) => u.sessionUpdate);
const children = (wire, sessionId) =>
  updatesOf(wire, sessionId).filter((u) => u.sessionUpdate === "subagent_update");
const announced = (wire, sessionId) => children(wire, sessionId).filter((u) => u.title);
const states = (updates) => updates.flatMap((u) => (u.state ? [u.state.state] : []));
const text = (updates) =>
  updates.filter((u) => u.sessionUpdate === "agent_message_chunk").map((u) => u.content.text).join("");

scenario("105: a child is announced on its parent's session, and its work is its own session's", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("Number the notes\n\nAll of them.")), say("Done."));
  rig.model.scriptFor(/^Number the notes/, edit("notes.txt", "first", "1st"), calls(spawn("Below")), say("Numbered."));
  rig.model.scriptFor(/^Below/, say("Nothing to do below."));
  const session = await rig.session({ capabilities });
  const { wire } = session.editor;
  const { stopReason } = await session.prompt("Go");
  assert.equal(stopReason, "end_turn");

  const [first] = announced(wire, session.id);
  assert.equal(first.title, "Number the notes");
  assert.equal(first.description, "Number the notes\n\nAll of them.");
  assert.deepEqual(first.capabilities, { cancel: {} });
  assert.deepEqual(first.state, { state: "running" });
  assert.ok(first.cwd.includes("worktrees"), first.cwd);
  const child = updatesOf(wire, first.sessionId);
  assert.match(kinds(child).join(), /^user_message_chunk.*tool_call,tool_call_update.*agent_message_chunk/);
  assert.equal(text(child), "Numbered.");
  const [own] = child.filter((u) => u.sessionUpdate === "tool_call");
  assert.equal(own.toolCallId.includes("/"), false, "ids are the child's own");

  const [below] = announced(wire, first.sessionId);
  assert.equal(below.title, "Below");
  assert.equal(text(updatesOf(wire, below.sessionId)), "Nothing to do below.");
  const told = children(wire, session.id);
  assert.deepEqual([...new Set(states(told))], ["running", "idle"]);
  const idle = told.find((u) => u.state?.state === "idle").state;
  assert.equal(idle.stopReason, "end_turn");
  assert.equal(idle.usage.totalTokens, idle.usage.inputTokens + idle.usage.outputTokens);
  assert.deepEqual(told.at(-1).capabilities, {}, "nobody can cancel it any more");

  const root = updatesOf(wire, session.id);
  const titles = root.filter((u) => u.sessionUpdate === "tool_call").map((u) => u.name ?? u.title);
  assert.equal(titles.length, 1, "calls of the child are not calls of its parent");
  assert.equal(text(root), "Done.");
});

scenario("105: its approvals are asked in its session, and say that it waits", {}, async (rig) => {
  rig.model.script(calls(spawn("A"), spawn("B")), say("Done."));
  rig.model.scriptFor(/^A/, calls(call("write_file", { path: "a", content: "a" })), say("A"));
  rig.model.scriptFor(/^B/, calls(call("write_file", { path: "b", content: "b" })), say("B"));
  const of = {};
  const session = await rig.session({
    capabilities,
    permission: (params) => {
      of[params.sessionId] = params.toolCall.toolCallId;
      return choose(params._meta.thole.agent.task === "A" ? "allow_once" : "reject_once")();
    },
  });
  const { wire } = session.editor;
  await session.prompt("Go");
  const [a, b] = ["A", "B"].map((title) => announced(wire, session.id).find((u) => u.title === title).sessionId);
  assert.deepEqual(Object.keys(of).sort(), [a, b].sort());
  for (const id of [a, b]) {
    const call = updatesOf(wire, id).find((u) => u.sessionUpdate === "tool_call");
    assert.equal(call.toolCallId, of[id]);
    const its = children(wire, session.id).filter((u) => u.sessionId === id);
    assert.deepEqual(states(its), ["running", "requires_action", "running", "idle"]);
  }
  const ends = [a, b].map((id) => updatesOf(wire, id).filter((u) => u.status).at(-1).status);
  assert.deepEqual(ends, ["completed", "failed"]);
});

scenario("it can be cancelled by itself, and its parent goes on", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(calls(spawn("Sleep"), spawn("Other")), say("Both are over."));
  rig.model.scriptFor(/^Sleep/, bash("echo begun; sleep 60"), say("Never."));
  rig.model.scriptFor(/^Other/, say("Fine."));
  const session = await rig.session({ capabilities });
  const { wire, agent } = session.editor;
  const turn = session.prompt("Go");
  const grows = (m) => m.params?.update?.sessionUpdate === "tool_call_update" && /begun/.test(JSON.stringify(m));
  const { params } = await wire.until(grows);
  await agent.notify("session/cancel", { sessionId: params.sessionId });
  assert.equal((await turn).stopReason, "end_turn");
  assert.equal(text(updatesOf(wire, session.id)), "Both are over.");
  const its = children(wire, session.id).filter((u) => u.sessionId === params.sessionId);
  assert.deepEqual(its.find((u) => u.state?.state === "idle").state.stopReason, "cancelled");
});

scenario("105: who loads the session is told of those that have ended; without the capability nobody is", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One")), say("Done."));
  rig.model.scriptFor(/^One/, say("1"));
  const session = await rig.session({});
  await session.prompt("Go");
  assert.deepEqual(children(session.editor.wire, session.id), []);
  assert.deepEqual(
    [...new Set(session.editor.wire.fromAgent.flatMap((m) => m.params?.sessionId ?? []))],
    [session.id],
    "no foreign session id appears",
  );
  await session.close();
  const editor = await rig.editor({ capabilities });
  const again = await editor.loadSession(session.id, rig.workspace.root);
  await editor.wire.update("subagent_update");
  const [one] = children(editor.wire, again.id);
  assert.equal(one.title, "One");
  assert.deepEqual(one.state, { state: "idle", stopReason: "end_turn" });
  assert.equal(one.capabilities, undefined);
});
