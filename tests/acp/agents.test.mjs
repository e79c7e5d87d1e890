// Sub-agents: several hands, each in a worktree of its own, and the user's files as they were until
// somebody merges.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { bash, childrenOf, edit, git, inMode, ofType, spawn, told } from "./rig/agents.mjs";
import { run } from "./rig/run.mjs";

// Everything of the user's that nobody may touch.
const mine = (rig) => ({
  head: git(rig, "rev-parse", "HEAD"),
  status: git(rig, "status", "--porcelain", "--untracked-files=all", "--", ".", ":!.thole"),
  index: readFileSync(join(rig.workspace.root, ".git/index")).toString("hex"),
  stash: git(rig, "stash", "list"),
  branch: git(rig, "branch", "--show-current"),
  notes: rig.workspace.read("notes.txt"),
});

scenarios("a sub-agent works on what the user sees, and its work is merged", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.workspace.write("notes.txt", "first line\nchanged by the user\nthird line\n");
  rig.workspace.write("new.txt", "untracked\n");
  const before = mine(rig);
  let merging;
  rig.model.script(
    calls(spawn("Number the notes", { focus_files: ["notes.txt"] })),
    say("It is done."),
    { response: () => merging, chunkSize: 16 },
    say("Merged."),
  );
  rig.model.scriptFor(
    /^Number the notes/,
    calls(call("read_file", { path: "notes.txt" }), call("read_file", { path: "new.txt" })),
    edit("notes.txt", "first", "1st"),
    say("Numbered the first line."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Have the notes numbered");
  assert.deepEqual(mine(rig), before, "nothing of the user's has changed");
  const [report] = told(rig, session.id, "spawn_subagent");
  assert.match(report, /completed\]\nNumbered the first line\.[\s\S]*branch thole\/\S+ \(\+1 -1\)[\s\S]*- notes\.txt/);
  const [child] = childrenOf(rig, session.id);
  const [started] = ofType(rig, child, "SessionStarted");
  assert.equal(started.parent_session_id, session.id);
  assert.equal(started.spawn_reason, "Number the notes");
  assert.match(started.inherited_summary, /Have the notes numbered/);
  assert.equal(started.mode, "accept-edits");
  assert.match(told(rig, child, "read_file").join(), /changed by the user[\s\S]*untracked/);
  assert.match(git(rig, "log", "-1", "--format=%B", `thole/${child}`), /^Number the notes\n/);

  merging = { toolCalls: [call("merge_subagent", { id: child })] };
  await session.prompt("Merge it");
  assert.equal(rig.workspace.read("notes.txt"), "1st line\nchanged by the user\nthird line\n");
  const after = mine(rig);
  assert.deepEqual(
    { ...after, notes: "", status: "" },
    { ...before, notes: "", status: "" },
    "index, HEAD, branch and stash as before",
  );
  const [merged] = ofType(rig, session.id, "WorktreeMerged");
  assert.deepEqual([merged.result, merged.files], ["changes", ["notes.txt"]]);
  const shown = await run(rig, ["agents", session.id]);
  assert.match(shown.stdout, new RegExp(`${child}.*merged`));
});

scenario("several calls of one reply run side by side, the rest queue", {}, async (rig) => {
  rig.workspace.configure(`${inMode("bypass-permissions")}[subagents]\nmax_parallel = 2\n`);
  const meet = (name, other) =>
    `touch ../${name}; for i in $(seq 200); do [ -e ../${other} ] && exit 0; sleep 0.05; done; exit 1`;
  rig.model.script(calls(spawn("Task A"), spawn("Task B"), spawn("Task C")), say("All done."));
  rig.model.scriptFor(/^Task A/, bash(meet("a", "b")), say("A"));
  rig.model.scriptFor(/^Task B/, bash(meet("b", "a")), say("B"));
  rig.model.scriptFor(/^Task C/, bash("ls .."), say("C"));
  const session = await rig.session({});
  await session.prompt("Go");
  const done = ofType(rig, session.id, "ChildSessionCompleted");
  assert.deepEqual(done.map((event) => event.status), ["completed", "completed", "completed"]);
  const queued = ofType(rig, session.id, "ChildSessionActivity").filter((e) => e.status === "queued");
  assert.equal(queued.length, 1);
  for (const child of childrenOf(rig, session.id)) {
    assert.match(told(rig, child, "bash").join(), /exit code 0/);
  }
  assert.equal(git(rig, "branch", "--list", "thole/*"), "", "what changed nothing leaves nothing");
});

