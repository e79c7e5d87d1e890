// Every API with every kind of failure: what can be tried again is, in its time, and what fails for
// good ends the prompt in one sentence and nothing else.
import {
  assert,
  brokenEvent,
  call,
  choose,
  cut,
  empty,
  fail,
  garbage,
  say,
  sayThenCall,
  scenario,
  severed,
} from "./rig.mjs";

const kinds = ["anthropic", "openai", "responses", "gemini", "bedrock"];
const story = "It was a dark and stormy night on the lake, and the oars were gone";

// Each is one answer; the next request is answered well.
const faults = {
  "408": fail(408),
  "429 without a time to wait": fail(429),
  "500": fail(500),
  "502 with a page of HTML": { ...fail(502), rewrite: () => "<html>Bad Gateway</html>" },
  "503": fail(503),
  "529": fail(529, "Overloaded", "overloaded_error"),
  "a connection that breaks before a byte": { ...say("never"), chaos: { disconnectRate: 1 } },
  "a stream cut between two events": cut(story, 4),
  "a stream cut in the middle of an event": severed(story, 4),
  "a stream whose first event is cut": severed(story, 1),
  "an event of broken bytes": brokenEvent(story, 3),
  "a body that is no stream": garbage(),
  "an answer without a byte": empty(),
};

for (const provider of kinds) {
  for (const [name, fault] of Object.entries(faults)) {
    scenario(`${provider}: ${name} is tried again`, { provider }, async (rig) => {
      rig.model.script(fault, say("Rowing again."));
      const session = await rig.session();
      assert.equal((await session.prompt("Row")).stopReason, "end_turn");
      assert.match(session.text(), /Rowing again\.$/);
      assert.equal(rig.model.posts.length, 2);
      assert.equal(rig.model.posts[1].body, rig.model.posts[0].body, "nothing of it went on");
    });
  }

  scenario(`${provider}: Retry-After is waited for`, { provider }, async (rig) => {
    rig.model.script(fail(429, "too many oars", "rate_limit_error", 1), say("Rowing again."));
    const session = await rig.session();
    await session.prompt("Row");
    const [first, second] = rig.model.posts;
    assert.ok(second.at - first.at >= 990, `waited ${second.at - first.at} ms`);
    assert.match(session.text(), /Rowing again\.$/);
  });

  scenario(`${provider}: a slow answer is waited for`, { provider }, async (rig) => {
    rig.model.script({ ...say("Slowly but surely."), latency: 30 });
    const session = await rig.session();
    await session.prompt("Row");
    assert.equal(session.text(), "Slowly but surely.");
    assert.equal(rig.model.posts.length, 1);
  });

  scenario(`${provider}: what a call has done is not done again`, { provider }, async (rig) => {
    rig.model.script(
      sayThenCall("I write.", call("write_file", { path: "once.txt", content: "once" })),
      cut(story, 3),
      fail(500),
      say("Written."),
    );
    const session = await rig.session({ permission: choose("allow_once") });
    assert.equal((await session.prompt("Write")).stopReason, "end_turn");
    assert.equal(session.calls().length, 1);
    assert.equal(session.editor.permissions.length, 1);
    assert.equal(rig.workspace.read("once.txt"), "once");
    assert.match(session.text(), /Written\.$/);
  });

  const lasting = { "500": fail(500, "the lake is dry"), "a cut": cut(story, 4), garbage: garbage() };
  for (const [name, fault] of Object.entries(lasting)) {
    scenario(`${provider}: ${name} for ever fails the prompt alone`, { provider, quiet: false }, async (rig) => {
      rig.model.script(...Array(20).fill(fault));
      const session = await rig.session();
      await assert.rejects(session.prompt("Row"), (error) => {
        assert.equal(error.code, -32603);
        assert.match(error.message, /^\w+ failed after 6 tries: [^\n]{3,300}$/);
        return true;
      });
      assert.equal(rig.model.posts.length, 6);
      rig.model.forgetRest();
      rig.model.script(say("Rowing again."));
      assert.equal((await session.prompt("Once more")).stopReason, "end_turn");
    });
  }
}

scenario("gemini: an answer that says nothing is asked for again", { provider: "gemini" }, async (rig) => {
  const nothing = (chunk) => String(chunk).replace(/"text":"[^"]*"/g, '"text":""');
  rig.model.script({ ...say("x"), rewrite: nothing }, say("Rowing again."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.equal(session.text(), "Rowing again.");
  assert.equal(rig.model.posts.length, 2);
});
