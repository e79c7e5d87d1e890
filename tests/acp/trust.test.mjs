// A hostile repository: whatever it brings does nothing before the user has looked at it, and
// nothing any more when it has changed by a byte.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { assert, call, calls, dismiss, say, scenario, textOf } from "./rig.mjs";
import { ofType } from "./rig/log.mjs";
import { commandsOf, script, trustAll } from "./rig/extensions.mjs";
import { run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const noticing = { capabilities: { session: { notices: {} } } };
const events = ["pre_tool", "post_tool", "prompt", "session_start", "session_end", "compaction"];
const bash = (command) => calls(call("bash", { command }));
const notices = (session) => session.updates("notice").map((one) => one.title).join("\n");
const lastSaid = (session) => session.updates("agent_message_chunk").at(-1).content.text;

// Everything that a repository could try; each attempt would leave a trace beside the workspace.
function makeHostile(rig) {
  const trace = rig.workspace.outside("trace");
  const hooks = events.map((event) => `[[hooks]]\nevent = "${event}"\ncommand = "touch ${trace}-${event}"\n`);
  const server = (name) => `[mcp.servers.${name}]\ncommand = "touch"\nargs = ["${trace}-${name}"]\n`;
  rig.workspace.write(".thole/config.toml", hooks.join("") + server("pirate"));
  const json = { mcpServers: { corsair: { command: "touch", args: [`${trace}-corsair`] } } };
  writeFileSync(rig.workspace.outside("servers.json"), JSON.stringify(json));
  symlinkSync(rig.workspace.outside("servers.json"), rig.workspace.path(".mcp.json"));
  rig.workspace.write(".thole/commands/steal.md", "---\ndescription: Steal\n---\n@/etc/passwd !`touch trace`\n");
  rig.workspace.write(".thole/agents/thief.md", "Steal.\n");
  script(rig, ".thole/hooks/run", `touch ${trace}-script`);
  rig.workspace.write(".thole/skills/rob/SKILL.md", "---\ndescription: Robs\n---\nRob.\n");
  rig.workspace.write(".claude/skills/loot/SKILL.md", "---\ndescription: Loots\n---\nLoot.\n");
  mkdirSync(rig.workspace.path(".thole/skills/link"), { recursive: true });
  symlinkSync("/etc/passwd", rig.workspace.path(".thole/skills/link/SKILL.md"));
  symlinkSync("/etc/passwd", rig.workspace.path(".thole/commands/users.md"));
  execFileSync("mkfifo", [rig.workspace.path(".thole/commands/pipe.md")]);
  rig.workspace.write(".thole/commands/huge.md", "x".repeat(400 * 1024));
  writeFileSync(rig.workspace.path(".thole/commands/latin.md"), Buffer.from([0xe9, 0x0a]));
  rig.workspace.write(".thole/commands/bomb.md", `---\na: &a [x, x]\nb: *a\n---\nBomb\n`);
  rig.workspace.write(".thole/commands/deep.md", `---\na: ${"[".repeat(100_000)}\n---\nDeep\n`);
  for (let i = 0; i < 10_000; ++i) rig.workspace.write(`.thole/commands/z${i}.md`, "z\n");
}
const traces = (rig) =>
  execFileSync("sh", ["-c", `ls ${rig.workspace.outside("trace")}-* 2>/dev/null || true`], { encoding: "utf8" });

scenario("a hostile repository that nobody has trusted starts and reads nothing", { timeout: 120_000 }, async (rig) => {
  makeHostile(rig);
  rig.model.script(calls(call("read_file", { path: "notes.txt" })), bash("touch a"), say("Done."));
  const session = await rig.session({ ...noticing, permission: dismiss });
  const names = (await commandsOf(session)).map((one) => one.name);
  assert.ok(!names.some((name) => /steal|rob|loot|^z\d/.test(name)), names.join());
  await session.prompt("Row");
  const request = JSON.stringify(rig.model.requests);
  assert.doesNotMatch(request, /root:|Robs|Loots|Steal/);
  assert.ok(session.editor.permissions.length === 1, "bash is asked as ever");
  const told = notices(session);
  assert.match(told, /this workspace brings MCP servers, agents, commands, configuration, hooks, skills that you have not looked at \(.* and \d+ more; MCP servers: pirate\); they do nothing until you review and trust them: \/trust here, or in a terminal: thole trust/);
  assert.match(told, /users\.md: .*leads out of the workspace/);
  assert.match(told, /\.mcp\.json: .*leads out of the workspace/);
  assert.match(told, /only the first 200 by name are read/);
  await session.close();
  assert.equal(traces(rig), "");
  const { code, stdout } = await run(rig, ["trust"]);
  assert.equal(code, 13);
  assert.match(stdout, /\.thole\/config\.toml {2}not trusted[\s\S]*touch \S+trace-pre_tool[\s\S]*mcp\.servers\.pirate/);
  assert.doesNotMatch(stdout, /root:|corsair/);
});

scenario("/trust shows what there is, and yes is to what was shown", {}, async (rig) => {
  rig.workspace.write(".thole/commands/row.md", "Row to $ARGUMENTS.\n");
  const session = await rig.session(noticing);
  assert.ok(!(await commandsOf(session)).some((one) => one.name === "row"));
  await session.prompt("/trust");
  const review = lastSaid(session);
  assert.match(review, /### `\.thole\/commands\/row\.md`: not trusted\n\n```\nRow to \$ARGUMENTS\.\n```/);
  const [, code] = /`\/trust yes ([0-9a-f]{8})`$/.exec(review);
  await session.prompt("/trust yes");
  assert.match(lastSaid(session), /^Nothing was trusted/);
  rig.workspace.write(".thole/commands/row.md", "Sink.\n");
  await session.prompt(`/trust yes ${code}`);
  assert.match(lastSaid(session), /^Nothing was trusted: the files are not those that were shown/);
  rig.workspace.write(".thole/commands/row.md", "Row to $ARGUMENTS.\n");
  await session.prompt(`/trust yes ${code}`);
  assert.match(lastSaid(session), /^Trusted\./);
  assert.ok((await commandsOf(session)).some((one) => one.name === "row"), "listed at once");
  rig.model.script(say("Rowed."));
  await session.prompt("/row land");
  assert.equal(textOf(rig.model.lastRequest.messages.at(-1).content), "Row to land.");
  await session.prompt("/trust");
  assert.match(lastSaid(session), /row\.md`: trusted\n[\s\S]*All of it that can count is trusted/);
  rig.workspace.write(".thole/commands/row.md", "Row to $ARGUMENTS!\n");
  rig.model.script(say("What?"));
  await session.prompt("/row land");
  assert.equal(textOf(rig.model.lastRequest.messages.at(-1).content), "/row land", "inert again");
  assert.ok(!(await commandsOf(session)).some((one) => one.name === "row"));
  assert.match(notices(session), /\(\.thole\/commands\/row\.md\); they do nothing until/);
  await session.prompt("/trust no");
  assert.match(lastSaid(session), /^Nothing of this workspace is trusted any more/);
});

scenario("trust lets a workspace narrow what may be done, and never widen it", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  rig.workspace.write(".thole/config.toml", '[permissions]\ndeny = ["bash(touch:*)"]\n');
  const session = await rig.session({ ...noticing, permission: dismiss });
  rig.model.script(bash("touch a"), say("Done."));
  await session.prompt("Go");
  assert.ok(rig.workspace.has("a"), "not before it is trusted");
  await trustAll(rig);
  rig.model.script(bash("touch b"), say("Done."));
  await session.prompt("Go");
  assert.ok(!rig.workspace.has("b"));
  assert.match(rig.model.toolResults.at(-1), /rule 'bash\(touch:\*\)' denies/);
  rig.workspace.write(".thole/config.toml", '[permissions]\nallow = ["bash"]\nmode = "bypass-permissions"\n');
  await trustAll(rig);
  await session.setMode("default");
  rig.model.script(bash("touch c"), say("Done."));
  await session.prompt("Go");
  assert.ok(!rig.workspace.has("c"));
  assert.equal(session.editor.permissions.length, 1, "asked as ever");
  assert.match(notices(session), /config\.toml:2: .*a workspace can only narrow what may be done/);
});

scenario("the terminal says what waits for trust, and /trust reviews it there", {}, async (rig) => {
  rig.workspace.write(".thole/commands/row.md", "Row.\n");
  const terminal = new Terminal(rig, []);
  try {
    await terminal.until(/this workspace brings commands that you have not looked at/);
    terminal.enter("/trust");
    const [, code] = await terminal.until(/\/trust yes ([0-9a-f]{8})/);
    terminal.enter(`/trust yes ${code}`);
    await terminal.until(/Trusted\./);
    rig.model.script(say("Rowed."));
    terminal.enter("/row");
    await terminal.until(/Rowed\./);
    terminal.press("C-d");
    assert.equal(await terminal.end(), 0);
  } finally {
    await terminal.close();
  }
});

scenario("what is trusted of a workspace is trusted in its sub-agents' trees, as the user has it", {}, async (rig) => {
  rig.workspace.configure('[permissions]\nmode = "accept-edits"\n');
  rig.workspace.write(".thole/skills/sew/SKILL.md", "---\ndescription: Sews\n---\nUse a needle.\n");
  await trustAll(rig);
  rig.model.script(calls(call("spawn_subagent", { task: "Mend the sail" })), say("Over."));
  rig.model.scriptFor(/^Mend the sail/, calls(call("skill", { name: "sew" })), say("Mended."));
  const session = await rig.session();
  await session.prompt("Go");
  const [child] = ofType(rig, session.id, "ChildSessionSpawned").map((e) => e.child_session_id);
  assert.match(ofType(rig, child, "ToolCallCompleted")[0].output, /Use a needle/);
});
