// What may a sub-agent do, and how does its work come home: grants, grandchildren, a kill in the
// middle, and looking without touching.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { bash, childrenOf, edit, events, git, inMode, ofType, spawn } from "./rig/agents.mjs";
import { run } from "./rig/run.mjs";

const asked = (rig, id) => ofType(rig, id, "ApprovalRequested").map((event) => event.input.command);
const allowed = (rig, id) =>
  ofType(rig, id, "ApprovalResolved").map((event) => `${event.decision} by ${event.by}`);
const worktrees = async (rig) =>
  JSON.parse((await run(rig, ["worktrees", "--json"])).stdout).worktrees;

// Allows always what has "always" in it, the rest once.
const permission = ({ toolCall, options }) => {
  const isAlways = JSON.stringify(toolCall).includes("always");
  const kind = isAlways ? "allow_always" : "allow_once";
  return choose(options.find((option) => option.kind === kind).optionId)();
};

scenario("what was granted for the session holds for its sub-agents at any depth", {}, async (rig) => {
  rig.model.script(bash("touch always-1"), calls(spawn("Go down")), say("Done."));
  rig.model.scriptFor(/^Go down/, bash("touch always-1", "touch other"), calls(spawn("Deeper")), say("1"));
  rig.model.scriptFor(/^Deeper/, bash("touch always-1"), say("2"));
  const session = await rig.session({ permission });
  await session.prompt("Go");
  const [child] = childrenOf(rig, session.id);
  const [below] = childrenOf(rig, child);
  assert.deepEqual(asked(rig, session.id), ["touch always-1"]);
  assert.deepEqual(asked(rig, child), ["touch other"], "only what was not granted is asked");
  assert.deepEqual(asked(rig, below), []);
  assert.ok(allowed(rig, below).includes("allow by policy"));
});

scenario("a grant given while a sub-agent works holds for it at once", {}, async (rig) => {
  rig.model.script(
    calls(spawn("Wait", { background: true })),
    bash("touch always-2"),
    calls(call("wait_subagent", {})),
    say("Done."),
  );
  rig.model.scriptFor(
    /^Wait/,
    calls(call("bash", { command: "touch began" })),
    bash("touch always-2"),
    say("Waited."),
  );
  // The sub-agent's first call is answered when the grant is there.
  let granted;
  const isGranted = new Promise((resolve) => (granted = resolve));
  const session = await rig.session({
    capabilities: { _meta: { thole: { version: 1, features: { approvals: {} } } } },
    permission: async (params) => {
      const answer = permission(params);
      if (JSON.stringify(params.toolCall).includes("always-2")) granted();
      else await isGranted;
      return answer;
    },
  });
  await session.prompt("Go");
  const [child] = childrenOf(rig, session.id);
  assert.deepEqual(asked(rig, child), ["touch began"]);
});

scenario("a sub-agent's grant is its own: for its whole run, and not for who started it", {}, async (rig) => {
  rig.model.script(calls(spawn("Ask twice")), bash("touch always-3"), calls(spawn("A sibling")), say("Done."));
  rig.model.scriptFor(/^Ask twice/, bash("touch always-3"), bash("touch always-3"), say("Twice."));
  rig.model.scriptFor(/^A sibling/, bash("touch always-3"), say("Once."));
  const session = await rig.session({ permission });
  await session.prompt("Go");
  const [child, sibling] = childrenOf(rig, session.id);
  assert.deepEqual(asked(rig, child), ["touch always-3"], "the second time is not asked");
  assert.deepEqual(asked(rig, session.id), ["touch always-3"], "the parent is asked by itself");
  assert.deepEqual(asked(rig, sibling), [], "and grants it to those that come after");
});

scenario("a grandchild's work is merged after its parent has ended, and goes up with that", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("Middle")), say("Done."));
  rig.model.scriptFor(/^Middle/, edit("notes.txt", "first line", "1st line"), calls(spawn("Below")), say("M"));
  rig.model.scriptFor(/^Below/, edit("README.md", "small", "little"), say("B"));
  const session = await rig.session({});
  await session.prompt("Go");
  const [middle] = childrenOf(rig, session.id);
  const [below] = childrenOf(rig, middle);
  const before = git(rig, "status", "--porcelain");
  const up = await run(rig, ["agents", session.id, "--merge", below]);
  assert.equal(up.code, 0, up.stderr);
  assert.equal(git(rig, "status", "--porcelain"), before, "it goes to its parent, not to the user");
  const preview = await run(rig, ["agents", session.id, "--preview", middle]);
  assert.match(preview.stdout, /Merge 2 files[\s\S]*README\.md[\s\S]*notes\.txt/);
  const home = await run(rig, ["agents", session.id, "--merge", middle]);
  assert.equal(home.code, 0, home.stderr);
  assert.match(rig.workspace.read("README.md"), /little boat/);
  assert.match(rig.workspace.read("notes.txt"), /1st line/);
  assert.equal(git(rig, "branch", "--list", "thole/*"), "", "nothing is left to keep");
  git(rig, "fsck", "--strict");
});

