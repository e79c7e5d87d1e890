// Plan mode from draft to done, through every front end: nothing happens before the user says so.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { first, second, write, draft, raise, done, planFile, sha256, told, statuses, said, ours, planViews, review } from "./rig/plans.mjs";
import { run } from "./rig/run.mjs";
import { Watcher } from "./rig/watcher.mjs";

// Answers permission requests one after another.
const answers = (...options) => () => choose(options.shift())();

scenarios("100: draft, keep planning, revise, approve, execute, done", {}, async (rig, t, provider) => {
  rig.model.script(
    draft(first),
    draft(second),
    raise,
    done("1", "2"),
    say("Both steps are done."),
  );
  const session = await rig.session({ permission: answers("reject_once", "allow_always") });
  await session.setMode("plan");
  assert.deepEqual(await session.prompt("Row faster"), { stopReason: "end_turn" });
  assert.equal(rig.model.requests.length, 1, "kept planning: the user says what next");
  assert.equal(readFileSync(planFile(rig, session.id), "utf8"), first);
  assert.equal(statSync(planFile(rig, session.id)).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(planFile(rig, session.id))).mode & 0o777, 0o700);
  const [asked] = session.editor.permissions;
  assert.equal(asked.toolCall.kind, "switch_mode");
  assert.equal(asked.toolCall.rawInput.plan, first);
  assert.deepEqual(
    asked.options.map((option) => option.optionId),
    ["allow_once", "allow_always", "reject_once"],
  );
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 28/);

  assert.deepEqual(await session.prompt("Notes, not the readme"), { stopReason: "end_turn" });
  const again = session.editor.permissions[1].toolCall;
  assert.equal(again.rawInput.plan, second);
  const diff = again.content.find((item) => item.type === "diff");
  assert.deepEqual([diff.oldText, diff.newText], [first, second], "a revision shows its diff");
  const reviews = session.calls().filter((one) => one.kind === "switch_mode");
  assert.deepEqual(
    reviews.map((one) => one.statuses),
    [
      ["pending", "failed"],
      ["pending", "completed"],
    ],
  );
  const modes = session.updates("current_mode_update").map((update) => update.currentModeId);
  assert.deepEqual(modes.slice(-1), ["accept-edits"]);
  assert.equal(
    session.updates("config_option_update").at(-1).configOptions[0].currentValue,
    "accept-edits",
  );
  assert.deepEqual(statuses(session), ["completed", "completed"]);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  const executing = rig.model.requests[2];
  assert.match(said(executing), /I approve revision 2/);
  assert.match(said(executing), /The plan that the user has approved/, provider);
  const all = (type) => ofType(rig, session.id, type);
  const approved = all("PlanReviewed").at(-1);
  assert.equal(approved.sha256, sha256(second));
  assert.equal(all("PlanStatusChanged").at(-1).status, "done");
  assert.deepEqual(all("PlanDrifted"), [], "src/oar.c is in the plan");
  const shown = await run(rig, ["plan", session.id]);
  assert.match(shown.stdout, new RegExp(`^Plan: done, revision 2, approved as ${sha256(second)}`));
});

scenario("what is done while planning is refused, with a reason for the model", {}, async (rig) => {
  rig.model.script(
    calls(
      call("write_file", { path: "new.txt", content: "x" }),
      call("edit_file", { path: "notes.txt", old_string: "first", new_string: "1st" }),
      call("fetch_url", { url: "http://127.0.0.1:1/" }),
    ),
    calls(call("read_file", { path: "notes.txt" }), call("exit_plan_mode", {})),
    calls(call("read_session_plan", {})),
    calls(write("  \n")),
    say("I see."),
  );
  const session = await rig.session({});
  await session.setMode("plan");
  await session.prompt("Row");
  assert.ok(!rig.workspace.has("new.txt"));
  const refused = ofType(rig, session.id, "ApprovalResolved").filter((e) => e.decision === "deny");
  assert.deepEqual(
    refused.slice(0, 3).map((e) => [e.by, /mode plan/.test(e.reason)]),
    Array(3).fill(["policy", true]),
  );
  const results = rig.model.toolResults;
  assert.match(results[3], /first line/, "reading runs");
  assert.match(results[4], /no plan to mark ready; call write_session_plan before exit_plan_mode/);
  assert.match(results[5], /no plan written yet for this session; call write_session_plan first/);
  assert.match(results[6], /content must not be empty/);
  assert.equal(session.editor.permissions.length, 0);
});

