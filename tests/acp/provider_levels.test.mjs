// How much a model thinks is an option where it can think, and goes out in the words of its API.
import { assert, say, scenario } from "./rig.mjs";

const budget = (budget_tokens) => ({ type: "enabled", budget_tokens });

// Of each model what a request holds at "off", "low" and "high".
const models = {
  "anthropic/claude-sonnet-4-5": {
    of: (body) => body.thinking,
    levels: [undefined, budget(4096), budget(24000)],
  },
  "anthropic/claude-opus-4-6": {
    of: (body) => [body.thinking?.type, body.output_config?.effort],
    levels: [[undefined, undefined], ["adaptive", "low"], ["adaptive", "high"]],
  },
  "openai/gpt-5-mini": {
    of: (body) => body.reasoning_effort,
    levels: [undefined, "low", "high"],
  },
  "responses:openai/gpt-5.1": {
    of: (body) => body.reasoning,
    levels: [
      { effort: "none" },
      { effort: "low", summary: "auto" },
      { effort: "high", summary: "auto" },
    ],
  },
  "gemini/gemini-2.5-flash": {
    of: (body) => body.generationConfig.thinkingConfig,
    levels: [
      { includeThoughts: false, thinkingBudget: 0 },
      { includeThoughts: true, thinkingBudget: 4096 },
      { includeThoughts: true, thinkingBudget: 24000 },
    ],
  },
  "gemini/gemini-3.1-pro-preview": {
    of: (body) => body.generationConfig.thinkingConfig,
    levels: [
      { includeThoughts: false, thinkingLevel: "LOW" },
      { includeThoughts: true, thinkingLevel: "LOW" },
      { includeThoughts: true, thinkingLevel: "HIGH" },
    ],
  },
  "bedrock/us.amazon.nova-2-lite-v1:0": {
    settings: '[models."bedrock/us.amazon.nova-2-lite-v1:0"]\nthinks = true\n',
    of: (body) => body.additionalModelRequestFields?.reasoningConfig,
    levels: [
      undefined,
      { type: "enabled", maxReasoningEffort: "low" },
      { type: "enabled", maxReasoningEffort: "high" },
    ],
  },
};

const level = (options) => options.find((option) => option.id === "thought_level");

for (const [name, { settings, of, levels }] of Object.entries(models)) {
  const [kind, model] = name.includes(":openai") ? name.split(":") : [name.split("/")[0], name];
  scenario(`${name}: the thought level is an option, and sent`, { provider: kind, env: { THOLE_MODEL: model } }, async (rig) => {
    if (settings) rig.workspace.configure(settings);
    rig.model.script(say("One."), say("Two."), say("Three."));
    const session = await rig.session();
    const { currentValue, category, options } = level(session.configOptions);
    assert.deepEqual([currentValue, category], ["off", "thought_level"]);
    assert.deepEqual(options.map((option) => option.value), ["off", "low", "medium", "high"]);
    await session.prompt("Row");
    for (const value of ["low", "high"]) {
      const { configOptions } = await session.setOption("thought_level", value);
      assert.equal(level(configOptions).currentValue, value);
      await session.prompt("Row");
    }
    const sent = rig.model.posts.map((post) => of(JSON.parse(post.body)));
    assert.deepEqual(sent, levels);
  });
}

scenario("a model that does not think has no thought level, and one that does brings it back", { provider: "openai" }, async (rig) => {
  rig.model.script(say("One."));
  const session = await rig.session();
  await session.setOption("thought_level", "high");
  const { configOptions } = await session.setOption("model", "openai/gpt-4.1");
  assert.equal(level(configOptions), undefined);
  await session.prompt("Row");
  assert.equal(JSON.parse(rig.model.posts[0].body).reasoning_effort, undefined);
  const back = await session.setOption("model", "openai/gpt-5-mini");
  assert.equal(level(back.configOptions).currentValue, "high");
});

scenario("a thought level that does not exist is refused", { provider: "openai" }, async (rig) => {
  const session = await rig.session();
  await assert.rejects(session.setOption("thought_level", "ultra"), /levels are off, low, medium and high/);
});
