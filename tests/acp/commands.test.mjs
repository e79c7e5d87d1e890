// Every command and flag of the command line, the old spellings and the exit codes, against the
// real program. What a run does is in headless.test.mjs, what a chat does in chat.test.mjs.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { assert, call, calls, hang, say, sayThenCall, scenario } from "./rig.mjs";
import { Run, run } from "./rig/run.mjs";

const idPattern = /\d{8}-\d{4}-[a-z2-7]{4}/;
const bash = (command) => calls(call("bash", { command }));

// A session that has read, edited and kept a task list.
async function finishedSession(rig) {
  rig.model.script(
    sayThenCall(
      "I look.",
      call("read_file", { path: "notes.txt" }),
      call("update_tasks", {
        tasks: [
          { id: "1", content: "Count the lines", status: "completed" },
          { id: "2", content: "Add a line", status: "in_progress" },
        ],
      }),
    ),
    calls(
      call("edit_file", { path: "notes.txt", old_string: "second line", new_string: "2nd line" }),
    ),
    say("Three lines, one of them shorter."),
  );
  const words = ["run", "--prompt", "Count the lumbering lines", "--permission-mode", "accept-edits"];
  const { code, stdout, stderr } = await run(rig, [...words, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).session_id;
}

// Rows: words, exit code, and what standard output (or, for failures, standard error) must match.
async function check(rig, rows) {
  for (const [words, code, pattern, options] of rows) {
    const outcome = await run(rig, words, options);
    const said = `thole ${words.join(" ")}\n${outcome.stdout}\n${outcome.stderr}`;
    assert.equal(outcome.code, code, said);
    if (pattern) assert.match(code === 0 ? outcome.stdout : outcome.stderr, pattern, said);
    if (code !== 0) assert.match(outcome.stderr, /^thole: /m, said);
  }
}

scenario("commands without a session", {}, async (rig) => {
  await check(rig, [
    [["--version"], 0, /^thole \d+\.\d+\.\d+\n$/],
    [["help"], 0, /thole run --prompt/],
    [["--help"], 0, /thole spawn/],
    [["run", "--help"], 0, /--max-background-workers/],
    [["sessions"], 0, /no such sessions/],
    [["--list-sessions"], 0, /no such sessions/],
    [["sessions", "--json"], 0, /^\{"schema_version":1,"sessions":\[\]\}\n$/],
    [["worktrees"], 0, /no working trees/],
    [["worktrees", "--prune"], 0, /no working trees/],
    [["config"], 0, /permissions\.mode = default/],
    [["config", "--show-origin"], 0, /model\.default = .*THOLE_MODEL/],
    [["doctor"], 0, /libcurl/],
    [["demo", "--help"], 0, /directory/],
  ]);
});

scenario("doctor tells of a merge that stopped in the middle, and where the files are", {}, async (rig) => {
  const folder = join(rig.workspace.root, ".git/thole-abc");
  mkdirSync(folder);
  writeFileSync(join(folder, "files"), "gone.txt\nsrc/\u001b[31moar.c\nnew.txt\n");
  assert.doesNotMatch((await run(rig, ["doctor"])).stdout, /stopped in the middle/);
  for (const i of [0, 1]) writeFileSync(join(folder, `${i}.old`), "before\n");
  const { code, stdout } = await run(rig, ["doctor"], { cwd: join(rig.workspace.root, "src") });
  assert.equal(code, 0);
  const words = stdout.replace(/\s+/g, " ");
  assert.ok(words.includes(`! merge one stopped in the middle; what was in gone.txt and 1 more before is in ${folder}`), stdout);
  assert.match(words, /merge the sub-agent again for the rest/);
});

scenario("exit 2: what is typed wrong", {}, async (rig) => {
  await check(rig, [
    [["bogus"], 2, /there is no command 'bogus'/],
    [["stauts"], 2, /did you mean 'status'\?/],
    [["--bogus"], 2],
    [["run", "--bogus"], 2],
    [["run", "--prompt", "x", "--timeout", "soon"], 2, /timeout/],
    [["run", "--prompt", "x", "--max-background-workers", "0"], 2],
    [["run", "--prompt", "x", "--plan", "--permission-mode", "yolo"], 2, /yolo/],
    [["run", "--prompt", "x", "--config", "/no/such/file"], 2],
    [["run", "--prompt", "x", "--allowed-dirs", "/no/such/folder"], 2],
    [["sessions", "--limit", "0"], 2],
    [["sessions", "--status", "tired"], 2],
    [["status"], 2],
    [["task", "x"], 2],
    [["export", "x", "--format", "pdf"], 2],
    [["spawn"], 2, /prompt/],
    [[], 2, /standard input holds no prompt/],
    [["--new-session"], 2, /standard input holds no prompt/],
  ]);
  assert.deepEqual(rig.model.requests, []);
});

const commandsOnAnId = [
  ["status"], ["logs"], ["logs", "--follow"], ["attach"], ["attach", "--json"], ["cancel"],
  ["delete"], ["--delete-session"], ["export"], ["compact"], ["tasks"], ["plan"], ["agents"],
  ["resume", "--prompt", "x"], ["--resume-session"],
];

function withId([first, ...rest], id) {
  const tail = first === "--resume-session" ? ["--prompt", "x"] : rest;
  return first === "task" ? [first, id, "1"] : [first, id, ...tail];
}

scenario("15 and 2: ids of no session, and what is no id", {}, async (rig) => {
  await finishedSession(rig);
  const requests = rig.model.requests.length;
  for (const words of [...commandsOnAnId, ["task"]]) {
    await check(rig, [
      [withId(words, "19990101-0000-none"), 15],
      [withId(words, ".."), 2],
      [withId(words, "../x"), 2],
      [withId(words, "/etc/passwd"), 2],
      [withId(words, "x".repeat(300)), 2],
    ]);
  }
  assert.equal(rig.model.requests.length, requests);
});

scenario("exit 15: latest where there is none", {}, async (rig) => {
  await check(rig, [
    [["status", "latest"], 15],
    [["--resume", "--prompt", "x"], 15],
    [["resume", "latest", "--prompt", "x"], 15],
  ]);
});

scenario("exit 2: a start of two ids names both", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  for (const prompt of ["one", "two"]) await run(rig, ["run", "--prompt", prompt]);
  const { code, stderr } = await run(rig, ["status", "20"]);
  assert.equal(code, 2, stderr);
  assert.equal(stderr.match(new RegExp(idPattern, "g")).length, 2, stderr);
});