scenario("a form asks for a decision and comments in one go", {}, async (rig) => {
  rig.model.script(draft(first), draft(second), say("Approved, then."));
  const editor = await rig.editor({ capabilities: { elicitation: { form: {} } } });
  const forms = [];
  editor.elicit = (params) => {
    forms.push(params);
    return forms.length === 1
      ? { action: "accept", content: { decision: "approve", comments: "Not the readme" } }
      : { action: "accept", content: { decision: "approve" } };
  };
  const session = await editor.newSession(rig.workspace.root);
  await session.setMode("plan");
  await session.prompt("Row faster");
  assert.equal(forms.length, 2);
  assert.match(forms[0].message, /Faster strokes/);
  const [, feedback] = ofType(rig, session.id, "PlanReviewed");
  assert.equal(feedback.decision, "approved");
  assert.match(said(rig.model.requests[1]), /Not the readme/, "comments mean changes");
  assert.equal(session.editor.permissions.length, 0);
});

scenario("103: our clients edit, comment on lines and review in one go", {}, async (rig) => {
  const sections = "# Row\n\nWhy: speed.\n\n## Steps\n\n1. Edit src/oar.c\n2. Test\n\n## Risks\n\nNone.\n";
  const edited = sections.replace("Why: speed.", "Why:  SPEED.");
  const rewritten = edited
    .replace("1. Edit src/oar.c\n2. Test", "1. Edit src/oar.c\n2. Run `make`")
    .replace("None.", "Many, says the model.")
    .replace("Why:  SPEED.", "Why: speed.");
  rig.model.script(draft(sections), draft(rewritten), say("Rowing."));
  const session = await rig.session({ capabilities: ours });
  await session.setMode("plan");
  const turn = session.prompt("Row");
  await session.editor.wire.until(() => planViews(session).at(-1)?.status === "in_review");
  await assert.rejects(review(session, { decision: "approved", comments: [{ startLine: 1, text: "?" }] }), {
    message: /open comments block approval/,
  });
  await assert.rejects(review(session, { decision: "approved", revision: 7 }), {
    message: /revision 7 was reviewed, but the plan is at revision 1/,
  });
  await assert.rejects(review(session, { decision: "feedback", comments: [{ startLine: 40, text: "?" }] }), {
    message: /lines 40 to 40, but the plan has 12/,
  });
  await review(session, {
    decision: "feedback",
    revision: 1,
    edits: edited,
    comments: [{ startLine: 7, endLine: 8, text: "How do we test?" }],
  });
  await session.editor.wire.until(
    () => planViews(session).at(-1)?.status === "in_review" && planViews(session).at(-1).revision === 3,
  );
  const view = planViews(session).at(-1);
  assert.equal(view.content, edited.replace("2. Test", "2. Run `make`"), "the rest byte for byte");
  assert.equal(view.previous, edited);
  assert.equal(readFileSync(view.path, "utf8"), view.content);
  assert.match(said(rig.model.requests[1]), /Lines 7 to 8:\\n> 1\. Edit src\/oar\.c\\n> 2\. Test\\nHow do we test\?/);
  assert.match(told(rig, session.id, "write_session_plan")[1], /\nKept as they were.*# Row; ## Risks/);
  await review(session, { decision: "approved", revision: 3 });
  assert.deepEqual(await turn, { stopReason: "end_turn" });
  assert.equal(session.editor.permissions.length, 0, "no stock dialog");
  const { tasks } = await session.editor.agent.request("_thole/tasks/get", { sessionId: session.id });
  assert.deepEqual(
    tasks.map((task) => [task.content, task.planStep]),
    [
      ["Edit src/oar.c", 1],
      ["Run `make`", 2],
    ],
  );
  await assert.rejects(review(session, { decision: "approved" }), { message: /no plan is in review/ });
});

scenario("a review outlives kill -9, and another editor goes on with it", { finish: false }, async (rig) => {
  rig.model.script(draft(first), raise, say("Rowing."));
  const before = await rig.session({ permission: () => new Promise(() => {}) });
  await before.setMode("plan");
  before.prompt("Row faster").catch(() => {});
  await before.editor.wire.until((m) => m.method === "session/request_permission");
  before.editor.wire.child.kill("SIGKILL");
  await before.editor.wire.exit;
  const status = await run(rig, ["status", before.id]);
  assert.match(status.stdout, /waits\s+review of the plan, revision 1/);
  const editor = await rig.editor({ permission: choose("allow_always") });
  const session = await editor.loadSession(before.id, rig.workspace.root);
  const watcher = new Watcher(rig, session.id);
  await watcher.connect();
  await watcher.event((e) => e.type === "BusyStateChanged" && e.stop_reason === "end_turn");
  watcher.cut();
  assert.equal(editor.permissions[0].toolCall.rawInput.plan, first);
  assert.deepEqual(told(rig, session.id, "edit_file").map((t) => t.slice(0, 6)), ["Change"]);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  assert.match(said(rig.model.requests[1]), /I approve revision 1/);
});

scenario("a review is answered over the socket, with comments", {}, async (rig) => {
  rig.model.script(draft(first), draft(second), say("Rowing."));
  const session = await rig.session({ capabilities: ours });
  await session.setMode("plan");
  const turn = session.prompt("Row faster");
  const watcher = new Watcher(rig, session.id);
  await watcher.connect();
  await watcher.event((e) => e.type === "PlanStatusChanged" && e.status === "in_review");
  watcher.send({
    type: "ReviewPlan",
    decision: "feedback",
    comments: [{ start_line: 4, text: "notes" }],
    request_id: 1,
  });
  assert.equal((await watcher.other((m) => m.request_id === 1)).type, "Ack");
  await watcher.event((e) => e.type === "PlanStatusChanged" && e.revision === 2);
  watcher.send({ type: "ReviewPlan", decision: "maybe", request_id: 2 });
  assert.match((await watcher.other((m) => m.request_id === 2)).error, /decision/);
  watcher.send({ type: "ReviewPlan", decision: "approved", request_id: 3 });
  assert.equal((await watcher.other((m) => m.request_id === 3)).type, "Ack");
  assert.deepEqual(await turn, { stopReason: "end_turn" });
  watcher.cut();
});

scenario("100: a rejected plan is discarded and nothing of it happens", {}, async (rig) => {
  rig.model.script(draft(first));
  const session = await rig.session({ capabilities: ours });
  await session.setMode("plan");
  const turn = session.prompt("Row faster");
  await session.editor.wire.until(() => planViews(session).at(-1)?.status === "in_review");
  await review(session, { decision: "rejected" });
  assert.deepEqual(await turn, { stopReason: "end_turn" });
  assert.ok(!existsSync(planFile(rig, session.id)));
  assert.equal(rig.model.requests.length, 1);
  assert.equal(session.updates("plan").length, 0);
});

scenario("headless: exit code 13 with the plan, then yes or no by resume", {}, async (rig) => {
  rig.model.script(draft(first), say("Rowing."));
  const waits = await run(rig, ["run", "--plan", "--prompt", "Row faster"]);
  assert.deepEqual([waits.code, waits.stdout], [13, first]);
  const [, id] = /review it: thole resume (\S+)/.exec(waits.stderr);
  const yes = await run(rig, ["resume", id, "--prompt", " Looks GOOD ", "--json"]);
  assert.equal(yes.code, 0, yes.stderr);
  const document = JSON.parse(yes.stdout);
  assert.deepEqual([document.plan.status, document.answer], ["approved", "Rowing."]);

  rig.model.script(draft(first));
  const other = await run(rig, ["run", "--plan", "--prompt", "Row faster", "--json"]);
  assert.equal(other.code, 13);
  assert.equal(JSON.parse(other.stdout).plan.content, first);
  const no = await run(rig, ["resume", JSON.parse(other.stdout).session_id, "--prompt", "no"]);
  assert.equal(no.code, 14, no.stderr);
});

scenario("headless: --yes approves, in the mode that was asked for", {}, async (rig) => {
  rig.model.script(draft(first), raise, done("1", "2"), say("Done."));
  const words = ["run", "--plan", "--yes", "--permission-mode", "accept-edits", "-p", "Row", "--json"];
  const { code, stdout, stderr } = await run(rig, words);
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout);
  assert.deepEqual([document.plan.status, document.mode], ["done", "accept-edits"]);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  const tasks = await run(rig, ["tasks", document.session_id]);
  assert.match(tasks.stdout, /^█{20} 2 of 2 tasks done\n\n- \[x\] 1\. Raise the rate/);
  const task = await run(rig, ["task", document.session_id, "1"]);
  assert.match(task.stdout, /step of the plan: 1/);
});

