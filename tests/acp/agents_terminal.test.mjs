// Sub-agents as a person in the terminal chat has them.
import { assert, call, calls, say, scenario } from "./rig.mjs";
import { edit, inMode, spawn } from "./rig/agents.mjs";
import { Run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const write = (path) => calls(call("write_file", { path, content: `${path}\n` }));
const prompt = /^›( |$)/m;

function terminals(name, options, body) {
  scenario(name, options, async (rig) => {
    try {
      await body(rig);
    } finally {
      for (const one of rig.terminals ?? []) await one.close();
    }
  });
}

terminals("two ask side by side: each answer goes to the one that asked", {}, async (rig) => {
  rig.model.script(calls(spawn("Write the letter a"), spawn("Write the letter b")), say("Both are over."));
  rig.model.scriptFor(/^Write the letter a/, write("a"), say("A"));
  rig.model.scriptFor(/^Write the letter b/, write("b"), say("B"));
  const terminal = new Terminal(rig, []);
  await terminal.until(prompt);
  terminal.enter("Go");
  await terminal.until(/▸ \w+  Write the letter a/);
  await terminal.until(/▸ \w+  Write the letter b/);
  await terminal.until(/asked by the sub-agent for: Write the letter a/);
  await terminal.until(/asked by the sub-agent for: Write the letter b/);
  for (let i = 0; i < 2; ++i) {
    const [, task] = await terminal.until(/sub-agent \w+ · Write the letter (\w)\s+Allow [^?]*\? \[y\] once[^›]*› *$/);
    terminal.enter(task === "a" ? "y" : "not this one");
    await terminal.until(task === "a" ? /✓ \w+  \S+ a/ : /not allowed: not this one/);
  }
  await terminal.until(/Both are over\./);
  assert.match(terminal.screen, /✓ \w+  completed · \+1 −0, 1 file/);
  assert.match(terminal.screen, /✓ \w+  completed · nothing changed/);
  terminal.enter("/agents");
  await terminal.until(/changes · \S*thole\/\S+/);
  assert.ok(!rig.workspace.has("a"), "not merged yet");
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("what is below a sub-agent is asked in the chat, too", {}, async (rig) => {
  rig.model.script(calls(spawn("Delegate")), say("Over."));
  rig.model.scriptFor(/^Delegate/, calls(spawn("Write deep down")), say("Delegated."));
  rig.model.scriptFor(
    /^Write deep down/,
    calls(call("ask_user", { question: "Which oar?", options: ["left", "right"] })),
    write("deep"),
    say("Written."),
  );
  const terminal = new Terminal(rig, []);
  await terminal.until(prompt);
  terminal.enter("Go");
  await terminal.until(/\? \w+  Which oar\?/);
  await terminal.until(/sub-agent \w+ · Write deep down\s+A number/);
  terminal.enter("2");
  await terminal.until(/answer: right/);
  await terminal.until(/Allow [^?]*\? \[y\]/);
  terminal.enter("y");
  await terminal.until(/Over\./);
  assert.match(JSON.stringify(rig.model.requests), /right/);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("/agents merges, and shows the conflict of the second", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One"), spawn("Two")), say("Done so far."));
  rig.model.scriptFor(/^One/, edit("notes.txt", "second line", "2nd line"), say("1"));
  rig.model.scriptFor(/^Two/, edit("notes.txt", "second line", "zweite Zeile"), say("2"));
  const terminal = new Terminal(rig, []);
  await terminal.until(prompt);
  terminal.enter("Go");
  await terminal.until(/Done so far\./);
  const quiet = terminal.screen.match(/✓ \w+  Edit notes\.txt \+1 −1/g) ?? [];
  assert.equal(quiet.length, 2, terminal.screen);
  const ids = [...terminal.screen.matchAll(/▸ (\w+)  (One|Two)/g)].map((found) => found[1]);
  terminal.enter(`/agents merge ${ids[0]}`);
  await terminal.until(/merged into your files: notes\.txt/);
  assert.match(rig.workspace.read("notes.txt"), /2nd line/);
  terminal.enter(`/agents merge ${ids[1]}`);
  await terminal.until(/Nothing was touched: there are conflicts/);
  await terminal.until(/zweite Zeile/);
  terminal.enter(`/agents discard ${ids[1]}`);
  await terminal.until(/refs\/thole\/rescue\//);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("whoever attaches answers for sub-agents of the other process", {}, async (rig) => {
  rig.model.script(calls(spawn("Write from afar")), say("Over."));
  rig.model.scriptFor(/^Write from afar/, write("afar"), say("Written."));
  const words = ["spawn", "-p", "Go", "--permission-mode", "default"];
  const spawned = new Run(rig, words);
  assert.equal(await spawned.end, 0, spawned.stderr);
  const [id] = /\d{8}-\d{4}-\w+/.exec(spawned.stdout);
  const terminal = new Terminal(rig, ["attach", id]);
  await terminal.until(/sub-agent \w+ · Write from afar\s+Allow [^?]*\? \[y\] once/);
  terminal.enter("y");
  await terminal.until(/Over\./);
  assert.match(terminal.screen, /✓ \w+  completed · \+1 −0, 1 file/);
  terminal.press("C-d");
  assert.equal(await terminal.end(), 0);
});

terminals("a run at a terminal shows what its sub-agents change, in a line each", {}, async (rig) => {
  rig.workspace.configure(inMode("accept-edits"));
  rig.model.script(calls(spawn("One")), say("Done."));
  rig.model.scriptFor(/^One/, calls(call("read_file", { path: "notes.txt" })), edit("notes.txt", "second line", "2nd line"), say("1"));
  const terminal = new Terminal(rig, ["run", "-p", "Go"]);
  assert.equal(await terminal.end(), 0);
  assert.match(terminal.screen, /▸ \w+  One\n✓ \w+  Edit notes\.txt \+1 −1\n✓ \w+  completed · \+1 −1, 1 file · 2 calls/);
});
