// An editor made of the official SDK's client: answers permission and file requests as the test
// says and collects the updates of each session.
import { acp, unstableAcp } from "../../node/peers.mjs";

const { methods } = acp;

// A prompt of one text block.
export const text = (words) => [{ type: "text", text: words }];

export const choose = (optionId) => () => ({ outcome: { outcome: "selected", optionId } });
export const dismiss = () => ({ outcome: { outcome: "cancelled" } });
export const neverAnswer = () => new Promise(() => {});
export const answerWithError = () => {
  throw new acp.RequestError(-32603, "the dialog broke");
};

export const withFiles = { fs: { readTextFile: true, writeTextFile: true } };

export class Editor {
  constructor(wire, { capabilities = {}, permission, buffers = new Map(), terminals } = {}) {
    this.wire = wire;
    this.terminals = terminals; // rig/terminals.mjs; without them terminal/* is unknown
    this.capabilities = capabilities;
    this.permission = permission ?? answerWithError;
    this.elicit = answerWithError; // gets the params of each form
    this.diagnose = answerWithError; // gets the params of each question about diagnostics
    this.permissions = []; // params of each permission request, in order
    this.buffers = buffers; // path -> unsaved text
    this.fileRequests = []; // {method, path}
    this.delivered = 0; // updates that the SDK accepted
    this.connection = this.#app().connect(wire.stream());
    this.agent = this.connection.agent;
  }

  initialize(overrides = {}) {
    return this.agent.request(methods.agent.initialize, {
      protocolVersion: acp.PROTOCOL_VERSION,
      clientCapabilities: this.capabilities,
      clientInfo: { name: "thole-tests", title: "Tests", version: "1" },
      ...overrides,
    });
  }

  async newSession(cwd, overrides = {}) {
    const params = { cwd, mcpServers: [], ...overrides };
    return new Session(this, await this.agent.request(methods.agent.session.new, params));
  }

  async loadSession(sessionId, cwd) {
    const params = { sessionId, cwd, mcpServers: [] };
    const result = await this.agent.request(methods.agent.session.load, params);
    return new Session(this, { ...result, sessionId });
  }

  async resumeSession(sessionId, cwd) {
    const params = { sessionId, cwd, mcpServers: [] };
    const result = await this.agent.request(methods.agent.session.resume, params);
    return new Session(this, { ...result, sessionId });
  }

  listSessions(params = {}) {
    return this.agent.request(methods.agent.session.list, params);
  }

  #app() {
    // The SDK's client of what is not settled yet, for those who say that they know it.
    const sdk = this.capabilities.subagents ? unstableAcp : acp;
    const app = sdk
      .client({ name: "thole-tests" })
      .onNotification(methods.client.session.update, () => {
        this.delivered += 1;
      })
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        this.permissions.push(params);
        return this.permission(params);
      })
      .onRequest(methods.client.elicitation.create, ({ params }) => this.elicit(params))
      .onRequest("_thole/editor/diagnostics", (params) => params, ({ params }) => this.diagnose(params))
      .onRequest(methods.client.fs.readTextFile, ({ params }) => this.#read(params))
      .onRequest(methods.client.fs.writeTextFile, ({ params }) => this.#write(params));
    return this.terminals ? this.terminals.bind(app, methods.client.terminal) : app;
  }

  #read({ path }) {
    this.fileRequests.push({ method: "read", path });
    if (!this.buffers.has(path)) throw new acp.RequestError(-32002, `no buffer ${path}`);
    return { content: this.buffers.get(path) };
  }

  #write({ path, content }) {
    this.fileRequests.push({ method: "write", path });
    this.buffers.set(path, content);
    return {};
  }
}

export class Session {
  constructor(editor, { sessionId, modes, configOptions }) {
    this.editor = editor;
    this.id = sessionId;
    this.modes = modes;
    this.configOptions = configOptions;
  }

  prompt(what) {
    const blocks = typeof what === "string" ? [{ type: "text", text: what }] : what;
    return this.editor.agent.request(methods.agent.session.prompt, {
      sessionId: this.id,
      prompt: blocks,
    });
  }

  cancel() {
    return this.editor.agent.notify(methods.agent.session.cancel, { sessionId: this.id });
  }

  setMode(modeId) {
    return this.editor.agent.request(methods.agent.session.setMode, { sessionId: this.id, modeId });
  }

  setOption(configId, value) {
    const params = { sessionId: this.id, configId, value };
    return this.editor.agent.request(methods.agent.session.setConfigOption, params);
  }

  close() {
    return this.editor.agent.request(methods.agent.session.close, { sessionId: this.id });
  }

  delete() {
    return this.editor.agent.request(methods.agent.session.delete, { sessionId: this.id });
  }

  // Updates of this session so far, of one kind or of all, in order.
  updates(kind) {
    return this.editor.wire.fromAgent
      .filter((m) => m.method === "session/update" && m.params.sessionId === this.id)
      .map((m) => m.params.update)
      .filter((u) => kind === undefined || u.sessionUpdate === kind);
  }

  text(kind = "agent_message_chunk") {
    return this.updates(kind)
      .map((u) => u.content.text)
      .join("");
  }

  messageIds(kind = "agent_message_chunk") {
    return [...new Set(this.updates(kind).map((u) => u.messageId))];
  }

  // Each tool call with its updates folded in, in the order of first mention.
  calls() {
    const calls = new Map();
    for (const update of this.updates()) {
      if (!update.sessionUpdate.startsWith("tool_call")) continue;
      const fields = { ...update };
      delete fields.sessionUpdate;
      const call = calls.get(update.toolCallId) ?? { statuses: [] };
      if (fields.status && fields.status !== call.status) call.statuses.push(fields.status);
      calls.set(update.toolCallId, Object.assign(call, fields));
    }
    return [...calls.values()];
  }
}