scenario("headless: --plan goes together with every mode, which is the one after the approval", {}, async (rig) => {
  const modes = [
    ["default", "default", 13],
    ["plan", "default", 13],
    ["dont-ask", "dont-ask", 13],
    ["bypass-permissions", "bypass-permissions", 0],
  ];
  for (const [mode, after, code] of modes) {
    rig.model.script(draft(first), raise, done("1", "2"), say("Done."));
    const words = ["run", "--plan", "--yes", "--permission-mode", mode, "-p", "Row", "--json"];
    const outcome = await run(rig, words);
    const document = JSON.parse(outcome.stdout);
    assert.deepEqual([outcome.code, document.mode, document.plan.status], [code, after, "done"], mode);
    assert.match(rig.workspace.read("src/oar.c"), code === 0 ? /minutes \* 30/ : /minutes \* 28/);
  }
});

scenario("a task shows its files and what was done for it", {}, async (rig) => {
  rig.model.script(
    draft(first),
    calls(call("update_tasks", { changes: [{ op: "update", id: "1", status: "in_progress" }] })),
    raise,
    done("1"),
    say("One is done."),
  );
  const session = await rig.session({ permission: choose("allow_always") });
  await session.setMode("plan");
  await session.prompt("Row");
  const { stdout } = await run(rig, ["task", session.id, "1"]);
  assert.match(stdout, /files: `.*src\/oar\.c`/);
  assert.match(stdout, /- Edit src\/oar\.c/);
});

