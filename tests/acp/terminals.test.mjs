// Commands in terminals of the editor (terminal/*).
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { assert, call, calls, choose, neverAnswer, say, scenario, scenarios } from "./rig.mjs";
import { bash, childrenOf, events, inMode, ofType, spawn, told } from "./rig/agents.mjs";
import {
  itemsOf,
  lends,
  terminalMethods,
  textOf,
  withTerminals,
} from "./rig/terminals.mjs";
import { Watcher } from "./rig/watcher.mjs";

const started = async (rig, options) => {
  const session = await rig.session(lends(options));
  return { session, terminals: session.editor.terminals };
};
const outputOf = (rig, id) => ofType(rig, id, "ToolOutputChunk").map((e) => e.text).join("");
const untilFile = async (path) => {
  while (!existsSync(path) || !readFileSync(path, "utf8").endsWith("\n")) await pause(5);
  return readFileSync(path, "utf8").trim();
};
const isRunning = (pid) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].startsWith("Z");
  } catch {
    return false;
  }
};
const untilGone = async (pid) => {
  while (isRunning(pid)) await pause(5);
};

scenarios("85: a command runs in the editor's terminal, which its call shows", {}, async (rig) => {
  rig.model.script(bash("echo hello; echo world >&2"), say("Done."));
  const { session, terminals } = await started(rig);
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  assert.deepEqual(
    terminals.asked.map(([step]) => step),
    ["create", "waitForExit", "output", "release"],
  );
  const [{ sessionId, cwd, outputByteLimit, command }] = terminals.created;
  assert.deepEqual([sessionId, cwd, command], [session.id, rig.workspace.root, "/bin/sh"]);
  assert.ok(outputByteLimit >= 1024 * 1024);
  const item = { type: "terminal", terminalId: "terminal-1" };
  const { wire } = session.editor;
  const place = (matches) => wire.fromAgent.findIndex(matches);
  const shown = place((m) => m.params?.update?.content?.[0]?.type === "terminal");
  assert.deepEqual(wire.fromAgent[shown].params.update.content, [item]);
  assert.ok(shown > place((m) => m.method === "terminal/create"));
  assert.ok(shown < place((m) => m.method === "terminal/release"));
  const [shownCall] = session.calls();
  assert.deepEqual(shownCall.statuses, ["pending", "in_progress", "completed"]);
  assert.deepEqual(shownCall.content, [item], "the terminal stays");
  const output = "hello\nworld\n[exit code 0]";
  assert.equal(shownCall.rawOutput.output, output);
  assert.deepEqual(rig.model.toolResults, [output]);
  assert.deepEqual(told(rig, session.id, "bash"), [output]);
  assert.equal(outputOf(rig, session.id), "hello\nworld\n", "the log has it as of any command");
});

scenario("85: how a command ended is told as of any other", {}, async (rig) => {
  rig.model.script(bash("echo no; exit 3"), bash("kill -KILL $$"), bash("true"), say("Done."));
  const { session, terminals } = await started(rig);
  await session.prompt("Run");
  assert.deepEqual(told(rig, session.id, "bash"), [
    "no\n[exit code 3]",
    "[killed by signal 9 (Killed)]",
    "[exit code 0]",
  ]);
  assert.deepEqual(
    session.calls().map((one) => one.status),
    ["failed", "failed", "completed"],
  );
  assert.deepEqual(terminals.releases, [1, 1, 1]);
  assert.equal(terminals.count("kill"), 0);
});

scenario("85: a terminal's command has the environment of any other", {}, async (rig) => {
  rig.env.GREETING = "ahoy";
  rig.env.GITHUB_TOKEN = "not for the wire";
  rig.model.script(
    bash('cat; echo "[$ANTHROPIC_API_KEY][$FORCE_COLOR][$GITHUB_TOKEN]" $GREETING $TERM $PAGER $NO_COLOR'),
    say("Done."),
  );
  const environment = {
    ANTHROPIC_API_KEY: "the editor's",
    FORCE_COLOR: "1",
    GITHUB_TOKEN: "the editor's token",
    TERM: "xterm",
  };
  const { session, terminals } = await started(rig, { environment });
  await session.prompt("Run");
  assert.deepEqual(told(rig, session.id, "bash"), [
    "[][][the editor's token] ahoy dumb cat 1\n[exit code 0]",
  ]);
  const names = terminals.created[0].env.map(({ name }) => name);
  assert.ok(!names.some((name) => /KEY|TOKEN/.test(name)), "no secret goes to the editor");
  assert.doesNotMatch(JSON.stringify(terminals.created), /not for the wire/);
});

