// Whole turns: text, thinking, tool calls, tasks, as the official SDK's client sees them.
import { assert, call, calls, say, sayThenCall, scenario, scenarios, think } from "./rig.mjs";

scenarios("55: a text prompt is answered in chunks of one message", {}, async (rig) => {
  rig.model.script(say("Pull the left oar, then the right one, and breathe."));
  const session = await rig.session();
  const { stopReason } = await session.prompt("How do I row?");
  assert.equal(stopReason, "end_turn");
  assert.equal(session.text(), "Pull the left oar, then the right one, and breathe.");
  assert.equal(session.messageIds().length, 1);
  assert.equal(rig.model.requests.length, 1);
  assert.equal(rig.model.lastRequest.messages.at(-1).role, "user");
  assert.match(JSON.stringify(rig.model.lastRequest.messages.at(-1)), /How do I row\?/);
});

scenarios("a second prompt carries the first turn with it", {}, async (rig) => {
  rig.model.script(say("It is called Swift."), say("Swift, as I said."));
  const session = await rig.session();
  await session.prompt("Name the boat.");
  await session.prompt("What is its name?");
  const sent = JSON.stringify(rig.model.lastRequest.messages);
  assert.match(sent, /Name the boat\..*It is called Swift\..*What is its name\?/s);
  assert.equal(session.messageIds().length, 2);
});

scenarios("57: thinking arrives as thoughts before the answer", {}, async (rig) => {
  rig.model.script(think("The user wants to row. Oars are two.", "Use both oars."));
  const session = await rig.session();
  assert.equal((await session.prompt("How do I row?")).stopReason, "end_turn");
  assert.equal(session.text("agent_thought_chunk"), "The user wants to row. Oars are two.");
  assert.equal(session.text(), "Use both oars.");
  const [thought] = session.messageIds("agent_thought_chunk");
  assert.notEqual(thought, session.messageIds()[0], "57: thoughts have their own message id");
  const kinds = session.updates().map((u) => u.sessionUpdate);
  assert.ok(kinds.lastIndexOf("agent_thought_chunk") < kinds.indexOf("agent_message_chunk"));
});

scenario("anthropic: thinking goes back with its signature after a tool call", {}, async (rig) => {
  const thinking = { reasoning: "I should look.", reasoningSignature: "signed-by-the-test" };
  rig.model.script(
    {
      response: { toolCalls: [call("read_file", { path: "notes.txt" })], ...thinking },
      chunkSize: 16,
    },
    say("Three lines."),
  );
  const session = await rig.session();
  await session.setOption("thought_level", lastValue(session, "thought_level"));
  // aimock is strict: it answers 400 when a thinking turn comes back without its thinking block
  assert.equal((await session.prompt("Count the lines.")).stopReason, "end_turn");
  assert.equal(session.text(), "Three lines.");
});

function lastValue(session, id) {
  return session.configOptions.find((o) => o.id === id).options.at(-1).value;
}

scenarios("one tool call runs, and its result goes back to the model", {}, async (rig) => {
  rig.model.script(
    sayThenCall("Let me look.", call("read_file", { path: rig.workspace.path("notes.txt") })),
    say("It has three lines."),
  );
  const session = await rig.session();
  assert.equal((await session.prompt("Read notes.txt")).stopReason, "end_turn");
  const [read] = session.calls();
  assert.deepEqual(read.statuses.at(-1), "completed");
  assert.equal(read.kind, "read");
  assert.deepEqual(read.rawInput, { path: rig.workspace.path("notes.txt") });
  assert.deepEqual(
    read.locations.map((l) => l.path),
    [rig.workspace.path("notes.txt")],
  );
  assert.equal(rig.model.toolResults.length, 1);
  assert.match(rig.model.toolResults[0], /first line.*second line.*third line/s);
  assert.equal(session.text(), "Let me look.It has three lines.");
  assert.equal(session.messageIds().length, 2, "57: a message after a tool call has a new id");
  assert.deepEqual(session.editor.permissions, []);
});

scenarios("several reads of one reply all run, and results keep the order", {}, async (rig) => {
  const files = ["README.md", "notes.txt", "src/oar.c", "src/oar.h"];
  rig.model.script(calls(...files.map((path) => call("read_file", { path }))), say("All read."));
  const session = await rig.session();
  assert.equal((await session.prompt("Read everything")).stopReason, "end_turn");
  assert.deepEqual(
    session.calls().map((c) => c.status),
    Array(4).fill("completed"),
  );
  const [readme, notes, source, header] = rig.model.toolResults;
  assert.match(readme, /small boat/);
  assert.match(notes, /third line/);
  assert.match(source, /minutes \* 28/);
  assert.match(header, /int strokes\(int minutes\);/);
});