scenario("two that change the same file: the second merge shows it and loses nothing", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  rig.model.scriptFor(/^Two/, edit("notes.txt", "second line", "zweite Zeile"), say("2"));
  const session = await rig.session({});
  await session.prompt("Go");
  const [one, two] = childrenOf(rig, session.id);
  const first = await run(rig, ["agents", session.id, "--merge", one]);
  assert.equal(first.code, 0, first.stderr);
  const second = await run(rig, ["agents", session.id, "--merge", two]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /conflict[\s\S]*zweite Zeile/);
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
  assert.match(git(rig, "show", `thole/${two}:notes.txt`), /zweite Zeile/);
  const gone = await run(rig, ["agents", session.id, "--discard", two]);
  assert.match(gone.stdout, new RegExp(`refs/thole/rescue/${two}`));
  assert.match(git(rig, "show", `refs/thole/rescue/${two}:notes.txt`), /zweite Zeile/);
  git(rig, "fsck", "--strict");
});

scenario("a sub-agent has no more rights than the session that started it", {}, async (rig) => {
  rig.model.script(calls(spawn("Write")), say("Done."));
  rig.model.scriptFor(
    /^Write/,
    calls(call("write_file", { path: "x", content: "x" })),
    calls(call("write_session_plan", { content: "x" })),
    say("I could not."),
  );
  const { code, stdout } = await run(rig, ["run", "-p", "Go", "--json"]);
  assert.equal(code, 0);
  const id = JSON.parse(stdout).session_id;
  const [child] = childrenOf(rig, id);
  assert.match(told(rig, child, "write_file")[0], /denied.*nobody can be asked/s);
  assert.match(told(rig, child, "write_session_plan")[0], /has no tool/);
});

scenario("in plan mode a sub-agent only reads, and no worktree is made", {}, async (rig) => {
  rig.model.script(calls(spawn("Look")), say("Seen."));
  rig.model.scriptFor(
    /^Look/,
    calls(call("write_file", { path: "x", content: "x" }), call("read_file", { path: "notes.txt" })),
    say("Looked."),
  );
  const session = await rig.session({});
  await session.setMode("plan");
  await session.prompt("Go");
  const [child] = childrenOf(rig, session.id);
  assert.match(told(rig, child, "write_file")[0], /mode plan refuses/);
  assert.match(told(rig, child, "read_file")[0], /first line/);
  assert.ok(!existsSync(join(rig.env.XDG_STATE_HOME, "thole/worktrees")));
});

scenario("where no worktree can be made the call fails, and nothing runs", {}, async (rig) => {
  rig.workspace.configure(`${inMode("bypass-permissions")}[worktrees]\ndirectory = "/proc/nowhere"\n`);
  rig.model.script(calls(spawn("Write")), say("Failed."));
  rig.model.scriptFor(/^Write/, bash("touch here"), say("Never."));
  const session = await rig.session({});
  await session.prompt("Go");
  assert.match(told(rig, session.id, "spawn_subagent")[0], /failed\]\ncannot make worktree/);
  assert.ok(!rig.workspace.has("here"));
  assert.equal(rig.model.requests.length, 2);
});

scenario("background work reports when it is done, headless too", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(
    calls(spawn("Slow", { background: true })),
    say("Started."),
    say("It says it was slow."),
  );
  rig.model.scriptFor(/^Slow/, bash("sleep 0.3; echo slow > slow.txt"), say("That was slow."));
  const { code, stdout, stderr } = await run(rig, ["run", "-p", "Go", "--json"]);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).answer, "It says it was slow.");
  const last = JSON.stringify(rig.model.requests.at(-1).messages);
  assert.match(last, /has ended: completed[\s\S]*That was slow\.[\s\S]*changed: slow\.txt/);
});

scenario("wait, message and cancel", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  let reply;
  rig.model.script(
    calls(spawn("Sleep", { background: true })),
    bash("until [ -e go ]; do sleep 0.02; done"),
    { response: () => reply, chunkSize: 16 },
    say("Cancelled."),
  );
  rig.model.scriptFor(/^Sleep/, bash("echo half > half.txt; sleep 60"), say("Never."));
  const session = await rig.session({});
  const turn = session.prompt("Go");
  const says = (u) => /works in the background/.test(u.rawOutput?.output ?? "");
  await session.editor.wire.update("tool_call_update", says);
  const [child] = childrenOf(rig, session.id);
  reply = {
    toolCalls: [
      call("message_subagent", { id: child, text: "Hurry" }),
      call("message_subagent", { id: "nobody", text: "Hurry" }),
      call("cancel_subagent", { id: child }),
    ],
  };
  rig.workspace.write("go", "");
  await turn;
  const [, nobody] = told(rig, session.id, "message_subagent");
  assert.match(nobody, /there is no sub-agent 'nobody'; there are /);
  assert.match(told(rig, session.id, "cancel_subagent")[0], /cancelled\]/);
});

