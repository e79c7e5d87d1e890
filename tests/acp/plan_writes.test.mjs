// Nothing changes in plan mode, whatever a model tries: the real program, the real kernel, dozens of
// programs. After each attempt the workspace, .git, the home and what lies outside are as they were,
// and the attempt is an event.
import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, call, calls, say, scenario, withFiles } from "./rig.mjs";
import { events } from "./rig/log.mjs";
import { filesystem, hostile, patient } from "./rig/servers.mjs";
import { treeOf } from "./rig/tree.mjs";
import { writeAttempts } from "./rig/write_attempts.mjs";

const patch = `--- a/notes.txt
+++ b/notes.txt
@@ -1,3 +1,3 @@
-first line
+changed line
 second line
 third line
`;

// What attempts need: links, scripts, something to commit, to unpack, to reach and to kill.
class Field {
  static async make(rig) {
    const field = new Field();
    field.rig = rig;
    field.workspace = rig.workspace;
    field.outside = rig.workspace.outside("there");
    field.#fill();
    field.sleeper = spawn("sleep", ["1000"], { stdio: "ignore" });
    field.connections = 0;
    const count = (socket) => {
      field.connections += 1;
      socket.destroy();
    };
    field.server = createServer(count);
    field.door = createServer(count);
    await new Promise((done) => field.server.listen(0, "127.0.0.1", done));
    await new Promise((done) => field.door.listen(field.#socket(), done));
    return field;
  }

  get there() {
    return {
      home: this.workspace.home,
      outside: this.outside,
      port: this.server.address().port,
      socket: this.#socket(),
      pid: this.sleeper.pid,
    };
  }

  tree() {
    const logs = this.workspace.path(".thole");
    const folders = [this.workspace.root, this.workspace.home, this.outside];
    return folders.flatMap((folder) => treeOf(folder, [logs]));
  }

  assertUntouched() {
    assert.deepEqual(this.tree(), this.before);
    assert.equal(this.connections, 0, "nobody was reached");
    assert.equal(this.sleeper.exitCode ?? this.sleeper.signalCode, null, "nobody was killed");
  }

  end() {
    this.sleeper.kill("SIGKILL");
    this.server.close();
    this.door.close();
  }

  #socket() {
    return join(this.workspace.home, "service.sock");
  }

  #fill() {
    const { workspace, outside } = this;
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, "file"), "outside\n");
    writeFileSync(join(outside, "hard"), "hard\n");
    writeFileSync(join(workspace.home, ".profile"), "# mine\n");
    symlinkSync(join(outside, "file"), workspace.path("outside.link"));
    symlinkSync(outside, workspace.path("folder.link"));
    symlinkSync("outside.link", workspace.path("chain.link"));
    linkSync(join(outside, "hard"), workspace.path("hard.link"));
    mkdirSync(workspace.path("empty"));
    workspace.write("change.patch", patch);
    workspace.write("change.sh", "rm notes.txt\n");
    workspace.write("new-already.txt", "untracked\n");
    workspace.write("dirty.txt", "committed\n");
    workspace.write("bin/ls", "#!/bin/sh\nrm notes.txt\n");
    const run = (program, ...words) =>
      execFileSync(program, words, { cwd: workspace.root, stdio: "ignore" });
    run("chmod", "755", "bin/ls");
    run("git", "add", "dirty.txt");
    run("git", "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "-qm", "Dirty");
    workspace.write("dirty.txt", "changed\n");
    run("tar", "cf", "archive.tar", "notes.txt");
  }
}

const refusals = (rig, id, callId) =>
  events(rig, id).filter((e) => e.type === "EffectRefused" && e.call_id === callId);

// What a background command tries comes when it comes.
async function untilRefused(rig, id, callId) {
  while (refusals(rig, id, callId).length === 0) await pause(5);
  return refusals(rig, id, callId);
}

async function planSession(rig, options = {}) {
  const session = await rig.session(options);
  await session.setMode("plan");
  return session;
}

// One prompt for which the model calls `tool`; gives the call as the client saw it.
async function attempt(rig, session, tool, input) {
  rig.model.forgetRest();
  rig.model.script(calls(call(tool, input)), say("Done."));
  assert.equal((await session.prompt("Try it")).stopReason, "end_turn");
  return session.calls().at(-1);
}

