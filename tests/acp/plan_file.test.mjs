// The plan file under attack: whatever lies in its place or is done to it, the last good plan stays, and
// nothing is carried out that was not approved.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { first, write, draft, raise, planFile, sha256, told, ours, planViews, review } from "./rig/plans.mjs";
import { run } from "./rig/run.mjs";

scenario("an approval is void when the plan file changes", {}, async (rig) => {
  const changed = `${first}- [ ] And delete everything\n`;
  rig.model.script(draft(first), raise, say("Should not be asked before the review."), say("Now."));
  const session = await rig.session({
    permission: async ({ toolCall }) => {
      if (toolCall.kind !== "switch_mode") {
        writeFileSync(planFile(rig, session.id), changed);
        return choose("allow_once")();
      }
      return choose(toolCall.rawInput.plan === first ? "allow_once" : "reject_once")();
    },
  });
  await session.setMode("plan");
  await session.prompt("Row faster");
  const reviews = ofType(rig, session.id, "PlanReviewed");
  assert.deepEqual(
    reviews.map((e) => [e.decision, e.sha256]),
    [
      ["approved", sha256(first)],
      ["feedback", sha256(changed)],
    ],
  );
  assert.match(session.editor.permissions.at(-1)._meta.thole.why, /changed after it had been approved/);
  assert.equal(rig.model.requests.length, 2, "no request under a plan that nobody approved");
  assert.equal(session.updates("current_mode_update").at(-1).currentModeId, "plan");
});

scenario("an export that would overwrite a file of the user leaves it alone", {}, async (rig) => {
  rig.workspace.configure('[plan]\nexport = "README.md"\n');
  rig.model.script(draft(first));
  const { code } = await run(rig, ["run", "--plan", "-p", "Row"]);
  assert.equal(code, 13);
  assert.match(rig.workspace.read("README.md"), /A small boat/);
});

scenario("plans that nobody has touched for a month go, live ones stay", {}, async (rig) => {
  rig.model.script(draft(first));
  const plans = join(rig.env.XDG_STATE_HOME, "thole/session_plans");
  mkdirSync(plans, { recursive: true, mode: 0o700 });
  const old = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  const session = await rig.session({ permission: choose("reject_once") });
  for (const name of ["gone.md", "kept.txt", `${session.id}.md`, "young.md"]) {
    writeFileSync(join(plans, name), "old");
    if (name !== "young.md") utimesSync(join(plans, name), old, old);
  }
  const other = await session.editor.newSession(rig.workspace.root);
  await other.setMode("plan");
  await other.prompt("Row");
  const names = readdirSync(plans).sort();
  assert.deepEqual(names, [`${session.id}.md`, `${other.id}.md`, "kept.txt", "young.md"].sort());
});

// What may lie in the place of the plan file, and what the model is told of it.
const attacks = {
  "a directory": {
    prepare: (path) => mkdirSync(path),
    says: /is a directory|not a regular file|directory/,
  },
  "a symbolic link": {
    prepare: (path, rig) => symlinkSync(rig.workspace.path("notes.txt"), path),
    says: /^Plan saved to/,
  },
  "a named pipe": {
    prepare: (path) => execFileSync("mkfifo", [path]),
    says: /no regular file/,
  },
  "another user's folder": {
    prepare: (path) => {
      rmSync(dirname(path), { recursive: true });
      symlinkSync("/etc", dirname(path));
    },
    says: /session_plans/,
  },
};

for (const [what, { prepare, says }] of Object.entries(attacks)) {
  scenario(`${what} in the place of the plan file harms nothing`, {}, async (rig) => {
    rig.model.script(calls(write(first)), say("Hm."));
    const session = await rig.session({ capabilities: ours });
    await session.setMode("plan");
    mkdirSync(dirname(planFile(rig, session.id)), { recursive: true, mode: 0o700 });
    prepare(planFile(rig, session.id), rig);
    const turn = session.prompt("Row");
    await session.editor.wire.update("tool_call_update", (u) => u.status !== "in_progress");
    const [output] = told(rig, session.id, "write_session_plan");
    assert.match(output, says);
    if (/Plan saved/.test(output)) {
      await session.editor.wire.until(() => planViews(session).at(-1)?.status === "in_review");
      await review(session, { decision: "rejected" });
    }
    await turn;
    assert.equal(rig.workspace.read("notes.txt"), "first line\nsecond line\nthird line\n");
  });
}

// Changes of the file behind the agent's back, after a good plan: what is no plan is an error that
// names the file, and the last good plan stays.
const spoilers = {
  "a directory": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  "a named pipe": (path) => {
    rmSync(path);
    execFileSync("mkfifo", [path]);
  },
  "a symbolic link": (path) => {
    rmSync(path);
    symlinkSync("/etc/passwd", path);
  },
  "bytes that are no UTF-8": (path) => writeFileSync(path, Buffer.from([0x23, 0xff, 0xfe, 0x0a])),
  "10 MB": (path) => writeFileSync(path, "x".repeat(10_000_000)),
};

for (const [what, spoil] of Object.entries(spoilers)) {
  scenario(`${what} as plan file: the last good plan is kept`, {}, async (rig) => {
    const pause = [];
    rig.model.script(
      calls(write(first)),
      calls(call("ask_user", { question: "Spoil?" })),
      calls(call("read_session_plan", {})),
      say("Hm."),
    );
    const editor = await rig.editor({ capabilities: { ...ours, elicitation: { form: {} } } });
    editor.elicit = () => {
      spoil(planFile(rig, pause[0]));
      return { action: "accept", content: { answer: "yes" } };
    };
    const session = await editor.newSession(rig.workspace.root);
    pause.push(session.id);
    await session.setMode("plan");
    const turn = session.prompt("Row");
    const isRead = (u) => /no plan|kept/.test(u.rawOutput?.output ?? "");
    await editor.wire.update("tool_call_update", isRead);
    const [output] = told(rig, session.id, "read_session_plan");
    assert.match(output, new RegExp(`${session.id}\\.md`), "names the file");
    assert.match(output, /revision 1 is kept, and write_session_plan writes the file anew/);
    const view = await editor.agent.request("_thole/plan/get", { sessionId: session.id });
    assert.equal(view.content, first);
    await session.cancel();
    await turn;
  });
}
