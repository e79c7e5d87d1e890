// A scripted model provider: aimock on a free port, answering the n-th agent request with the n-th
// reply of the script. Requests without tools (titles, summaries) are outside the script.
import { AsyncLocalStorage } from "node:async_hooks";
import { LLMock } from "../../node/peers.mjs";

const never = 3_600_000; // ms; longer than any test lives

export const say = (content, options = {}) => ({ response: { content }, chunkSize: 8, ...options });

export const think = (reasoning, content, options = {}) => ({
  response: { content, reasoning },
  chunkSize: 8,
  ...options,
});

export const call = (name, input, id) => ({
  name,
  arguments: JSON.stringify(input),
  ...(id ? { id } : {}),
});

export const calls = (...toolCalls) => ({ response: { toolCalls }, chunkSize: 16 });

export const sayThenCall = (content, ...toolCalls) => ({
  response: { content, toolCalls },
  chunkSize: 16,
});

export const fail = (
  status,
  message = `scripted ${status}`,
  type = "api_error",
  retryAfter = 0, // seconds
) => ({ response: { error: { message, type }, status, retryAfter } });

// The connection breaks after a few chunks of the reply. The latency lets each chunk out first.
export const cut = (content, afterChunks = 5) => ({
  ...say(content),
  truncateAfterChunks: afterChunks,
  latency: 2,
});

// A 200 whose body is no event stream at all.
export const garbage = () => ({ ...say("never seen"), chaos: { malformedRate: 1 } });

// A good stream in which one event's data is not JSON.
export const brokenEvent = (content, atWrite = 4) => ({ ...say(content), mangle: atWrite });

// The connection breaks in the middle of an event.
export const severed = (content, atWrite = 4) => ({ ...say(content), sever: atWrite });

// A 200 of the right type without a byte in it.
export const empty = () => ({ ...say("never seen"), rewrite: () => "" });

// The reply stops after some chunks and nothing more ever comes.
export const hang = (content, afterChunks = 5) => ({
  ...say(content),
  recordedTimings: {
    ttftMs: 0,
    interChunkDelaysMs: [...Array(afterChunks).fill(0), never],
    totalDurationMs: never,
  },
});

// The request is taken, and not one byte is answered.
export const silence = () => ({
  ...say("never seen"),
  recordedTimings: { ttftMs: never, interChunkDelaysMs: [], totalDurationMs: never },
});

const isAgentRequest = (request) => (request.tools ?? []).length > 0;

export class Model {
  static async start(provider) {
    const model = new Model(provider);
    await model.#listen();
    return model;
  }

  constructor(provider) {
    this.provider = provider;
    this.posts = []; // requests as they came: { url, headers, body, at (ms) }
    this.abandoned = 0; // answers whose reader went away before their end
    this.wordsOnly = { content: "A short title" }; // the reply to requests without tools
    this.#mock = new LLMock({ port: 0, host: "127.0.0.1", strict: true, journalMaxEntries: 0 });
  }

  get url() {
    return this.#mock.url;
  }

  environment() {
    const name = {
      anthropic: "anthropic/claude-sonnet-4-5",
      openai: "openai/gpt-5-mini",
      responses: "openai/gpt-5-mini",
      gemini: "gemini/gemini-2.5-pro",
      bedrock: "bedrock/us.amazon.nova-2-lite-v1:0",
    };
    return {
      ...this.#further[this.provider]?.(),
      ANTHROPIC_API_KEY: "test",
      ANTHROPIC_BASE_URL: this.url,
      OPENAI_API_KEY: "test",
      OPENAI_BASE_URL: `${this.url}/v1`,
      THOLE_MODEL: name[this.provider],
    };
  }

  script(...replies) {
    for (const reply of replies) this.#add(reply);
  }

