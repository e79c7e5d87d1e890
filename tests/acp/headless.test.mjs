// `thole run`: one headless run, its exit codes and what it prints.
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { assert, call, calls, fail, hang, say, sayThenCall, scenario, scenarios } from "./rig.mjs";
import { Run } from "./rig/run.mjs";

async function run(rig, words, options) {
  const one = new Run(rig, ["run", ...words], options);
  const code = await one.end;
  return { code, stdout: one.stdout, stderr: one.stderr };
}

// The run ends with `code`, and its JSON document says so.
async function endsWith(rig, code, ...words) {
  const outcome = await run(rig, [...words, "--json"]);
  assert.equal(outcome.code, code, `${outcome.stdout}\n${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

const many = (reply) => Array(30).fill(reply);

scenarios("exit 0: a text is printed, and nothing else on stdout", {}, async (rig) => {
  rig.model.script(say("Both oars."));
  const { code, stdout, stderr } = await run(rig, [
    "--prompt",
    "How do I row?",
    "--stream",
    "human",
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Both oars\./);
});

scenarios("exit 0: --json prints one document at the end", {}, async (rig) => {
  rig.model.script(
    sayThenCall("I look.", call("read_file", { path: "notes.txt" })),
    say("Three lines."),
  );
  const document = await endsWith(rig, 0, "--prompt", "Count the lines");
  assert.match(JSON.stringify(document), /Three lines\./);
  assert.match(JSON.stringify(document), /\d{8}-\d{4}-[a-z2-7]{4}/, "it names the session");
});

scenarios("exit 0: --stream ndjson prints one event a line", {}, async (rig) => {
  rig.model.script(
    sayThenCall("I look.", call("read_file", { path: "notes.txt" })),
    say("Three lines."),
  );
  const { code, stdout, stderr } = await run(rig, ["--prompt", "Count", "--stream", "ndjson"]);
  assert.equal(code, 0, stderr);
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const types = new Set(events.map((e) => (e.event ?? e).type));
  for (const type of ["MessageReceived", "ToolCallStarted", "ToolCallCompleted"])
    assert.ok(types.has(type), type);
  const ids = events.map((e) => e.id).filter((id) => id !== undefined);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
});

scenario("exit 0: --stream off with a plain run says only the answer or nothing", {}, async (rig) => {
  rig.model.script(say("Both oars."));
  const { code, stderr } = await run(rig, ["--prompt", "Row", "--stream", "off"]);
  assert.equal(code, 0, stderr);
});

scenario("exit 0: the prompt is read from stdin", {}, async (rig) => {
  rig.model.script(say("Yes."), say("Yes."));
  for (const words of [["--prompt", "-", "--json"], ["--json"]]) {
    const { code, stderr } = await run(rig, words, { input: "Is this from stdin?" });
    assert.equal(code, 0, stderr);
    assert.match(JSON.stringify(rig.model.lastRequest.messages), /Is this from stdin\?/);
  }
});

scenario("exit 0: `thole --prompt` is the same", {}, async (rig) => {
  rig.model.script(say("Yes."));
  const one = new Run(rig, ["--prompt", "Row?", "--json"]);
  assert.equal(await one.end, 0, one.stderr);
  assert.match(one.stdout, /Yes\./);
});

scenario("exit 0: an edit in accept-edits is made", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })), say("Done."));
  await endsWith(rig, 0, "--prompt", "Write", "--permission-mode", "accept-edits");
  assert.equal(rig.workspace.read("a.txt"), "a");
});

scenario("exit 2: usage", {}, async (rig) => {
  const wrong = [
    ["--no-such-flag"],
    ["--prompt"],
    [],
    ["--prompt", "x", "--stream", "smoke"],
    ["--prompt", "x", "--permission-mode", "yolo"],
    ["--prompt", "x", "--max-tool-calls", "many"],
  ];
  for (const words of wrong) {
    const { code, stderr } = await run(rig, words);
    assert.equal(code, 2, `${words.join(" ")}: ${stderr}`);
    assert.ok(stderr.trim(), "it says what is wrong");
  }
  assert.deepEqual(rig.model.requests, []);
});

scenario("exit 3: a broken config names file, line and key", {}, async (rig) => {
  rig.workspace.configure("# thole\n[model]\ndefault = 7\n");
  const { code, stderr } = await run(rig, ["--prompt", "x"]);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /config\.toml:3.*default/);
  rig.workspace.configure("[model\n");
  const torn = await run(rig, ["--prompt", "x"]);
  assert.equal(torn.code, 3, torn.stderr);
  assert.match(torn.stderr, /config\.toml:1/);
});

scenario("exit 3: an unknown model lists the known ones", {}, async (rig) => {
  const { code, stderr } = await run(rig, ["--prompt", "x", "--model", "nobody/nothing"]);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /anthropic\//);
});

// A file in the place of the folder fails for root, too, whom permissions do not stop.
scenario("a place for sessions that cannot be made is said before a token is paid for", {}, async (rig) => {
  rig.workspace.write(".thole", "in the way");
  const { code, stdout, stderr } = await run(rig, ["--prompt", "x"]);
  assert.equal(code, 1, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^thole: cannot .*\.thole.*\n$/);
  assert.equal(rig.model.requests.length, 0);
});

scenario("exit 4: no key, with the variable to set", {}, async (rig) => {
  const env = { ...rig.env };
  delete env.ANTHROPIC_API_KEY;
  const { code, stderr } = await run(rig, ["--prompt", "x"], { env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /ANTHROPIC_API_KEY/);
});

scenarios("exit 4: a refused key", {}, async (rig) => {
  rig.model.script(fail(401, "invalid x-api-key", "authentication_error"));
  await endsWith(rig, 4, "--prompt", "x");
  assert.equal(rig.model.requests.length, 1);
});

scenarios("exit 5: the provider failed after retries", {}, async (rig) => {
  rig.model.script(...many(fail(500, "the lake is dry")));
  const document = await endsWith(rig, 5, "--prompt", "x");
  assert.match(JSON.stringify(document), /500|the lake is dry/);
  assert.ok(rig.model.requests.length > 1, "it was tried again");
});

scenario("exit 10: the model refused", {}, async (rig) => {
  rig.model.script({ response: { content: "No.", finishReason: "refusal" }, chunkSize: 8 });
  await endsWith(rig, 10, "--prompt", "x");
});

scenarios("exit 11: the limit of tool calls, which the document names", {}, async (rig) => {
  rig.model.script(...many(calls(call("read_file", { path: "notes.txt" }))));
  const document = await endsWith(rig, 11, "--prompt", "x", "--max-tool-calls", "2");
  assert.match(JSON.stringify(document), /max[_-]tool[_-]calls/);
});

scenarios("exit 13: an approval was needed and nobody could be asked", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })), say("I could not."));
  await endsWith(rig, 13, "--prompt", "x");
  assert.equal(rig.workspace.has("a.txt"), false);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  scenario(`130: ${signal} cancels the run`, {}, async (rig) => {
    rig.model.script(hang("Once upon a time there was a boat", 4));
    const one = new Run(rig, ["run", "--prompt", "x", "--json"]);
    await rig.model.untilRequests(1);
    one.child.kill(signal);
    assert.equal(await one.end, 130, one.stderr);
    assert.ok(JSON.parse(one.stdout));
  });
}

scenario("exit 130: SIGINT in a shell command ends the command too", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(calls(call("bash", { command: `echo $$ > ${file}; sleep 600` })));
  const one = new Run(rig, ["run", "--prompt", "x", "--permission-mode", "bypass-permissions"]);
  while (!existsSync(file) || !rig.workspace.read("pid").endsWith("\n")) await pause(5);
  const pid = Number(rig.workspace.read("pid"));
  one.child.kill("SIGINT");
  assert.equal(await one.end, 130, one.stderr);
  while (existsSync(`/proc/${pid}`)) await pause(5);
});

scenario("exit 15: status of no such session", {}, async (rig) => {
  const one = new Run(rig, ["status", "20200101-0000-none"]);
  assert.equal(await one.end, 15, one.stderr);
});

scenario("a run shows up in sessions, status and logs", {}, async (rig) => {
  rig.model.script(say("Both oars."));
  await endsWith(rig, 0, "--prompt", "How do I row?");
  const listed = new Run(rig, ["sessions", "--json"]);
  assert.equal(await listed.end, 0, listed.stderr);
  const [id] = listed.stdout.match(/\d{8}-\d{4}-[a-z2-7]{4}/);
  const status = new Run(rig, ["status", id, "--json"]);
  assert.equal(await status.end, 0, status.stderr);
  assert.equal(JSON.parse(status.stdout).status, "completed");
  const logs = new Run(rig, ["logs", "latest", "--json"]);
  assert.equal(await logs.end, 0, logs.stderr);
  const events = logs.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).event.type);
  assert.equal(events[0], "SessionStarted");
  assert.equal(events.at(-1), "SessionEnded");
});
