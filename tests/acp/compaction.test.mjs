// Long conversations: summarised before they do not fit any more, and never for ever.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, fail, say, scenario, scenarios, textOf } from "./rig.mjs";
import { run } from "./rig/run.mjs";

// Tokens of the model's context, and where thole summarises.
const size = { anthropic: 200_000, openai: 400_000 };
const threshold = (provider) => (size[provider] * 75) / 100;

const usage = (provider, tokens) =>
  provider === "anthropic"
    ? { input_tokens: tokens, output_tokens: 20 }
    : { prompt_tokens: tokens, completion_tokens: 20, total_tokens: tokens + 20 };

const measured = (provider, reply, tokens) => ({
  ...reply,
  response: { ...reply.response, usage: usage(provider, tokens) },
});

const tasks = [
  { content: "Paint it", status: "in_progress" },
  { content: "Launch it", status: "pending" },
  { content: "Buy paint", status: "completed" },
];

// Events of the one session of the workspace, as they stand in its log.
function events(rig, type) {
  const sessions = rig.workspace.path(".thole/sessions");
  const [log] = readdirSync(sessions).filter((name) => name.endsWith(".jsonl"));
  return readFileSync(join(sessions, log), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).event)
    .filter((event) => type === undefined || event.type === type);
}

const phases = (rig) => events(rig, "ContextCompaction").map((event) => event.phase);

// Every call in a request has its result, and no result is without its call.
function assertWhole(request) {
  const made = request.messages.flatMap((m) => (m.tool_calls ?? []).map((one) => one.id));
  const answered = request.messages.filter((m) => m.role === "tool").map((m) => m.tool_call_id);
  assert.deepEqual(answered.toSorted(), made.toSorted());
}

const told = (request) => request.messages.map((m) => textOf(m.content)).join("\n");