scenario("85: long output is shown by its start and end, and is kept whole", {}, async (rig) => {
  rig.model.script(bash("seq 20000"), bash("seq 900000"), say("Done."));
  const { session, terminals } = await started(rig);
  await session.prompt("Run");
  const [whole, cut] = told(rig, session.id, "bash");
  assert.ok(whole.length <= 30_000);
  assert.match(whole, /^1\n2\n3\n[\s\S]*19999\n20000\n\[exit code 0\]$/);
  const [kept] = ofType(rig, session.id, "ToolCallCompleted").map((event) => event.full_output);
  const blob = rig.workspace.read(`.thole/sessions/${session.id}.blobs/${kept}`);
  assert.equal(blob, `${Array.from({ length: 20000 }, (_, i) => i + 1).join("\n")}\n`);
  assert.match(cut, /^\[the editor kept only the last 4194\d{3} bytes\]\n[\s\S]*900000\n\[exit code 0\]$/);
  assert.ok(outputOf(rig, session.id).length < 2.5 * 1024 * 1024, "the log is not flooded");
  assert.deepEqual(terminals.releases, [1, 1]);
});

scenarios("85: a command that takes too long is killed, and told with its output", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  const command = `echo begun; sh -c 'echo $$ > ${file}; exec sleep 600'; true`;
  rig.model.script(calls(call("bash", { command, timeout_ms: 1500 })), say("Too long."));
  const { session, terminals } = await started(rig);
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  assert.deepEqual(told(rig, session.id, "bash"), ["begun\n[timed out after 1500 ms and killed]"]);
  await untilGone(await untilFile(file));
  const [shown] = session.calls();
  assert.equal(shown.status, "failed");
  assert.equal(shown.content[0].type, "terminal");
  assert.match(textOf(shown.content), /timed out/);
  assert.deepEqual(
    terminals.asked.map(([step]) => step),
    ["create", "waitForExit", "kill", "output", "release"],
  );
});

scenarios("68, 85: a cancel kills what runs in the terminal", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(bash(`echo begun; sh -c 'echo $$ > ${file}; exec sleep 600'; true`), say("Next."));
  const { session, terminals } = await started(rig);
  const turn = session.prompt("Run");
  const pid = await untilFile(file);
  const from = Date.now();
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  assert.ok(Date.now() - from < 1000, "within a second");
  await untilGone(pid);
  assert.equal(session.calls()[0].status, "failed");
  assert.deepEqual(told(rig, session.id, "bash"), [
    "begun\n[cancelled; the command was killed]",
  ]);
  assert.equal((await session.prompt("And now?")).stopReason, "end_turn");
  assert.deepEqual(terminals.releases, [1]);
});

scenario("67, 85: a cancel does not wait for an editor that answers nothing", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(bash(`sh -c 'echo $$ > ${file}; exec sleep 600'; true`), say("Next."));
  const { session, terminals } = await started(rig, { kill: neverAnswer, output: neverAnswer });
  const turn = session.prompt("Run");
  const pid = await untilFile(file);
  const from = Date.now();
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  assert.ok(Date.now() - from < 1000, "within a second");
  await untilGone(pid);
  assert.deepEqual(terminals.releases, [1]);
});

scenario("69, 85: a cancelled approval opens no terminal", {}, async (rig) => {
  rig.model.script(bash("echo never"));
  const session = await rig.session({ ...lends(), permission: neverAnswer });
  const turn = session.prompt("Run");
  await session.editor.wire.until((m) => m.method === "session/request_permission");
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  assert.deepEqual(session.editor.terminals.asked, []);
});

scenario("50, 85: closing the session ends and releases its terminal", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(bash(`sh -c 'echo $$ > ${file}; exec sleep 600'; true`));
  const { session, terminals } = await started(rig);
  const turn = session.prompt("Run");
  const pid = await untilFile(file);
  await session.close();
  assert.equal((await turn).stopReason, "cancelled");
  await untilGone(pid);
  assert.deepEqual(terminals.releases, [1]);
});

// How often the command of these has run is how many lines it has written.
const counted = (rig) => `echo ran >> ${rig.workspace.path("runs")}; echo hello`;
const runs = (rig) => (rig.workspace.has("runs") ? rig.workspace.read("runs").split("\n").length - 1 : 0);
const refuses = () => {
  throw Object.assign(new Error("no terminal left"), { code: -32603 });
};

