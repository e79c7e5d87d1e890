// The chat in a real terminal: what a person types, and what the screen then shows.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, hang, say, scenario } from "./rig.mjs";
import { run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const idPattern = /\d{8}-\d{4}-[a-z2-7]{4}/;
const prompt = /^› $|^›$/m;
const bash = (command) => calls(call("bash", { command }));

// A scenario with terminals, which go away with it.
function chat(name, options, body) {
  scenario(name, options, async (rig) => {
    try {
      await body(rig);
    } finally {
      for (const one of rig.terminals ?? []) await one.close();
    }
  });
}

async function atPrompt(rig, ...words) {
  const terminal = new Terminal(rig, words);
  await terminal.until(prompt);
  return terminal;
}

const prompts = (rig) =>
  rig.model.requests.map((request) => {
    const last = request.messages.filter((m) => m.role === "user").at(-1);
    return typeof last.content === "string"
      ? last.content
      : last.content.map((part) => part.text ?? "").join("");
  });

chat("a new session, an answer, Ctrl+D, and the same session again", {}, async (rig) => {
  rig.model.script(say("Both **oars**."), say("As before."));
  const first = await atPrompt(rig);
  first.enter("How do I row?");
  await first.until(/Both oars\./);
  await first.until(/done in/);
  assert.match(first.screen, /› How do I row\?/);
  first.press("C-d");
  assert.equal(await first.end(), 0);
  const [id] = idPattern.exec(first.screen.split("saved; go on with: thole resume ")[1]);
  const second = await atPrompt(rig);
  assert.match(second.screen, /^thole: going on with ".+", left .+ ago; start a new one: thole --new-session/m);
  assert.match(second.screen, /› How do I row\?\s+Both oars\./, "where it stands");
  assert.ok(second.screen.includes(id));
  second.enter("And now?");
  await second.until(/As before\./);
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /How do I row/);
});

chat("--new-session does not go on, -r does or says that there is nothing", {}, async (rig) => {
  rig.model.script(say("Both oars."));
  const none = new Terminal(rig, ["-r"]);
  assert.equal(await none.end(), 15);
  const first = await atPrompt(rig);
  first.enter("How do I row?");
  await first.until(/done in/);
  first.enter("exit");
  assert.equal(await first.end(), 0);
  const fresh = await atPrompt(rig, "--new-session");
  assert.doesNotMatch(fresh.screen, /How do I row/);
  const again = await atPrompt(rig, "--resume");
  assert.match(again.screen, /How do I row/);
});

chat("several lines: a backslash, Ctrl+J, Alt+Enter and a paste are one message each", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."), say("Three."));
  const terminal = await atPrompt(rig);
  terminal.enter("first\\");
  terminal.enter("second");
  await terminal.until(/One\./);
  await terminal.until(prompt);
  terminal.type("a");
  terminal.press("C-j");
  terminal.type("b");
  terminal.press("M-Enter");
  terminal.enter("c");
  await terminal.until(/Two\./);
  await terminal.until(prompt);
  terminal.paste("x\ny\n\nz");
  terminal.press("Enter");
  await terminal.until(/Three\./);
  assert.deepEqual(prompts(rig), ["first\nsecond", "a\nb\nc", "x\ny\n\nz"]);
});

chat("wide characters and umlauts are edited as what they are", {}, async (rig) => {
  rig.model.script(say("Ja."));
  const terminal = await atPrompt(rig);
  terminal.type("Grüße an 漢字字🚣");
  terminal.press("Left", "BSpace", "BSpace", "C-a");
  terminal.enter("¡");
  await terminal.until(/Ja\./);
  assert.deepEqual(prompts(rig), ["¡Grüße an 漢🚣"]);
});

chat("an approval is given once, for the session, refused, and refused with a reason", {}, async (rig) => {
  rig.model.script(
    bash("touch one"), bash("touch two"), bash("touch two"), bash("touch three"), bash("touch four"),
    say("Done."),
  );
  const terminal = await atPrompt(rig);
  terminal.enter("Go");
  await terminal.until(/touch one[\s\S]*Allow\? \[y\] once/);
  terminal.enter("y");
  await terminal.until(/touch two[\s\S]*\[s\] for this session \([\s\S]+\)/);
  terminal.enter("s");
  await terminal.until(/touch three/);
  assert.ok(rig.workspace.has("one") && rig.workspace.has("two"));
  await terminal.until(/\[n\] no, or type why not\s+›/);
  terminal.enter("n");
  await terminal.until(/touch four/);
  await terminal.until(/\[n\] no, or type why not\s+›/);
  terminal.enter("four is too many");
  await terminal.until(/done in/);
  assert.match(terminal.screen, /not allowed: four is too many/, "what was decided stays");
  assert.deepEqual([rig.workspace.has("three"), rig.workspace.has("four")], [false, false]);
  assert.match(rig.model.toolResults.at(-1), /four is too many/);
});

