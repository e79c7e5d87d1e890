// An editor that speaks the v2 draft, made of the SDK's experimental client, and what it has of each
// session: the state that its updates add up to, as the draft says how they do.
import { acpV2 } from "../../node/peers.mjs";
import { assert, scenario } from "../rig.mjs";
import { faultsOfTraffic } from "./schema_v2.mjs";

const { methods } = acpV2;
const decoded = (data) => Buffer.from(data, "base64");
const patchable = ["sessionUpdate", "_meta"];

// The fold of a session's updates.
export class Picture {
  messages = new Map(); // id -> {kind, content[]}
  calls = new Map();
  terminals = new Map();
  plans = new Map();
  states = []; // each state_update that says something new
  notices = [];
  order = []; // of first mention: messages and calls
  taken = []; // every update

  take(update) {
    const kind = update.sessionUpdate;
    this.taken.push(update);
    if (/^(user|agent)_(message|thought)(_chunk)?$/.test(kind)) this.#message(update);
    if (kind === "tool_call_update") this.#patch(this.calls, update.toolCallId, update);
    if (kind === "tool_call_content_chunk") this.calls.get(update.toolCallId).content.push(update.content);
    if (kind === "terminal_update") this.#terminal(update);
    if (kind === "terminal_output_chunk") this.#grow(update);
    if (kind === "plan_update") this.plans.set(update.plan.planId, update.plan);
    if (kind === "notice") this.notices.push(update);
    if (kind === "state_update") {
      const { sessionUpdate, ...state } = update;
      if (JSON.stringify(state) !== JSON.stringify(this.states.at(-1))) this.states.push(state);
    }
  }

  text(kind) {
    return [...this.messages.values()]
      .filter((m) => m.kind === kind)
      .map((m) => m.content.map((block) => block.text ?? "").join(""));
  }

  // What a terminal of a call has shown.
  output(call) {
    const item = call.content.find((one) => one.type === "terminal");
    return this.terminals.get(item.terminalId).output.toString();
  }

  #known(map, id) {
    if (!map.has(id)) {
      map.set(id, {});
      this.order.push(id);
    }
    return map.get(id);
  }

  #message({ sessionUpdate, messageId, content }) {
    const kind = sessionUpdate.replace(/_chunk$/, "");
    const message = this.#known(this.messages, messageId);
    message.kind ??= kind;
    message.content ??= [];
    if (kind === sessionUpdate) message.content = content ?? message.content;
    else message.content.push(content);
  }

  #patch(map, id, update) {
    const entity = this.#known(map, id);
    entity.statuses ??= [];
    for (const [key, value] of Object.entries(update)) {
      if (patchable.includes(key)) continue;
      if (key === "status" && value !== entity.status) entity.statuses.push(value);
      entity[key] = value;
    }
  }

  #terminal({ output, ...update }) {
    if (!this.terminals.has(update.terminalId)) this.terminals.set(update.terminalId, { output: Buffer.alloc(0) });
    const terminal = this.terminals.get(update.terminalId);
    Object.assign(terminal, update);
    if (output) terminal.output = decoded(output.data);
  }

  #grow({ terminalId, data }) {
    const terminal = this.terminals.get(terminalId);
    assert.ok(terminal, "a terminal is announced before it prints");
    assert.equal(terminal.exitStatus, undefined, "what has exited prints no more");
    terminal.output = Buffer.concat([terminal.output, decoded(data)]);
  }
}

export class EditorV2 {
  permissions = []; // params of each permission request
  pictures = new Map();
  #waiting = [];