scenario("85: an editor that refuses a terminal leaves the command to thole", {}, async (rig) => {
  rig.model.script(bash(counted(rig)), bash(counted(rig)), say("Done."));
  const { session, terminals } = await started(rig, { create: refuses });
  await session.prompt("Run");
  assert.deepEqual(told(rig, session.id, "bash"), Array(2).fill("hello\n[exit code 0]"));
  assert.equal(runs(rig), 2, "each once");
  assert.equal(terminals.count("create"), 2, "the next may do");
  assert.match(textOf(session.calls()[0].content), /hello/);
});

scenario("85: an editor that does not know the method is asked once", {}, async (rig) => {
  rig.model.script(bash(counted(rig)), bash(counted(rig)), say("Done."));
  const session = await rig.session({
    capabilities: withTerminals,
    permission: choose("allow_once"),
  });
  await session.prompt("Run");
  assert.deepEqual(told(rig, session.id, "bash"), Array(2).fill("hello\n[exit code 0]"));
  assert.deepEqual(terminalMethods(session.editor), ["terminal/create"]);
});

scenario("85: a terminal whose creation is never answered fails the call, once", {}, async (rig) => {
  rig.model.script(bash(counted(rig)), bash(counted(rig)), say("Done."));
  let answer;
  const create = (_, usual) => new Promise((resolve) => (answer = () => resolve(usual())));
  const { session, terminals } = await started(rig, { create });
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  const [first, second] = told(rig, session.id, "bash");
  assert.match(first, /asked for a terminal.*may have been started/);
  assert.equal(second, "hello\n[exit code 0]", "the next command is a process of ours");
  assert.equal(runs(rig), 1, "what may have been started is not run again");
  assert.equal(session.calls()[0].status, "failed");
  answer();
  await session.editor.wire.until((m) => m.method === "terminal/release");
  assert.equal(terminals.count("create"), 1);
  while (terminals.releases.join() !== "1") await pause(5);
});

scenario("85: an answer without a terminal fails the call; it is not run again", {}, async (rig) => {
  rig.model.script(bash(counted(rig)), say("Done."));
  const session = await rig.session({ ...lends(), through: [] });
  session.editor.terminals.instead.create = () => ({ terminalId: "" });
  await session.prompt("Run");
  assert.match(told(rig, session.id, "bash")[0], /names no terminal.*may have been started/);
  assert.equal(runs(rig), 0);
});

scenario("85: an editor that loses sight of the command has it killed and tells", {}, async (rig) => {
  const file = rig.workspace.path("pid");
  const waitForExit = async () => {
    await untilFile(file);
    throw Object.assign(new Error("the pane was closed"), { code: -32603 });
  };
  rig.model.script(bash(`echo begun; sh -c 'echo $$ > ${file}; exec sleep 600'; true`), say("Odd."));
  const { session, terminals } = await started(rig, { waitForExit });
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  const [output] = told(rig, session.id, "bash");
  assert.match(output, /^begun\n\[the editor could not say how the command ended: .*; it was killed\]$/);
  await untilGone(await untilFile(file));
  assert.deepEqual(terminals.releases, [1]);
});

scenario("85: an end without exit code is looked up in the output", {}, async (rig) => {
  rig.model.script(bash("exit 4"), bash("exit 5"), say("Odd."));
  const waitForExit = (_, usual) => usual().then(() => ({}));
  const { session, terminals } = await started(rig, { waitForExit });
  let isFirst = true;
  terminals.instead.output = async (_, usual) => {
    const { exitStatus, ...rest } = await usual();
    return isFirst ? ((isFirst = false), { exitStatus, ...rest }) : rest;
  };
  await session.prompt("Run");
  assert.deepEqual(told(rig, session.id, "bash"), [
    "[exit code 4]",
    "[the editor did not say how the command ended]",
  ]);
  assert.deepEqual(terminals.releases, [1, 1]);
});

scenario("85: an editor that has no output to give fails the call", {}, async (rig) => {
  rig.model.script(bash("echo hello"), say("Odd."));
  const { session, terminals } = await started(rig, { output: refuses });
  await session.prompt("Run");
  assert.match(told(rig, session.id, "bash")[0], /^\[the editor did not give the output: .*\]\n\[exit code 0\]$/);
  assert.equal(session.calls()[0].status, "failed");
  assert.deepEqual(terminals.releases, [1]);
});

