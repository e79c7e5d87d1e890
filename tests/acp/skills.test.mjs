// Skills: the model sees names and descriptions, and reads the rest when it wants to.
import { symlinkSync } from "node:fs";
import { assert, call, calls, say, scenario, textOf } from "./rig.mjs";
import { events } from "./rig/log.mjs";
import { commandsOf, ofUser, trustAll } from "./rig/extensions.mjs";

const head = (description, rest = "") => `---\nname: sew\ndescription: ${description}\n${rest}---\n`;
const read = (name, file) => calls(call("skill", file ? { name, file } : { name }));
const system = (rig) => textOf(rig.model.lastRequest.messages[0].content);
const hasTool = (rig) => rig.model.lastRequest.tools.some((tool) => tool.function.name === "skill");
const lastPrompt = (rig) => textOf(rig.model.lastRequest.messages.findLast((m) => m.role === "user").content);

scenario("only name and description stand in the prompt; the tool gives the rest", {}, async (rig) => {
  ofUser(rig, "skills/sew/SKILL.md", `${head("Sews sails", "metadata:\n  version: 1\n")}Use a needle.\n`);
  ofUser(rig, "skills/sew/stitches/back.md", "Back stitch.\n");
  rig.model.script(read("sew"), read("sew", "stitches/back.md"), read("sew", "../../config.toml"), read("knot"), say("Sewn."));
  const session = await rig.session();
  await session.prompt("Mend the sail");
  assert.match(system(rig), /- sew: Sews sails\n/);
  assert.doesNotMatch(system(rig), /Use a needle/);
  const [all, one, outside, unknown] = rig.model.toolResults;
  assert.match(all, /^Use a needle\.\n\n\[skill 'sew', folder \S+; other files in it:\]\n- stitches\/back\.md\n/);
  assert.equal(one, "Back stitch.\n");
  assert.match(outside, /it leads outside the folder/);
  assert.match(unknown, /there is no skill 'knot'; the skills are sew/);
  assert.equal(session.editor.permissions.length, 0, "reading is not asked");
});

scenario("without skills there is no tool for them", {}, async (rig) => {
  rig.model.script(say("Nothing."));
  const session = await rig.session();
  await session.prompt("Hello");
  assert.ok(!hasTool(rig));
  assert.doesNotMatch(system(rig), /Skills:/);
});

scenario("a skill of the workspace counts once it is trusted, as it was", {}, async (rig) => {
  rig.workspace.write(".claude/skills/sew/SKILL.md", `${head("Sews sails")}Use a needle.\n`);
  rig.workspace.write(".claude/skills/sew/more.md", "Wax the thread.\n");
  symlinkSync("/etc/passwd", rig.workspace.path(".claude/skills/sew/users.md"));
  rig.model.script(say("No skills."));
  const session = await rig.session();
  await session.prompt("Hello");
  assert.ok(!hasTool(rig));
  await trustAll(rig);
  rig.model.script(read("sew"), read("sew", "users.md"), say("Read."));
  await session.prompt("Mend");
  assert.match(rig.model.toolResults[0], /Use a needle/);
  assert.match(rig.model.toolResults[1], /it leads outside the folder/);
  assert.ok((await commandsOf(session)).some((one) => one.name === "sew"));
  rig.workspace.write(".claude/skills/sew/more.md", "Cut the sail.\n");
  rig.model.script(read("sew", "more.md"), say("Hm."));
  await session.prompt("More");
  assert.match(rig.model.toolResults.at(-1), /has changed since the user trusted it/);
  rig.workspace.write(".claude/skills/sew/SKILL.md", `${head("Sews sails")}Use a knife!\n`);
  rig.model.script(say("Gone."));
  await session.prompt("Mend again");
  assert.ok(!hasTool(rig));
  assert.ok(!session.updates("available_commands_update").at(-1).availableCommands.some((one) => one.name === "sew"));
});

scenario("/skill-name starts it", {}, async (rig) => {
  ofUser(rig, "skills/sew/SKILL.md", `${head("Sews sails")}Use a needle.\n`);
  rig.model.script(say("Sewn."));
  const session = await rig.session();
  const entry = (await commandsOf(session)).find((one) => one.name === "sew");
  assert.equal(entry.description, "Sews sails");
  await session.prompt("/sew the jib");
  assert.match(lastPrompt(rig), /^Work by the skill 'sew':\n\nUse a needle\.[\s\S]*What is wanted:\nthe jib$/);
  const [message] = events(rig, session.id).filter((e) => e.type === "MessageReceived");
  assert.equal(message.content, "/sew the jib");
  assert.equal(message.command, "sew");
});

scenario("rules on reading hold for skills, too", {}, async (rig) => {
  rig.workspace.configure('[permissions]\ndeny = ["read(secret.md)"]\n');
  rig.workspace.write(".thole/skills/sew/SKILL.md", `${head("Sews")}Sew.\n`);
  rig.workspace.write(".thole/skills/sew/secret.md", "hidden\n");
  await trustAll(rig);
  rig.model.script(read("sew", "secret.md"), say("No."));
  const session = await rig.session();
  await session.prompt("Mend");
  assert.match(rig.model.toolResults[0], /denied: rule 'read\(secret\.md\)' denies/);
});
