// What a session has changed, reviewed by hunks: what is listed, what a review makes of it, and that
// neither a restart nor a second editor loses it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { assert, call, calls, choose, say, scenario, scenarios, withFiles } from "./rig.mjs";
import { lines, ofType } from "./rig/log.mjs";
import { run } from "./rig/run.mjs";
import { Watcher } from "./rig/watcher.mjs";

const ours = { _meta: { thole: { version: 1, features: { changes: {} } } } };
const trusting = { capabilities: ours, permission: choose("allow_once") };
const notes = "first line\nsecond line\nthird line\n";

const edit = (path, from, to) => call("edit_file", { path, old_string: from, new_string: to });
const write = (path, content) => call("write_file", { path, content });

const list = async (session) => {
  const { agent } = session.editor;
  return (await agent.request("_thole/changes/list", { sessionId: session.id })).files;
};
const review = (session, params) =>
  session.editor.agent.request("_thole/changes/review", { sessionId: session.id, ...params });
const told = (session) =>
  session.editor.wire.fromAgent
    .filter((m) => m.method === "_thole/changes/changed")
    .map((m) => m.params);
// Id of the event of this type that came last.
const lastOf = (rig, session, type) =>
  lines(rig, session.id)
    .filter(({ event }) => event.type === type)
    .at(-1).id;
const restarted = async (rig, session) => {
  await session.editor.wire.quit();
  const editor = await rig.editor(trusting);
  return editor.loadSession(session.id, rig.workspace.root);
};
const worked = async (rig, ...steps) => {
  rig.model.script(...steps.map((step) => calls(...step)), say("Done."));
  const session = await rig.session(trusting);
  await session.prompt("Work");
  return session;
};

scenarios("an edited and a new file wait for a review, with what was there before", {}, async (rig) => {
  const session = await worked(rig, [edit("notes.txt", "first", "1st")], [write("new.txt", "x\n")]);
  const { features } = session.editor.initialized.agentCapabilities._meta.thole;
  assert.deepEqual(features.changes, {});
  const [notesPath, newPath] = [rig.workspace.path("notes.txt"), rig.workspace.path("new.txt")];
  const files = await list(session);
  const eventId = lastOf(rig, session, "ToolCallCompleted");
  assert.deepEqual(files, [
    { path: newPath, latest: "x\n", eventId },
    {
      path: notesPath,
      baseline: notes,
      latest: notes.replace("first", "1st"),
      eventId: files[1].eventId,
    },
  ]);
  assert.ok(files[1].eventId < eventId);
  const sessionId = session.id;
  assert.deepEqual(told(session), [
    { sessionId, paths: [notesPath] },
    { sessionId, paths: [newPath] },
  ]);
});

scenario("two edits are one change; accepting all of it leaves nothing", {}, async (rig) => {
  const session = await worked(
    rig,
    [edit("notes.txt", "first", "1st")],
    [edit("notes.txt", "third", "3rd")],
  );
  const [file, ...others] = await list(session);
  assert.deepEqual(others, []);
  const latest = "1st line\nsecond line\n3rd line\n";
  assert.deepEqual([file.baseline, file.latest], [notes, latest]);
  const { path, eventId } = file;
  assert.deepEqual(await review(session, { path, eventId, baseline: latest, latest }), {});
  assert.deepEqual(await list(session), []);
  assert.deepEqual(told(session).at(-1), { sessionId: session.id, paths: [path] });
  const [event] = ofType(rig, session.id, "ChangesReviewed");
  assert.deepEqual(event, {
    type: "ChangesReviewed",
    path,
    settled: true,
    event_id: eventId,
  });
  assert.equal(rig.workspace.read("notes.txt"), latest, "the server writes nothing");
});

