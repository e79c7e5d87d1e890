// The official client of each API, given what thole has sent, sends the same to the same place.
import { createServer } from "node:http";
import { Anthropic, BedrockRuntimeClient, ConverseStreamCommand, GoogleGenAI, NodeHttpHandler, OpenAI } from "../node/clients.mjs";
import { assert, scenario } from "./rig.mjs";
import { bodiesOfTurn } from "./rig/bodies.mjs";

// Takes one request and answers that it is wrong.
async function listener(t) {
  const seen = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ url: request.url, headers: request.headers, body: JSON.parse(body) });
    response.writeHead(400, { "content-type": "application/json" });
    response.end('{"message":"enough","error":{"message":"enough","type":"invalid_request_error"}}');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, seen };
}

// Their client wants bytes where JSON has base64.
function withBytes(value, key) {
  if (key === "bytes") return Buffer.from(value, "base64");
  if (Array.isArray(value)) return value.map((one) => withBytes(one));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withBytes(one, name)]));
}

const apiKey = "test";
const clients = {
  anthropic: {
    send: (url, body) => new Anthropic({ apiKey, baseURL: url, maxRetries: 0 }).messages.create(body),
    // It says a later version, which refuses what thole never sends; gateways know the earlier.
    headers: ["content-type"],
  },
  openai: {
    send: (url, body) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).chat.completions.create(body),
    headers: ["authorization", "content-type"],
  },
  responses: {
    send: (url, body) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 }).responses.create(body),
    headers: ["authorization", "content-type"],
  },
  gemini: {
    send: (url, { contents, systemInstruction, tools, generationConfig }) =>
      new GoogleGenAI({ apiKey, apiVersion: "v1beta", httpOptions: { baseUrl: url } }).models.generateContentStream({
        model: "gemini-3.1-pro-preview",
        contents,
        config: { systemInstruction, tools, ...generationConfig },
      }),
    env: { THOLE_MODEL: "gemini/gemini-3.1-pro-preview" },
    headers: ["x-goog-api-key", "content-type"],
  },
  bedrock: {
    send: (url, body) => {
      const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "x", sessionToken: "a session's token" };
      const requestHandler = new NodeHttpHandler(); // HTTP/1.1
      const client = new BedrockRuntimeClient({ region: "eu-west-1", endpoint: url, credentials, requestHandler, maxAttempts: 1 });
      const modelId = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-2-lite-v1:0";
      return client.send(new ConverseStreamCommand({ modelId, ...withBytes(body) }));
    },
    env: { THOLE_MODEL: "bedrock/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-2-lite-v1:0" },
    headers: ["x-amz-security-token", "content-type"],
  },
};

for (const [provider, { send, env, headers }] of Object.entries(clients)) {
  scenario(`${provider}: its own client sends the same`, { provider, env, timeout: 90_000 }, async (rig, t) => {
    const bodies = await bodiesOfTurn(rig);
    const { url, seen } = await listener(t);
    for (const [i, body] of bodies.entries()) {
      await assert.rejects(send(url, body), /enough|UnknownError|400/);
      const ours = rig.model.posts[i];
      assert.equal(seen[i].url, ours.url);
      assert.deepEqual(seen[i].body, body);
      for (const name of headers) assert.equal(seen[i].headers[name], ours.headers[name], name);
    }
    assert.equal(seen.length, 2);
  });
}