scenario("the budget holds for the whole tree", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(calls(spawn("A"), spawn("B")), say("Never."));
  const hungry = () => ({
    response: { toolCalls: [call("read_file", { path: "notes.txt" })], usage: { input_tokens: 900, output_tokens: 100 } },
    chunkSize: 16,
  });
  rig.model.scriptFor(/^A/, ...Array(20).fill().map(hungry));
  rig.model.scriptFor(/^B/, ...Array(20).fill().map(hungry));
  const { code, stdout } = await run(rig, ["run", "-p", "Go", "--json", "--max-tokens-total", "6000"]);
  assert.equal(code, 11);
  const id = JSON.parse(stdout).session_id;
  const spent = [id, ...childrenOf(rig, id)]
    .flatMap((one) => ofType(rig, one, "CostUpdated"))
    .reduce((sum, e) => sum + e.input_tokens + e.output_tokens, 0);
  assert.ok(spent >= 6000 && spent <= 6000 + 2 * 1000, `${spent}`);
});

scenario("92: approvals of sub-agents reach the editor, marked, and go to the right call", {}, async (rig) => {
  rig.model.script(calls(spawn("A"), spawn("B")), say("Done."));
  rig.model.scriptFor(/^A/, calls(call("write_file", { path: "a", content: "a" })), say("A"));
  rig.model.scriptFor(/^B/, calls(call("write_file", { path: "b", content: "b" })), say("B"));
  const session = await rig.session({
    permission: ({ _meta }) => choose(_meta.thole.agent.task === "A" ? "allow_once" : "reject_once")(),
  });
  await session.prompt("Go");
  const [a, b] = childrenOf(rig, session.id);
  assert.match(told(rig, a, "write_file")[0], /Created|Wrote/i);
  assert.match(told(rig, b, "write_file")[0], /The user denied this call/);
});

scenario("killed in the middle, a sub-agent goes on where it waited", { finish: false }, async (rig) => {
  rig.model.script(calls(spawn("A")), say("Done."));
  rig.model.scriptFor(/^A/, calls(call("write_file", { path: "a", content: "a" })), say("Wrote."));
  const before = await rig.session({ permission: () => new Promise(() => {}) });
  before.prompt("Go").catch(() => {});
  await before.editor.wire.until((m) => m.method === "session/request_permission");
  before.editor.wire.child.kill("SIGKILL");
  await before.editor.wire.exit;
  const editor = await rig.editor({ permission: choose("allow_once") });
  const session = await editor.loadSession(before.id, rig.workspace.root);
  await editor.wire.until((m) => m.params?.update?.status === "completed" && /Wrote\./.test(JSON.stringify(m)));
  const [child] = childrenOf(rig, session.id);
  assert.match(git(rig, "show", `thole/${child}:a`), /^a$/m);
});

const approvals = { _meta: { thole: { version: 1, features: { approvals: {}, agents: {} } } } };

scenario("eight ask at once, the client dies, another answers out of order", { finish: false }, async (rig) => {
  rig.workspace.configure("[subagents]\nmax_parallel = 8\n");
  const names = [..."abcdefgh"];
  rig.model.script(calls(...names.map((name) => spawn(`Write ${name}`))), say("Done."));
  for (const name of names) {
    rig.model.scriptFor(
      new RegExp(`^Write ${name}`),
      calls(call("write_file", { path: name, content: name })),
      say(`Tried ${name}.`),
    );
  }
  const isRequest = (m) => m.method === "session/request_permission";
  const before = await rig.session({ capabilities: approvals, permission: () => new Promise(() => {}) });
  before.prompt("Go").catch(() => {});
  const { wire } = before.editor;
  await wire.until(() => wire.fromAgent.filter(isRequest).length === 8);
  wire.child.stdin.destroy();
  wire.child.stdout.destroy();

  const asked = [];
  let all;
  const allAsked = new Promise((resolve) => (all = resolve));
  const permission = (params) =>
    new Promise((answer) => {
      asked.push({ task: params._meta.thole.agent.task, answer });
      if (asked.length === 8) all();
    });
  const editor = await rig.editor({ capabilities: approvals, permission });
  const session = await editor.loadSession(before.id, rig.workspace.root);
  await allAsked;
  for (const { task, answer } of asked.reverse()) {
    answer(choose("aceg".includes(task.at(-1)) ? "allow_once" : "reject_once")());
  }
  await wire.exit;
  for (const child of childrenOf(rig, session.id)) {
    const [{ spawn_reason: task }] = ofType(rig, child, "SessionStarted");
    const [output] = told(rig, child, "write_file");
    assert.match(output, "aceg".includes(task.at(-1)) ? /^Created/ : /The user denied/, task);
  }
  const nodes = editor.wire.fromAgent.filter((m) => m.method === "_thole/agents/changed");
  assert.ok(nodes.length > 0);
  await editor.wire.quit();
});

