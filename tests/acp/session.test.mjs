// Sessions across processes: load, resume, list, close, delete.
import {
  assert,
  call,
  calls,
  choose,
  hang,
  say,
  sayThenCall,
  scenario,
  scenarios,
  think,
} from "./rig.mjs";

const outline = (updates) => {
  const lines = updates
    .filter((u) => /_chunk$|^tool_call$/.test(u.sessionUpdate))
    .map((u) => `${u.sessionUpdate} ${u.messageId ?? u.toolCallId}`);
  return lines.filter((line, i) => line !== lines[i - 1]);
};

// One turn with thinking, text, a read, an edit and a task list.
async function richTurn(rig) {
  rig.model.script(
    think("First I look.", "Looking."),
    sayThenCall("I read.", call("read_file", { path: "notes.txt" })),
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    calls(
      call("update_tasks", {
        tasks: [{ id: "1", content: "Count", status: "in_progress", priority: "high" }],
      }),
    ),
    say("Edited."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Think");
  await session.prompt("Edit the notes");
  return session;
}

scenarios("40, 41, 42: load after exit replays the session with its ids", {}, async (rig) => {
  const live = await richTurn(rig);
  await live.editor.wire.quit();

  const editor = await rig.editor();
  const loaded = await editor.loadSession(live.id, rig.workspace.root);
  const response = editor.wire.fromAgent.findIndex((m) => m.result?.modes && m.id !== 0);
  const replayed = editor.wire.fromAgent.slice(0, response).filter((m) => m.method);
  assert.ok(
    replayed.every((m) => m.method === "session/update"),
    "41: no requests",
  );

  const updates = replayed.map((m) => m.params.update);
  const withoutUser = updates.filter((u) => u.sessionUpdate !== "user_message_chunk");
  assert.deepEqual(outline(withoutUser), outline(live.updates()));
  const users = updates.filter((u) => u.sessionUpdate === "user_message_chunk");
  assert.deepEqual(
    users.map((u) => u.content.text),
    ["Think", "Edit the notes"],
  );
  assert.equal(
    updates.findIndex((u) => u.sessionUpdate === "user_message_chunk"),
    firstSpoken(updates),
  );

  assert.equal(loaded.text(), live.text());
  assert.equal(loaded.text("agent_thought_chunk"), live.text("agent_thought_chunk"));
  const shape = ({ toolCallId, title, kind, status }) => ({ toolCallId, title, kind, status });
  assert.deepEqual(loaded.calls().map(shape), live.calls().map(shape));
  assert.deepEqual(
    updates
      .filter((u) => u.sessionUpdate === "plan")
      .at(-1)
      .entries.map((e) => e.content),
    ["Count"],
  );
  const diff = loaded.calls()[1].content.find((c) => c.type === "diff");
  assert.equal(diff.path, rig.workspace.path("notes.txt"), "diffs are replayed as diffs");
});

const firstSpoken = (updates) =>
  updates.findIndex((u) => /_chunk$|^tool_call/.test(u.sessionUpdate));

scenarios("a loaded session goes on with its whole context", {}, async (rig) => {
  const live = await richTurn(rig);
  await live.editor.wire.quit();
  rig.model.script(
    say("As I said."),
    calls(call("read_file", { path: "notes.txt" })),
    say("Read."),
  );
  const editor = await rig.editor();
  const loaded = await editor.loadSession(live.id, rig.workspace.root);
  assert.equal((await loaded.prompt("What did you do?")).stopReason, "end_turn");
  const sent = JSON.stringify(rig.model.lastRequest.messages);
  assert.match(sent, /Edit the notes.*Edited\..*What did you do\?/s);
  await loaded.prompt("Read it again");
  const ids = loaded.calls().map((c) => c.toolCallId);
  assert.equal(new Set(ids).size, 4, "84: tool ids stay unique after a load");
});

scenarios("44: resume tells nothing before its answer and keeps the context", {}, async (rig) => {
  const live = await richTurn(rig);
  await live.editor.wire.quit();
  rig.model.script(say("As I said."));
  const editor = await rig.editor();
  const resumed = await editor.resumeSession(live.id, rig.workspace.root);
  assert.deepEqual(outline(resumed.updates()), []);
  assert.equal(resumed.modes.currentModeId, "default");
  await resumed.prompt("What did you do?");
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /Edited\..*What did you do\?/s);
});

scenario("a session that never had a prompt can be resumed by a new process", {}, async (rig) => {
  const empty = await rig.session();
  await empty.editor.wire.quit();
  rig.model.script(say("Hello."));
  const editor = await rig.editor();
  const resumed = await editor.resumeSession(empty.id, rig.workspace.root);
  assert.equal((await resumed.prompt("Hello")).stopReason, "end_turn");
});

scenario("a mode that was set is there again after load", {}, async (rig) => {
  rig.model.script(say("Hello."));
  const live = await rig.session();
  await live.setMode("accept-edits");
  await live.prompt("Hello");
  await live.editor.wire.quit();
  const editor = await rig.editor();
  const loaded = await editor.loadSession(live.id, rig.workspace.root);
  assert.equal(loaded.modes.currentModeId, "accept-edits");
  assert.equal(loaded.configOptions.find((o) => o.id === "mode").currentValue, "accept-edits");
});

scenario("loading a session that is open on this connection re-attaches to it", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  const live = await rig.session();
  await live.prompt("One?");
  const again = await live.editor.loadSession(live.id, rig.workspace.root);
  assert.equal((await again.prompt("Two?")).stopReason, "end_turn");
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /One\?.*One\..*Two\?/s);
});