scenario("85: when the editor goes, the call ends and the turn goes on", { finish: false }, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(
    bash(`sh -c 'echo $$ > ${file}; exec sleep 600'; true`),
    bash("echo alone"),
    say("Done without them."),
  );
  const { session, terminals } = await started(rig);
  session.prompt("Run").catch(() => {});
  await untilFile(file);
  const { wire } = session.editor;
  wire.closeInput();
  assert.equal((await wire.exit).code, 0);
  const [lost, own] = told(rig, session.id, "bash");
  assert.match(lost, /^\[the editor went away while the command ran in its terminal/);
  assert.equal(own, "alone\n[exit code 0]");
  assert.equal(terminals.count("create"), 1);
  assert.equal(terminalMethods(session.editor).filter((m) => m === "terminal/release").length, 1);
  assert.equal(events(rig, session.id).at(-1).reason, "completed");
  terminals.end();
});

scenario("15, 85: SIGTERM releases the terminal and leaves within two seconds", { finish: false }, async (rig) => {
  const file = rig.workspace.path("pid");
  rig.model.script(bash(`sh -c 'echo $$ > ${file}; exec sleep 600'; true`));
  const { session, terminals } = await started(rig);
  const turn = session.prompt("Run").catch(() => {});
  const pid = await untilFile(file);
  const { wire } = session.editor;
  const from = Date.now();
  wire.child.kill("SIGTERM");
  assert.equal((await wire.exit).code, 0);
  assert.ok(Date.now() - from < 2500);
  await turn;
  assert.equal(terminalMethods(session.editor).filter((m) => m === "terminal/release").length, 1);
  await untilGone(pid);
  assert.deepEqual(terminals.releases, [1]);
});

scenario("40, 41, 85: a replay has text for a terminal that is gone", {}, async (rig) => {
  rig.model.script(bash("echo hello"), say("Done."));
  const { session, terminals } = await started(rig);
  await session.prompt("Run");
  assert.deepEqual(terminals.releases, [1]);
  await session.close();
  const again = await rig.editor(lends());
  const loaded = await again.loadSession(session.id, rig.workspace.root);
  assert.deepEqual(terminalMethods(again), []);
  assert.ok(!itemsOf(loaded.updates()).some((item) => item.type === "terminal"));
  assert.match(textOf(loaded.calls()[0].content), /hello\n\[exit code 0\]/);
});

scenario("85: what must end with the session or change nothing is a process of ours", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(
    calls(call("bash", { command: "echo b", run_in_background: true })),
    bash("sleep 600 >/dev/null 2>&1 & echo left"),
    bash("true && echo x>&2 | cat"),
    say("Done."),
    bash("echo planning"),
    say("Planned."),
  );
  const { session, terminals } = await started(rig);
  await session.prompt("Run");
  assert.equal(terminals.count("create"), 1, "only what ends by itself");
  assert.match(JSON.stringify(terminals.created), /true && echo x>&2/);
  await session.setMode("plan");
  await session.prompt("Plan");
  assert.equal(terminals.count("create"), 1, "not in plan mode");
  assert.match(told(rig, session.id, "bash").at(-1), /planning/);
});

scenario("85: while somebody else watches, commands are processes of ours", {}, async (rig) => {
  rig.model.script(bash("echo seen"), say("Done."));
  const { session, terminals } = await started(rig);
  const watcher = new Watcher(rig, session.id);
  await watcher.connect();
  await session.prompt("Run");
  await watcher.event((event) => event.type === "ToolOutputChunk");
  assert.equal(terminals.count("create"), 0);
  watcher.cut();
  // That it has gone is noticed in its own time.
  while (terminals.count("create") === 0) {
    rig.model.script(bash("echo alone"), say("Done."));
    await session.prompt("Again");
  }
  assert.equal(told(rig, session.id, "bash").at(-1), "alone\n[exit code 0]");
});

scenario("85: a sub-agent's commands are processes of ours", {}, async (rig) => {
  rig.workspace.configure(inMode("bypass-permissions"));
  rig.model.script(calls(spawn("Look around")), bash("echo above"), say("Done."));
  rig.model.scriptFor(/^Look around/, bash("echo below"), say("Seen."));
  const { session, terminals } = await started(rig);
  await session.prompt("Go");
  const [child] = childrenOf(rig, session.id);
  assert.deepEqual(told(rig, child, "bash"), ["below\n[exit code 0]"]);
  assert.deepEqual(terminals.created.map(({ args }) => args.at(-1)), ["echo above"]);
});

scenario("85: without the capability nobody is asked, and output is text", {}, async (rig) => {
  rig.model.script(bash("echo hello"), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Run");
  assert.deepEqual(terminalMethods(session.editor), []);
  assert.ok(!itemsOf(session.updates()).some((item) => item.type === "terminal"));
  assert.match(textOf(session.calls()[0].content), /hello/);
});
