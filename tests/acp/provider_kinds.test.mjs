// The same work in the tongue of each further API: Responses, Gemini and Bedrock. aimock answers.
import {
  assert,
  call,
  calls,
  choose,
  fail,
  say,
  sayThenCall,
  scenario,
  think,
} from "./rig.mjs";
import { run } from "./rig/run.mjs";

const kinds = ["responses", "gemini", "bedrock"];

function forEach(name, options, body) {
  for (const provider of kinds) {
    scenario(`${provider}: ${name}`, { provider, ...options }, (rig, t) => body(rig, provider, t));
  }
}

const paths = {
  responses: /^\/v1\/responses$/,
  gemini: /^\/v1beta\/models\/gemini-2\.5-pro:streamGenerateContent\?alt=sse$/,
  bedrock: /^\/model\/us\.amazon\.nova-2-lite-v1%3A0\/converse-stream$/,
};

forEach("an answer is streamed, and its usage is counted", {}, async (rig, provider) => {
  rig.model.script(say("It was a dark and stormy night on the lake. Grüße 😀"));
  const session = await rig.session();
  assert.equal((await session.prompt("Tell me")).stopReason, "end_turn");
  assert.equal(session.text(), "It was a dark and stormy night on the lake. Grüße 😀");
  assert.ok(session.updates("agent_message_chunk").length > 0);
  assert.match(rig.model.posts.at(-1).url, paths[provider]);
  const [usage] = session.updates("usage_update").slice(-1);
  assert.equal(usage.used, 1234);
});

forEach("tools are called, and their results go back", {}, async (rig) => {
  rig.model.script(
    sayThenCall("I look.", call("read_file", { path: "notes.txt" }), call("glob", { pattern: "src/*" })),
    say("Read."),
  );
  const session = await rig.session();
  assert.equal((await session.prompt("Read")).stopReason, "end_turn");
  assert.deepEqual(
    session.calls().map((one) => one.status),
    ["completed", "completed"],
  );
  assert.equal(rig.model.toolResults.length, 2);
  assert.match(rig.model.toolResults[0], /second line/);
  assert.match(rig.model.toolResults[1], /oar\.c/);
  assert.match(session.text(), /I look\.Read\./);
});

forEach("thoughts are shown as thoughts", {}, async (rig) => {
  rig.model.script(think("Oars come in pairs.", "Two."));
  const session = await rig.session();
  await session.prompt("How many?");
  assert.equal(session.text(), "Two.");
  assert.equal(session.text("agent_thought_chunk"), "Oars come in pairs.");
});

forEach("a bad request ends the prompt with the provider's words", { quiet: false }, async (rig) => {
  rig.model.script(fail(400, "oars must be even in number", "invalid_request_error"));
  const session = await rig.session();
  await assert.rejects(session.prompt("Row"), /answered 400: oars must be even in number/);
  assert.equal(rig.model.requests.length, 1);
});

forEach("a refused key is named, and not tried again", { quiet: false }, async (rig, provider) => {
  rig.model.script(fail(403, "who are you?", "permission_error"));
  const session = await rig.session();
  const variable = { responses: "OPENAI_API_KEY", gemini: "GEMINI_API_KEY", bedrock: "AWS_SECRET_ACCESS_KEY" };
  await assert.rejects(session.prompt("Row"), (error) => {
    assert.equal(error.code, -32000);
    assert.match(error.message, new RegExp(variable[provider]));
    return true;
  });
  assert.equal(rig.model.requests.length, 1);
});

// Gemini's calls come whole, in one event.
forEach("a tool call whose stream is cut is not run half", {}, async (rig, provider) => {
  const broken = provider === "gemini" ? { sever: 1 } : { truncateAfterChunks: 2, latency: 2 };
  const write = calls(call("write_file", { path: "half.txt", content: "long text".repeat(20) }));
  rig.model.script({ ...write, ...broken }, say("Rather not."));
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Write")).stopReason, "end_turn");
  assert.equal(rig.workspace.has("half.txt"), false);
  assert.equal(rig.model.posts.length, 2);
});

scenario(
  "a model that is overloaded gives way to the fallback, which is told",
  { quiet: false, provider: "anthropic" },
  async (rig) => {
    rig.workspace.configure('[model]\nfallback = ["openai/gpt-5-mini"]\n');
    rig.model.script(fail(529, "Overloaded", "overloaded_error"), say("Rowing for another."));
    const session = await rig.session();
    assert.equal((await session.prompt("Row")).stopReason, "end_turn");
    assert.match(session.text(), /Rowing for another\.$/);
    assert.deepEqual(
      rig.model.posts.map((post) => post.url),
      ["/v1/messages", "/v1/chat/completions"],
    );
    const log = await run(rig, ["logs", "latest", "--json"]);
    const events = log.stdout.trim().split("\n").map((line) => JSON.parse(line).event);
    const told = events.find((event) => event.type === "Error");
    assert.match(told.message, /^anthropic: 529 Overloaded; going on with openai\/gpt-5-mini$/);
    assert.equal(told.retrying, true);
    assert.equal(events.find((event) => event.type === "CostUpdated").model, "openai/gpt-5-mini");
  },
);

scenario("the models of a provider are listed when asked for", { provider: "anthropic" }, async (rig) => {
  const { code, stdout } = await run(rig, ["models", "openai", "--json"]);
  assert.equal(code, 0);
  const names = JSON.parse(stdout).models.map((model) => model.name);
  assert.ok(names.includes("openai/gpt-6-sol"), "those of the table");
  assert.ok(names.some((name) => /^openai\/gpt-4/.test(name)), "those of the provider");
  assert.ok(names.every((name) => name.startsWith("openai/")));
});

scenario("models of whom there is no key, no server or no such provider: it is said", { provider: "anthropic" }, async (rig) => {
  const without = { ...rig, env: { ...rig.env, OPENAI_API_KEY: "", OLLAMA_HOST: "127.0.0.1:1" } };
  const keyless = await run(without, ["models", "openai"]);
  assert.equal(keyless.code, 4);
  assert.match(keyless.stderr, /no API key for openai: set OPENAI_API_KEY or run `thole login openai`/);
  const silent = await run(without, ["models", "ollama"]);
  assert.equal(silent.code, 0);
  assert.match(silent.stderr, /cannot list the models of ollama: .*127\.0\.0\.1/);
  const unknown = await run(without, ["models", "opnai"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no provider 'opnai'; there are anthropic, openai, /);
});
