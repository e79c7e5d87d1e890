// Hosts that no test can reach, by way of a proxy that hands their requests to the scripted model:
// Azure, OpenRouter, and the proxy variables themselves.
import { createServer, request as ask } from "node:http";
import { run } from "./rig/run.mjs";
import { assert, call, fail, say, sayThenCall, scenario } from "./rig.mjs";

// A proxy for http that knows one server for all hosts, and refuses tunnels.
async function proxy(t, rig) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    const { pathname, search } = new URL(request.url);
    const onward = ask(
      rig.model.url + pathname + search,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("connect", (request, socket) => {
    seen.push({ method: "CONNECT", url: request.url, headers: request.headers });
    socket.end("HTTP/1.1 403 No tunnels\r\nContent-Length: 0\r\n\r\n");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}

// A session whose requests to hosts elsewhere go through the proxy.
async function behindProxy(rig, t, model, settings) {
  const { url, seen } = await proxy(t, rig);
  Object.assign(rig.env, { http_proxy: url, https_proxy: url, THOLE_MODEL: model });
  rig.workspace.configure(settings);
  return seen;
}

const azure = `[providers.azure]
kind = "openai"
base_url = "http://boat.openai.azure.com/openai/deployments/oars?api-version=2025-04-01-preview"
api_key_env = "AZURE_KEY"
[models."azure/oars"]
context_size = 100000
max_output_tokens = 5000
thinks = true
`;

scenario("azure: a deployment with its version is asked, with Azure's header", { provider: "openai", env: { AZURE_KEY: "azure-key" } }, async (rig, t) => {
  const seen = await behindProxy(rig, t, "azure/oars", azure);
  rig.model.script(sayThenCall("I look.", call("read_file", { path: "notes.txt" })), say("Read."));
  const session = await rig.session();
  await session.setOption("thought_level", "low");
  assert.equal((await session.prompt("Look")).stopReason, "end_turn");
  assert.match(session.text(), /Read\.$/);
  assert.equal(seen.length, 2);
  assert.equal(seen[0].url, "http://boat.openai.azure.com/openai/deployments/oars/chat/completions?api-version=2025-04-01-preview");
  assert.equal(seen[0].headers["api-key"], "azure-key");
  assert.equal(seen[0].headers.authorization, undefined);
  const body = JSON.parse(rig.model.posts[0].body);
  assert.equal(body.max_completion_tokens, 5000);
  assert.equal(body.max_tokens, undefined);
  assert.equal(body.reasoning_effort, "low");
});

scenario("azure: a deployment that is not there is an unknown model", { provider: "openai", quiet: false, env: { AZURE_KEY: "azure-key" } }, async (rig, t) => {
  await behindProxy(rig, t, "azure/oars", azure);
  rig.model.script(fail(404, "The API deployment for this resource does not exist.", "DeploymentNotFound"));
  const session = await rig.session();
  await assert.rejects(session.prompt("Row"), /azure has no model "oars": The API deployment/);
});

const openrouter = `[providers.openrouter]
base_url = "http://openrouter.ai/api/v1"
`;

scenario("openrouter: comments, thoughts with their details and the price of the answer", { provider: "openai", env: { OPENROUTER_API_KEY: "router-key" } }, async (rig, t) => {
  const seen = await behindProxy(rig, t, "openrouter/anthropic/claude-sonnet-5.5", openrouter);
  const details = [{ type: "reasoning.text", text: "Read first.", signature: "c2ln", format: "anthropic-claude-v1", index: 0 }];
  let begun = false;
  const rewrite = (chunk) => {
    const text = String(chunk).replace(/"usage":\{/g, '"usage":{"cost":0.125,');
    if (begun || !text.startsWith("data:")) return text;
    begun = true;
    const thought = { choices: [{ index: 0, delta: { reasoning: "Read first.", reasoning_details: details }, finish_reason: null }] };
    return `: OPENROUTER PROCESSING\n\ndata: ${JSON.stringify(thought)}\n\n${text}`;
  };
  rig.model.script({ ...sayThenCall("I look.", call("read_file", { path: "notes.txt" })), rewrite }, say("Read."));
  const session = await rig.session();
  await session.prompt("Look");
  assert.equal(session.text("agent_thought_chunk"), "Read first.");
  assert.equal(seen[0].url, "http://openrouter.ai/api/v1/chat/completions");
  assert.equal(seen[0].headers.authorization, "Bearer router-key");
  const [first, second] = rig.model.posts.map((post) => JSON.parse(post.body));
  assert.deepEqual(first.messages[0].content[0].cache_control, { type: "ephemeral" });
  const answer = second.messages.find((message) => message.role === "assistant");
  assert.deepEqual(answer.reasoning_details, details);
  const log = await run(rig, ["logs", "latest", "--json"]);
  const costs = log.stdout.trim().split("\n").map((line) => JSON.parse(line).event).filter((event) => event.type === "CostUpdated");
  assert.equal(costs[0].cost_usd, 0.125);
});

scenario("openrouter: an error in the middle of a stream of status 200 is tried again", { provider: "openai", env: { OPENROUTER_API_KEY: "router-key" } }, async (rig, t) => {
  await behindProxy(rig, t, "openrouter/anthropic/claude-sonnet-5.5", openrouter);
  let writes = 0;
  const error = { id: "g", error: { code: 502, message: "the lake is dry" }, choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] };
  const rewrite = (chunk) => (++writes === 3 ? `data: ${JSON.stringify(error)}\n\n` : chunk);
  rig.model.script({ ...say("It was a dark and stormy night on the lake"), rewrite }, say("Rowing again."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.match(session.text(), /Rowing again\.$/);
  assert.equal(rig.model.posts.length, 2);
});

scenario("proxies: https goes through a tunnel or not at all", { quiet: false, env: { ANTHROPIC_BASE_URL: "https://models.thole.test" } }, async (rig, t) => {
  const seen = await behindProxy(rig, t, "anthropic/claude-sonnet-4-5", "[model]\nmax_retries = 0\n");
  const session = await rig.session();
  await assert.rejects(session.prompt("Row"), /cannot reach https:\/\/models\.thole\.test: .*403/);
  assert.deepEqual(seen.map(({ method, url }) => `${method} ${url}`), ["CONNECT models.thole.test:443"]);
  assert.equal(JSON.stringify(seen).includes("x-api-key"), false, "no key for the proxy");
});

scenario("proxies: what no_proxy names is asked directly", { env: { no_proxy: "127.0.0.1" } }, async (rig, t) => {
  const seen = await behindProxy(rig, t, "anthropic/claude-sonnet-4-5", "");
  rig.model.script(say("Directly."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.equal(session.text(), "Directly.");
  assert.deepEqual(seen, []);
});

scenario("proxies: what no_proxy does not name goes through", {}, async (rig, t) => {
  const seen = await behindProxy(rig, t, "anthropic/claude-sonnet-4-5", "");
  rig.model.script(say("By proxy."));
  const session = await rig.session();
  await session.prompt("Row");
  assert.equal(session.text(), "By proxy.");
  assert.deepEqual(seen.map(({ method, url }) => `${method} ${url}`), [`POST ${rig.model.url}/v1/messages`]);
});