chat("an edit is asked with its diff, and what was being typed comes back after it", {}, async (rig) => {
  rig.model.script(
    bash("while [ ! -e go ]; do sleep 0.02; done"),
    calls(call("edit_file", { path: "notes.txt", old_string: "second line", new_string: "2nd line" })),
    say("Done."),
    say("And that."),
  );
  const terminal = await atPrompt(rig);
  terminal.enter("Edit");
  await terminal.until(/Allow\?/);
  terminal.enter("y");
  await terminal.untilGone(/Allow\?/);
  terminal.type("and n");
  await terminal.until(/› and n/);
  rig.workspace.write("go", "");
  await terminal.until(/\+ 2nd line[\s\S]*Allow\?/);
  assert.doesNotMatch(terminal.screen, /› and n/);
  terminal.enter("y");
  await terminal.until(/done in[\s\S]*› and n/);
  terminal.enter("ow?");
  await terminal.until(/And that\./);
  assert.equal(prompts(rig).at(-1), "and now?");
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
});

chat("a question is answered by a number or in words", {}, async (rig) => {
  const ask = (question) => calls(call("ask_user", { question, options: ["left", "right"] }));
  rig.model.script(ask("Which oar?"), ask("Which side?"), say("Good."));
  const terminal = await atPrompt(rig);
  terminal.enter("Ask");
  await terminal.until(/Which oar\?[\s\S]*1\. left[\s\S]*2\. right[\s\S]*A number/);
  terminal.enter("2");
  await terminal.until(/Which side\?[\s\S]*A number/);
  terminal.enter("both of them");
  await terminal.until(/Good\./);
  assert.deepEqual(rig.model.toolResults, [
    "The user chose: right",
    "The user answered: both of them",
  ]);
});

chat("Ctrl+C cancels the turn; at the prompt it leaves and says how to come back", {}, async (rig) => {
  rig.model.script(hang("Once upon a time there was a boat", 4));
  const terminal = await atPrompt(rig);
  terminal.enter("Tell");
  await terminal.until(/Once upon/);
  terminal.press("C-c");
  await terminal.until(/cancelled in/);
  await terminal.until(prompt);
  terminal.press("C-c");
  assert.equal(await terminal.end(), 0);
  assert.match(terminal.screen, /left without a further save; go on with: thole resume \d/);
});

chat("Ctrl+C clears what is typed before it leaves", {}, async (rig) => {
  const terminal = await atPrompt(rig);
  terminal.type("half a thought");
  await terminal.until(/half a thought/);
  terminal.press("C-c");
  await terminal.untilGone(/half a thought/);
  terminal.press("C-c");
  assert.equal(await terminal.end(), 0);
});

chat("what is typed while the model works is the next message", {}, async (rig) => {
  rig.model.script(bash("while [ ! -e go ]; do sleep 0.02; done"), say("One."), say("Two."));
  const terminal = await atPrompt(rig, "--permission-mode", "bypass-permissions");
  terminal.enter("first");
  await rig.model.untilRequests(1);
  terminal.enter("second");
  await terminal.until(/queued: it is sent when this turn has ended/);
  rig.workspace.write("go", "");
  await terminal.until(/One\.[\s\S]*› second[\s\S]*Two\./);
  assert.equal(prompts(rig).at(-1), "second");
});

chat("the words of the chat", {}, async (rig) => {
  rig.model.script(say("Both oars."), say("Anew."));
  const terminal = await atPrompt(rig);
  const [id] = await terminal.until(idPattern);
  terminal.enter("Row");
  await terminal.until(/done in/);
  for (const [words, pattern] of [
    ["sessions", new RegExp(`${id} .*running`)],
    ["save", new RegExp(`saved as ${id}`)],
    ["tasks", /There are no tasks\./],
    ["task 1", /there are no tasks/],
    ["plan", /There is no plan yet\./],
    ["/agents", /There are no sub-agents\./],
    ["/mode accept-edits", /The mode is now accept-edits/],
    ["/bogus", /there is no command \/bogus/],
    ["/export", /Exported to /],
    ["/help", /\/compact/],
  ]) {
    terminal.enter(words);
    await terminal.until(pattern);
  }
  const exported = rig.workspace.path(`.thole/exports/${id}.md`);
  assert.match(readFileSync(exported, "utf8"), /Both oars\./);
  assert.equal(statSync(exported).mode & 0o777, 0o600);
  terminal.enter("new");
  const other = await terminal.until(new RegExp(`session (?!${id})${idPattern.source}`));
  assert.ok(other);
  terminal.enter(`resume ${id}`);
  await terminal.until(/› Row\s+Both oars\.[\s\S]*Both oars\./);
  terminal.enter("exit-nosave");
  assert.equal(await terminal.end(), 0);
  assert.equal(rig.model.requests.length, 1, "none of it went to the model");
  const { stdout } = await run(rig, ["status", id, "--json"]);
  assert.equal(JSON.parse(stdout).prompts, 1, "what was saved stays");
});