const nodePath = { NODE: process.execPath };
// Which way a program that is not there would have gone nobody knows.
function isThere(command) {
  const [, program] = /^(chattr|setfattr|patch|prlimit|renice|unshare|hostname)\b/.exec(command) ?? [];
  if (!program) return true;
  return ["/bin", "/usr/bin", "/sbin", "/usr/sbin"].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

scenario("no command changes anything in plan mode, and each attempt is told", { timeout: 120_000, env: nodePath }, async (rig, t) => {
  const field = await Field.make(rig);
  t.after(() => field.end());
  const session = await planSession(rig);
  field.before = field.tree();
  const attempts = Object.entries(writeAttempts(field.there)).filter(([, command]) => isThere(command));
  const start = performance.now();
  for (const [name, command] of attempts) {
    const seen = await attempt(rig, session, "bash", { command });
    const told = refusals(rig, session.id, seen.toolCallId);
    assert.ok(told.length > 0, `${name} is told; it gave:\n${rig.model.toolResults.at(-1)}`);
    assert.ok(told.every((e) => e.by.startsWith("Landlock ABI ") && e.what && e.reason), name);
    assert.deepEqual(seen._meta.thole.refused.map((r) => r.what), told.map((e) => e.what), name);
    assert.match(rig.model.toolResults.at(-1), /^\[plan mode: \d+ (write|attempt)/m, name);
    try {
      field.assertUntouched();
    } catch (error) {
      error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  assert.equal(session.editor.permissions.length, 0, "nobody is asked");
  t.diagnostic(`${attempts.length} attempts in ${Math.round(performance.now() - start)} ms`);
  assert.ok(attempts.length >= 80);
});

scenario("a background job of plan mode changes nothing, and tells while it runs", {}, async (rig, t) => {
  const field = await Field.make(rig);
  t.after(() => field.end());
  const session = await planSession(rig);
  field.before = field.tree();
  const background = { command: "rm notes.txt; echo tried; sleep 1000", run_in_background: true };
  const started = await attempt(rig, session, "bash", background);
  const [told] = await untilRefused(rig, session.id, started.toolCallId);
  assert.equal(told.what, `unlink ${rig.workspace.path("notes.txt")}`);
  assert.equal(told.effect, "delete");
  await attempt(rig, session, "bash", { job: "job-1", action: "kill" });
  assert.match(rig.model.toolResults.at(-1), /tried\n\[plan mode: 1 write was refused: unlink .*\/notes\.txt\]\n\[job-1: /);
  const left = await attempt(rig, session, "bash", {
    command: "(sleep 0.2; echo x > late.txt) > /dev/null 2>&1 & echo left",
  });
  assert.equal(left.status, "completed");
  await untilRefused(rig, session.id, left.toolCallId);
  field.assertUntouched();
});

const toolAttempts = {
  "write_file of a new file": ["write_file", { path: "new.txt", content: "x" }],
  "write_file over a file": ["write_file", { path: "notes.txt", content: "x" }],
  edit_file: ["edit_file", { path: "notes.txt", old_string: "first", new_string: "x" }],
  multi_edit: ["multi_edit", { path: "notes.txt", edits: [{ old_string: "first", new_string: "x" }] }],
};

// Of MCP servers: one whose tool says that it writes, and one whose tool says that it only reads.
const foreignAttempts = (rig) => ({
  "a tool of an MCP server": ["mcp__files__write_file", { path: rig.workspace.path("notes.txt"), content: "x" }],
  "a tool of an MCP server that lies": ["mcp__liar__look", {}],
});

// What sub-agents do in plan mode is in agents.test.mjs.
for (const [where, capabilities] of Object.entries({ "the disk": {}, "an editor": withFiles })) {
  scenario(`no tool changes anything in plan mode with ${where}`, { timeout: 60_000 }, async (rig, t) => {
    const field = await Field.make(rig);
    t.after(() => field.end());
    const notes = rig.workspace.path("notes.txt");
    const buffers = new Map([[notes, rig.workspace.read("notes.txt")]]);
    rig.workspace.configure(patient);
    const mcpServers = [filesystem(rig.workspace.root), hostile("liar", {}, "liar")];
    const session = await planSession(rig, { capabilities, buffers, params: { mcpServers } });
    field.before = field.tree();
    await attempt(rig, session, "read_file", { path: "notes.txt" });
    const fetch = ["fetch_url", { url: `http://127.0.0.1:${field.there.port}/` }];
    for (const [name, [tool, input]] of Object.entries({ ...toolAttempts, fetch_url: fetch, ...foreignAttempts(rig) })) {
      const seen = await attempt(rig, session, tool, input);
      const [told, ...more] = refusals(rig, session.id, seen.toolCallId);
      assert.deepEqual([told?.by, told?.tool, more.length], ["mode plan", tool, 0], name);
      assert.equal(seen.status, "failed", name);
      assert.deepEqual(seen._meta.thole.refused.map((r) => r.what), [told.what], name);
      field.assertUntouched();
    }
    assert.deepEqual(session.editor.fileRequests.filter((r) => r.method === "write"), []);
    assert.equal(session.editor.permissions.length, 0);
  });
}

const readings = {
  "cat notes.txt": "first line\nsecond line\nthird line\n",
  "ls src": "oar.c\noar.h\n",
  "ls -l src > /dev/null && id > /dev/null && echo ok": "ok\n",
  "grep -rn strokes src | wc -l | tr -d ' '": "2\n",
  "git diff": "",
  "git -c core.pager=cat --no-pager diff --stat": "",
  "git describe --always --dirty > /dev/null && echo clean": "clean\n",
  "git log --format=%s": "Start\n",
  "touch_free=1; git status --short": "",
  "git show --no-patch --format=%an": "Test\n",
  "git blame -s README.md > /dev/null && git ls-files | head -1": "README.md\n",
  "python3 -c 'print(1)'": "1\n",
  "perl -e 'print 2, qq(\\n)'": "2\n",
  '"$NODE" -e "console.log(3)"': "3\n",
  "cat <<EOF\nfour\nEOF": "four\n",
  "cat <<< five": "five\n",
  "cat notes.txt | sort -r | head -1 2>&1": "third line\n",
  "diff <(echo a) <(echo a) && echo same": "same\n",
  "ls missing 2>/dev/null || echo none >&2": "none\n",
  "find . -name '*.h' -newer notes.txt -o -name oar.h | head -1": "./src/oar.h\n",
  "awk '{ print $1 }' notes.txt | xargs": "first second third\n",
  "for f in src/*; do wc -c < $f | tr -d ' '; done | head -1": "72\n",
  "sleep 100 & kill $!; wait $! 2>/dev/null; echo $?": "143\n",
  "timeout 5 sh -c 'echo six'": "six\n",
  "(echo seven > /dev/stdout) | cat; echo eight > /dev/fd/1": "seven\neight\n",
};

scenario("reading works in plan mode without a question and without a word", { env: nodePath, timeout: 60_000 }, async (rig) => {
  const session = await planSession(rig);
  // Now git wants to refresh its index, which it must do without.
  rig.workspace.write("notes.txt", rig.workspace.read("notes.txt"));
  for (const [command, printed] of Object.entries(readings)) {
    const seen = await attempt(rig, session, "bash", { command });
    assert.equal(rig.model.toolResults.at(-1), `${printed}[exit code 0]`, command);
    assert.equal(seen.status, "completed", command);
    assert.equal(seen._meta.thole.refused, undefined, command);
  }
  const resolved = events(rig, session.id).filter((e) => e.type === "ApprovalResolved");
  assert.match(resolved[0].reason, /^mode plan: runs read-only, held by Landlock ABI \d+ and seccomp$/);
  assert.equal(session.editor.permissions.length, 0);
});

scenario("after plan mode commands write again, and jobs of plan mode still do not", {}, async (rig) => {
  const session = await planSession(rig);
  const command = "until [ -e go ]; do sleep 0.01; done; rm notes.txt; echo x > late.txt";
  const job = await attempt(rig, session, "bash", { command, run_in_background: true });
  await session.setMode("bypass-permissions");
  const done = await attempt(rig, session, "bash", { command: "echo x > new.txt; touch go" });
  assert.equal(done.status, "completed");
  assert.equal(rig.workspace.read("new.txt"), "x\n");
  await untilRefused(rig, session.id, job.toolCallId);
  assert.deepEqual([rig.workspace.has("notes.txt"), rig.workspace.has("late.txt")], [true, false]);
});

scenario("rules deny and ask in plan mode, and what is allowed there still only reads", {}, async (rig) => {
  rig.workspace.configure(
    '[permissions]\ndeny = ["bash(git log:*)"]\nask = ["bash(rm:*)"]\nallow = ["bash"]\n',
  );
  const yes = () => ({ outcome: { outcome: "selected", optionId: "allow_once" } });
  const session = await planSession(rig, { permission: yes });
  const denied = await attempt(rig, session, "bash", { command: "git log" });
  assert.equal(denied._meta.thole.status, "denied");
  assert.deepEqual(denied._meta.thole.refused.map((r) => r.by), ["rule"]);
  await attempt(rig, session, "bash", { command: "rm notes.txt" });
  assert.equal(session.editor.permissions.length, 1);
  assert.ok(rig.workspace.has("notes.txt"));
  await attempt(rig, session, "bash", { command: "echo x > notes.txt" });
  assert.match(rig.workspace.read("notes.txt"), /^first line/);
});
