// Hooks: commands of the user's that look on, add, ask and deny, and never let more through.
import { existsSync, readFileSync } from "node:fs";
import { assert, call, calls, choose, say, scenario, textOf } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { script, trustAll } from "./rig/extensions.mjs";
import { run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const hook = (event, command, more = "") =>
  `[[hooks]]\nevent = "${event}"\ncommand = '''${command} '''\n${more}\n`;
const bash = (command) => calls(call("bash", { command }));
const inMode = (mode) => `[permissions]\nmode = "${mode}"\n`;
const seen = (rig, name) =>
  rig.workspace.read(name).trimEnd().split("\n").map((line) => JSON.parse(line));
const words = (message) => textOf(message.content);

scenario("a hook denies what the mode allows, with its reason; the rest goes on", {}, async (rig) => {
  rig.workspace.configure(
    inMode("bypass-permissions") +
      hook("pre_tool", "echo 'pushing is for people' >&2; exit 2", 'match = "bash(git push:*)"'),
  );
  rig.model.script(bash("touch a && git push origin"), bash("touch b"), say("Done."));
  const session = await rig.session();
  await session.prompt("Push");
  assert.match(rig.model.toolResults[0], /^A hook of the user's denied this call: pushing is for people/);
  assert.ok(!rig.workspace.has("a") && rig.workspace.has("b"));
  const [resolved] = ofType(rig, session.id, "ApprovalResolved");
  assert.deepEqual([resolved.decision, resolved.by, resolved.reason], ["deny", "hook", "pushing is for people"]);
  const [ran] = ofType(rig, session.id, "HookRan");
  assert.deepEqual([ran.event, ran.outcome, ran.blocked, ran.tool], ["pre_tool", "deny", true, "bash"]);
  const [changed] = ofType(rig, session.id, "HooksChanged");
  assert.match(changed.hooks[0], /^pre_tool bash\(git push:\*\): echo .* \(from \S+config\.toml\)$/);
});

scenario("a hook has a call asked, and cannot allow what is denied", {}, async (rig) => {
  rig.workspace.configure(
    '[permissions]\nmode = "bypass-permissions"\ndeny = ["bash(rm:*)"]\n' +
      hook("pre_tool", `cat >> seen; echo '{"decision":"ask","reason":"sure?"}'`, 'match = "bash(touch:*)"') +
      hook("pre_tool", `echo '{"decision":"allow"}'`),
  );
  rig.model.script(bash("touch a"), bash("rm -f notes.txt"), say("Done."));
  const session = await rig.session({ permission: choose("reject_once") });
  await session.prompt("Go");
  assert.equal(session.editor.permissions.length, 1);
  assert.match(JSON.stringify(session.editor.permissions[0]), /a hook wants this to be asked: sure\?/);
  assert.match(rig.model.toolResults[1], /rule 'bash\(rm:\*\)' denies/);
  assert.ok(!rig.workspace.has("a") && rig.workspace.has("notes.txt"));
  const [input] = seen(rig, "seen");
  assert.equal(input.event, "pre_tool");
  assert.equal(input.session_id, session.id);
  assert.equal(input.cwd, rig.workspace.root);
  assert.equal(input.tool, "bash");
  assert.deepEqual(input.input, { command: "touch a" });
});

scenario("where nobody can be asked, what a hook has asked is denied", {}, async (rig) => {
  rig.workspace.configure(
    inMode("bypass-permissions") + hook("pre_tool", `echo '{"decision":"ask","reason":"sure?"}'`),
  );
  rig.model.script(bash("touch a"), say("Not done."));
  const { code } = await run(rig, ["run", "-p", "Go"]);
  assert.equal(code, 13);
  assert.ok(!rig.workspace.has("a"));
});

scenario("a guard that is slow, broken or missing lets nothing through; one that may fail does", {}, async (rig) => {
  const guard = (command, more = "") => hook("pre_tool", command, more);
  const session = await (async () => {
    rig.workspace.configure(
      inMode("bypass-permissions") +
        guard("sleep 100 & echo $! > pid; wait", 'match = "bash(touch slow)"\ntimeout = 1') +
        guard("./not-there", 'match = "bash(touch missing)"') +
        guard("echo '{broken'", 'match = "bash(touch broken)"') +
        guard("exit 7", 'match = "bash(touch optional)"\non_failure = "go-on"'),
    );
    return rig.session();
  })();
  rig.model.script(...["slow", "missing", "broken", "optional"].map((name) => bash(`touch ${name}`)), say("Done."));
  await session.prompt("Go");
  const [slow, missing, broken] = rig.model.toolResults;
  assert.match(slow, /the hook 'sleep 100 & .*' \(\S+\) did not end within 1 seconds/);
  assert.match(missing, /ended with code 127: .*not-there/);
  assert.match(broken, /printed JSON that cannot be read/);
  for (const name of ["slow", "missing", "broken"]) assert.ok(!rig.workspace.has(name), name);
  assert.ok(rig.workspace.has("optional"));
  assert.ok(!existsSync(`/proc/${rig.workspace.read("pid").trim()}`), "nothing of it is left");
  const failed = ofType(rig, session.id, "HookRan").map((ran) => [ran.outcome, ran.blocked ?? false]);
  assert.deepEqual(failed, [["failed", true], ["failed", true], ["failed", true], ["failed", false]]);
});

scenario("after a call a hook adds to the result, and a cancel ends it", {}, async (rig) => {
  rig.workspace.configure(
    inMode("accept-edits") +
      hook("post_tool", "cat >> seen; echo 'line 1 is not formatted' >&2; exit 2", 'match = "edit(*.txt)"') +
      hook("post_tool", "echo $$ > pid; sleep 100", 'match = "read(src/*)"\ntimeout = 60'),
  );
  rig.model.script(
    calls(call("edit_file", { path: "notes.txt", old_string: "first", new_string: "1st" })),
    calls(call("read_file", { path: "src/oar.h" })),
    say("never"),
  );
  const session = await rig.session();
  const prompt = session.prompt("Edit");
  while (!rig.workspace.has("pid")) await new Promise((wake) => setTimeout(wake, 5));
  await session.cancel();
  assert.equal((await prompt).stopReason, "cancelled");
  const pid = rig.workspace.read("pid").trim();
  assert.ok(!existsSync(`/proc/${pid}`));
  const edited = ofType(rig, session.id, "ToolCallCompleted")[0];
  assert.match(edited.output, /\[from a hook: line 1 is not formatted\]$/);
  const [input] = seen(rig, "seen");
  assert.deepEqual(input.paths, [rig.workspace.path("notes.txt")]);
  assert.equal(input.status, "completed");
});

scenario("a prompt that a hook refuses never reaches the model", {}, async (rig) => {
  rig.workspace.configure(
    hook("prompt", `cat > seen; if grep -q password seen; then echo 'no passwords' >&2; exit 2; fi; echo '{"context":"The wind is west."}'`),
  );
  rig.model.script(say("Rowing."), say("Again."));
  const session = await rig.session();
  await assert.rejects(session.prompt("The password is oar"), /the prompt was not sent: no passwords/);
  assert.equal(rig.model.requests.length, 0);
  await session.prompt("Row");
  const users = rig.model.lastRequest.messages.filter((m) => m.role === "user").map(words).join("\n");
  assert.match(users, /Row[\s\S]*\[From the hook of prompt\]\nThe wind is west\./);
  assert.doesNotMatch(users, /password/);
  assert.equal(ofType(rig, session.id, "HookRan").filter((ran) => ran.blocked).length, 1);
});

scenario("sessions and sub-agents tell of their beginning and end, each under its own id", {}, async (rig) => {
  const note = "cat >> $THOLE_NOTES";
  rig.env.THOLE_NOTES = rig.workspace.outside("notes");
  rig.workspace.configure(
    inMode("accept-edits") +
      ["session_start", "session_end", "subagent_start", "subagent_stop"].map((event) => hook(event, note)).join("") +
      hook("pre_tool", note, 'match = "read"'),
  );
  rig.model.script(calls(call("spawn_subagent", { task: "Look at the notes" })), say("Over."));
  rig.model.scriptFor(/^Look at the notes/, calls(call("read_file", { path: "notes.txt" })), say("Looked."));
  const session = await rig.session();
  await session.prompt("Go");
  await session.close();
  const lines = readFileSync(rig.env.THOLE_NOTES, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const [child] = ofType(rig, session.id, "ChildSessionSpawned").map((e) => e.child_session_id);
  assert.deepEqual(
    lines.map((line) => [line.event, line.session_id === session.id ? "parent" : line.session_id]),
    [
      ["session_start", "parent"],
      ["subagent_start", child],
      ["pre_tool", child],
      ["subagent_stop", child],
      ["session_end", "parent"],
    ],
  );
  assert.equal(lines[2].parent_session_id, session.id);
  assert.notEqual(lines[2].cwd, rig.workspace.root, "where the sub-agent works");
});

scenario("hooks get no secrets, and what a session's start adds is read", { env: { MY_API_TOKEN: "s3cret-s3cret-s3cret" } }, async (rig) => {
  rig.workspace.configure(hook("session_start", `env > seen; echo '{"context":"Low tide at noon."}'`));
  rig.model.script(say("Aye."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /Low tide at noon\./);
  assert.doesNotMatch(rig.workspace.read("seen"), /s3cret|ANTHROPIC_API_KEY|OPENAI_API_KEY/);
  assert.match(rig.workspace.read("seen"), /^PATH=/m);
});

scenario("in the terminal a denial of a hook is shown", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions") + hook("pre_tool", "echo 'not on Sundays' >&2; exit 2", 'match = "bash"'));
  rig.model.script(bash("touch a"), say("It may not be."));
  const terminal = new Terminal(rig, []);
  try {
    await terminal.until(/^›( |$)/m);
    terminal.enter("Go");
    await terminal.until(/not allowed: not on Sundays/);
    await terminal.until(/It may not be\./);
    terminal.press("C-d");
    assert.equal(await terminal.end(), 0);
  } finally {
    await terminal.close();
  }
});

scenario("a workspace's hooks run from its root once they are trusted, scripts included", {}, async (rig) => {
  script(rig, ".thole/hooks/guard", "pwd > ran; exit 2");
  rig.workspace.write(".thole/config.toml", hook("pre_tool", "./.thole/hooks/guard", 'match = "bash"'));
  await trustAll(rig);
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(bash("touch a"), say("Done."));
  const session = await rig.session();
  await session.prompt("Go");
  assert.equal(rig.workspace.read("ran").trim(), rig.workspace.root);
  assert.ok(!rig.workspace.has("a"));
  script(rig, ".thole/hooks/guard", "touch evil; exit 0");
  rig.model.script(bash("touch b"), say("Done."));
  await session.prompt("Again");
  assert.ok(!rig.workspace.has("evil"));
  assert.ok(rig.workspace.has("b"));
  assert.match(JSON.stringify(ofType(rig, session.id, "Error")), /its hooks do not run, because not all of .thole\/hooks is trusted/);
});
