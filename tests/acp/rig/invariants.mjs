// What must hold of every message that thole ever writes, whatever the test is about. The numbers
// are those of the conformance checklist.
import {
  clientNotifications,
  clientRequests,
  faultsOf,
  oldFaultsOf,
  responses,
} from "./schema.mjs";

const statuses = ["pending", "in_progress", "completed", "failed"];
const harmless = new Set(["read", "search", "fetch", "think", "switch_mode"]);
const mutating = new Set(["write_file", "edit_file", "multi_edit", "bash"]);
const spoken = new Set([
  "agent_message_chunk",
  "agent_thought_chunk",
  "tool_call",
  "tool_call_update",
]);
const gates = {
  notice: (c) => c.session?.notices,
  compaction_update: (c) => c.session?.compaction,
  compaction_summary_chunk: (c) => c.session?.compaction,
  plan_update: (c) => c.plan,
  plan_removed: (c) => c.plan,
  subagent_update: (c) => c.subagents,
};
const methodGates = {
  "fs/read_text_file": (c) => c.fs?.readTextFile === true,
  "fs/write_text_file": (c) => c.fs?.writeTextFile === true,
  "terminal/create": (c) => c.terminal === true,
  "_thole/editor/diagnostics": (c) => c._meta?.thole?.features?.diagnostics !== undefined,
  "elicitation/create": (c) => c.elicitation?.form || c.elicitation?.url,
};

export function faultsOfTraffic(records) {
  const audit = new Audit();
  for (const record of records) {
    if (record.from === "client") audit.sent(record.message);
    else audit.written(record);
  }
  audit.end();
  return audit.faults;
}

class Audit {
  faults = [];
  #capabilities = {};
  #takesBack = false; // knows $/cancel_request
  #asked = new Map(); // id (as JSON) of a client's request -> [{method, params}]
  #ids = new Set(); // of thole's own requests
  #open = new Map(); // thole's unanswered permission requests: id -> sessionId
  #sessions = new Map();

  sent(message) {
    if (!message || typeof message !== "object" || Array.isArray(message)) return;
    if (message.method === undefined) {
      this.#open.delete(message.id);
      return;
    }
    if (message.method === "initialize") {
      this.#capabilities = message.params?.clientCapabilities ?? {};
      this.#takesBack = /^zed/i.test(message.params?.clientInfo?.name ?? "");
      if (this.#capabilities._meta?.thole?.features?.approvals) this.#takesBack = true;
    }
    if (message.method === "$/cancel_request") this.#takesBack = true;
    if (message.method === "session/cancel") this.#closePermissions(message.params?.sessionId);
    if (message.id === undefined) return;
    const key = JSON.stringify(message.id);
    this.#asked.set(key, [...(this.#asked.get(key) ?? []), message]);
    const session = this.#session(message.params?.sessionId);
    if (message.method === "session/prompt") session.prompts += 1;
    if (message.method === "session/load") session.loading += 1;
    if (["session/load", "session/resume"].includes(message.method)) session.known = true;
  }

  written({ text, message }) {
    if (message === undefined || message === null || Array.isArray(message)) {
      return this.#fault("1: not one JSON object", text);
    }
    if (message.jsonrpc !== "2.0") this.#fault('1: no "jsonrpc":"2.0"', text);
    if (text.length > 8 * 1024 * 1024) this.#fault("20: a line over 8 MiB", text.slice(0, 200));
    if (message.method === undefined) this.#response(message);
    else if (message.id === undefined) this.#notification(message);
    else this.#request(message);
  }

  // A session that was loaded in the middle of a turn has gone on since.
  end() {
    for (const { loaded, calls } of this.#sessions.values()) {
      for (const [id, { status }] of loaded ? calls : []) {
        if (!["completed", "failed"].includes(status)) this.#fault("41: a call of a replay is open", id);
      }
    }
  }

  #fault(rule, evidence) {
    const shown = typeof evidence === "string" ? evidence : JSON.stringify(evidence);
    this.faults.push(`${rule}\n    ${shown?.slice(0, 700)}`);
  }