scenario("the approved plan is in every request, summarised, killed or resumed", { finish: false }, async (rig) => {
  rig.model.script(draft(first), say("Later."), say("Still there."), say("And now."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.setMode("plan");
  await session.prompt("Row");
  await session.prompt("/compact");
  await session.prompt("Go on");
  const words = JSON.stringify(first).slice(1, -1);
  const holds = (request) => said(request).includes(JSON.stringify(words).slice(1, -1)) || said(request).includes(words);
  assert.ok(holds(rig.model.lastRequest), "after a compaction");
  assert.match(said(rig.model.lastRequest), /Tasks that are still open:/);
  await session.editor.wire.kill();
  const { code } = await run(rig, ["resume", session.id, "--prompt", "Go on"]);
  assert.equal(code, 0);
  assert.ok(holds(rig.model.lastRequest), "in another process");
});

scenario("a turn that changes what no step names says so", {}, async (rig) => {
  rig.model.script(
    draft(first),
    calls(call("write_file", { path: "stray.txt", content: "x" })),
    say("Done."),
  );
  const session = await rig.session({ permission: choose("allow_always") });
  await session.setMode("plan");
  await session.prompt("Row");
  const [drift] = ofType(rig, session.id, "PlanDrifted");
  assert.deepEqual(drift.files, [rig.workspace.path("stray.txt")]);
});

scenario("a model that stops after writing a plan has handed it in", {}, async (rig) => {
  rig.model.script(calls(write(first)), say("Here is the plan."), say("Rowing."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.setMode("plan");
  await session.prompt("Row");
  assert.equal(session.editor.permissions.length, 1);
  assert.match(said(rig.model.lastRequest), /I approve revision 1/);
});

scenario("a model may propose to plan first", {}, async (rig) => {
  rig.model.script(draft(first), say("Rowing."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Row");
  const modes = session.updates("current_mode_update").map((update) => update.currentModeId);
  assert.deepEqual(modes, ["plan", "default"]);
  const headless = await run(rig, ["run", "-p", "Row"]);
  assert.equal(headless.code, 5, "the script has no reply left");
});

scenario("/plan with a request hands it to the planner, approval hands it back", {}, async (rig) => {
  rig.workspace.configure(
    '[agents.planner]\ninstruction = "Think of the tide."\nmodel = "openai/gpt-5-mini"\n' +
      'tools = ["read_file", "write_session_plan", "exit_plan_mode"]\n' +
      '[agents.rower]\ninstruction = "Row by the plan."\ntools = ["read_session_plan"]\n' +
      '[plan]\nexecutor = "rower"\nexport = "PLAN.md"\n',
  );
  rig.model.script(
    calls(call("grep", { pattern: "oar" })),
    draft(first),
    calls(call("write_file", { path: "x", content: "x" }), call("read_session_plan", {})),
    say("Read."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("/plan Row faster");
  const [investigating, , executing] = rig.model.requests;
  assert.match(JSON.stringify(investigating.messages[0]), /Think of the tide/);
  assert.match(said(investigating), /Row faster/);
  const names = (request) => request.tools.map((tool) => tool.function?.name ?? tool.name).sort();
  assert.deepEqual(names(investigating), ["exit_plan_mode", "read_file", "write_session_plan"]);
  assert.deepEqual(names(executing), ["read_session_plan"]);
  assert.match(JSON.stringify(executing.messages[0]), /Row by the plan/);
  const results = rig.model.toolResults;
  assert.match(results[0], /agent 'planner' has no tool 'grep'/);
  assert.match(results.at(-2), /agent 'rower' has no tool 'write_file'; the tools are: read_session_plan/);
  assert.equal(results.at(-1), first);
  const agents = ofType(rig, session.id, "AgentChanged").map((event) => event.agent);
  assert.deepEqual(agents, ["planner", "rower"]);
  assert.equal(ofType(rig, session.id, "PlanUpdated")[0].agent_name, "planner");
  assert.equal(rig.workspace.read("PLAN.md"), first);
});

scenario("agents of a repository do nothing before they are trusted", {}, async (rig) => {
  rig.workspace.write(
    ".thole/agents/helmsman.md",
    "---\ndescription: Steers\ntools: [read_file]\nread_only: true\n---\nSteer by the stars.\n",
  );
  rig.workspace.configure('[plan]\nagent = "planner"\n');
  const before = await run(rig, ["run", "-p", "x", "--stream", "ndjson"]);
  assert.match(before.stdout, /agents that you have not looked at \(\.thole\/agents\/helmsman\.md\)/);
  const asks = await run(rig, ["trust"]);
  assert.equal(asks.code, 13);
  assert.match(asks.stdout, /helmsman\.md\s+not trusted[\s\S]*Steer by the stars/);
  assert.equal((await run(rig, ["trust", "--yes"])).code, 0);
  const after = await run(rig, ["run", "-p", "x", "--stream", "ndjson"]);
  assert.doesNotMatch(after.stdout, /not looked at/);
  rig.workspace.write(".thole/agents/helmsman.md", "Steer into the rocks.\n");
  const changed = await run(rig, ["run", "-p", "x", "--stream", "ndjson"]);
  assert.match(changed.stdout, /not looked at/);
});
