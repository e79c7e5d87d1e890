// The review of a plan as a person at a terminal sees it, and as acpx does.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, say, scenario } from "./rig.mjs";
import { run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const first = "# Faster strokes\n\n- [ ] Raise the rate in src/oar.c\n- [ ] Say so in README.md\n";
const second = first.replace("README.md", "notes.txt");
const draft = (content) =>
  calls(call("write_session_plan", { content }), call("exit_plan_mode", {}));
const raise = calls(
  call("edit_file", { path: "src/oar.c", old_string: "minutes * 28", new_string: "minutes * 30" }),
);
const finish = calls(
  call("update_tasks", {
    changes: [
      { op: "update", id: "1", status: "completed" },
      { op: "update", id: "2", status: "completed" },
    ],
  }),
);
const question =
  /Does this plan look good\? Reply with yes\/no to approve or reject, or describe any\s+changes\s+you'd\s+like\./;
const prompt = /^›( |$)/m;

function terminals(name, options, body) {
  scenario(name, options, async (rig) => {
    try {
      await body(rig);
    } finally {
      for (const one of rig.terminals ?? []) await one.close();
    }
  });
}

terminals("the whole loop: draft, feedback, an edit of the file, approval, done", {}, async (rig) => {
  rig.model.script(draft(first), draft(second), raise, finish, say("Rowing faster now."));
  const terminal = new Terminal(rig, ["--plan", "--permission-mode", "accept-edits"]);
  await terminal.until(prompt);
  terminal.enter("Row faster");
  await terminal.until(question);
  const shown = terminal.screen;
  assert.match(shown, /Plan, revision 1 .*session_plans/);
  assert.match(shown, /Raise the rate in src\/oar\.c/);
  terminal.enter("yes, but say it in the notes");
  await terminal.until(/Plan, revision 2/);
  await terminal.until(/-\s*- \[ \] Say so in README\.md/);
  await terminal.until(/\+\s*- \[ \] Say so in notes\.txt/);
  assert.match(terminal.screen, /changes wanted: yes, but say it in the notes/);
  // The user edits the file itself; what is approved must be what was seen.
  const [, id] = /session (\S+) ·/.exec(terminal.screen);
  const file = join(rig.env.XDG_STATE_HOME, "thole/session_plans", `${id}.md`);
  writeFileSync(file, second.replace("Raise", "Lift"));
  terminal.enter("yes");
  await terminal.until(/the plan file has changed since it was shown; it is revision 3 now/);
  await terminal.until(/Plan, revision 3/);
  terminal.enter("  OK ");
  await terminal.until(/Rowing faster now\./);
  await terminal.until(/✓ the plan is done/);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 30/);
  terminal.enter("tasks");
  await terminal.until(/█{20} 2 of 2 tasks done/);
  terminal.enter("plan");
  await terminal.until(/Plan: done, revision 3, approved as\s+[0-9a-f]{64}/);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("no discards the plan, and nothing was done", {}, async (rig) => {
  rig.model.script(draft(first));
  const terminal = new Terminal(rig, []);
  await terminal.until(prompt);
  terminal.enter("/plan Row faster");
  await terminal.until(question);
  terminal.enter("No");
  await terminal.until(/plan rejected/);
  await terminal.until(/done in/);
  terminal.enter("plan");
  await terminal.until(/Plan: rejected, revision 1/);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 28/);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("a headless run waits for its review in a terminal", {}, async (rig) => {
  rig.model.script(draft(first), raise, finish, say("Rowed."));
  const { code, stderr } = await run(rig, ["run", "--plan", "--permission-mode", "accept-edits", "-p", "Row"]);
  assert.equal(code, 13);
  const [, id] = /thole resume (\S+)/.exec(stderr);
  const terminal = new Terminal(rig, ["resume", id]);
  await terminal.until(question);
  assert.match(terminal.screen, /Raise the rate/);
  terminal.enter("y");
  await terminal.until(/Rowed\./);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});
