// What people at a terminal see of sub-agents and do with their work: `thole agents`, slash commands,
// and the reports of runs.
import { assert, call, calls, hang, say, scenario } from "./rig.mjs";
import { edit, git, inMode, spawn } from "./rig/agents.mjs";
import { Run, run } from "./rig/run.mjs";

const said = (session, pattern) => session.editor.wire.update("agent_message_chunk", (u) => pattern.test(u.content.text));

// A headless run in which sub-agents work; its report.
async function ran(rig, ...words) {
  rig.workspace.configure(inMode("accept-edits"));
  const { stdout, stderr } = await run(rig, ["run", "-p", "Go", "--json", ...words]);
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout);
}

scenario("the tree has each sub-agent at any depth, with its work", {}, async (rig) => {
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line\nmore"), say("1"));
  rig.model.scriptFor(/^Two/, calls(spawn("Below")), say("2"));
  rig.model.scriptFor(/^Below/, edit("README.md", "small", "little"), say("B"));
  const report = await ran(rig);
  const tree = JSON.parse((await run(rig, ["agents", report.session_id, "--json"])).stdout);
  assert.equal(tree.schema_version, 1);
  const seen = Object.fromEntries(tree.agents.map((node) => [node.task, node]));
  assert.deepEqual(Object.keys(seen).sort(), ["Below", "One", "Two"]);
  assert.equal(seen.Below.parentId, seen.Two.agentId);
  assert.ok(tree.agents.indexOf(seen.Two) < tree.agents.indexOf(seen.Below));
  assert.deepEqual(seen.One.diffstat, { files: 1, insertions: 2, deletions: 1 });
  assert.deepEqual([seen.One.state, seen.One.result, seen.Two.result], ["completed", "changes", "none"]);
  assert.equal(seen.One.branch, `thole/${seen.One.agentId}`);
  const { stdout } = await run(rig, ["agents", report.session_id]);
  assert.match(stdout, new RegExp(`^${seen.One.agentId}  completed    changes    One$`, "m"));
  assert.match(stdout, /^ {4}thole\/\S+ · \+2 −1, 1 file · 1 call · .* tokens/m);
  assert.match(stdout, new RegExp(`^  ${seen.Below.agentId} `, "m"));

  const agents = Object.fromEntries(report.agents.map((one) => [one.task, one]));
  assert.deepEqual(agents.One.changed_files, ["notes.txt"]);
  assert.equal(agents.Below.parent_id, agents.Two.id);
  const own = report.usage.input_tokens + report.usage.output_tokens;
  assert.equal(report.tree_usage.tokens, own + agents.One.tokens + agents.Two.tokens);
  assert.ok(agents.Two.tokens > agents.Below.tokens);
});

scenario("a preview shows what merging would do, and does nothing", {}, async (rig) => {
  rig.model.script(calls(spawn("One")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  const { session_id: id, agents } = await ran(rig);
  const last = agents[0].id.split("-").at(-1);
  const before = git(rig, "status", "--porcelain");
  const clean = await run(rig, ["agents", id, "--preview", last]);
  assert.match(clean.stdout, /Merge 1 file of \S+: clean\n  applies     modified  notes\.txt  \+1 −1\n/);
  assert.match(clean.stdout, /^-second line\n\+2nd line$/m);
  rig.workspace.write("notes.txt", "first line\nzweite Zeile\nthird line\n");
  const json = JSON.parse((await run(rig, ["agents", id, "--preview", last, "--json"])).stdout);
  assert.equal(json.status, "conflict");
  assert.match(json.files[0].conflict, /zweite Zeile[\s\S]*2nd line/);
  git(rig, "checkout", "--quiet", "notes.txt");
  assert.equal(git(rig, "status", "--porcelain"), before);
});

scenario("work goes onto a branch of the user's, or away", {}, async (rig) => {
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  rig.model.scriptFor(/^Two/, edit("README.md", "small", "little"), say("2"));
  const { session_id: id, agents } = await ran(rig);
  const [one, two] = agents.map((agent) => agent.id);
  const kept = await run(rig, ["agents", id, "--merge", one, "--as-branch", "mine"]);
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(git(rig, "show", "mine:notes.txt"), /2nd line/);
  assert.match(rig.workspace.read("notes.txt"), /second line/);
  const gone = await run(rig, ["agents", id, "--discard", two, "--json"]);
  const results = JSON.parse(gone.stdout).agents.map((node) => node.result);
  assert.deepEqual(results, ["branch", "discarded"]);
  const again = await run(rig, ["agents", id, "--merge", one]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is branch already/);
});

scenario("who is not there, or not meant by one name alone, is an error", {}, async (rig) => {
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, say("1"));
  rig.model.scriptFor(/^Two/, say("2"));
  const { session_id: id, agents } = await ran(rig);
  const none = await run(rig, ["agents", id, "--merge", "nobody"]);
  assert.deepEqual([none.code, none.stderr.includes(agents[0].id)], [15, true]);
  const both = await run(rig, ["agents", id, "--cancel", agents[0].id.slice(0, 4)]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /may be .*, .*; write more of it/);
  const idle = await run(rig, ["agents", id, "--cancel", agents[0].id]);
  assert.equal(idle.code, 1);
  assert.match(idle.stderr, /has ended already/);
  const empty = await run(rig, ["agents", id, "--merge", agents[0].id]);
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /has changed no files/);
});

