// What thole makes of a provider that fails: retries, clear errors, and a session that goes on.
import {
  assert,
  brokenEvent,
  call,
  calls,
  choose,
  cut,
  fail,
  garbage,
  say,
  scenario,
  scenarios,
  think,
} from "./rig.mjs";

const many = (reply) => Array(30).fill(reply);

// The prompt fails with a JSON-RPC error that a person can read, and the next one works.
async function failsClearly(rig, { because, code = -32603 }) {
  const session = await rig.session();
  const error = await session.prompt("Row").then(
    (result) => assert.fail(`answered with ${JSON.stringify(result)}`),
    (reason) => reason,
  );
  assert.equal(error.code, code);
  assert.match(error.message, because);
  assert.match(error.message, /^[^\n]{10,400}$/, "one sentence");
  rig.model.forgetRest();
  rig.model.script(say("Rowing again."));
  assert.equal((await session.prompt("Try again")).stopReason, "end_turn");
  assert.match(session.text(), /Rowing again\.$/);
  return session;
}

// The first requests fail, and the turn succeeds all the same.
async function recovers(rig, ...failures) {
  rig.model.script(...failures, say("Rowing again."));
  const session = await rig.session();
  assert.equal((await session.prompt("Row")).stopReason, "end_turn");
  assert.match(session.text(), /Rowing again\.$/);
  assert.equal(rig.model.requests.length, failures.length + 1);
  return session;
}

for (const status of [408, 429, 500, 502, 503, 529]) {
  scenario(`anthropic: ${status} is tried again`, {}, (rig) => recovers(rig, fail(status)));
}

for (const status of [429, 500, 503]) {
  scenario(`openai: ${status} is tried again`, { provider: "openai" }, (rig) =>
    recovers(rig, fail(status)),
  );
}

scenarios("several failures of different kinds in a row are survived", {}, (rig) =>
  recovers(rig, fail(429), fail(503), { ...say("never"), chaos: { disconnectRate: 1 } }),
);

scenarios("a stream that is cut is tried again", {}, async (rig) => {
  await recovers(rig, cut("It was a dark and stormy night on the lake", 4));
});

scenarios("a body that is no event stream is tried again", {}, (rig) => recovers(rig, garbage()));

scenarios("an event that is not JSON is tried again", {}, (rig) =>
  recovers(rig, brokenEvent("It was a dark and stormy night on the lake")),
);

scenario("anthropic: a stream cut in its thinking is tried again", {}, async (rig) => {
  const broken = {
    ...think("Think of oars and sculls and rowlocks", "x"),
    truncateAfterChunks: 4,
    latency: 2,
  };
  await recovers(rig, broken);
});

scenarios("a tool call whose stream is cut is not run half", {}, async (rig) => {
  const write = calls(
    call("write_file", { path: "half.txt", content: "a very long text".repeat(9) }),
  );
  rig.model.script({ ...write, truncateAfterChunks: 5, latency: 2 }, say("Rather not."));
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Write")).stopReason, "end_turn");
  assert.equal(rig.workspace.has("half.txt"), false);
  assert.deepEqual(session.editor.permissions, []);
});

scenarios("61: 500 for ever fails the prompt, not the session", { quiet: false }, async (rig) => {
  rig.model.script(...many(fail(500, "the lake is dry")));
  await failsClearly(rig, { because: /500|the lake is dry/ });
});

scenarios("61: 429 for ever fails the prompt, not the session", { quiet: false }, async (rig) => {
  rig.model.script(...many(fail(429, "too many oars")));
  await failsClearly(rig, { because: /429|rate|too many/i });
});

scenarios(
  "61: bad JSON for ever fails the prompt, not the session",
  { quiet: false },
  async (rig) => {
    rig.model.script(...many(garbage()));
    await failsClearly(rig, { because: /./ });
  },
);

scenarios(
  "61: a stream cut for ever fails the prompt, not the session",
  { quiet: false },
  async (rig) => {
    rig.model.script(...many(cut("It was a dark and stormy night", 4)));
    await failsClearly(rig, { because: /./ });
  },
);

scenarios(
  "a bad request is not tried again, and the provider's words are told",
  { quiet: false },
  async (rig) => {
    rig.model.script(fail(400, "oars must be even in number", "invalid_request_error"));
    await failsClearly(rig, { because: /oars must be even in number/ });
    assert.equal(rig.model.requests.length, 2);
  },
);

scenarios(
  "a refused key is not tried again and names the key",
  { quiet: false },
  async (rig) => {
    rig.model.script(fail(401, "invalid x-api-key", "authentication_error"));
    await failsClearly(rig, { because: /key/i, code: -32000 });
    assert.equal(rig.model.requests.length, 2);
  },
);

scenarios("a failure after a tool call keeps what was done", { quiet: false }, async (rig) => {
  rig.model.script(
    calls(call("write_file", { path: "kept.txt", content: "kept" })),
    ...many(fail(500, "the lake is dry")),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await assert.rejects(session.prompt("Write"), /500|the lake is dry/);
  assert.equal(rig.workspace.read("kept.txt"), "kept");
  assert.deepEqual(
    session.calls().map((c) => c.status),
    ["completed"],
  );
  rig.model.forgetRest();
  rig.model.script(say("It is written."));
  await session.prompt("Is it written?");
  assert.equal(rig.model.toolResults.length, 1, "the result of the call is still told");
});
