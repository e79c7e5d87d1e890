// A server on this machine, found without a key: an Ollama whose answers are the scripted model's.
import { createServer, request as ask } from "node:http";
import { assert, call, say, sayThenCall, scenario } from "./rig.mjs";
import { png } from "./rig/bodies.mjs";

const shown = {
  "qwen3:8b": {
    model_info: { "general.architecture": "qwen3", "qwen3.context_length": 40960 },
    capabilities: ["completion", "tools", "thinking"],
  },
  "gemma4:latest": { model_info: { "gemma4.context_length": 131072 }, capabilities: ["completion", "vision"] },
};

// What of Ollama's own API is not for answers; those go on to the scripted model.
async function ollama(t, rig) {
  const seen = [];
  let isLoaded = false;
  const own = {
    "/api/tags": () => ({ models: ["nomic-embed-text:latest", "qwen3:8b", "gemma4:latest"].map((name) => ({ name, model: name })) }),
    "/api/show": ({ model }) => shown[model],
    "/api/ps": () => ({ models: isLoaded ? [{ name: "qwen3:8b", model: "qwen3:8b", context_length: 8192 }] : [] }),
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push(request.url);
    if (own[request.url]) return response.end(JSON.stringify(own[request.url](JSON.parse(body || "{}"))));
    isLoaded = true;
    const onward = ask(rig.model.url + request.url, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  for (const name of Object.keys(rig.env)) {
    if (/_API_KEY$|^THOLE_MODEL$|_BASE_URL$/.test(name)) delete rig.env[name];
  }
  rig.env.OLLAMA_HOST = `127.0.0.1:${server.address().port}`;
  return seen;
}

const option = (options, id) => options.find((one) => one.id === id);

scenario("ollama: found without a key, with its models, their sizes and whether they think", { provider: "openai" }, async (rig, t) => {
  const seen = await ollama(t, rig);
  rig.model.script(sayThenCall("I look.", call("read_file", { path: "notes.txt" })), say("Read."));
  const session = await rig.session();
  const model = option(session.configOptions, "model");
  assert.equal(model.currentValue, "ollama/qwen3:8b");
  const names = model.options.map((one) => one.value);
  assert.deepEqual(names.filter((name) => name.startsWith("ollama/")), ["ollama/qwen3:8b", "ollama/gemma4:latest"]);
  assert.ok(option(session.configOptions, "thought_level"), "qwen3 thinks");
  await session.setOption("thought_level", "low");
  assert.equal((await session.prompt("Look")).stopReason, "end_turn");
  assert.match(session.text(), /Read\.$/);
  assert.equal(JSON.parse(rig.model.posts[0].body).reasoning_effort, "low");
  const sizes = session.updates("usage_update").map((usage) => usage.size);
  assert.equal(sizes[0], 40960, "as the model could have it, before it is in memory");
  assert.equal(sizes.at(-1), 8192, "as it has it");
  assert.equal(seen.filter((url) => url === "/api/show").length, 1);
});

scenario("ollama: a model that cannot see gets a sentence for an image, one that can gets it", { provider: "openai" }, async (rig, t) => {
  await ollama(t, rig);
  rig.model.script(say("Nothing."), say("A dot."));
  const session = await rig.session();
  const image = { type: "image", mimeType: "image/png", data: png };
  await session.prompt([{ type: "text", text: "What is this?" }, image]);
  await session.setOption("model", "ollama/gemma4:latest");
  await session.prompt("And now?");
  const [blind, seeing] = rig.model.posts.map((post) => post.body);
  assert.ok(!blind.includes(image.data));
  assert.match(blind, /an image was here, which this model cannot see/);
  assert.ok(seeing.includes(image.data));
});