  // A script of its own for the agent whose first message matches: sub-agents work side by side, so
  // that the order in which they ask is nobody's to know.
  scriptFor(pattern, ...replies) {
    const group = { pattern, arrived: new WeakMap(), count: 0, scripted: replies.length };
    this.#groups.push(group);
    replies.forEach((reply, index) => this.#addFixture(reply, (request) => this.#place(request) === `${this.#groups.indexOf(group)}/${index}`));
  }

  // Drops what is left of the script: the next request gets the next reply that is added.
  forgetRest() {
    this.#arrived = Math.max(this.#arrived, this.#scripted);
    this.#scripted = this.#arrived;
  }

  // Bodies of the agent's requests in the order of arrival, in the form of chat completions.
  get requests() {
    return this.#mock
      .getRequests()
      .map((entry) => entry.body)
      .filter((body) => body && isAgentRequest(body));
  }

  // The same of requests without tools.
  get wordRequests() {
    const bodies = this.#mock.getRequests().map((entry) => entry.body);
    return bodies.filter((body) => body && !isAgentRequest(body));
  }

  get lastRequest() {
    return this.requests.at(-1);
  }

  // The contents of the tool results that the latest request carried, in order.
  get toolResults() {
    return this.lastRequest.messages.filter((m) => m.role === "tool").map((m) => textOf(m.content));
  }

  async untilAbandoned(count = 1) {
    while (this.abandoned < count) await new Promise((wake) => this.#waiters.push(wake));
  }

  async untilRequests(count) {
    while (this.#arrived < count) await new Promise((wake) => this.#waiters.push(wake));
  }

  stop() {
    const { server } = this.#mock.serverInstance;
    server.closeAllConnections();
    return this.#mock.stop();
  }

  // Settings that a provider needs beside variables.
  get settings() {
    return this.provider === "responses" ? '[providers.openai]\napi = "responses"\n' : "";
  }

  #further = {
    gemini: () => ({ GEMINI_API_KEY: "test", GOOGLE_GEMINI_BASE_URL: this.url }),
    bedrock: () => ({
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      AWS_SESSION_TOKEN: "a session's token",
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: this.url,
    }),
  };
  #mock;
  #groups = [];
  #ordinals = new WeakMap();
  #arrived = 0;
  #scripted = 0;
  #waiters = [];
  #exchange = new AsyncLocalStorage();

  async #listen() {
    await this.#mock.start();
    this.#mock.addFixture({
      match: { predicate: (request) => !isAgentRequest(request) },
      response: () => this.wordsOnly,
    });
    this.#mock.addFixture({
      match: { predicate: (request) => isAgentRequest(request) && this.#isBeyondScript(request) },
      response: {
        error: { message: "the test's script has no reply left", type: "invalid_request_error" },
        status: 400,
      },
    });
    const { server } = this.#mock.serverInstance;
    const [serve] = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      response.on("close", () => {
        if (!response.writableFinished) this.abandoned += 1;
        this.#wake();
      });
      if (request.method === "POST") this.posts.push(overheard(request));
      this.#exchange.run(response, () => serve.call(server, request, response));
    });
  }

  #add(reply) {
    const index = this.#scripted++;
    this.#addFixture(reply, (request) => !this.#place(request) && this.#ordinal(request) === index);
  }

  #addFixture({ response, mangle, sever, rewrite, ...options }, isIts) {
    this.#mock.addFixture({
      match: { predicate: (request) => isAgentRequest(request) && isIts(request) },
      response: () => {
        if (mangle !== undefined) mangleWrite(this.#exchange.getStore(), mangle);
        if (sever !== undefined) severWrite(this.#exchange.getStore(), sever);
        if (rewrite) rewriteWrites(this.#exchange.getStore(), rewrite);
        const given = typeof response === "function" ? response() : response;
        return { ...given, ...this.#usage(given) };
      },
      ...options,
    });
  }

  #usage(response) {
    if (response.error || response.usage) return {};
    return this.provider === "anthropic"
      ? { usage: { input_tokens: 1200, output_tokens: 34 } }
      : { usage: { prompt_tokens: 1200, completion_tokens: 34, total_tokens: 1234 } };
  }

  // "<group>/<how many of that group came before>"; "" for what has no script of its own.
  #place(request) {
    const group = this.#groups.find((one) => one.pattern.test(firstWords(request)));
    if (!group) return "";
    if (!group.arrived.has(request)) group.arrived.set(request, group.count++);
    return `${this.#groups.indexOf(group)}/${group.arrived.get(request)}`;
  }

  #isBeyondScript(request) {
    const place = this.#place(request);
    if (!place) return this.#ordinal(request) >= this.#scripted;
    const [group, index] = place.split("/").map(Number);
    return index >= this.#groups[group].scripted;
  }

  #ordinal(request) {
    if (!this.#ordinals.has(request)) {
      this.#ordinals.set(request, this.#arrived++);
      this.#wake();
    }
    return this.#ordinals.get(request);
  }

  #wake() {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

// The first thing that was said to an agent.
const firstWords = (request) =>
  textOf(request.messages.find((message) => message.role === "user")?.content);

export function textOf(content) {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("");
}

// Listens in on a request without taking anything from who reads it.
function overheard(request) {
  const post = { url: request.url, headers: request.headers, body: "", at: performance.now() };
  const push = request.push.bind(request);
  request.push = (chunk, ...rest) => {
    if (chunk) post.body += chunk;
    return push(chunk, ...rest);
  };
  return post;
}

function rewriteWrites(response, rewrite) {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const isBody = (chunk) => typeof chunk === "string" || Buffer.isBuffer(chunk);
  response.write = (chunk, ...rest) => write(rewrite(chunk), ...rest);
  response.end = (chunk, ...rest) => end(isBody(chunk) ? rewrite(chunk) : chunk, ...rest);
}

function severWrite(response, at) {
  const write = response.write.bind(response);
  let count = 0;
  response.write = (chunk, ...rest) => {
    if (++count < at) return write(chunk, ...rest);
    if (count === at) write(chunk.slice(0, chunk.length >> 1), () => response.destroy());
    return true;
  };
}

function mangleWrite(response, at) {
  const write = response.write.bind(response);
  let count = 0;
  response.write = (chunk, ...rest) =>
    write(++count === at ? 'data: {"type": oops\n\n' : chunk, ...rest);
}
