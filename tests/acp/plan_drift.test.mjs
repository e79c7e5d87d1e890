// What a turn changes although no step of the approved plan names it, by edits and by commands.
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { first, draft } from "./rig/plans.mjs";
import { run } from "./rig/run.mjs";

const bash = (command) => calls(call("bash", { command }));
const begin = calls(call("update_tasks", { changes: [{ op: "update", id: "1", status: "in_progress" }] }));

// Has the plan approved, and commands run without a question.
async function carrying(rig, ...replies) {
  rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  rig.model.script(draft(first), ...replies, say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.setMode("plan");
  assert.deepEqual(await session.prompt("Row"), { stopReason: "end_turn" });
  return session;
}

const drift = (rig, session) => ofType(rig, session.id, "PlanDrifted").flatMap((e) => e.files);
const paths = (rig, ...names) => names.map((name) => rig.workspace.path(name)).sort();

scenarios("commands drift, too, and files go to the task that is in progress", {}, async (rig) => {
  rig.workspace.write(".gitignore", "build/\n");
  const session = await carrying(
    rig,
    begin,
    bash("sed -i s/28/30/ src/oar.c; echo x >> notes.txt; mkdir -p build; touch build/oar.o"),
    bash("echo y > stray.txt; false"),
    bash("rm src/oar.h; cat README.md"),
    calls(call("write_file", { path: "new.txt", content: "x" })),
  );
  const files = paths(rig, "notes.txt", "src/oar.h", "stray.txt", "new.txt");
  assert.deepEqual(drift(rig, session).sort(), files, "not src/oar.c, which the plan names");
  assert.match(session.text("agent_thought_chunk"), /Changed without being named by the approved plan: .*notes\.txt/);
  const { stdout } = await run(rig, ["task", session.id, "1"]);
  for (const name of ["src/oar.c", "notes.txt", "stray.txt", "src/oar.h", "new.txt"]) {
    assert.ok(stdout.includes(`\`${rig.workspace.path(name)}\``), `${name} in\n${stdout}`);
  }
  assert.doesNotMatch(stdout, /^- files: .*(README\.md|oar\.o|\.git)/m);
});

scenario("what git itself does is no drift, but what it does to files is", {}, async (rig) => {
  const git = "git -c user.name=T -c user.email=t@localhost";
  const session = await carrying(
    rig,
    bash(`echo x >> src/oar.c; git add -A; ${git} commit -qm Faster; git reset -q HEAD~1`),
    bash("git checkout -q -- src/oar.c; git branch other"),
  );
  assert.deepEqual(drift(rig, session), []);
  assert.deepEqual(
    ofType(rig, session.id, "ToolCallCompleted").map((e) => e.changed_files ?? []).filter((f) => f.length),
    [paths(rig, "src/oar.c"), paths(rig, "src/oar.c")],
  );
});

scenario("without git the same holds", { files: { "a.txt": "a\n" } }, async (rig) => {
  const session = await carrying(rig, bash("rm -rf .git; echo x >> a.txt"));
  assert.deepEqual(drift(rig, session), paths(rig, "a.txt"));
});

scenario("nobody looks at commands when no plan is approved", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  rig.model.script(bash("echo x >> notes.txt"), say("Done."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.deepEqual(ofType(rig, session.id, "ToolCallCompleted")[0].changed_files ?? [], []);
  assert.deepEqual(drift(rig, session), []);
});