scenario("one finished session, looked at in every way", {}, async (rig) => {
  const id = await finishedSession(rig);
  await check(rig, [
    [["sessions"], 0, new RegExp(`${id}.*completed`)],
    [["sessions", "--limit", "1", "--status", "completed", "--since-hours", "1"], 0, new RegExp(id)],
    [["sessions", "--status", "failed"], 0, /no such sessions/],
    [["sessions", "--search", "lumbering"], 0, /prompt \d+: .*lumbering/],
    [["sessions", "--search", "unheard"], 0, /no such sessions/],
    [["sessions", "--parent", "19990101-0000-none"], 0, /no such sessions/],
    [["--list-sessions", "--json"], 0, new RegExp(`"id":"${id}"`)],
    [["status", id], 0, /status +completed/],
    [["status", "latest", "--json"], 0, /"is_alive":false/],
    [["status", id.slice(0, -1)], 0, new RegExp(id)],
    [["logs", id], 0, /Three lines, one of them shorter\./],
    [["logs", id, "--follow"], 0, /Three lines, one of them shorter\./],
    [["logs", id, "--json"], 0, /"type":"SessionEnded"/],
    [["attach", id], 0, /Three lines, one of them shorter\./],
    [["attach", id, "--json"], 0, /"type":"SessionEnded"/],
    [["cancel", id], 0, /not running; nothing to cancel/],
    [["tasks", id], 0, /1 of 2 tasks done/],
    [["task", id, "2"], 0, /Add a line/],
    [["task", id, "3"], 2, /from 1 to 2/],
    [["plan", id], 0, /There is no plan yet\./],
    [["agents", id], 0, /There are no sub-agents\./],
    [["export", id], 0, /^# [\s\S]*## You\n\nCount the lumbering lines[\s\S]*\+2nd line[\s\S]*\[x\] Count/],
  ]);
  const document = JSON.parse((await run(rig, ["export", id, "--format", "json"])).stdout);
  assert.equal(document.schema_version, 1);
  assert.equal(document.session.id, id);
  const logged = (await run(rig, ["logs", id, "--json"])).stdout.trim().split("\n");
  assert.deepEqual(document.events, logged.map((line) => JSON.parse(line)));
  await check(rig, [
    [["delete", id], 0, new RegExp(`deleted ${id}`)],
    [["delete", id], 15],
  ]);
  assert.equal(rig.workspace.has(`.thole/sessions/${id}.events.jsonl`), false);
});

scenario("a session goes on with its context, with another model too", {}, async (rig) => {
  const id = await finishedSession(rig);
  rig.model.script(say("Still three."), say("Yes, three."), say("Three."));
  const rows = [
    ["resume", id, "--prompt", "And now?"],
    ["--resume-session", "latest", "--prompt", "Sure?", "--model", "anthropic/claude-haiku-4-5"],
    ["-r", "--prompt", "Really?"],
  ];
  for (const words of rows) {
    const { code, stderr } = await run(rig, words);
    assert.equal(code, 0, stderr);
    assert.match(JSON.stringify(rig.model.lastRequest.messages), /Count the lumbering lines/);
  }
  assert.match(rig.model.requests.at(-2).model, /haiku/);
});

scenario("a prompt without a command, from the flag and from standard input", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."), say("Three."), say("Four."));
  await check(rig, [
    [["--prompt", "Row"], 0, /One\./],
    [["--new-session", "--prompt", "Row"], 0, /Two\./],
    [[], 0, /Three\./, { input: "Row" }],
    [["--no-resume", "--stream", "off"], 0, /^Four\.\n$/, { input: "Row" }],
  ]);
});