scenarios("a hunk accepted and one rejected, over a restart, and then a further edit", {}, async (rig) => {
  let session = await worked(
    rig,
    [edit("notes.txt", "first", "1st")],
    [edit("notes.txt", "third", "3rd")],
  );
  const [{ path, eventId }] = await list(session);
  const accepted = "1st line\nsecond line\nthird line\n";
  const latest = "1st line\nsecond line\n3rd line\n";
  await review(session, { path, eventId, baseline: accepted, latest });
  const half = [{ path, baseline: accepted, latest, eventId }];
  assert.deepEqual(await list(session), half, "a review is no change of the session's");
  session = await restarted(rig, session);
  assert.deepEqual(await list(session), half);
  // The client takes the second hunk back in the file and says so; without waiting for the answers.
  rig.workspace.write("notes.txt", accepted);
  await Promise.all([
    review(session, { path, eventId, baseline: accepted, latest }),
    review(session, { path, eventId, baseline: accepted, latest: accepted }),
  ]);
  assert.deepEqual(await list(session), []);
  rig.model.script(calls(edit("notes.txt", "second", "2nd")), say("Done."));
  await session.prompt("More");
  const [again] = await list(session);
  assert.deepEqual(
    [again.baseline, again.latest],
    [accepted, "1st line\n2nd line\nthird line\n"],
  );
});

scenario("what the user edits between two edits of the session is not the session's", {}, async (rig) => {
  rig.model.script(calls(edit("notes.txt", "first", "1st")), say("Done."));
  const session = await rig.session(trusting);
  await session.prompt("Number the first");
  rig.workspace.write("notes.txt", "1st line\nsecond line\nthird line\nmine\n");
  const [before] = await list(session);
  assert.equal(before.latest, notes.replace("first", "1st"), "what the session wrote");
  rig.model.script(
    calls(call("read_file", { path: "notes.txt" })),
    calls(edit("notes.txt", "second", "2nd")),
    say("Done."),
  );
  await session.prompt("And the second");
  const [file] = await list(session);
  assert.deepEqual(
    [file.baseline, file.latest],
    [`${notes}mine\n`, "1st line\n2nd line\nthird line\nmine\n"],
  );
});

scenario("a merge of a sub-agent's work: edited, new, deleted, binary", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  rig.model.script(calls(call("spawn_subagent", { task: "Tidy" })), say("Done."));
  rig.model.scriptFor(
    /^Tidy/,
    calls(edit("notes.txt", "first", "1st"), write("new.txt", "x\n")),
    calls(call("bash", { command: "rm README.md; printf 'a\\0b' > blob.bin" })),
    say("Tidied."),
  );
  let session = await rig.session(trusting);
  await session.prompt("Have it tidied");
  assert.deepEqual(await list(session), [], "what is done in a worktree is not here yet");
  const agentId = ofType(rig, session.id, "ChildSessionSpawned")[0].child_session_id;
  const sessionId = session.id;
  const merged = await session.editor.agent.request("_thole/agents/merge", { sessionId, agentId });
  assert.equal(merged.applied, true);
  const eventId = lastOf(rig, session, "WorktreeMerged");
  const expected = [
    { path: rig.workspace.path("README.md"), baseline: "# Boat\n\nA small boat with two oars.\n", eventId },
    { path: rig.workspace.path("new.txt"), latest: "x\n", eventId },
    {
      path: rig.workspace.path("notes.txt"),
      baseline: notes,
      latest: notes.replace("first", "1st"),
      eventId,
    },
  ];
  assert.deepEqual(await list(session), expected);
  assert.deepEqual(told(session).at(-1).paths.toSorted(), expected.map(({ path }) => path));
  session = await restarted(rig, session);
  assert.deepEqual(await list(session), expected);
  // The deletion is rejected, the new file too.
  const [readme, fresh] = expected;
  rig.workspace.write("README.md", readme.baseline);
  rmSync(fresh.path);
  await review(session, { path: readme.path, eventId, baseline: readme.baseline, latest: readme.baseline });
  await review(session, { path: fresh.path, eventId, baseline: null, latest: null });
  assert.deepEqual(await list(session), [expected[2]]);
});

scenario("a merge that the model makes counts once", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  let merging;
  rig.model.script(calls(call("spawn_subagent", { task: "Tidy" })), say("Done."));
  rig.model.scriptFor(/^Tidy/, calls(edit("notes.txt", "first", "1st")), say("Tidied."));
  const session = await rig.session(trusting);
  await session.prompt("Have it tidied");
  const id = ofType(rig, session.id, "ChildSessionSpawned")[0].child_session_id;
  merging = { toolCalls: [call("merge_subagent", { id })] };
  rig.model.script({ response: () => merging, chunkSize: 16 }, calls(edit("notes.txt", "1st", "One")), say("So."));
  await session.prompt("Merge it");
  const [file] = await list(session);
  assert.deepEqual([file.baseline, file.latest], [notes, notes.replace("first", "One")]);
});