  #session(id) {
    if (!this.#sessions.has(id)) {
      this.#sessions.set(id, { known: false, prompts: 0, loading: 0, calls: new Map() });
    }
    return this.#sessions.get(id);
  }

  #closePermissions(sessionId) {
    for (const [id, owner] of this.#open) if (owner === sessionId) this.#open.delete(id);
  }

  #response(message) {
    const waiting = this.#asked.get(JSON.stringify(message.id)) ?? [];
    const request = waiting.shift();
    if (message.error) {
      for (const fault of faultsOf("Error", message.error)) this.#fault(fault, message);
    }
    if (!request) {
      if (message.id !== null || !message.error) this.#fault("an answer nobody asked for", message);
      return;
    }
    this.#finish(request, message);
    if (message.error) return;
    const name = responses.get(request.method);
    if (name) for (const fault of faultsOf(name, message.result)) this.#fault(fault, message);
    for (const fault of oldFaultsOf(message, request.method)) this.#fault(fault, message);
    if (hasNull(message.result)) this.#fault("a null in a result", message);
  }

  #finish(request, message) {
    const session = this.#session(request.params?.sessionId);
    this.#options(message.result?.configOptions, message);
    if (request.method === "session/new" && message.result) {
      this.#session(message.result.sessionId).known = true;
    }
    if (request.method === "session/load") {
      session.loading -= 1;
      session.loaded = true;
    }
    if (request.method !== "session/prompt") return;
    session.prompts -= 1;
    this.#closePermissions(request.params?.sessionId);
    for (const [id, call] of session.calls) {
      if (!["completed", "failed"].includes(call.status)) {
        this.#fault(`65: tool call ${id} is ${call.status} when its prompt is answered`, message);
      }
    }
  }

  #options(options, message) {
    const gate = this.#capabilities.session?.configOptions?.boolean;
    const isBoolean = (options ?? []).some((option) => option.type === "boolean");
    if (isBoolean && !gate) this.#fault("87: a boolean option without its gate", message);
  }

  #request(message) {
    if (!Number.isInteger(message.id) || message.id < 1 || message.id >= 2 ** 31) {
      this.#fault("18: a request id of ours that is no small positive integer", message);
    }
    if (this.#ids.has(message.id)) this.#fault("18: a request id used twice", message);
    this.#ids.add(message.id);
    const gate = methodGates[message.method];
    if (gate && !gate(this.#capabilities)) this.#fault("87: a request without its gate", message);
    const name = clientRequests.get(message.method);
    if (gate && message.method.startsWith("_thole/")) return;
    if (!name) return this.#fault("a request that no client knows", message);
    for (const fault of faultsOf(name, message.params)) this.#fault(fault, message);
    for (const fault of oldFaultsOf(message)) this.#fault(fault, message);
    if (hasNull(message.params)) this.#fault("79: a null in a request", message);
    const session = this.#session(message.params.sessionId);
    if (session.loading > 0) this.#fault("41: a request during replay", message);
    if (message.method === "session/request_permission") this.#permission(message, session);
  }

  #permission(message, session) {
    const { sessionId, toolCall, options } = message.params;
    if ([...this.#open.values()].includes(sessionId)) {
      this.#fault("92: a second open permission request in one session", message);
    }
    this.#open.set(message.id, sessionId);
    if (session.prompts === 0) this.#fault("a permission request outside a turn", message);
    const call = session.calls.get(toolCall?.toolCallId);
    if (!call) this.#fault("88: a permission request before its tool_call", message);
    else if (call.status !== "pending") this.#fault(`88: asked while ${call.status}`, message);
    const kinds = options.map((o) => o.kind);
    const order = kinds.filter((k) => k === "allow_always").length;
    const expected = ["allow_once", ...Array(order).fill("allow_always"), "reject_once"];
    if (kinds.join() !== expected.join()) this.#fault("89: kinds or order of the options", message);
    if (new Set(options.map((o) => o.optionId)).size !== options.length) {
      this.#fault("89: option ids are not unique", message);
    }
  }

  // What a client of ours has said that it knows: _thole/<feature>/changed.
  #isOurs({ method }) {
    const feature = /^_thole\/([a-z]+)\/changed$/.exec(method)?.[1];
    return this.#capabilities?._meta?.thole?.features?.[feature] !== undefined;
  }

  #notification(message) {
    const name = clientNotifications.get(message.method);
    if (this.#isOurs(message)) return;
    if (message.method === "$/cancel_request") {
      if (!this.#takesBack) this.#fault("77: a $/cancel_request that the client may not know", message);
      return;
    }
    if (!name) return this.#fault("103: a notification that no client knows", message);
    const isGated = gates[message.params?.update?.sessionUpdate];
    const unsettled = isGated && (this.#capabilities.subagents || this.#capabilities.plan);
    const schema = unsettled ? "acp-unstable" : "acp";
    for (const fault of faultsOf(name, message.params, schema)) this.#fault(fault, message);
    for (const fault of oldFaultsOf(message)) this.#fault(fault, message);
    const { sessionId, update } = message.params;
    const session = this.#session(sessionId);
    if (!session.known) this.#fault("34: an update before the session's response", message);
    this.#options(update.configOptions, message);
    if (update.sessionUpdate === "notice" && session.loading > 0) {
      this.#fault("41: a notice in a replay", message);
    }
    const gate = gates[update.sessionUpdate];
    if (gate && !gate(this.#capabilities)) this.#fault("87: an update without its gate", message);
    if (update.sessionUpdate !== "session_info_update" && hasNull(update)) {
      this.#fault("79: a null in an update", message);
    }
    if (update.sessionUpdate === "subagent_update") return this.#child(update, session, message);
    this.#place(update, session, message);
    if (update.sessionUpdate?.startsWith("tool_call")) this.#toolCall(update, session, message);
  }

  // 105: a child's work counts as the turn of its session, from its announcement to its rest.
  #child({ sessionId, state }, parent, message) {
    const child = this.#session(sessionId);
    if (!child.known && child.calls.size > 0) this.#fault("105: traffic before it", message);
    child.known = child.isChild = true;
    if (state) child.prompts = ["running", "requires_action"].includes(state.state) ? 1 : 0;
    if (child.prompts > 0 && parent.prompts === 0) this.#fault("105: work without a turn", message);
  }

  #place(update, session, message) {
    const kind = update.sessionUpdate;
    if (kind === "user_message_chunk" && session.loading === 0 && !session.isChild) {
      this.#fault("56: the live prompt is echoed", message);
    }
    if (spoken.has(kind) && session.loading === 0 && session.prompts === 0) {
      this.#fault("66: output of a turn after the turn", message);
    }
    if (kind.endsWith("_chunk") && !update.messageId) this.#fault("57: no messageId", message);
  }

  #toolCall(update, session, message) {
    const { toolCallId, sessionUpdate, status, title, kind, name } = update;
    const before = session.calls.get(toolCallId);
    if (sessionUpdate === "tool_call") this.#firstMention(update, session, before, message);
    else if (!before) this.#fault("78: an update of a call never mentioned", message);
    const call = session.calls.get(toolCallId) ?? { status: "pending" };
    session.calls.set(toolCallId, call);
    if (status && statuses.indexOf(status) < statuses.indexOf(call.status)) {
      this.#fault(`78: status goes back from ${call.status}`, message);
    }
    if (call.status === "completed" && status === "failed")
      this.#fault("78: completed, then failed", message);
    call.status = status ?? call.status;
    if (title !== undefined && (!title.trim() || title.includes("\n"))) {
      this.#fault("78: a title that is empty or has a line break", message);
    }
    if (mutating.has(name) && harmless.has(kind))
      this.#fault("82: kind of a mutating tool", message);
    this.#members(update, message);
  }

  #firstMention({ toolCallId, status }, session, before, message) {
    if (before && session.loading === 0) this.#fault("84: a toolCallId used twice", message);
    session.calls.set(toolCallId, { status: status ?? "pending" });
    if (session.loading > 0) session.calls.get(toolCallId).status = "pending";
  }

  #members({ rawInput, rawOutput, _meta, locations, content }, message) {
    for (const member of [rawInput, rawOutput, _meta]) {
      if (member !== undefined && !isObject(member)) {
        this.#fault("79: rawInput, rawOutput or _meta is no object", message);
      }
    }
    for (const { path, line } of locations ?? []) {
      if (!path.startsWith("/") || (line !== undefined && line < 1))
        this.#fault("81: a location", message);
    }
    for (const item of content ?? []) {
      if (item.type === "diff" && !item.path.startsWith("/"))
        this.#fault("80: a diff's path", message);
    }
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function hasNull(value) {
  if (value === null) return true;
  if (typeof value !== "object") return false;
  return Object.entries(value).some(([key, v]) => key !== "rawInput" && hasNull(v));
}
