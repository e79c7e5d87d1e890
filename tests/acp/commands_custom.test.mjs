// Commands of the user's and of a workspace: Markdown files that become prompts.
import { symlinkSync, writeFileSync } from "node:fs";
import { assert, say, scenario, textOf } from "./rig.mjs";
import { events } from "./rig/log.mjs";
import { commandsOf, ofUser, trustAll } from "./rig/extensions.mjs";
import { Terminal } from "./rig/terminal.mjs";

const review = `---
description: Reviews a file
argument-hint: <file> [focus]
allowed-tools: read_file
---
Review $1 with an eye on $2. All: $ARGUMENTS.
Rules: @notes.txt
`;
const lastPrompt = (rig) => textOf(rig.model.lastRequest.messages.findLast((m) => m.role === "user").content);
const toolNames = (rig) => rig.model.lastRequest.tools.map((tool) => tool.function.name).sort();

scenario("a command of the user's is listed, filled in and shown as it was typed", {}, async (rig) => {
  ofUser(rig, "commands/review.md", review);
  rig.model.script(say("Reviewed."), say("Else."));
  const session = await rig.session();
  const entry = (await commandsOf(session)).find((one) => one.name === "review");
  assert.deepEqual(entry, { name: "review", description: "Reviews a file", input: { hint: "<file> [focus]" } });
  await session.prompt('/review src/oar.c "the rhythm"');
  const prompt = lastPrompt(rig);
  assert.match(prompt, /Review src\/oar\.c with an eye on the rhythm\. All: src\/oar\.c "the rhythm"\./);
  assert.match(prompt, /<file path="notes\.txt">\nfirst line\n/);
  assert.deepEqual(toolNames(rig), ["read_file"], "its turn has the tools that it names");
  const [received] = events(rig, session.id).filter((e) => e.type === "MessageReceived" && e.role === "user");
  assert.equal(received.content, '/review src/oar.c "the rhythm"');
  assert.equal(received.command, "review");
  assert.deepEqual(received.tools, ["read_file"]);
  await session.prompt("And now something else");
  assert.ok(toolNames(rig).length > 10, "only its own turn");
  const other = await rig.editor();
  await session.close();
  const loaded = await other.loadSession(session.id, rig.workspace.root);
  const shown = loaded.updates("user_message_chunk").map((one) => one.content.text);
  assert.deepEqual(shown, ['/review src/oar.c "the rhythm"', "And now something else"]);
});

scenario("names are unique, and whoever loses is told", {}, async (rig) => {
  ofUser(rig, "commands/help.md", "Not help.\n");
  ofUser(rig, "commands/row.md", "Mine.\n");
  ofUser(rig, "skills/row/SKILL.md", "---\ndescription: Rows\n---\nRow.\n");
  rig.workspace.write(".thole/commands/row.md", "Theirs.\n");
  await trustAll(rig);
  rig.model.script(say("Rowing."));
  const session = await rig.session({ capabilities: { session: { notices: {} } } });
  const names = (await commandsOf(session)).map((one) => one.name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.every((name) => /^\S+$/.test(name)));
  await session.prompt("/row");
  assert.equal(lastPrompt(rig), "Mine.");
  const log = events(rig, session.id).filter((e) => e.type === "Error").map((e) => e.message);
  assert.match(log.join("\n"), /commands\/help\.md: there is a command \/help already; give it another name/);
  assert.match(log.join("\n"), /\.thole\/commands\/row\.md: there is a command \/row already/);
  assert.match(log.join("\n"), /skills\/row\/SKILL\.md: there is a command \/row already/);
});

scenario("files outside the session are never shown, and nothing is run", {}, async (rig) => {
  writeFileSync(rig.workspace.outside("secret.txt"), "the secret\n");
  symlinkSync(rig.workspace.outside("secret.txt"), rig.workspace.path("link"));
  ofUser(rig, "commands/show.md", "Show @$1 and !`touch ran` and $(touch ran).\n");
  const session = await rig.session();
  for (const path of ["../outside/secret.txt", "link", "/etc/passwd"]) {
    await session.prompt(`/show ${path}`);
    const said = session.updates("agent_message_chunk").at(-1).content.text;
    assert.match(said, new RegExp(`^Error: @${path}: .* lies outside the folders of this session`));
  }
  assert.equal(rig.model.requests.length, 0);
  rig.model.script(say("Shown."));
  await session.prompt("/show nothing.txt");
  assert.match(lastPrompt(rig), /@nothing\.txt and !`touch ran` and \$\(touch ran\)\./);
  assert.ok(!rig.workspace.has("ran"));
});

scenario("a command may have a model and an agent of its own, for its turn", {}, async (rig) => {
  rig.workspace.configure('[agents.mate]\ninstruction = "You are the mate."\ntools = ["read_file"]\n');
  ofUser(rig, "commands/ask.md", "---\nagent: mate\nmodel: anthropic/claude-haiku-4-5\n---\nAhoy.\n");
  ofUser(rig, "commands/lost.md", "---\nagent: nobody\n---\nAhoy.\n");
  rig.model.script(say("Aye."), say("Yes."));
  const session = await rig.session();
  await session.prompt("/ask");
  assert.match(JSON.stringify(rig.model.lastRequest.messages[0]), /You are the mate/);
  assert.match(rig.model.lastRequest.model, /haiku/);
  await session.prompt("And you?");
  assert.doesNotMatch(JSON.stringify(rig.model.lastRequest.messages[0]), /You are the mate/);
  assert.match(rig.model.lastRequest.model, /sonnet/);
  await assert.rejects(session.prompt("/lost"), /is for the agent 'nobody', which there is not/);
});

scenario("in the terminal a command runs, too, and so does a skill", {}, async (rig) => {
  ofUser(rig, "commands/row-2.md", "Row to $ARGUMENTS.\n");
  ofUser(rig, "skills/sew/SKILL.md", "---\ndescription: Sews sails\n---\nUse a needle.\n");
  rig.model.script(say("Rowed."), say("Sewn."));
  const terminal = new Terminal(rig, []);
  try {
    await terminal.until(/^›( |$)/m);
    terminal.enter("/row-2 the island");
    await terminal.until(/Rowed\./);
    assert.equal(lastPrompt(rig), "Row to the island.");
    terminal.enter("/sew the jib");
    await terminal.until(/Sewn\./);
    assert.match(lastPrompt(rig), /Work by the skill 'sew':\n\nUse a needle\.[\s\S]*What is wanted:\nthe jib/);
    terminal.enter("/help");
    await terminal.until(/\/row-2/);
    terminal.enter("/rowing");
    await terminal.until(/there is no command \/rowing/);
    terminal.press("C-d");
    assert.equal(await terminal.end(), 0);
  } finally {
    await terminal.close();
  }
});
