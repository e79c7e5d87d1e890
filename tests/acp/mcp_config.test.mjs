// MCP servers of the user's configuration and of a workspace: who is believed, who is started at all,
// and where the servers of sub-agents work.
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { run } from "./rig/run.mjs";
import { foreign, hostileProgram, patient, pids } from "./rig/servers.mjs";

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
    assert.match(before.text("agent_thought_chunk"), /MCP servers that you have not looked at \(.*\); they do nothing until .* thole trust/);

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