scenario("exit 11: --timeout is a limit, in the document, the code and the log", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3));
  const { code, stdout } = await run(rig, ["run", "--prompt", "x", "--timeout", "1s", "--json"]);
  assert.equal(code, 11, stdout);
  assert.equal(JSON.parse(stdout).limit, "timeout");
  const log = await run(rig, ["logs", "latest", "--json"]);
  assert.match(log.stdout, /"type":"LimitReached","limit":"timeout"/);
});

// ---- in the background

async function spawned(rig, ...words) {
  const { code, stdout, stderr } = await run(rig, ["spawn", "--prompt", "Go", "--json", ...words]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function untilStatus(rig, id, pattern) {
  for (;;) {
    const { stdout } = await run(rig, ["status", id, "--json"]);
    if (pattern.test(stdout)) return JSON.parse(stdout);
    await pause(20);
  }
}

async function untilGone(pid) {
  for (;;) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return;
    } catch {
      return;
    }
    await pause(10);
  }
}

scenario("spawn prints an id at once, works without a terminal and ends", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })), say("Done."));
  const { code, stdout, stderr } = await run(rig, ["spawn", "--prompt", "Write"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^${idPattern.source}\n$`));
  const id = stdout.trim();
  const { status } = await untilStatus(rig, id, /"is_alive":false/);
  assert.equal(status, "completed");
  assert.equal(rig.workspace.read("a.txt"), "a", "accept-edits is the mode of spawn");
});

scenario("spawn --worktree works on a copy of what is there, on a branch of its own", {}, async (rig) => {
  rig.workspace.write("notes.txt", "changed, not committed\n");
  rig.model.script(
    calls(call("read_file", { path: "notes.txt" }), call("write_file", { path: "a.txt", content: "a" })),
    say("Done."),
    say("Still there."),
  );
  const { id } = await spawned(rig, "--worktree");
  const { status, cwd } = await untilStatus(rig, id, /"is_alive":false/);
  assert.equal(status, "completed");
  assert.ok(cwd.startsWith(join(rig.env.XDG_STATE_HOME, "thole", "worktrees")), cwd);
  assert.match(rig.model.toolResults[0], /changed, not committed/);
  assert.equal(readFileSync(join(cwd, "a.txt"), "utf8"), "a");
  assert.equal(rig.workspace.has("a.txt"), false);
  let listed;
  // Its process lets go of the tree last.
  do listed = await run(rig, ["worktrees"]);
  while (/ in use /.test(listed.stdout));
  const [head, path, ...more] = listed.stdout.split("\n");
  assert.match(head, new RegExp(`^${id} +changes +[\\d.]+ [kM]?B +thole/${id}$`));
  assert.deepEqual([path, ...more], [`    ${cwd}`, ""]);
  const { worktrees } = JSON.parse((await run(rig, ["worktrees", "--json"])).stdout);
  const [{ bytes, created, base, head: tip, ...tree }] = worktrees;
  assert.deepEqual(
    { ...tree, count: worktrees.length, is_described: base === tip && bytes > 0 && Date.parse(created) > 0 },
    {
      id,
      path: cwd,
      repository: rig.workspace.root,
      branch: `thole/${id}`,
      merged: "",
      is_copy: false,
      state: "changes",
      is_in_use: false,
      is_needed: false,
      is_clean: false,
      fault: "",
      count: 1,
      is_described: true,
    },
  );
  const again = await run(rig, ["resume", id, "--prompt", "Where are you?"]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(JSON.parse((await run(rig, ["status", id, "--json"])).stdout).cwd, cwd);
});

scenario("exit 2: spawn --worktree outside a repository fails and starts nothing", {}, async (rig) => {
  const { code, stderr } = await run(rig, ["spawn", "--prompt", "x", "--worktree"], {
    cwd: rig.workspace.home,
  });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /is in no git repository/);
  assert.deepEqual(rig.model.requests, []);
});

scenario("spawn says what kept it from beginning, with the exit code of a run", {}, async (rig) => {
  await check(rig, [
    [["spawn", "--prompt", "x", "--model", "nobody/nothing"], 3, /anthropic\//],
    [["spawn", "--prompt", "x", "--config", "/no/such/file"], 2],
  ]);
  rig.workspace.configure("[model]\ndefault = 7\n");
  await check(rig, [[["spawn", "--prompt", "x"], 3, /config\.toml:2/]]);
});

scenario("an approval in the background waits, shows in status, and cancel ends it", {}, async (rig) => {
  rig.model.script(bash("touch made"), say("Done."));
  const { id, pid, log, socket } = await spawned(rig);
  assert.ok(log.endsWith(`${id}.events.jsonl`));
  assert.equal(statSync(socket).isSocket(), true);
  const waiting = await untilStatus(rig, id, /"pending_approvals":\[\{/);
  assert.equal(waiting.pid, pid);
  const { stdout } = await run(rig, ["status", id]);
  assert.match(stdout, new RegExp(`answer +thole attach ${id}`));
  await check(rig, [
    [["delete", id], 16],
    [["cancel", id], 0, new RegExp(`cancelled ${id}`)],
  ]);
  await untilGone(pid);
  assert.equal(JSON.parse((await run(rig, ["status", id, "--json"])).stdout).status, "cancelled");
  assert.equal(rig.workspace.has("made"), false);
});

scenario("attach --json and logs --follow show all of it, live to the end", {}, async (rig) => {
  rig.model.script(bash("while [ ! -e go ]; do sleep 0.02; done"), say("Arrived."));
  const { id } = await spawned(rig, "--permission-mode", "bypass-permissions");
  await rig.model.untilRequests(1);
  const watchers = [["attach", id, "--json"], ["logs", id, "--follow", "--json"]].map(
    (words) => new Run(rig, words),
  );
  for (const one of watchers) while (!one.stdout.includes("ToolCallStarted")) await pause(10);
  rig.workspace.write("go", "");
  const all = readFileSync;
  for (const one of watchers) {
    assert.equal(await one.end, 0, one.stderr);
    assert.equal(one.stdout, all(rig.workspace.path(`.thole/sessions/${id}.events.jsonl`), "utf8"));
  }
});

scenario("a process that does not answer is stopped by its pid", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3));
  const { id, pid } = await spawned(rig);
  await rig.model.untilRequests(1);
  process.kill(pid, "SIGSTOP");
  const outcome = run(rig, ["cancel", id]);
  const { code, stdout, stderr } = await outcome;
  process.kill(pid, "SIGCONT");
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`process ${pid} did not answer`));
  await untilGone(pid);
});

scenario("exit 16: a session that runs elsewhere and cannot be reached", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 3));
  const env = { ...rig.env, XDG_RUNTIME_DIR: join(rig.workspace.home, "r".repeat(120)) };
  const one = new Run(rig, ["run", "--prompt", "x"], { env });
  await rig.model.untilRequests(1);
  await check(rig, [[["delete", "latest"], 16]]);
  one.child.kill("SIGTERM");
  assert.equal(await one.end, 130, one.stderr);
});

// ---- logs that are no logs

scenario("a log that is a folder, a pipe or a link out is refused, and nothing is harmed", {}, async (rig) => {
  await finishedSession(rig);
  const folder = rig.workspace.path(".thole/sessions");
  const outside = rig.workspace.outside("secret.jsonl");
  mkdirSync(dirname(outside), { recursive: true });
  writeFileSync(outside, "precious\n");
  const log = (id) => join(folder, `${id}.events.jsonl`);
  mkdirSync(log("is-folder"));
  execFileSync("mkfifo", [log("is-pipe")]);
  symlinkSync(outside, log("is-link"));
  const all = ["is-folder", "is-pipe", "is-link"];
  if (process.getuid() === 0) {
    writeFileSync(log("is-theirs"), '{"schema_version":1}\n');
    execFileSync("chown", ["12345", log("is-theirs")]);
    all.push("is-theirs");
  }
  for (const id of all) {
    for (const words of [["status"], ["logs"], ["logs", "--follow"], ["export"], ["tasks"], ["attach"]]) {
      const outcome = await run(rig, withId(words, id));
      assert.equal(outcome.code, 1, `${words} ${id}: ${outcome.stdout}${outcome.stderr}`);
      assert.ok(outcome.stderr.includes(id), outcome.stderr);
    }
    const resumed = await run(rig, ["resume", id, "--prompt", "x"]);
    assert.equal(resumed.code, 1, resumed.stderr);
  }
  assert.equal((await run(rig, ["sessions"])).code, 0);
  assert.equal(readFileSync(outside, "utf8"), "precious\n");
});