scenario("a stale review, an unknown file or session and wrong params change nothing", {}, async (rig) => {
  rig.model.script(calls(edit("notes.txt", "first", "1st")), say("1."), calls(edit("notes.txt", "third", "3rd")), say("2."));
  const session = await rig.session(trusting);
  await session.prompt("One");
  const [{ path, eventId, baseline, latest }] = await list(session);
  await session.prompt("Two");
  const now = await list(session);
  const refused = (params, message) =>
    assert.rejects(review(session, params), { code: -32602, message });
  await refused({ path, eventId, baseline: latest, latest }, /has changed it again \(change \d+\)/);
  const good = { path, eventId: now[0].eventId, baseline, latest };
  await refused({ ...good, path: rig.workspace.path("README.md") }, /no change of '.*README.md' waits/);
  await refused({ ...good, path: undefined }, /params\.path/);
  await refused({ ...good, eventId: undefined }, /params\.eventId/);
  await refused({ ...good, eventId: 0 }, /params\.eventId/);
  await refused({ ...good, latest: 7 }, /params\.latest: expected a string/);
  const nobody = { code: -32002 };
  await assert.rejects(review(session, { ...good, sessionId: "20260101-0000-none" }), nobody);
  await assert.rejects(
    session.editor.agent.request("_thole/changes/list", { sessionId: "20260101-0000-none" }),
    nobody,
  );
  assert.deepEqual(await list(session), now);
  assert.deepEqual(ofType(rig, session.id, "ChangesReviewed"), []);
});

scenario("long texts lie in blobs; longer ones than anybody reviews are left out", {}, async (rig) => {
  const lines = (count) => Array.from({ length: count }, (_, i) => `stroke ${i}\n`).join("");
  const [long, huge] = [lines(30_000), lines(120_000)]; // 400 KB, 1.7 MB
  rig.workspace.write("long.txt", long);
  rig.workspace.write("huge.txt", huge);
  let session = await worked(
    rig,
    [edit("long.txt", "stroke 77\n", "STROKE 77\n"), edit("huge.txt", "stroke 77\n", "STROKE 77\n")],
  );
  const files = await list(session);
  const changed = long.replace("stroke 77\n", "STROKE 77\n");
  assert.deepEqual(
    files.map(({ path, baseline, latest }) => [path, baseline === long, latest === changed]),
    [[rig.workspace.path("long.txt"), true, true]],
  );
  assert.match(rig.workspace.read("huge.txt"), /STROKE 77/);
  session = await restarted(rig, session);
  assert.deepEqual(await list(session), files);
  const { path, eventId } = files[0];
  const half = changed.replace("stroke 5\n", "five\n");
  await review(session, { path, eventId, baseline: half, latest: changed });
  session = await restarted(rig, session);
  assert.deepEqual(await list(session), [{ path, eventId, baseline: half, latest: changed }]);
  const events = ofType(rig, session.id, "ChangesReviewed");
  assert.ok(events[0].baseline.$blob, "not in the line");
});

scenario("a blob that is gone is told of and takes its file from the list", {}, async (rig) => {
  const long = "x".repeat(40_000);
  rig.workspace.write("long.txt", `${long}\na\n`);
  let session = await worked(rig, [edit("long.txt", "\na\n", "\nb\n"), edit("notes.txt", "first", "1st")]);
  assert.equal((await list(session)).length, 2);
  await session.editor.wire.quit();
  rmSync(rig.workspace.path(`.thole/sessions/${session.id}.blobs`), { recursive: true });
  mkdirSync(rig.workspace.path(`.thole/sessions/${session.id}.blobs`), { mode: 0o700 });
  const editor = await rig.editor(trusting);
  session = await editor.loadSession(session.id, rig.workspace.root);
  assert.deepEqual(
    (await list(session)).map(({ path }) => path),
    [rig.workspace.path("notes.txt")],
  );
});