scenarios("a failing tool is the model's affair, not an error of the turn", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: "missing.txt" })), say("There is none."));
  const session = await rig.session();
  assert.equal((await session.prompt("Read missing.txt")).stopReason, "end_turn");
  assert.equal(session.calls()[0].status, "failed");
  assert.match(rig.model.toolResults[0], /missing\.txt/);
});

scenarios("an unknown tool and ill-typed input fail as tool results", {}, async (rig) => {
  rig.model.script(
    calls(call("launch_rocket", { at: "dawn" }), call("read_file", { path: 42 })),
    say("Neither worked."),
  );
  const session = await rig.session();
  assert.equal((await session.prompt("Try")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /launch_rocket/);
  assert.match(rig.model.toolResults[1], /path/);
  assert.deepEqual(
    session.calls().map((c) => c.status),
    ["failed", "failed"],
  );
});

scenarios("searching tools find what is there", {}, async (rig) => {
  rig.model.script(
    calls(
      call("grep", { pattern: "strokes", path: "src" }),
      call("glob", { pattern: "**/*.h" }),
      call("list_directory", { path: "." }),
    ),
    say("Found."),
  );
  const session = await rig.session();
  await session.prompt("Where is strokes?");
  const [grep, glob, list] = rig.model.toolResults;
  assert.match(grep, /oar\.c/);
  assert.match(grep, /oar\.h/);
  assert.match(glob, /src\/oar\.h/);
  assert.doesNotMatch(glob, /oar\.c/);
  assert.match(list, /README\.md/);
  assert.match(list, /src/);
});

scenarios("the task list shows as a plan that follows each change", {}, async (rig) => {
  rig.model.script(
    calls(
      call("update_tasks", {
        tasks: [
          { id: "1", content: "Find the oar", status: "in_progress", priority: "high" },
          { id: "2", content: "Mend the oar", status: "pending", priority: "low" },
        ],
      }),
    ),
    calls(
      call("update_tasks", {
        changes: [
          { op: "update", id: "1", status: "completed" },
          { op: "update", id: "2", status: "in_progress" },
        ],
      }),
    ),
    say("Going on."),
  );
  const session = await rig.session();
  await session.prompt("Mend the oar");
  const plans = session
    .updates("plan")
    .map((p) => p.entries.map(({ content, priority, status }) => ({ content, priority, status })));
  const entry = (content, priority, status) => ({ content, priority, status });
  assert.deepEqual(plans.at(0), [
    entry("Find the oar", "high", "in_progress"),
    entry("Mend the oar", "low", "pending"),
  ]);
  assert.deepEqual(plans.at(-1), [
    entry("Find the oar", "high", "completed"),
    entry("Mend the oar", "low", "in_progress"),
  ]);
});

scenarios("usage and title are told", {}, async (rig) => {
  rig.model.script(say("Done."));
  const session = await rig.session();
  await session.prompt("Please mend the left oar of my boat");
  const usage = await session.editor.wire.update("usage_update");
  assert.ok(Number.isInteger(usage.used) && usage.used > 0, `used: ${usage.used}`);
  assert.ok(Number.isInteger(usage.size) && usage.size > usage.used, `size: ${usage.size}`);
  const info = await session.editor.wire.update("session_info_update", (u) => u.title);
  assert.ok(info.title.length > 0 && !info.title.includes("\n"));
  const { sessions } = await session.editor.listSessions({ cwd: rig.workspace.root });
  assert.deepEqual(
    sessions.map((s) => [s.sessionId, s.title]),
    [[session.id, info.title]],
  );
});

scenarios("62: the token limit ends the turn with max_tokens", {}, async (rig) => {
  rig.model.script({
    response: { content: "It goes on and", finishReason: "length" },
    chunkSize: 8,
  });
  const session = await rig.session();
  assert.equal((await session.prompt("Tell a story")).stopReason, "max_tokens");
  assert.equal(session.text(), "It goes on and");
});

scenario("anthropic: a refusal ends the turn with refusal", {}, async (rig) => {
  rig.model.script({ response: { content: "No.", finishReason: "refusal" }, chunkSize: 8 });
  const session = await rig.session();
  assert.equal((await session.prompt("Do harm")).stopReason, "refusal");
});

scenarios("files that the project gives its agents are part of the context", {}, async (rig) => {
  rig.workspace.write("AGENTS.md", "Always speak of oars as sculls.\n");
  rig.model.script(say("Sculls it is."));
  const session = await rig.session();
  await session.prompt("Hello");
  const [system] = rig.model.lastRequest.messages;
  assert.equal(system.role, "system");
  assert.match(JSON.stringify(system.content), /Always speak of oars as sculls/);
  assert.ok(JSON.stringify(system.content).includes(rig.workspace.root), "the cwd is told");
});