scenario("fifty with a model that reports too much: over by one answer each at most", { timeout: 90_000 }, async (rig) => {
  rig.workspace.configure("[subagents]\nmax_parallel = 50\n");
  const tasks = Array.from({ length: 50 }, (_, i) => `Count ${String(i).padStart(2, "0")}.`);
  rig.model.script(calls(...tasks.map((task) => spawn(task))), say("Never."));
  const hungry = () => ({
    response: { toolCalls: [call("read_file", { path: "notes.txt" })], usage: { input_tokens: 2500, output_tokens: 500 } },
    chunkSize: 16,
  });
  for (const task of tasks) {
    rig.model.scriptFor(new RegExp(`^${task}`), ...Array.from({ length: 9 }, hungry));
  }
  const words = ["run", "-p", "Go", "--json", "--permission-mode", "plan", "--max-tokens-total", "200000"];
  const { code, stdout, stderr } = await run(rig, words);
  assert.equal(code, 11, stderr);
  const id = JSON.parse(stdout).session_id;
  const spent = [id, ...childrenOf(rig, id)]
    .flatMap((one) => ofType(rig, one, "CostUpdated"))
    .reduce((sum, e) => sum + e.input_tokens + e.output_tokens, 0);
  assert.ok(spent >= 200_000 && spent <= 200_000 + 50 * 3000, `${spent}`);
});

scenario("our clients see the tree, preview, merge and discard", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  rig.model.scriptFor(/^Two/, edit("README.md", "two oars", "three oars"), say("2"));
  const session = await rig.session({ capabilities: approvals });
  await session.prompt("Go");
  const ask = (verb, params) =>
    session.editor.agent.request(`_thole/agents/${verb}`, { sessionId: session.id, ...params });
  const { agents } = await ask("tree");
  assert.deepEqual(
    agents.map(({ task, state, result, diffstat }) => ({ task, state, result, diffstat })),
    ["One", "Two"].map((task) => ({
      task,
      state: "completed",
      result: "changes",
      diffstat: { files: 1, insertions: 1, deletions: 1 },
    })),
  );
  const [one, two] = agents.map((node) => node.agentId);
  const preview = await ask("merge", { agentId: one, preview: true });
  assert.deepEqual([preview.status, preview.applied], ["clean", false]);
  assert.match(preview.diff, /\+2nd line/);
  assert.match(rig.workspace.read("notes.txt"), /second line/);
  rig.workspace.write("notes.txt", "mine\n");
  const refused = await ask("merge", { agentId: one });
  assert.equal(refused.applied, false);
  assert.notEqual(refused.status, "clean");
  assert.equal(rig.workspace.read("notes.txt"), "mine\n");
  const merged = await ask("merge", { agentId: two });
  assert.equal(merged.applied, true);
  assert.match(rig.workspace.read("README.md"), /three oars/);
  const { rescue } = await ask("discard", { agentId: one });
  assert.match(git(rig, "show", `${rescue}:notes.txt`), /2nd line/);
  await assert.rejects(ask("discard", { agentId: one }), { message: /is discarded already/ });
  await assert.rejects(ask("cancel", { agentId: one }), { message: /no sub-agent/ });
});

scenario("one that works can be spoken to and cancelled", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(calls(spawn("Sleep")), say("Done."));
  rig.model.scriptFor(/^Sleep/, bash("touch began; sleep 60"), say("Never."));
  const session = await rig.session({ capabilities: approvals });
  const turn = session.prompt("Go");
  const isRunning = (m) => m.method === "_thole/agents/changed" && m.params.agents.some((a) => a.toolCalls > 0);
  const { params } = await session.editor.wire.until(isRunning);
  const { agentId } = params.agents[0];
  const ask = (verb, more) =>
    session.editor.agent.request(`_thole/agents/${verb}`, { sessionId: session.id, agentId, ...more });
  await ask("message", { text: "Hurry" });
  await ask("cancel");
  await turn;
  assert.match(told(rig, session.id, "spawn_subagent")[0], /cancelled\]/);
});

scenario("an agent below an agent below an agent, and no further", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("Level 1")), say("Top."));
  rig.model.scriptFor(/^Level 1/, calls(spawn("Level 2")), say("1"));
  rig.model.scriptFor(/^Level 2/, calls(spawn("Level 3")), say("2"));
  rig.model.scriptFor(
    /^Level 3/,
    calls(spawn("Level 4"), call("write_file", { path: "deep", content: "deep" })),
    say("3"),
  );
  const session = await rig.session({ capabilities: approvals });
  await session.prompt("Go");
  const { agents } = await session.editor.agent.request("_thole/agents/tree", { sessionId: session.id });
  assert.deepEqual(agents.map((node) => node.task), ["Level 1", "Level 2", "Level 3"]);
  const deepest = agents[2].agentId;
  assert.match(told(rig, deepest, "spawn_subagent")[0], /3 deep here already/);
  assert.equal(agents[1].diffstat, undefined, "not merged into the one above");
});