scenario("from another process a sub-agent is cancelled, at work and queued", { quiet: false }, async (rig) => {
  rig.workspace.configure(`${inMode("bypass-permissions")}[subagents]\nmax_parallel = 1\n`);
  rig.model.script(calls(spawn("Slow"), spawn("Later")), say("Both are over."));
  rig.model.scriptFor(/^Slow/, calls(call("bash", { command: "echo half > half.txt; sleep 60" })), say("Never."));
  rig.model.scriptFor(/^Later/, say("Never."));
  const running = new Run(rig, ["run", "-p", "Go", "--json"]);
  let nodes = [];
  while (nodes.filter((node) => node.state === "running" && node.toolCalls > 0).length < 1 || nodes.length < 2) {
    const { stdout } = await run(rig, ["agents", "latest", "--json"]);
    nodes = stdout ? JSON.parse(stdout).agents : [];
  }
  const of = (task) => nodes.find((node) => node.task === task).agentId;
  assert.equal(nodes.find((node) => node.task === "Later").state, "queued");
  const queued = await run(rig, ["agents", "latest", "--cancel", of("Later")]);
  assert.equal(queued.stdout, `cancelled ${of("Later")}\n`, queued.stderr);
  const slow = await run(rig, ["agents", "latest", "--cancel", of("Slow")]);
  assert.match(slow.stdout, /^cancelled \S+(; what it has done is on thole\/\S+ \(\+1 −0, 1 file\))?\n$/);
  assert.equal(await running.end, 0);
  assert.match(running.stdout, /Both are over\./);
});

scenario("status says which sub-agent waits for an approval, and of what", {}, async (rig) => {
  rig.model.script(calls(spawn("Write a file")), say("Done."));
  rig.model.scriptFor(/^Write a file/, calls(call("write_file", { path: "a", content: "a" })), say("A"));
  const session = await rig.session({ permission: () => new Promise(() => {}) });
  const turn = session.prompt("Go");
  await session.editor.wire.until((m) => m.method === "session/request_permission");
  const { stdout } = await run(rig, ["status", session.id]);
  assert.match(stdout, /waits +sub-agent \w+: approval of write_file \(Write a file\)\nanswer +thole attach/);
  const json = JSON.parse((await run(rig, ["status", session.id, "--json"])).stdout);
  assert.equal(json.waiting_agents[0].state, "waiting");
  await session.cancel();
  await turn;
});

scenario("/agents lists, previews, merges and discards in any editor", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  rig.model.scriptFor(/^Two/, edit("notes.txt", "second line", "zweite Zeile"), say("2"));
  const session = await rig.session({});
  await session.prompt("Go");
  const listed = said(session, /\*\*completed\*\* · changes · `thole\/\S+` · \+1 −1, 1 file.*: One/);
  await session.prompt("/agents");
  const [, one, two] = /- `(\S+)`[\s\S]*- `(\S+)`/.exec((await listed).content.text);
  const shown = said(session, /```diff[\s\S]*\+2nd line/);
  await session.prompt(`/agents preview ${one}`);
  await shown;
  const merged = said(session, /Merged 1 file/);
  await session.prompt(`/agents merge ${one}`);
  await merged;
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
  const refused = said(session, /Error: Nothing was touched: there are conflicts[\s\S]*zweite Zeile/);
  await session.prompt(`/agents merge ${two}`);
  await refused;
  const gone = said(session, new RegExp(`refs/thole/rescue/${two}`));
  await session.prompt(`/agents discard ${two}`);
  await gone;
  const usage = said(session, /Error: write `\/agents`/);
  await session.prompt("/agents frob");
  await usage;
  assert.equal(rig.model.requests.length, 6, "none of it is for the model");
});