scenarios(
  "a conversation that fills the context is summarised, and goes on",
  {},
  async (rig, _, provider) => {
    rig.model.wordsOnly = { content: "SUMMARY: the boat is to be red." };
    const read = call("read_file", { path: "notes.txt" });
    const glob = call("glob", { pattern: "*.md" });
    rig.model.script(
      calls(call("update_tasks", { tasks })),
      measured(provider, say("Painting."), threshold(provider) - 5_000),
      measured(provider, calls(read, glob), 30_000),
      measured(provider, say("Launched."), 31_000),
    );
    const session = await rig.session();
    await session.prompt(`The boat must be red. ${"Row on. ".repeat(2_500)}`);
    assert.deepEqual(phases(rig), []);
    const answer = await session.prompt(`Go on. ${"Row. ".repeat(800)}`);
    assert.equal(answer.stopReason, "end_turn");
    assert.deepEqual(phases(rig), ["started", "completed"]);

    const [asked] = rig.model.wordRequests;
    assert.equal(asked.tools ?? undefined, undefined);
    assert.match(told(asked), /<user>\nThe boat must be red/);
    assert.doesNotMatch(told(asked), /Painting/, "what stays is not summarised");

    const [, , after, last] = rig.model.requests;
    assert.deepEqual(
      [after, last].map((request) => request.messages.filter((m) => m.role === "tool").length),
      [1, 3],
    );
    for (const request of [after, last]) {
      assertWhole(request);
      assert.match(told(request), /SUMMARY: the boat is to be red\./);
      assert.doesNotMatch(told(request), /The boat must be red/);
      const state = told(request).split("<session_state>")[1];
      assert.match(state, /\[in_progress\] Paint it \(id /);
      assert.match(state, /\[pending\] Launch it \(id /);
      assert.doesNotMatch(state, /Buy paint/);
    }
    const [warning] = events(rig, "ContextWarning");
    assert.equal(warning.size, size[provider]);
    assert.ok(warning.used >= threshold(provider), `warned at ${warning.used}`);
    const completed = events(rig, "ContextCompaction")[1];
    assert.equal(completed.before_tokens, threshold(provider) - 5_000 + 20);
    assert.ok(completed.after_tokens < threshold(provider) * 0.8, `left ${completed.after_tokens}`);
    assert.match(
      session.text("agent_thought_chunk"),
      /The context was summarised: \d+ tokens became \d+\./,
    );
    assert.doesNotMatch(session.text(), /SUMMARY/);
  },
);

scenarios(
  "a conversation that cannot shrink is given up after two summaries",
  {},
  async (rig, _, provider) => {
    const look = () => calls(call("glob", { pattern: "*.none" }));
    const full = () => measured(provider, look(), threshold(provider) + 1_000);
    rig.model.script(full(), full(), full(), full(), full());
    const session = await rig.session();
    assert.equal((await session.prompt("Row")).stopReason, "max_turn_requests");
    assert.deepEqual(phases(rig), ["started", "completed", "started", "completed"]);
    assert.equal(rig.model.requests.length, 3);
    assert.deepEqual(events(rig, "LimitReached"), [
      { type: "LimitReached", limit: "context", value: size[provider] },
    ]);
    assert.match(events(rig, "Error").at(-1).message, /summarised twice/);
    rig.model.requests.forEach(assertWhole);

    assert.equal((await session.prompt("Again")).stopReason, "max_turn_requests");
    assert.equal(rig.model.requests.length, 3);
    assert.equal(rig.model.wordRequests.length, 2);
  },
);

const tooLong = (provider) =>
  provider === "anthropic"
    ? fail(400, "prompt is too long: 250000 tokens > 200000 maximum", "invalid_request_error")
    : fail(400, "This model's maximum context length is 400000 tokens", "invalid_request_error");

scenarios(
  "a request that the provider finds too long is made again after a summary",
  {},
  async (rig, _, provider) => {
    rig.model.script(say("One."), tooLong(provider), say("Two."));
    const session = await rig.session();
    await session.prompt("Count. ".repeat(3_000));
    assert.equal((await session.prompt("Count on.")).stopReason, "end_turn");
    assert.deepEqual(phases(rig), ["started", "completed"]);
    assert.match(session.text(), /Two\.$/);
    assertWhole(rig.model.lastRequest);
    assert.match(told(rig.model.lastRequest), /A short title\n/);
  },
);

scenarios(
  "a summary that fails leaves the conversation as it was",
  {},
  async (rig, _, provider) => {
    rig.model.wordsOnly = fail(400, "no ink", "invalid_request_error").response;
    rig.model.script(
      measured(provider, say("One."), threshold(provider)),
      measured(provider, say("Two."), threshold(provider)),
    );
    const session = await rig.session();
    await session.prompt("The boat must be red.");
    assert.equal((await session.prompt("Go on.")).stopReason, "end_turn");
    assert.deepEqual(phases(rig), ["started", "failed"]);
    assert.match(told(rig.model.lastRequest), /The boat must be red\./);
    assert.match(session.text("agent_thought_chunk"), /could not be summarised/);
  },
);

scenario(
  "a replay shows the whole conversation, and the next request only its summary",
  {},
  async (rig) => {
    rig.model.wordsOnly = { content: "SUMMARY" };
    rig.model.script(
      measured("anthropic", say("One."), threshold("anthropic")),
      measured("anthropic", say("Two."), 20_000),
      say("Three."),
    );
    const session = await rig.session();
    await session.prompt("The boat must be red.");
    await session.prompt("Go on.");
    assert.deepEqual(phases(rig), ["started", "completed"]);
    const other = await rig.editor();
    await session.close();
    const loaded = await other.loadSession(session.id, rig.workspace.root);
    assert.match(loaded.text("user_message_chunk"), /The boat must be red\.Go on\./);
    assert.match(loaded.text(), /One\./);
    await loaded.prompt("And on.");
    assert.match(told(rig.model.lastRequest), /SUMMARY/);
    assert.doesNotMatch(told(rig.model.lastRequest), /The boat must be red/);
  },
);

scenarios("a conversation is summarised when the user asks for it, in any front end", {}, async (rig) => {
  rig.model.wordsOnly = { content: "They rowed to Zanzibar." };
  rig.model.script(say("We row."), say("We row on."), say("There."), say("Where."));
  const session = await rig.session();
  for (const words of ["Row", "Row on"]) await session.prompt(words);
  assert.equal((await session.prompt("/compact")).stopReason, "end_turn");
  assert.deepEqual(phases(rig), ["started", "completed"]);
  await session.prompt("Are we there?");
  assert.match(told(rig.model.lastRequest), /They rowed to Zanzibar\./);
  await session.close();

  const id = session.id;
  const { code, stdout } = await run(rig, ["compact", id]);
  assert.equal(code, 0);
  assert.match(stdout, /compacted/);
  assert.deepEqual(phases(rig), ["started", "completed", "started", "completed"]);
  const fresh = await session.editor.newSession(rig.workspace.root);
  await fresh.prompt("/compact");
  assert.match(fresh.text(), /nothing to compact/);
});
