// The whole way of a plan through each front end: drafted, sent back, revised, edited by the user,
// approved, carried out, all tasks done. The terminal is in plan_terminal.test.mjs.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { acpxProgram } from "../node/peers.mjs";
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { first, second, write, draft, raise, done, planFile, sha256, told, statuses, review, planViews, ours } from "./rig/plans.mjs";
import { run } from "./rig/run.mjs";
import { Watcher } from "./rig/watcher.mjs";
import { command } from "./rig/wire.mjs";

const third = second.replace("Raise", "Lift");
const read = calls(call("read_session_plan", {}));
const changed = /was changed since you last read it; call read_session_plan first/;

// What is the same however it was done.
async function assertDone(rig, id) {
  const reviews = ofType(rig, id, "PlanReviewed");
  assert.deepEqual(reviews.map((e) => e.decision), ["feedback", "approved"]);
  assert.equal(reviews[1].sha256, sha256(third));
  const edits = ofType(rig, id, "PlanUpdated").filter((e) => e.by !== "agent");
  assert.deepEqual(edits.map((e) => e.content), [third]);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  const { stdout } = await run(rig, ["tasks", id]);
  assert.match(stdout, /^█{20} 2 of 2 tasks done\n\n- \[x\] 1\. Lift the rate/);
  const plan = await run(rig, ["plan", id]);
  assert.match(plan.stdout, new RegExp(`^Plan: done, revision 3, approved as ${sha256(third)}`));
}

scenarios("over ACP with the official SDK", {}, async (rig) => {
  rig.model.script(draft(first), draft(second), raise, done("1", "2"), say("Rowed."));
  const answers = [
    () => "reject_once",
    () => {
      writeFileSync(planFile(rig, session.id), third);
      return "allow_always";
    },
    ({ toolCall }) => {
      assert.equal(toolCall.rawInput.plan, third, "asked again with what is in the file");
      return "allow_always";
    },
  ];
  const session = await rig.session({ permission: (asked) => choose(answers.shift()(asked))() });
  await session.setMode("plan");
  await session.prompt("Row faster");
  assert.deepEqual(await session.prompt("Notes, not the readme"), { stopReason: "end_turn" });
  assert.deepEqual(statuses(session), ["completed", "completed"]);
  assert.equal(session.editor.permissions.length, 3);
  await session.editor.agent.request("session/close", { sessionId: session.id });
  await assertDone(rig, session.id);
});

scenario("over the socket of a session in the background", {}, async (rig) => {
  rig.model.script(draft(first), draft(second), raise, done("1", "2"), say("Rowed."));
  const spawned = await run(rig, ["spawn", "--plan", "--prompt", "Row faster", "--json"]);
  assert.equal(spawned.code, 0, spawned.stderr);
  const id = JSON.parse(spawned.stdout).id;
  const watcher = new Watcher(rig, id);
  await watcher.connect();
  let asked = 0;
  const answer = async (decision, more = {}) => {
    watcher.send({ type: "ReviewPlan", decision, request_id: ++asked, ...more });
    return watcher.other((m) => m.request_id === asked);
  };
  const inReview = (revision) =>
    watcher.event((e) => e.type === "PlanStatusChanged" && e.status === "in_review" && e.revision === revision);
  await inReview(1);
  assert.equal((await answer("feedback", { feedback: "Notes, not the readme" })).type, "Ack");
  await inReview(2);
  writeFileSync(planFile(rig, id), third);
  assert.match((await answer("approved")).error, /it is revision 3 now: look at that one/);
  assert.match((await answer("approved", { revision: 2 })).error, /revision 2 was reviewed/);
  assert.equal((await answer("approved", { revision: 3 })).type, "Ack");
  await watcher.event((e) => e.type === "PlanStatusChanged" && e.status === "done");
  await watcher.event((e) => e.type === "SessionEnded");
  await watcher.closed;
  await assertDone(rig, id);
});

function acpx(rig, ...words) {
  const agent = command("--stdio").flat().join(" ");
  const stdio = ["ignore", "pipe", "pipe"];
  const child = spawn(process.execPath, [acpxProgram, "--agent", agent, "--ttl", "1", ...words], {
    cwd: rig.workspace.root,
    env: rig.env,
    stdio,
  });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (out.stdout += data));
  child.stderr.on("data", (data) => (out.stderr += data));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...out })));
}

scenario("with acpx, whose agent is gone between the prompts", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "plan"\n');
  rig.model.script(
    draft(first),
    calls(write(second)),
    read,
    draft(second.replace("Raise", "Lift")),
    raise,
    done("1", "2"),
    say("Rowed."),
  );
  const made = await acpx(rig, "sessions", "new");
  assert.equal(made.code, 0, made.stderr);
  const drafted = await acpx(rig, "--deny-all", "prompt", "Row faster");
  assert.equal(rig.model.requests.length, 1, drafted.stdout + drafted.stderr);
  while (!/status: (idle|dead|closed)/.test((await acpx(rig, "status")).stdout));
  const plans = dirname(planFile(rig, "x"));
  const [name] = readdirSync(plans);
  const id = name.replace(/\.md$/, "");
  const edited = first.replace("Raise", "Lift");
  writeFileSync(join(plans, name), edited);
  const carriedOut = await acpx(rig, "--approve-all", "prompt", "Notes, not the readme");
  assert.match(carriedOut.stdout, /Rowed\./, carriedOut.stderr);
  while (!/status: (idle|dead|closed)/.test((await acpx(rig, "status")).stdout));
  assert.match(told(rig, id, "write_session_plan")[1], changed);
  assert.equal(told(rig, id, "read_session_plan")[0], edited, "the user's text is not lost");
  assert.equal(readFileSync(join(plans, name), "utf8"), third);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  assert.equal(ofType(rig, id, "PlanStatusChanged").at(-1).status, "done");
  assert.deepEqual(
    ofType(rig, id, "TodosUpdated").at(-1).tasks.map((task) => task.status),
    ["completed", "completed"],
  );
});

scenario("a plan whose boxes are ticked already is done with its approval", {}, async (rig) => {
  rig.model.script(draft(first.replaceAll("[ ]", "[x]")), say("Nothing is left to do."));
  const session = await rig.session({ capabilities: ours });
  await session.setMode("plan");
  const turn = session.prompt("Row faster");
  await session.editor.wire.until(() => planViews(session).at(-1)?.status === "in_review");
  await review(session, { decision: "approved" });
  await turn;
  assert.equal(planViews(session).at(-1).status, "done");
  assert.deepEqual(statuses(session), ["completed", "completed"]);
});

scenario("a plan of a megabyte is shown from its beginning, and had in whole", {}, async (rig) => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `- [ ] Row stroke ${i} of the long way home\n`);
  const long = `# Begin\n\n${lines.join("")}`;
  rig.model.script(draft(long));
  const session = await rig.session({ permission: choose("reject_once") });
  await session.setMode("plan");
  await session.prompt("Row far");
  const [{ toolCall }] = session.editor.permissions;
  const path = planFile(rig, session.id);
  const text = toolCall.content[0].content.text;
  assert.ok(text.startsWith(`[This is the beginning of a text of ${long.length} bytes; all of it is in \`${path}\`]\n\n# Begin\n\n- [ ] Row stroke 0`));
  assert.ok(text.endsWith(`bytes left out]; all of it is in \`${path}\`\n`));
  assert.match(toolCall.rawInput.plan, /# Begin\n\n- \[ \] Row stroke 0 /);
  const view = await session.editor.agent.request("_thole/plan/get", { sessionId: session.id });
  assert.equal(view.content, long);
});
