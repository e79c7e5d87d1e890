// Sessions that outlive their editor, and editors that join a running one.
import {
  assert,
  call,
  calls,
  choose,
  hang,
  neverAnswer,
  say,
  scenario,
  scenarios,
  sayThenCall,
} from "./rig.mjs";
import { events, lines } from "./rig/log.mjs";
import { run } from "./rig/run.mjs";
import { Watcher } from "./rig/watcher.mjs";

const edit = (from, to) =>
  calls(call("edit_file", { path: "src/oar.c", old_string: from, new_string: to }));

const isPermission = (message) => message.method === "session/request_permission";

const types = (rig, id) => events(rig, id).map((event) => event.type);

// An editor that is gone for good: killed hard, its pipes broken.
const vanish = (editor) => {
  editor.wire.child.stdin.destroy();
  editor.wire.child.stdout.destroy();
  editor.wire.child.stderr.destroy();
};

scenarios("a turn finishes when its editor has gone", { finish: false }, async (rig) => {
  rig.model.script(
    sayThenCall("Rowing. ", call("bash", { command: "sleep 0.4; echo rowed > rowed.txt" })),
    say("Rowed to the other side."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  session.prompt("Row").catch(() => {});
  await session.editor.wire.update("tool_call_update", (u) => u.status === "in_progress");
  vanish(session.editor);
  assert.equal((await session.editor.wire.exit).code, 0);
  assert.equal(rig.workspace.read("rowed.txt"), "rowed\n");
  const all = events(rig, session.id);
  const answer = all.filter((e) => e.type === "MessageReceived" && e.role === "assistant").at(-1);
  assert.equal(answer.content, "Rowed to the other side.");
  assert.deepEqual(all.at(-1), { type: "SessionEnded", reason: "completed" });
});

scenario(
  "with on_disconnect cancel a turn ends with its editor",
  { finish: false },
  async (rig) => {
    rig.workspace.configure('[session]\non_disconnect = "cancel"\n');
    rig.model.script(hang("Row, row, row your boat gently down the stream", 3));
    const session = await rig.session();
    session.prompt("Row").catch(() => {});
    await session.editor.wire.update("agent_message_chunk");
    vanish(session.editor);
    assert.equal((await session.editor.wire.exit).code, 0);
    const ends = lines(rig, session.id).filter((l) => l.event.type === "BusyStateChanged");
    assert.equal(ends.at(-1).event.stop_reason, "cancelled");
  },
);

scenarios(
  "a new editor attaches to the running turn of one that has gone, and takes over its approval",
  { finish: false },
  async (rig) => {
    rig.model.script(edit("28", "30"), say("Faster now."));
    const first = await rig.session({ permission: neverAnswer });
    first.prompt("Row faster").catch(() => {});
    await first.editor.wire.until(isPermission);
    vanish(first.editor);

    const editor = await rig.editor({ permission: choose("allow_once") });
    const second = await editor.loadSession(first.id, rig.workspace.root);
    await editor.wire.update("agent_message_chunk", (u) => /now/.test(u.content.text));
    assert.equal((await first.editor.wire.exit).code, 0);
    assert.equal(editor.permissions.length, 1);
    assert.ok(rig.workspace.read("src/oar.c").includes("30"));
    assert.equal(second.text("user_message_chunk"), "Row faster");
    assert.equal(second.text(), "Faster now.");
    const [edited] = second.calls();
    assert.equal(edited.status, "completed");

    // The first process has let go: the second one runs what comes now.
    rig.model.script(say("Still here."));
    assert.equal((await second.prompt("Are you there?")).stopReason, "end_turn");
    assert.match(second.text(), /Still here\.$/);
    assert.equal(types(rig, first.id).filter((t) => t === "SessionStarted").length, 2);
    await editor.wire.quit();
  },
);

scenario("an editor that comes to a running turn can cancel it", { finish: false }, async (rig) => {
  rig.model.script(hang("Rowing, and rowing"));
  const first = await rig.session();
  const running = first.prompt("Row");
  await first.editor.wire.update("agent_message_chunk");
  const other = await rig.editor();
  await other.loadSession(first.id, rig.workspace.root);
  other.wire.notify("session/cancel", { sessionId: first.id });
  assert.equal((await running).stopReason, "cancelled");
  rig.model.script(say("Rested."));
  assert.equal((await first.prompt("And now?")).stopReason, "end_turn");
  await other.wire.quit();
});

// The turn of the other editor shows outside a turn of one's own, which the rules of rig.finish()
// do not allow for what an editor has asked for itself.
scenario("two editors on one session see the same, and the first answer counts", { finish: false }, async (rig) => {
  rig.model.script(edit("28", "30"), say("Faster now."), say("And back."));
  const first = await rig.session({ permission: neverAnswer });
  const running = first.prompt("Row faster");
  await first.editor.wire.until(isPermission);
  const other = await rig.editor({ permission: choose("allow_once") });
  const second = await other.loadSession(first.id, rig.workspace.root);
  assert.equal((await running).stopReason, "end_turn");
  assert.equal(other.permissions.length, 1);
  assert.equal(first.editor.permissions.length, 1);
  await other.wire.update("agent_message_chunk", (u) => /now/.test(u.content.text));

  assert.equal((await second.prompt("Back again")).stopReason, "end_turn");
  await first.editor.wire.update("agent_message_chunk", (u) => /back/.test(u.content.text));
  assert.equal(first.text(), "Faster now.And back.");
  assert.equal(second.text(), "Faster now.And back.");
  assert.equal(first.text("user_message_chunk"), "Back again");
  assert.equal(types(rig, first.id).filter((t) => t === "SessionStarted").length, 1);
  await other.wire.quit();
  await first.editor.wire.quit();
});

scenario("a client that asks for it is told of turns that others begin and end", { finish: false }, async (rig) => {
  const busy = { _meta: { thole: { version: 1, features: { busy: {} } } } };
  const isBusy = ({ sessionUpdate, _meta }) =>
    sessionUpdate === "session_info_update" ? _meta?.thole?.busy : undefined;
  rig.model.script(calls(call("bash", { command: "true" })), say("Rowed."), say("And back."));
  const first = await rig.session({ permission: neverAnswer });
  const running = first.prompt("Row");
  await first.editor.wire.until(isPermission);
  const other = await rig.editor({ capabilities: busy, permission: choose("allow_once") });
  await other.loadSession(first.id, rig.workspace.root);
  await other.wire.update("session_info_update", (u) => isBusy(u) === true);
  await running;
  await other.wire.update("session_info_update", (u) => isBusy(u) === false);
  const seen = other.wire.records.length;
  await first.prompt("Back again");
  await other.wire.update("session_info_update", (u) => isBusy(u) === true, seen);
  assert.equal(first.updates().some((u) => isBusy(u) !== undefined), false, "it did not ask");
  await other.wire.quit();
  await first.editor.wire.quit();
});

scenarios(
  "an approval that waited when its process was killed waits again, and its turn goes on",
  { finish: false },
  async (rig) => {
    rig.model.script(edit("28", "30"), say("Faster now."));
    const first = await rig.session({ permission: neverAnswer });
    first.prompt("Row faster").catch(() => {});
    await first.editor.wire.until(isPermission);
    await first.editor.wire.kill();

    const editor = await rig.editor({ permission: choose("allow_once") });
    const second = await editor.loadSession(first.id, rig.workspace.root);
    await editor.wire.update("agent_message_chunk", (u) => /now/.test(u.content.text));
    assert.equal(editor.permissions.length, 1);
    assert.ok(rig.workspace.read("src/oar.c").includes("30"));
    assert.equal(types(rig, second.id).filter((t) => t === "ApprovalRequested").length, 1);
    rig.model.script(say("Yes."));
    assert.equal((await second.prompt("Done?")).stopReason, "end_turn");
    await editor.wire.quit();
  },
);

scenarios(
  "a process that is killed in a tool leaves a session whose next request is valid",
  { finish: false },
  async (rig) => {
    rig.model.script(
      sayThenCall("Rowing. ", call("bash", { command: "sleep 30" }), call("read_file", { path: "notes.txt" })),
    );
    const first = await rig.session({ permission: choose("allow_once") });
    first.prompt("Row").catch(() => {});
    await first.editor.wire.update("tool_call_update", (u) => u.status === "in_progress");
    await first.editor.wire.kill();
    const listed = JSON.parse((await run(rig, ["sessions", "--json"])).stdout).sessions;
    assert.deepEqual([listed[0].id, listed[0].status], [first.id, "failed"]);

    const editor = await rig.editor();
    const second = await editor.loadSession(first.id, rig.workspace.root);
    rig.model.script(say("I was interrupted."));
    assert.equal((await second.prompt("What happened?")).stopReason, "end_turn");
    const request = rig.model.lastRequest;
    assert.match(JSON.stringify(request.messages), /interrupted/);
    await editor.wire.quit();
  },
);

scenarios("an editor that comes after its attached process died goes on by itself", { finish: false }, async (rig) => {
  rig.model.script(hang("Row, row, row your boat gently down the stream", 3), say("Here I am."));
  const first = await rig.session();
  first.prompt("Row").catch(() => {});
  await first.editor.wire.update("agent_message_chunk");
  const editor = await rig.editor();
  const second = await editor.loadSession(first.id, rig.workspace.root);
  await first.editor.wire.kill();
  assert.equal((await second.prompt("Where are you?")).stopReason, "end_turn");
  assert.match(second.text(), /Here I am\.$/);
  await editor.wire.quit();
});

scenario("an approval that nobody answers in time is denied, and says why", {}, async (rig) => {
  rig.workspace.configure('[approval]\ntimeout = "1s"\n');
  rig.model.script(edit("28", "30"), say("Not allowed."));
  const session = await rig.session({ permission: neverAnswer });
  assert.equal((await session.prompt("Row faster")).stopReason, "end_turn");
  const resolved = events(rig, session.id).find((event) => event.type === "ApprovalResolved");
  assert.deepEqual([resolved.decision, resolved.by], ["deny", "policy"]);
  assert.equal(resolved.reason, "nobody answered within 1 seconds");
  assert.ok(rig.workspace.read("src/oar.c").includes("28"));
});

scenario("a search finds sessions by what was said and done in them", {}, async (rig) => {
  rig.model.script(
    calls(call("read_file", { path: "notes.txt" })),
    say("The harbour is closed today."),
    say("Nothing to see."),
  );
  const first = await rig.session();
  await first.prompt("Read my notes about Zanzibar");
  const second = await first.editor.newSession(rig.workspace.root);
  await second.prompt("And this?");
  const search = async (words) => {
    const params = { text: words, cwd: rig.workspace.root };
    const { sessions } = await first.editor.agent.request("_thole/sessions/search", params);
    return sessions;
  };
  for (const words of ["zanzibar", "harbour closed", "second line", "notes.txt", first.id]) {
    const found = await search(words);
    assert.deepEqual(found.map((s) => s.sessionId), [first.id], words);
  }
  const [hit] = (await search("zanzi"))[0]._meta.thole.hits;
  assert.equal(hit.kind, "prompt");
  assert.match(hit.snippet, /notes about Zanzibar/);
  assert.deepEqual(await search("nowhere-to-be-found"), []);
  const listed = JSON.parse((await run(rig, ["sessions", "--search", "harbour", "--json"])).stdout);
  assert.deepEqual(listed.sessions.map((s) => s.id), [first.id]);
});

scenario("a session that was shut down over its socket can be opened again", {}, async (rig) => {
  rig.model.script(say("Rowing."), say("Rowing again."));
  const session = await rig.session();
  await session.prompt("Row");
  const watcher = new Watcher(rig, session.id);
  await watcher.connect();
  watcher.send({ type: "Shutdown", request_id: 1 });
  assert.equal((await watcher.other((line) => line.request_id === 1)).type, "Ack");
  await watcher.closed;
  assert.equal(JSON.parse(watcher.lines.at(-1)).event.type, "SessionEnded");
  const again = await session.editor.loadSession(session.id, rig.workspace.root);
  assert.equal((await again.prompt("And again")).stopReason, "end_turn");
  assert.match(again.text(), /Rowing again\.$/);
});