scenario("a grandchild whose parent's work is merged already can still be merged", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("Middle")), say("Done."));
  rig.model.scriptFor(/^Middle/, edit("notes.txt", "first line", "1st line"), calls(spawn("Below")), say("M"));
  rig.model.scriptFor(/^Below/, edit("README.md", "small", "little"), say("B"));
  const session = await rig.session({});
  await session.prompt("Go");
  const [middle] = childrenOf(rig, session.id);
  const [below] = childrenOf(rig, middle);
  assert.equal((await run(rig, ["agents", session.id, "--merge", middle])).code, 0);
  const left = await run(rig, ["agents", session.id, "--merge", below]);
  // Its parent's tree is gone: the work stays on its branch, and the message says how to have it.
  assert.equal(left.code, 1);
  assert.match(left.stderr, new RegExp(`thole/${below}|--as-branch`));
  assert.match(git(rig, "show", `thole/${below}:README.md`), /little boat/);
  const kept = await run(rig, ["agents", session.id, "--merge", below, "--as-branch", "below"]);
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(git(rig, "show", "below:README.md"), /little boat/);
});

scenario("rules about edits hold for merging too", {}, async (rig) => {
  const rules = 'allow = ["edit(notes.txt)"]\ndeny = ["edit(src/**)"]\n';
  rig.workspace.configure(`[permissions]\n${rules}`);
  let merging;
  rig.model.script(calls(spawn("One")), calls(spawn("Two")), say("Both."), { response: () => merging, chunkSize: 16 }, say("Done."));
  rig.model.scriptFor(/^One/, bash("cp notes.txt src/copy"), say("1"));
  rig.model.scriptFor(/^Two/, edit("notes.txt", "second line", "2nd line"), say("2"));
  const session = await rig.session({ permission });
  await session.prompt("Go");
  const ids = childrenOf(rig, session.id);
  merging = { toolCalls: ids.map((id) => call("merge_subagent", { id })) };
  await session.prompt("Merge them");
  assert.equal(rig.workspace.has("src/copy"), false);
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
  assert.deepEqual(asked(rig, session.id), [], "one is denied, the other allowed");
});

scenario("killed in the middle, what was done is found and brought home", { finish: false }, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(calls(spawn("Half")), say("Never."));
  rig.model.scriptFor(/^Half/, edit("notes.txt", "second line", "2nd line"), bash("touch began; sleep 600"));
  const session = await rig.session({});
  session.prompt("Go").catch(() => {});
  await session.editor.wire.update("tool_call_update", (u) => JSON.stringify(u).includes("sleep 600"));
  const [{ path, id, state }] = await worktrees(rig);
  assert.equal(state, "in use");
  while (!existsSync(join(path, "began"))) await new Promise(setImmediate);
  session.editor.wire.child.kill("SIGKILL");
  await session.editor.wire.exit;
  const [left] = await worktrees(rig);
  assert.deepEqual([left.id, left.state, left.is_in_use], [id, "changes", false]);
  const pruned = await run(rig, ["worktrees", "--prune"]);
  assert.doesNotMatch(pruned.stdout, /removed/, "changes that are committed nowhere stay");
  const shown = await run(rig, ["agents", session.id]);
  assert.match(shown.stdout, new RegExp(`${id}  interrupted`));
  const home = await run(rig, ["agents", session.id, "--merge", id]);
  assert.equal(home.code, 0, home.stderr);
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
  assert.ok(rig.workspace.has("began"));
  const [merged] = ofType(rig, session.id, "WorktreeMerged");
  assert.deepEqual([merged.result, merged.files.sort()], ["changes", ["began", "notes.txt"]]);
  assert.deepEqual(await worktrees(rig), []);
  git(rig, "fsck", "--strict");
});

scenario("a preview adds nothing anywhere, whatever came into the tree after its end", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One")), say("Done."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  const session = await rig.session({});
  await session.prompt("Go");
  const [one] = childrenOf(rig, session.id);
  const [{ path }] = await worktrees(rig);
  writeFileSync(join(path, "by-hand.txt"), "added by the user, in the tree\n");
  const everything = () => ({
    refs: git(rig, "for-each-ref"),
    status: git(rig, "status", "--porcelain"),
    tree: git(rig, "-C", path, "status", "--porcelain"),
    log: events(rig, session.id).length,
  });
  const before = everything();
  const shown = await run(rig, ["agents", session.id, "--preview", one]);
  assert.match(shown.stdout, /Merge 2 files of \S+: clean[\s\S]*by-hand\.txt[\s\S]*notes\.txt/);
  assert.match(shown.stdout, /^\+added by the user, in the tree$/m);
  assert.deepEqual(everything(), before);
  const merged = await run(rig, ["agents", session.id, "--merge", one]);
  assert.equal(merged.code, 0, merged.stderr);
  assert.match(rig.workspace.read("by-hand.txt"), /by the user/);
  git(rig, "fsck", "--strict");
});