chat("Tab completes commands, modes, ids and paths; Up brings earlier lines back", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  const terminal = await atPrompt(rig);
  terminal.type("/mo");
  terminal.press("Tab");
  await terminal.until(/› \/mode/);
  terminal.press("Tab");
  await terminal.until(/\/mode +\/model/);
  terminal.type(" acc");
  terminal.press("Tab", "Enter");
  await terminal.until(/The mode is now accept-edits/);
  terminal.type("read @no");
  terminal.press("Tab");
  await terminal.until(/› read @notes\.txt/);
  terminal.press("Enter");
  await terminal.until(/One\./);
  await terminal.until(prompt);
  terminal.press("C-d");
  await terminal.end();
  const history = join(rig.env.XDG_STATE_HOME, "thole", "history");
  assert.equal(statSync(history).mode & 0o777, 0o600);
  const again = await atPrompt(rig);
  again.press("Up");
  await again.until(/One\.\s+› read @notes\.txt/);
  again.press("Enter");
  await again.until(/Two\./);
});

chat("two terminals on one session see the same; the first answer wins", {}, async (rig) => {
  rig.model.script(bash("touch made"), say("Done."), say("Again."));
  const first = await atPrompt(rig);
  first.enter("Go");
  await first.until(/Allow\?/);
  const second = new Terminal(rig, []);
  await second.until(/attached to .+, which is running[\s\S]*touch made[\s\S]*Allow\?/);
  second.enter("y");
  await second.until(/done in/);
  await first.until(/answered in another window[\s\S]*done in/);
  assert.doesNotMatch(first.screen, /Allow\?/, "the prompt has gone");
  second.enter("Once more");
  await first.until(/› Once more[\s\S]*Again\./);
  second.press("C-d");
  assert.equal(await second.end(), 0);
  assert.match(second.screen, /back with: thole attach/);
  first.press("C-d");
  assert.equal(await first.end(), 0);
});

chat("attach shows all of a background session, answers it, and leaves it running", {}, async (rig) => {
  rig.model.script(
    bash("touch made"), bash("while [ ! -e go ]; do sleep 0.02; done"), say("Arrived."));
  const { stdout } = await run(rig, ["spawn", "--prompt", "Go"]);
  const id = stdout.trim();
  const terminal = new Terminal(rig, ["attach", id]);
  await terminal.until(/› Go[\s\S]*touch made[\s\S]*Allow\?/);
  terminal.enter("y");
  await terminal.until(/while[\s\S]*Allow\?/);
  terminal.enter("y");
  await terminal.untilGone(/Allow\?/);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
  rig.workspace.write("go", "");
  const followed = await run(rig, ["logs", id, "--follow"]);
  assert.match(followed.stdout, /Arrived\./);
  const late = new Terminal(rig, ["attach", id]);
  assert.equal(await late.end(), 0);
  assert.match(late.screen, /Arrived\.[\s\S]*nothing runs session .* \(completed\)/);
});

chat("without a model the chat starts and says how to get one", {}, async (rig) => {
  const env = { ...rig.env };
  for (const name of ["THOLE_MODEL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"]) delete env[name];
  const terminal = new Terminal(rig, [], { env });
  await terminal.until(/thole demo/);
  await terminal.until(prompt);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

chat("a session that was never used leaves nothing behind", {}, async (rig) => {
  const terminal = await atPrompt(rig);
  const [id] = await terminal.until(idPattern);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
  assert.equal(existsSync(rig.workspace.path(`.thole/sessions/${id}.events.jsonl`)), false);
});

chat("NO_COLOR means no colour", {}, async (rig) => {
  rig.model.script(say("Both **oars**."));
  const terminal = new Terminal(rig, [], { env: { ...rig.env, NO_COLOR: "1" } });
  await terminal.until(prompt);
  terminal.enter("Row");
  await terminal.until(/Both \*\*oars\*\*\./);
});