scenario(
  "a turn whose process was killed is replayed with its calls ended",
  { finish: false },
  async (rig) => {
    rig.model.script(calls(call("bash", { command: "sleep 600" })), say("Alive."));
    const live = await rig.session({ permission: choose("allow_once") });
    live.prompt("Sleep").catch(() => {});
    await live.editor.wire.update("tool_call_update", (u) => u.status === "in_progress");
    await live.editor.wire.kill();

    const editor = await rig.editor();
    const loaded = await editor.loadSession(live.id, rig.workspace.root);
    assert.deepEqual(
      loaded.calls().map((c) => c.status),
      ["failed"],
    );
    assert.equal((await loaded.prompt("Are you there?")).stopReason, "end_turn");
    assert.equal(rig.model.toolResults.length, 1, "the interrupted call has a result");
  },
);

scenario("46, 48: list shows sessions newest first, by exact cwd", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  const editor = await rig.editor();
  const first = await editor.newSession(rig.workspace.root);
  await first.prompt("The first");
  const second = await editor.newSession(rig.workspace.root);
  await second.prompt("The second");
  const ids = async (params) =>
    (await editor.listSessions(params)).sessions.map((s) => s.sessionId);
  assert.deepEqual(await ids({ cwd: rig.workspace.root }), [second.id, first.id]);
  assert.deepEqual(await ids({ cwd: `${rig.workspace.root}/` }), [second.id, first.id]);
  assert.deepEqual(await ids({ cwd: rig.workspace.path("src") }), []);
  assert.deepEqual(await ids({ cwd: rig.workspace.home }), []);
  for (const info of (await editor.listSessions({ cwd: rig.workspace.root })).sessions) {
    assert.match(info.updatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.equal(info.cwd, rig.workspace.root);
    assert.ok(info.title);
  }
});

scenario("sessions without a prompt are kept out of the list", {}, async (rig) => {
  const empty = await rig.session();
  const { sessions } = await empty.editor.listSessions({ cwd: rig.workspace.root });
  assert.deepEqual(sessions, []);
});

scenario(
  "50: close during a turn cancels it, and the session can be loaded again",
  {},
  async (rig) => {
    rig.model.script(hang("Once upon a time there was a boat", 4));
    const { wire, sessionId } = await rig.rawSession();
    const prompt = [{ type: "text", text: "Tell" }];
    const turn = wire.request("session/prompt", { sessionId, prompt });
    await wire.update("agent_message_chunk");
    const closed = wire.request("session/close", { sessionId });
    assert.deepEqual((await turn).result, { stopReason: "cancelled" });
    assert.deepEqual((await closed).result, {});
    const order = wire.fromAgent.filter((m) => m.result?.stopReason || isEmpty(m.result));
    assert.deepEqual(
      order.map((m) => m.result),
      [{ stopReason: "cancelled" }, {}],
    );
    const refused = await wire.request("session/prompt", { sessionId, prompt });
    assert.equal(refused.error.code, -32002);
    const loaded = await wire.request("session/load", {
      sessionId,
      cwd: rig.workspace.root,
      mcpServers: [],
    });
    assert.ok(loaded.result.modes);
  },
);

const isEmpty = (value) => value && typeof value === "object" && Object.keys(value).length === 0;

scenario("52: delete removes the session from the list, twice", {}, async (rig) => {
  rig.model.script(say("One."), hang("Once upon a time there was a boat", 4));
  const editor = await rig.editor();
  const done = await editor.newSession(rig.workspace.root);
  await done.prompt("One");
  await done.delete();
  await done.delete();
  assert.deepEqual((await editor.listSessions({ cwd: rig.workspace.root })).sessions, []);
  await assert.rejects(editor.loadSession(done.id, rig.workspace.root), { code: -32002 });

  const active = await editor.newSession(rig.workspace.root);
  const turn = active.prompt("Tell");
  await editor.wire.update("agent_message_chunk", (u) => u.content.text.startsWith("Once"));
  await active.delete();
  assert.equal((await turn).stopReason, "cancelled");
  assert.deepEqual((await editor.listSessions({ cwd: rig.workspace.root })).sessions, []);
});

scenario(
  "two processes: the second may not write to an open session",
  { quiet: false },
  async (rig) => {
    rig.model.script(say("One."));
    const live = await rig.session();
    await live.prompt("One");
    const second = await rig.editor();
    const outcome = await second.loadSession(live.id, rig.workspace.root).then(
      () => "loaded",
      (error) => error,
    );
    if (outcome === "loaded") return; // attached to the owner: as good
    assert.match(outcome.message, /another|owned|open|in use/i);
  },
);
