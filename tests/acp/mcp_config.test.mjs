// MCP servers of the user's configuration and of a workspace: who is believed, who is started at all,
// and where the servers of sub-agents work.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { run } from "./rig/run.mjs";
import { foreign, hostileProgram, isAlive, patient, pids, toolNames, untilTrue } from "./rig/servers.mjs";
import { Terminal } from "./rig/terminal.mjs";

const long = { timeout: 60_000 };
const node = process.execPath;

const toml = (name, how, more = "") =>
  `[mcp.servers.${name}]\ncommand = ${JSON.stringify(node)}\nargs = ${JSON.stringify([hostileProgram, how])}\n${more}\n`;

scenario("a server of the configuration is offered, one that is switched off is not", long, async (rig) => {
  rig.workspace.configure(patient + toml("on", "good") + toml("off", "good", "enabled = false"));
  rig.model.script(calls(call("mcp__on__work", {})), say("Worked."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Work");
  assert.deepEqual(foreign(rig.model.requests[0]), ["mcp__on__work", "mcp__on__env"]);
  assert.deepEqual(rig.model.toolResults, ["did work"]);
});

scenario("of a server's tools those are offered that the configuration names", long, async (rig) => {
  rig.workspace.configure(
    patient + toml("some", "good", 'tools = ["w*"]') + toml("many", "huge", 'tools = ["t4?", "t999"]') + toml("none", "good", 'tools = ["x"]'),
  );
  rig.model.script(say("Few."));
  const session = await rig.session();
  await session.prompt("Hi");
  const many = Array.from({ length: 10 }, (_, i) => `mcp__many__t4${i}`);
  assert.deepEqual(foreign(rig.model.requests[0]), [...many, "mcp__many__t999", "mcp__some__work"]);
  assert.doesNotMatch(session.text("agent_thought_chunk"), /MCP servers have/);
});

scenario("a trusted server is believed that a tool only reads, in plan mode too", long, async (rig) => {
  rig.workspace.configure(patient + toml("ours", "reads", "trusted = true") + toml("theirs", "reads"));
  rig.model.script(
    calls(call("mcp__ours__look", {}), call("mcp__ours__touch", {}), call("mcp__theirs__look", {})),
    say("Looked."),
  );
  const session = await rig.session();
  await session.setMode("plan");
  await session.prompt("Look");
  assert.deepEqual(
    session.calls().map((one) => [one.name, one.status, one.kind]),
    [
      ["mcp__ours__look", "completed", "read"],
      ["mcp__ours__touch", "failed", "other"],
      ["mcp__theirs__look", "failed", "other"],
    ],
  );
  assert.deepEqual(session.editor.permissions, []);
});

scenario("rules name tools of servers", long, async (rig) => {
  rig.workspace.configure(
    `${patient}[permissions]\nallow = ["mcp__ship__*"]\ndeny = ["mcp__ship__env"]\n${toml("ship", "good")}`,
  );
  rig.model.script(calls(call("mcp__ship__work", {}), call("mcp__ship__env", {})), say("Ruled."));
  const session = await rig.session();
  await session.prompt("Work");
  assert.deepEqual(
    session.calls().map((one) => one.status),
    ["completed", "failed"],
  );
  assert.deepEqual(session.editor.permissions, []);
});

for (const [file, content] of [
  [".thole/config.toml", (starts) => toml("local", "good", `env = { PIDS = ${JSON.stringify(starts)} }`)],
  [
    ".mcp.json",
    (starts) =>
      JSON.stringify({ mcpServers: { local: { command: node, args: [hostileProgram, "good"], env: { PIDS: starts } } } }),
  ],
]) {
  scenario(`${file} of a workspace starts nothing before it is trusted`, long, async (rig) => {
    const starts = rig.workspace.outside("pids");
    rig.workspace.configure(patient);
    rig.workspace.write(file, content(starts));
    rig.model.script(say("Alone."), calls(call("mcp__local__work", {})), say("Trusted."), say("Changed."));
    const before = await rig.session({ permission: choose("allow_once") });
    await before.prompt("Hi");
    assert.deepEqual(foreign(rig.model.requests[0]), []);
    assert.deepEqual(pids(starts), []);
    assert.match(before.text("agent_thought_chunk"), /MCP servers.* that you have not looked at \(.*; MCP servers: local\); they do nothing until .* thole trust/);

    const doctor = await run(rig, ["doctor"]);
    assert.match(doctor.stdout, /! mcp local\s+not started: this workspace names it/);
    assert.deepEqual(pids(starts), []);
    const asks = await run(rig, ["trust"]);
    assert.ok(asks.stdout.includes(file) && asks.stdout.includes("hostile_server.mjs"), asks.stdout);
    assert.equal((await run(rig, ["trust", "--yes"])).code, 0);
    const after = await before.editor.newSession(rig.workspace.root);
    await after.prompt("Work");
    assert.equal(after.calls()[0].rawOutput.output, "did work");
    assert.equal(pids(starts).length, 1);

    rig.workspace.write(file, `${content(starts)}\n`);
    const changed = await before.editor.newSession(rig.workspace.root);
    await changed.prompt("Hi");
    assert.equal(pids(starts).length, 1);
    assert.match(changed.text("agent_thought_chunk"), /have not looked at/);
  });
}

scenario("a workspace replaces no server of the user's and vouches for none of its own", long, async (rig) => {
  rig.workspace.configure(patient + toml("ship", "reads"));
  rig.workspace.write(".thole/config.toml", toml("ship", "good", "trusted = true") + toml("boat", "reads", "trusted = true"));
  assert.equal((await run(rig, ["trust", "--yes"])).code, 0);
  rig.model.script(calls(call("mcp__boat__look", {})), say("Asked."));
  const session = await rig.session({ permission: choose("reject_once") });
  await session.prompt("Look");
  assert.deepEqual(foreign(rig.model.requests[0]), [
    "mcp__ship__look",
    "mcp__ship__touch",
    "mcp__boat__look",
    "mcp__boat__touch",
  ]);
  assert.equal(session.editor.permissions.length, 1);
});

scenario("a sub-agent has servers of its own, which work in its worktree", long, async (rig) => {
  const starts = rig.workspace.outside("pids");
  rig.workspace.configure(`${patient}[permissions]\nallow = ["mcp__ship__*"]\nmode = "accept-edits"\n${toml("ship", "good", `env = { PIDS = ${JSON.stringify(starts)} }`)}`);
  rig.model.script(calls(call("spawn_subagent", { task: "Say where you are" })), say("Told."));
  rig.model.scriptFor(/^Say where/, calls(call("mcp__ship__env", {})), say("There."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Ask a sub-agent");
  assert.equal(pids(starts).length, 2);
  const told = rig.model.requests.flatMap((request) => request.messages).find((m) => m.role === "tool" && /CWD/.test(JSON.stringify(m.content)));
  assert.match(JSON.stringify(told.content), /CWD[^,]*worktrees/);
});

scenario("plan mode holds for a sub-agent's servers too", long, async (rig) => {
  rig.workspace.configure(`${patient}[permissions]\nallow = ["mcp__ship__*"]\n${toml("ship", "liar")}`);
  rig.model.script(calls(call("spawn_subagent", { task: "Look around" })), say("Told."));
  rig.model.scriptFor(/^Look around/, calls(call("mcp__ship__look", {}), call("mcp__ship__touch", {})), say("Refused."));
  const session = await rig.session();
  await session.setMode("plan");
  await session.prompt("Ask a sub-agent");
  const results = rig.model.requests.flatMap((request) => request.messages).filter((m) => m.role === "tool");
  assert.equal(results.filter((m) => /mode plan refuses/.test(JSON.stringify(m.content))).length, 2);
  assert.match(rig.workspace.read("notes.txt"), /^first line/);
});

const linkedFiles = {
  ".mcp.json": (rig, outside) => symlinkSync(outside(".mcp.json"), rig.workspace.path(".mcp.json")),
  ".thole/config.toml": (rig, outside) => {
    mkdirSync(rig.workspace.path(".thole"), { recursive: true });
    symlinkSync(outside("config.toml"), rig.workspace.path(".thole/config.toml"));
  },
};
for (const [file, link] of Object.entries(linkedFiles)) {
  scenario(`${file} that leads out of the workspace is not read, trusted or not`, long, async (rig) => {
    const starts = rig.workspace.outside("pids");
    const env = { PIDS: starts };
    const outside = (name) => rig.workspace.outside(name);
    writeFileSync(outside("config.toml"), toml("local", "good", `env = { PIDS = ${JSON.stringify(starts)} }`));
    writeFileSync(outside(".mcp.json"), JSON.stringify({ mcpServers: { local: { command: node, args: [hostileProgram, "good"], env } } }));
    rig.workspace.configure(patient);
    link(rig, outside);
    rig.model.script(say("Alone."), say("Still."));
    const before = await rig.session();
    await before.prompt("Hi");
    assert.match(before.text("agent_thought_chunk"), /leads out of the workspace; it is not read/);
    const review = await run(rig, ["trust", "--yes"]);
    assert.ok(!review.stdout.includes("hostile_server"), review.stdout);
    const after = await before.editor.newSession(rig.workspace.root);
    await after.prompt("Hi");
    assert.deepEqual(rig.model.requests.flatMap(foreign), []);
    assert.deepEqual(pids(starts), []);
  });
}

scenario("one file of a workspace may name servers, hooks and rules", long, async (rig) => {
  const mark = rig.workspace.outside("hooked");
  const more = `[[hooks]]\nevent = "pre_tool"\ncommand = "touch ${mark}"\n[permissions]\ndeny = ["mcp__local__env"]\n`;
  rig.workspace.configure(patient);
  rig.workspace.write(".thole/config.toml", toml("local", "good") + more);
  assert.equal((await run(rig, ["trust", "--yes"])).code, 0);
  rig.model.script(calls(call("mcp__local__work", {}), call("mcp__local__env", {})), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Work");
  assert.deepEqual(session.calls().map((one) => one.status), ["completed", "failed"]);
  assert.ok(existsSync(mark), "the hook ran");
  assert.equal(session.text("agent_thought_chunk"), "");
});

scenario("servers join a session when its workspace is trusted, and leave it with the trust", long, async (rig) => {
  const starts = rig.workspace.outside("pids");
  rig.workspace.configure(patient);
  rig.workspace.write(".mcp.json", JSON.stringify({ mcpServers: { local: { command: node, args: [hostileProgram, "good"], env: { PIDS: starts } } } }));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("/trust");
  const [, code] = /`\/trust yes ([0-9a-f]{8})`/.exec(session.text());
  await session.prompt(`/trust yes ${code}`);
  rig.model.script(calls(call("mcp__local__work", {})), say("Worked."), say("Alone."));
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  const [pid] = pids(starts);
  assert.ok(isAlive(pid));
  await session.prompt("/trust no");
  await session.prompt("Hi");
  assert.deepEqual(foreign(rig.model.lastRequest), []);
  await untilTrue(() => !isAlive(pid), "the server's end");
  await session.prompt("/mcp");
  assert.match(session.updates("agent_message_chunk").at(-1).content.text, /No MCP server/);
});

scenario("a run uses servers that the rules allow, and asks nobody", long, async (rig) => {
  rig.workspace.configure(`${patient}[permissions]\nallow = ["mcp__ship__work"]\n${toml("ship", "good")}`);
  rig.model.script(calls(call("mcp__ship__work", {})), say("Worked."));
  const allowed = await run(rig, ["run", "--prompt", "Work", "--json"]);
  assert.equal(allowed.code, 0, allowed.stderr);
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  rig.model.script(calls(call("mcp__ship__env", {})), say("Not allowed."));
  assert.equal((await run(rig, ["run", "--prompt", "Show", "--json"])).code, 13);
});

scenario("an agent has the servers' tools that its profile lists", long, async (rig) => {
  rig.workspace.configure(
    `${patient}${toml("ship", "good")}${toml("boat", "good")}[agents.mate]\ndescription = "Works"\ninstruction = "Work."\ntools = ["read_file", "mcp__ship__*"]\n`,
  );
  rig.model.script(calls(call("spawn_subagent", { task: "Say what you have", agent: "mate" })), say("Told."));
  rig.model.scriptFor(/^Say what/, say("These."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Ask");
  const child = rig.model.requests.find((request) => /Say what you have/.test(JSON.stringify(request.messages[0])) || /Say what you have/.test(JSON.stringify(request.messages[1])));
  assert.deepEqual(toolNames(child).filter((name) => name === "read_file" || name.startsWith("mcp__")).sort(), ["mcp__ship__env", "mcp__ship__work", "read_file"]);
});

scenario("the chat lists servers and their prompts, and runs a prompt", long, async (rig) => {
  rig.workspace.configure(patient + toml("ship", "leaks", 'env = { BOAT_TOKEN = "ahoy" }'));
  const terminal = new Terminal(rig, [], { columns: 120 });
  try {
    rig.model.script(say("Ready."), say("Prompted."));
    terminal.enter("Hi");
    await terminal.until(/Ready\./);
    terminal.enter("/mcp");
    await terminal.until(/ship.*: ready, 2 tools/);
    await terminal.until(/\/ship:leak/);
    terminal.enter("/ship:leak");
    await terminal.until(/Prompted\./);
    assert.match(JSON.stringify(rig.model.lastRequest.messages.at(-1)), /Say ahoy/);
    terminal.press("C-d");
    assert.equal(await terminal.end(), 0);
  } finally {
    await terminal.close();
  }
});

scenario("a mistake in [mcp] is named with file and line", long, async (rig) => {
  for (const [text, wrong] of [
    ["[mcp.servers.a]\n", /must have either command or url/],
    ['[mcp.servers.a]\ncommand = "x"\nurl = "http://h"\n', /must have either command or url/],
    ['[mcp.servers.a]\ncommand = "x"\nfoo = 1\n', /foo/],
    ['[mcp.servers."a b"]\ncommand = "x"\n', /the name must be/],
    ['[mcp]\nstartup_wait = "soon"\n', /startup_wait/],
  ]) {
    rig.workspace.configure(text);
    const { code, stderr } = await run(rig, ["config"]);
    assert.equal(code, 3);
    assert.match(stderr, wrong);
    assert.match(stderr, /config\.toml:\d+/);
  }
});

scenario("config and doctor show the servers, and no secret", long, async (rig) => {
  const token = "c0ral-reef-42";
  rig.workspace.configure(
    patient + toml("ship", "good", 'env = { BOAT_TOKEN = "${BOAT}" }') + toml("wreck", "dies-at-once"),
  );
  const env = { ...rig.env, BOAT: token };
  const config = await run(rig, ["config"], { env });
  assert.match(config.stdout, /mcp\.servers\.ship = .*hostile_server\.mjs good/);
  assert.ok(!config.stdout.includes(token));
  const doctor = await run(rig, ["doctor"], { env });
  assert.match(doctor.stdout, /✓ mcp ship\s+2 tools, revision 2025-11-25/);
  assert.match(doctor.stdout, /! mcp wreck\s+it exited with 3/);
});
