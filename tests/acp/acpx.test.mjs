// acpx, a real command-line client, drives the binary: one-shot prompts, approvals, and a session
// whose agent has gone between two prompts.
import { spawn } from "node:child_process";
import { acpxProgram } from "../node/peers.mjs";
import { assert, call, calls, fail, say, scenario, scenarios } from "./rig.mjs";
import { command } from "./rig/wire.mjs";

const agent = command("--stdio").flat().join(" ");

// Runs acpx to its end in the workspace.
function acpx(rig, ...words) {
  const child = spawn(process.execPath, [acpxProgram, "--agent", agent, ...words], {
    cwd: rig.workspace.root,
    env: rig.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (out.stdout += data));
  child.stderr.on("data", (data) => (out.stderr += data));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...out })));
}

const messages = ({ stdout }) =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

scenarios("acpx gets a text", {}, async (rig) => {
  rig.model.script(say("Both oars, in one stroke."));
  const { code, stdout, stderr } = await acpx(rig, "--format", "quiet", "exec", "How do I row?");
  assert.deepEqual(
    { code, stdout: stdout.trim() },
    { code: 0, stdout: "Both oars, in one stroke." },
    stderr,
  );
});

scenarios("acpx approves an edit, which goes through its files", {}, async (rig) => {
  rig.model.script(
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    say("Edited."),
  );
  const run = await acpx(rig, "--approve-all", "--format", "json", "exec", "Edit");
  assert.equal(run.code, 0, run.stderr);
  assert.match(rig.workspace.read("notes.txt"), /^first line\n2nd line\n/);
  const methods = messages(run).map((m) => m.method);
  assert.ok(methods.includes("session/request_permission"));
  assert.deepEqual(messages(run).at(-1).result, { stopReason: "end_turn" });
});

scenario("85: acpx runs a command in its terminal, released once", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "echo hello; exit 3" })), say("Ran."));
  const run = await acpx(rig, "--approve-all", "--format", "json", "exec", "Run");
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(rig.model.toolResults, ["hello\n[exit code 3]"]);
  const asked = messages(run).map((m) => m.method);
  for (const step of ["create", "wait_for_exit", "output", "release"]) {
    assert.equal(asked.filter((method) => method === `terminal/${step}`).length, 1, step);
  }
});

scenarios("acpx denies an edit, and the turn goes on", {}, async (rig) => {
  rig.model.script(
    calls(call("edit_file", { path: "notes.txt", old_string: "second", new_string: "2nd" })),
    say("Then not."),
  );
  const run = await acpx(rig, "--deny-all", "exec", "Edit");
  assert.equal(run.code, 5, "5: permission denied, in acpx");
  assert.match(run.stdout, /Then not\./);
  assert.match(rig.workspace.read("notes.txt"), /second line/);
});

scenario("acpx shows the sentence of a failed prompt", {}, async (rig) => {
  rig.model.script(fail(400, "oars must be even in number", "invalid_request_error"));
  const run = await acpx(rig, "exec", "Row");
  assert.notEqual(run.code, 0);
  assert.match(run.stdout + run.stderr, /oars must be even in number/);
});

scenario("acpx sets the mode and the model before a prompt", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })), say("Done."));
  const run = await acpx(
    rig,
    "--approve-all",
    "--format",
    "json",
    "exec",
    "--config-option",
    "mode=accept-edits",
    "Write",
  );
  assert.match(run.stdout, /Done\./, run.stderr);
  const methods = messages(run).map((m) => m.method);
  assert.ok(!methods.includes("session/request_permission"), "the mode allows it");
  assert.equal(rig.workspace.read("a.txt"), "a");
});

// With a time to live of one second acpx ends its agent; the next prompt resumes in a new process.
scenarios("acpx resumes a session after the agent has gone", {}, async (rig) => {
  rig.model.script(say("It is called Swift."), say("Swift, as I said."));
  const created = await acpx(rig, "sessions", "new");
  assert.equal(created.code, 0, created.stderr);
  const first = await acpx(rig, "--ttl", "1", "--format", "quiet", "prompt", "Name the boat.");
  assert.equal(first.stdout.trim(), "It is called Swift.", first.stderr);
  while (!/status: (idle|dead|closed)/.test((await acpx(rig, "status")).stdout));

  const second = await acpx(rig, "--ttl", "1", "--format", "json", "prompt", "What is its name?");
  assert.equal(second.code, 0, second.stderr);
  const methods = messages(second)
    .map((m) => m.method)
    .filter(Boolean);
  assert.ok(
    methods.some((m) => m === "session/resume" || m === "session/load"),
    methods.join(),
  );
  assert.match(
    JSON.stringify(rig.model.lastRequest.messages),
    /Name the boat.*Swift.*What is its name/s,
  );
  while (!/status: (idle|dead|closed)/.test((await acpx(rig, "status")).stdout));
});

scenario("acpx lists the agent's sessions", {}, async (rig) => {
  rig.model.script(say("Swift."));
  await acpx(rig, "exec", "Name the boat.");
  const { code, stdout, stderr } = await acpx(rig, "--format", "json", "sessions", "list");
  assert.equal(code, 0, stderr);
  const { sessions } = JSON.parse(stdout);
  assert.equal(sessions.length, 1);
  assert.equal(sessions[0].cwd, rig.workspace.root);
});

const plan = "# Row\n\n- [ ] Raise the rate in src/oar.c\n";
const draft = calls(call("write_session_plan", { content: plan }), call("exit_plan_mode", {}));
const raise = calls(
  call("edit_file", { path: "src/oar.c", old_string: "minutes * 28", new_string: "minutes * 30" }),
);

scenario("acpx approves a plan, and it is carried out", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "plan"\n');
  rig.model.script(draft, raise, say("Rowed."));
  const run = await acpx(rig, "--approve-all", "--format", "json", "exec", "Row");
  assert.equal(run.code, 0, run.stderr);
  const review = messages(run).find((m) => m.method === "session/request_permission");
  assert.equal(review.params.toolCall.kind, "switch_mode");
  assert.equal(review.params.toolCall.rawInput.plan, plan);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
});

scenario("acpx keeps planning, and nothing is carried out", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "plan"\n');
  rig.model.script(draft);
  const run = await acpx(rig, "--deny-all", "--format", "json", "exec", "Row");
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 28/);
  assert.equal(rig.model.requests.length, 1);
  assert.deepEqual(messages(run).at(-1).result, { stopReason: "end_turn" });
});
