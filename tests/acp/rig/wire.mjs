// One thole process and every line that goes in and out of it. Speaks raw JSON-RPC by itself and
// lends its two streams to the official SDK.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { acp } from "../../node/peers.mjs";

const built = fileURLToPath(new URL("../../../build/release/thole", import.meta.url));
export const binary = process.env.THOLE_BINARY ?? built;

// [program, arguments]: THOLE_BINARY may carry arguments of its own, as in `node agent.mjs`.
export function command(...words) {
  const [program, ...first] = binary.split(" ");
  return [program, [...first, ...words]];
}

export class Wire {
  // `through`: a program and arguments that run thole.
  constructor({ env, cwd, words = ["--stdio"], through = [] }) {
    const [own, arguments_] = command(...words);
    const [program, ...all] = [...through, own, ...arguments_];
    this.child = spawn(program, all, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    this.records = []; // { from: "client" | "agent", text, message }, in the order seen
    this.stderr = "";
    this.exit = new Promise((resolve) => {
      this.child.once("error", (error) => this.#ended({ error }, resolve));
      this.child.once("close", (code, signal) => this.#ended({ code, signal }, resolve));
    });
    this.child.stderr.on("data", (data) => (this.stderr += data));
    this.child.stdout.on("data", (data) => this.#receive(data));
    this.child.stdin.on("error", () => {}); // EPIPE after the process has gone; `exit` tells
  }

  get fromAgent() {
    return this.records.filter((r) => r.from === "agent").map((r) => r.message);
  }

  // A JSON value is framed; a string or buffer goes out as it is.
  send(what) {
    const raw = typeof what === "string" || Buffer.isBuffer(what);
    const bytes = raw ? what : `${JSON.stringify(what)}\n`;
    this.#recordSent(bytes.toString());
    this.child.stdin.write(bytes);
  }

  request(method, params, id = this.#nextId++) {
    const from = this.records.length;
    this.send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return this.response(id, from);
  }

  notify(method, params) {
    this.send({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) });
  }

  answer(id, result) {
    this.send({ jsonrpc: "2.0", id, result });
  }

  refuse(id, code, message) {
    this.send({ jsonrpc: "2.0", id, error: { code, message } });
  }

  response(id, from = 0) {
    const isAnswer = (m) => m.id === id && m.method === undefined;
    return this.until(isAnswer, `the answer to request ${JSON.stringify(id)}`, from);
  }

  // The first message of the agent, from record `from` on, for which `matches` holds.
  until(matches, label = String(matches), from = 0) {
    for (let i = from; i < this.records.length; ++i) {
      const record = this.records[i];
      if (record.from === "agent" && matches(record.message))
        return Promise.resolve(record.message);
    }
    if (this.#end) return Promise.reject(this.#gone(label));
    return new Promise((resolve, reject) =>
      this.#waiting.push({ matches, label, resolve, reject }),
    );
  }

  update(kind, matches = () => true, from = 0) {
    const isIt = (m) => m.params?.update?.sessionUpdate === kind && matches(m.params.update);
    return this.until(isIt, `a ${kind}`, from).then((m) => m.params.update);
  }

  get waitingFor() {
    return this.#waiting.map((w) => w.label);
  }

  stream() {
    const input = new ReadableStream({
      start: (controller) => {
        this.#feed = controller;
      },
    });
    const output = new WritableStream({ write: (bytes) => this.send(Buffer.from(bytes)) });
    return acp.ndJsonStream(output, input);
  }

  closeInput() {
    this.child.stdin.end();
  }

  async quit() {
    this.closeInput();
    return this.exit;
  }

  async kill() {
    if (!this.#end) this.child.kill("SIGKILL");
    await this.exit;
  }

  transcript(limit = 80) {
    const lines = this.records.map((r) => `${r.from === "agent" ? "<-" : "->"} ${shorten(r.text)}`);
    const cut = lines.length > limit ? [`(${lines.length - limit} earlier lines)`] : [];
    const errors = this.stderr ? [`stderr: ${this.stderr}`] : [];
    return [...cut, ...lines.slice(-limit), ...errors].join("\n");
  }

  #nextId = 1;
  #partial = Buffer.alloc(0);
  #partialSent = "";
  #waiting = [];
  #feed;
  #end;

  #receive(data) {
    this.#partial = Buffer.concat([this.#partial, data]);
    let end;
    while ((end = this.#partial.indexOf(0x0a)) !== -1) {
      this.#record("agent", this.#partial.subarray(0, end).toString());
      this.#partial = this.#partial.subarray(end + 1);
    }
    this.#feed?.enqueue(new Uint8Array(data));
  }

  #recordSent(text) {
    const lines = (this.#partialSent + text).split("\n");
    this.#partialSent = lines.pop();
    for (const line of lines) this.#record("client", line);
  }

  #record(from, text) {
    const record = { from, text, message: parsed(text) };
    this.records.push(record);
    if (from !== "agent" || record.message === undefined) return;
    const still = [];
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.matches(record.message)) waiter.resolve(record.message);
      else still.push(waiter);
    }
    this.#waiting.push(...still);
  }

  #ended(end, resolve) {
    if (this.#end) return;
    this.#end = { ...end, leftover: this.#partial.toString() };
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#gone(waiter.label));
    try {
      this.#feed?.close();
    } catch {
      // the SDK has closed it
    }
    resolve(this.#end);
  }

  #gone(label) {
    const { code, signal, error } = this.#end;
    const why = error ? error.message : `it ended with ${signal ?? code}`;
    return new Error(`no ${label}: ${why}; stderr: ${this.stderr}`);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function shorten(text) {
  return text.length > 1200 ? `${text.slice(0, 1200)}… (${text.length})` : text;
}