// Put together here, so that no file of the project holds one.
const secret = (n) => `ghp_${"9aB3dE6gH1jK4mN7pQ0sT2vW5yZ8cF".repeat(2).slice(n, n + 36)}`;

scenario("secrets come back from the file itself; one that is gone is said to be", {}, async (rig) => {
  const config = `token = ${secret(0)}\nname = boat\n`;
  rig.workspace.write("config", config);
  rig.workspace.write("gone", `${secret(3)}\nname = boat\n`);
  const session = await worked(
    rig,
    [edit("config", "boat", "ship")],
    [call("read_file", { path: "gone" }), write("gone", "name = boat\n")],
  );
  const files = await list(session);
  assert.deepEqual(
    files.map(({ baseline, latest, redacted }) => [baseline, latest, redacted]),
    [
      [config, config.replace("boat", "ship"), undefined],
      ["[redacted github-token]\nname = boat\n", "name = boat\n", true],
    ],
  );
  const inLog = rig.workspace.read(`.thole/sessions/${session.id}.events.jsonl`);
  assert.ok(!inLog.includes(secret(0)) && !inLog.includes(secret(3)));
});

scenario("through the editor's buffers, where the user types on", {}, async (rig) => {
  const path = rig.workspace.path("notes.txt");
  const buffers = new Map([[path, "unsaved line\nsecond line\n"]]);
  rig.model.script(calls(edit("notes.txt", "second", "2nd")), say("1."), calls(edit("notes.txt", "2nd", "Two")), say("2."));
  const session = await rig.session({
    capabilities: { ...withFiles, ...ours },
    permission: choose("allow_once"),
    buffers,
  });
  await session.prompt("One");
  buffers.set(path, "unsaved words\n2nd line\n");
  await session.prompt("Two");
  const [file] = await list(session);
  assert.deepEqual(
    [file.baseline, file.latest],
    ["unsaved words\nsecond line\n", "unsaved words\nTwo line\n"],
  );
});

scenario("a client that does not say that it reviews is told nothing", {}, async (rig) => {
  rig.model.script(calls(edit("notes.txt", "first", "1st")), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Work");
  assert.deepEqual(told(session), []);
  assert.equal((await list(session)).length, 1, "but it may ask");
});

scenario("over the socket, and seen by an attached editor", { finish: false }, async (rig) => {
  const session = await worked(rig, [edit("notes.txt", "first", "1st")]);
  const [{ path, eventId, latest }] = await list(session);
  const other = await rig.editor(trusting);
  const attached = await other.loadSession(session.id, rig.workspace.root);
  assert.deepEqual(await list(attached), await list(session));
  await assert.rejects(review(attached, { path, eventId: 1, latest }), { code: -32602 });
  const watcher = new Watcher(rig, session.id);
  await watcher.connect();
  watcher.send({ type: "ReviewChanges", path, event_id: 1, latest, request_id: 1 });
  const nack = await watcher.other((m) => m.request_id === 1);
  assert.deepEqual([nack.type, nack.code], ["Nack", "invalid_argument"]);
  await review(attached, { path, eventId, baseline: latest, latest });
  await watcher.event((event) => event.type === "ChangesReviewed");
  await session.editor.wire.until((m) => told(session).length === 2);
  assert.deepEqual(await list(session), []);
  watcher.socket.destroy();
  await other.wire.quit();
  await session.editor.wire.quit();
});

scenario("what headless runs changed waits as well", {}, async (rig) => {
  rig.model.script(calls(edit("notes.txt", "first", "1st")), say("Done."));
  const done = await run(rig, ["run", "--prompt", "Work", "--permission-mode", "accept-edits", "--json"]);
  assert.equal(done.code, 0, done.stderr);
  const id = JSON.parse(done.stdout).session_id;
  writeFileSync(rig.workspace.path("notes.txt"), `${notes.replace("first", "1st")}mine\n`);
  const editor = await rig.editor(trusting);
  const session = await editor.loadSession(id, rig.workspace.root);
  const [file] = await list(session);
  assert.deepEqual([file.baseline, file.latest], [notes, notes.replace("first", "1st")]);
});