  constructor(wire, { permission, elicit, capabilities = {} } = {}) {
    this.wire = wire;
    this.capabilities = capabilities;
    this.permission = permission ?? (() => ({ outcome: { outcome: "cancelled" } }));
    this.elicit = elicit ?? (() => ({ action: "cancel" }));
    this.connection = acpV2
      .client({ name: "thole-tests" })
      .onNotification(methods.client.session.update, ({ params }) => this.#take(params))
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        this.permissions.push(params);
        return this.permission(params);
      })
      .onRequest(methods.client.elicitation.create, ({ params }) => this.elicit(params))
      .connect(wire.stream());
    this.agent = this.connection.agent;
  }

  initialize() {
    return this.agent.request(methods.agent.initialize, {
      protocolVersion: 2,
      info: { name: "thole-tests", version: "1" },
      capabilities: this.capabilities,
    });
  }

  request(method, params) {
    return this.agent.request(method, params);
  }

  async newSession(cwd, more = {}) {
    const opened = await this.request(methods.agent.session.new, { cwd, ...more });
    return new SessionV2(this, opened.sessionId, opened);
  }

  async resume(sessionId, cwd, more = {}) {
    const opened = await this.request(methods.agent.session.resume, { sessionId, cwd, ...more });
    return new SessionV2(this, sessionId, opened);
  }

  picture(sessionId) {
    if (!this.pictures.has(sessionId)) this.pictures.set(sessionId, new Picture());
    return this.pictures.get(sessionId);
  }

  // Until what the updates of a session add up to is as wanted.
  until(sessionId, holds) {
    const picture = this.picture(sessionId);
    if (holds(picture)) return Promise.resolve(picture);
    return new Promise((resolve) => this.#waiting.push({ picture, holds, resolve }));
  }

  // Until so many updates have come that match.
  sawAgain(sessionId, matches, count) {
    return this.until(sessionId, (picture) => picture.taken.filter(matches).length >= count);
  }

  #take({ sessionId, update }) {
    const picture = this.picture(sessionId);
    picture.take(update);
    const isNow = (w) => w.picture === picture && w.holds(picture);
    const now = this.#waiting.filter(isNow);
    this.#waiting = this.#waiting.filter((w) => !now.includes(w));
    for (const { resolve } of now) resolve(picture);
  }
}

export class SessionV2 {
  constructor(editor, id, opened) {
    Object.assign(this, { editor, id, opened });
  }

  get picture() {
    return this.editor.picture(this.id);
  }

  prompt(words) {
    const prompt = typeof words === "string" ? [{ type: "text", text: words }] : words;
    return this.editor.request(methods.agent.session.prompt, { sessionId: this.id, prompt });
  }

  // A prompt and the end of its turn.
  async turn(words) {
    const ended = this.picture.states.filter((s) => s.state === "idle" && s.stopReason).length;
    const { messageId } = await this.prompt(words);
    await this.until((p) => p.states.filter((s) => s.state === "idle" && s.stopReason).length > ended);
    return { messageId, ...this.picture.states.at(-1) };
  }

  until(holds) {
    return this.editor.until(this.id, holds);
  }

  cancel() {
    return this.editor.agent.notify(methods.agent.session.cancel, { sessionId: this.id });
  }

  close() {
    return this.editor.request(methods.agent.session.close, { sessionId: this.id });
  }

  setOption(configId, value) {
    const params = { sessionId: this.id, configId, type: "id", value };
    return this.editor.request(methods.agent.session.setConfigOption, params);
  }

  get call() {
    return [...this.picture.calls.values()].at(-1);
  }
}

// A scenario whose editors speak v2; every line that thole writes must be in the draft's schema.
// `unstable`: what else is switched on; then the schema of unstable features is the measure.
export function scenarioV2(name, { unstable = [], toml = "", ...options }, body) {
  scenario(name, { finish: false, ...options }, async (rig, t) => {
    const names = JSON.stringify(["v2", ...unstable]);
    rig.workspace.configure(`[acp]\nunstable = ${names}\n${toml}`);
    rig.editorV2 = async (given) => {
      const editor = new EditorV2(rig.wire(), given);
      editor.initialized = await editor.initialize();
      return editor;
    };
    rig.sessionV2 = async (given) => (await rig.editorV2(given)).newSession(rig.workspace.root);
    await body(rig, t);
    for (const wire of rig.wires) {
      assert.equal((await wire.quit()).code, 0);
      assert.equal(wire.stderr, "", "19: stderr is silent");
      const schema = unstable.length > 0 ? "v2-unstable" : "v2";
      assert.deepEqual(faultsOfTraffic(wire.records, schema), []);
    }
  });
}
