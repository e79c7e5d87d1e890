// What a provider must see again goes through the log and comes back to it as it was: encrypted
// thoughts of OpenAI, signatures of Gemini and of Bedrock. And what proves to AWS who asks.
import { EventStreamCodec, HttpRequest, Sha256, SignatureV4 } from "../node/clients.mjs";
import { assert, call, calls, say, scenario, think } from "./rig.mjs";

const bodies = (rig) => rig.model.posts.map((post) => JSON.parse(post.body));
const read = call("read_file", { path: "notes.txt" });

scenario("responses: encrypted thoughts go back", { provider: "responses" }, async (rig) => {
  rig.model.script(
    { response: { reasoning: "Read first.", toolCalls: [read] }, chunkSize: 16 },
    say("Done."),
    say("Again."),
  );
  const session = await rig.session();
  await session.setOption("thought_level", "high");
  await session.prompt("Read");
  const [first, second] = bodies(rig);
  assert.deepEqual(first.include, ["reasoning.encrypted_content"]);
  assert.deepEqual(first.reasoning, { effort: "high", summary: "auto" });
  const kinds = second.input.map((item) => item.type);
  assert.deepEqual(kinds.slice(1, 4), ["reasoning", "function_call", "function_call_output"]);
  const { id, encrypted_content: encrypted, summary } = second.input[1];
  const opaque = Buffer.from(encrypted, "base64").toString();
  assert.equal(opaque, `aimock-encrypted-reasoning:${id}`);
  assert.deepEqual(summary, [{ type: "summary_text", text: "Read first." }]);
  await session.prompt("Once more");
  assert.ok(bodies(rig)[2].input.every((item) => item.type !== "reasoning"), "the round is over");
});

// aimock signs nothing: the signature is put into its answer on the way.
scenario("gemini: the signature of a call goes back with it", { provider: "gemini" }, async (rig) => {
  const signing = (chunk) =>
    String(chunk).replaceAll('{"functionCall":', '{"thoughtSignature":"c2lnbmVk","functionCall":');
  rig.model.script({ ...calls(read), rewrite: signing }, say("Done."));
  const session = await rig.session();
  await session.prompt("Read");
  const [, second] = bodies(rig);
  const parts = second.contents.find((content) => content.role === "model").parts;
  assert.equal(parts.length, 1);
  assert.equal(parts[0].thoughtSignature, "c2lnbmVk");
  assert.equal(parts[0].functionCall.name, "read_file");
  const answer = second.contents.at(-1).parts.find((part) => part.functionResponse);
  assert.equal(answer.functionResponse.id, parts[0].functionCall.id);
});

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);
const text = (value) => ({ type: "string", value });

// A frame of the official codec before the end of the first block.
function signature(value) {
  let is_sent = false;
  return (chunk) => {
    const frame = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    if (is_sent || !frame.includes("contentBlockStop")) return chunk;
    is_sent = true;
    const delta = { contentBlockIndex: 0, delta: { reasoningContent: { signature: value } } };
    const message = codec.encode({
      headers: {
        ":message-type": text("event"),
        ":event-type": text("contentBlockDelta"),
        ":content-type": text("application/json"),
      },
      body: Buffer.from(JSON.stringify(delta)),
    });
    return Buffer.concat([message, frame]);
  };
}

scenario("bedrock: signatures of thoughts go back", { provider: "bedrock" }, async (rig) => {
  rig.model.script(
    {
      response: { reasoning: "Read first.", content: "I read.", toolCalls: [read] },
      chunkSize: 16,
      rewrite: signature("c2lnbmVk"),
    },
    say("Done."),
  );
  const session = await rig.session();
  await session.prompt("Read");
  const [, second] = bodies(rig);
  const { content } = second.messages.find((message) => message.role === "assistant");
  assert.deepEqual(content[0], {
    reasoningContent: { reasoningText: { text: "Read first.", signature: "c2lnbmVk" } },
  });
  assert.deepEqual(
    content.slice(1).map((block) => Object.keys(block)[0]),
    ["text", "toolUse"],
  );
});

// What AWS's own signer makes of the request that has arrived.
async function authorization(post) {
  const date = post.headers["x-amz-date"];
  const iso = date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      sessionToken: "a session's token",
    },
    region: "eu-west-1",
    service: "bedrock",
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = new HttpRequest({
    method: "POST",
    hostname: post.headers.host,
    path: post.url,
    headers: { host: post.headers.host, "content-type": post.headers["content-type"] },
    body: post.body,
  });
  const signed = await signer.sign(request, { signingDate: new Date(iso) });
  return signed.headers.authorization;
}

scenario("bedrock: AWS's own signer signs as thole does", { provider: "bedrock" }, async (rig) => {
  rig.model.script(say("Hello."), say("Grüße."));
  const session = await rig.session();
  await session.prompt("Hello");
  await session.prompt("Grüße 😀");
  assert.equal(rig.model.posts.length, 2);
  for (const post of rig.model.posts) {
    assert.equal(post.headers["x-amz-security-token"], "a session's token");
    assert.equal(post.headers.authorization, await authorization(post));
  }
});

scenario(
  "bedrock: a key of its own goes before the keys of the account",
  { provider: "bedrock", env: { AWS_BEARER_TOKEN_BEDROCK: "bedrock-api-key-x" } },
  async (rig) => {
    rig.model.script(think("Hm.", "Hello."));
    const session = await rig.session();
    await session.prompt("Hello");
    const { headers } = rig.model.posts[0];
    assert.equal(headers.authorization, "Bearer bedrock-api-key-x");
    assert.equal(headers["x-amz-date"], undefined);
  },
);
