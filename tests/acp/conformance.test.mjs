// The numbered conformance checklist, on the raw wire. Numbers that hold of all traffic (1, 18, 19,
// 20, 34, 41, 56, 57, 65, 66, 78, 79, 81, 82, 84, 87, 88, 89, 92, 103) are rules of
// rig/invariants.mjs and are checked in every scenario; the others are here or, by their number, in
// the files about their subject.
import {
  assert, call, calls, choose, neverAnswer, say, sayThenCall, scenario, scenarios,
} from "./rig.mjs";

const text = (words) => [{ type: "text", text: words }];
const hello = { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1 } };
const code = (message) => message.error?.code;

async function initialized(rig) {
  const wire = rig.wire();
  await wire.request("initialize", { protocolVersion: 1, clientCapabilities: {} }, "init");
  return wire;
}

// What thole wrote between now and the answer to a request that follows `act`.
async function written(wire, act) {
  const from = wire.records.length;
  act();
  const last = await wire.request("session/list", {});
  return wire.records
    .slice(from)
    .filter((r) => r.from === "agent" && r.message !== last)
    .map((r) => r.message);
}

scenario("2, 3: a child's output and input stay away from the protocol", {}, async (rig) => {
  const command = "echo '{\"jsonrpc\":\"2.0\"}'; cat; echo to-stderr >&2; echo ended";
  rig.model.script(calls(call("bash", { command })), say("Done."));
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  assert.match(rig.model.toolResults[0], /ended/);
});

scenario("4: CRLF, blank lines, a BOM and leading blanks are accepted", {}, async (rig) => {
  const wire = rig.wire();
  wire.send(`\ufeff${JSON.stringify(hello)}\r\n\r\n\n   \n`);
  assert.equal((await wire.response(1)).result.protocolVersion, 1);
  const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "session/list" });
  wire.send(`   \t${list}\r\n`);
  assert.ok((await wire.response(2)).result.sessions);
});

scenario("5: one message in many pieces, and many in one, are handled in order", {}, async (rig) => {
  const wire = rig.wire();
  for (const byte of Buffer.from(`${JSON.stringify(hello)}\n`)) wire.send(Buffer.from([byte]));
  await wire.response(1);
  const list = (id) => JSON.stringify({ jsonrpc: "2.0", id, method: "session/list", params: {} });
  wire.send(`${[2, 3, 4, 5].map(list).join("\n")}\n`);
  await wire.response(5);
  assert.deepEqual(wire.fromAgent.map((m) => m.id), [1, 2, 3, 4, 5]);
});

scenario("6: a prompt line of 20 MiB is accepted", { quiet: false }, async (rig) => {
  rig.model.script(say("Large."));
  const { wire, sessionId } = await rig.rawSession();
  const resource = { uri: "file:///large.txt", text: "oars and ".repeat((20 * 1024 * 1024) / 9), mimeType: "text/plain" };
  const prompt = [{ type: "resource", resource }, ...text("Look")];
  const answer = await wire.request("session/prompt", { sessionId, prompt });
  assert.ok(answer.result?.stopReason ?? answer.error.message, "the provider may find it too long");
  assert.ok((await wire.request("session/list", {})).result);
});

scenario("6: a line over the hard limit is one error, and the connection survives", {}, async (rig) => {
  const wire = await initialized(rig);
  const piece = Buffer.alloc(1024 * 1024, "x");
  wire.send('{"jsonrpc":"2.0","id":7,"method":"session/list","params":{"cursor":"');
  for (let i = 0; i < 80; ++i) wire.child.stdin.write(piece);
  wire.send('"}}\n');
  const refused = await wire.until((m) => m.id === null);
  assert.ok([-32600, -32700].includes(code(refused)), JSON.stringify(refused));
  assert.ok((await wire.request("session/list", {})).result);
  assert.equal(wire.fromAgent.filter((m) => m.error).length, 1);
});

scenario("7: invalid JSON is -32700, and the next request works", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const bad of ["{", '{"jsonrpc":"2.0",}', "nonsense", '{"a":1} trailing', '"\\ud800']) {
    const answers = await written(wire, () => wire.send(`${bad}\n`));
    assert.deepEqual(answers.map((m) => [m.id, code(m)]), [[null, -32700]], bad);
  }
});

scenario("8: what is no request is -32600; a batch is refused whole", {}, async (rig) => {
  const wire = await initialized(rig);
  const batch = JSON.stringify([1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "session/list" })));
  for (const bad of ["[]", '"x"', "42", "{}", "null", "true", batch]) {
    const answers = await written(wire, () => wire.send(`${bad}\n`));
    assert.deepEqual(answers.map((m) => [m.id, code(m)]), [[null, -32600]], bad);
  }
});

scenario("9: invalid UTF-8 in the input is -32700 and survived", {}, async (rig) => {
  const wire = await initialized(rig);
  const line = Buffer.from('{"jsonrpc":"2.0","id":9,"method":"session/list","params":{"cursor":"?"}}\n');
  line[line.indexOf("?")] = 0xff;
  const answers = await written(wire, () => wire.send(line));
  assert.deepEqual(answers.map((m) => [m.id, code(m)]), [[null, -32700]]);
});

scenarios("9: invalid UTF-8 of a tool is U+FFFD in the output and to the model", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "printf 'a\\377b\\n'" })), say("Odd."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Run");
  assert.match(JSON.stringify(session.calls()[0].content), /a\ufffdb/);
  assert.match(rig.model.toolResults[0], /a\ufffdb/);
});

scenario("10: answers to nothing are ignored", {}, async (rig) => {
  const wire = await initialized(rig);
  const answers = await written(wire, () => {
    wire.answer(4711, {});
    wire.answer(4711, {});
    wire.answer("what", null);
    wire.send({ jsonrpc: "2.0", id: null, error: { code: -32602, message: "cannot parse" } });
    wire.refuse(1, -32601, "no");
  });
  assert.deepEqual(answers, []);
});

scenario("11: ids come back as they went, in type and value", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const id of ["text", "", "7", 7, 0, -3, 2 ** 53 - 1, -(2 ** 40)]) {
    assert.strictEqual((await wire.request("session/list", {}, id)).id, id);
  }
  const from = wire.records.length;
  wire.send({ jsonrpc: "2.0", id: null, method: "session/list", params: {} });
  assert.ok((await wire.until((m) => m.id === null, "an answer to id null", from)).result);
  wire.send('{"jsonrpc":"2.0","id":9007199254740993,"method":"session/list","params":{}}\n');
  await wire.request("session/list", {});
  assert.ok(wire.records.some((r) => r.from === "agent" && r.text.includes("9007199254740993")));
});

scenario("12: unknown members of the envelope are ignored", {}, async (rig) => {
  const wire = rig.wire();
  wire.send({ type: "request", ...hello, trace: { a: 1 } });
  assert.equal((await wire.response(1)).result.protocolVersion, 1);
});

scenario("13: params missing, null or [] are {}", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const params of [undefined, null, [], {}]) {
    assert.ok((await wire.request("session/list", params)).result, JSON.stringify(params));
  }
});

scenario("14: an unknown request is -32601, an unknown notification silence", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const method of ["session/dance", "_x", "_other/thing", "terminal/create", "logout", ""]) {
    assert.equal(code(await wire.request(method, {})), -32601, method);
  }
  const answers = await written(wire, () => {
    wire.notify("session/dance", {});
    wire.notify("_x", {});
    wire.notify("$/whatever", {});
  });
  assert.deepEqual(answers, []);
});

scenario("15: the end of input ends thole with 0, initialized or not", {}, async (rig) => {
  rig.wire();
  await initialized(rig);
  await rig.rawSession();
});

scenario("16: while a permission is open, everything else is handled", {}, async (rig) => {
  rig.model.script(calls(call("write_file", { path: "a.txt", content: "a" })));
  const editor = await rig.editor({ permission: neverAnswer });
  const waiting = await editor.newSession(rig.workspace.root);
  const turn = waiting.prompt("Write");
  await editor.wire.until((m) => m.method === "session/request_permission");
  rig.model.script(say("Meanwhile."));
  const other = await editor.newSession(rig.workspace.root);
  assert.equal((await other.prompt("Talk")).stopReason, "end_turn");
  assert.ok((await editor.listSessions()).sessions);
  await waiting.cancel();
  assert.equal((await turn).stopReason, "cancelled");
});

scenario("21: requests before initialize are -32600, notifications silence", {}, async (rig) => {
  const wire = rig.wire();
  wire.notify("session/cancel", { sessionId: "x" });
  for (const method of ["session/list", "session/new", "session/dance"]) {
    assert.equal(code(await wire.request(method, {})), -32600, method);
  }
  assert.equal(wire.fromAgent.length, 3);
  assert.ok((await wire.request("initialize", { protocolVersion: 1 })).result);
});

scenario("22, 23: whatever version is asked for, the answer is the integer 1", {}, async (rig) => {
  for (const protocolVersion of [1, 2, 999, undefined, null, 0, "1", "2025-06-18", 1.0, 1.5, 70000, -1, {}]) {
    const wire = rig.wire();
    const { result } = await wire.request("initialize", { protocolVersion, clientCapabilities: {} });
    assert.strictEqual(result?.protocolVersion, 1, JSON.stringify(protocolVersion));
    await wire.quit();
  }
});

scenario("24: malformed capabilities are no capabilities", {}, async (rig) => {
  const odd = [undefined, null, [], "all", { fs: null }, { fs: true }, { fs: { readTextFile: "yes" } },
    { terminal: "yes", session: [], auth: 1, elicitation: {}, unknown: { a: [] } }];
  for (const clientCapabilities of odd) {
    const wire = rig.wire();
    const { result } = await wire.request("initialize", { protocolVersion: 1, clientCapabilities });
    assert.equal(result?.protocolVersion, 1, JSON.stringify(clientCapabilities));
    const fresh = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [] });
    assert.ok(fresh.result?.sessionId);
    await wire.quit();
  }
});

scenario("25, 26, 27: what initialize tells", {}, async (rig) => {
  const { initialized: told } = await rig.editor();
  const { agentCapabilities: can } = told;
  assert.equal(can.loadSession, true);
  for (const name of ["list", "resume", "close", "delete", "additionalDirectories"]) {
    assert.deepEqual(can.sessionCapabilities[name], {}, name);
  }
  assert.equal(told.agentInfo.name, "thole");
  assert.ok(told.agentInfo.version);
  assert.deepEqual(told.authMethods, []);
});

scenario("27, 30: authenticate with an unknown method is -32602; a second initialize is answered", {}, async (rig) => {
  const wire = await initialized(rig);
  assert.ok([-32602, -32601].includes(code(await wire.request("authenticate", { methodId: "magic" }))));
  assert.equal((await wire.request("initialize", { protocolVersion: 1 })).result.protocolVersion, 1);
});

scenario("29: without a key the prompt or the session says which variable to set", {}, async (rig) => {
  for (const name of Object.keys(rig.env)) if (/_API_KEY$|_BASE_URL$/.test(name)) delete rig.env[name];
  const wire = await initialized(rig);
  const fresh = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [] });
  const refused = fresh.error
    ? fresh
    : await wire.request("session/prompt", { sessionId: fresh.result.sessionId, prompt: text("Hi") });
  assert.equal(code(refused), -32000);
  assert.match(refused.error.message, /ANTHROPIC_API_KEY/);
});

scenario("34: the commands come after the answer to session/new", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  await wire.update("available_commands_update");
  const answer = wire.fromAgent.findIndex((m) => m.result?.sessionId === sessionId);
  const update = wire.fromAgent.findIndex((m) => m.params?.sessionId === sessionId);
  assert.ok(answer < update, `${answer} < ${update}`);
});

scenario("35: a cwd that is no absolute path is -32602; one that is not there does no harm", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const cwd of ["relative/path", "", "~", "~/x", ".", undefined, null, 7]) {
    const answer = await wire.request("session/new", { cwd, mcpServers: [] });
    assert.equal(code(answer), -32602, JSON.stringify(cwd));
  }
  const missing = await wire.request("session/new", { cwd: `${rig.workspace.root}/gone`, mcpServers: [] });
  assert.ok(missing.result || missing.error.message);
  assert.ok((await wire.request("session/list", {})).result);
});

scenario("36: mcpServers in every form that clients send are accepted", {}, async (rig) => {
  const wire = await initialized(rig);
  const server = { name: "s", command: "/bin/false" };
  const forms = [undefined, null, {}, [], [{ ...server, type: "stdio" }], [server],
    [{ ...server, args: null, env: null }], [{ ...server, args: {}, env: { A: "b" } }],
    [{ type: "http", name: "h", url: "http://127.0.0.1:9/" }], [{ type: "carrier-pigeon", name: "p" }]];
  for (const mcpServers of forms) {
    const { result } = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers });
    assert.ok(result?.sessionId, JSON.stringify(mcpServers));
  }
});

scenario("37: session ids are plain and differ between processes", {}, async (rig) => {
  const ids = [];
  for (let i = 0; i < 3; ++i) ids.push((await rig.rawSession()).sessionId);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]+$/);
  assert.equal(new Set(ids).size, 3);
});

scenario("38: two sessions of one connection share neither folder nor mode", {}, async (rig) => {
  const editor = await rig.editor({ permission: choose("allow_once") });
  const top = await editor.newSession(rig.workspace.root);
  const below = await editor.newSession(rig.workspace.path("src"));
  await top.setMode("accept-edits");
  rig.model.script(
    calls(call("write_file", { path: "here.txt", content: "below" })), say("Done."),
    calls(call("write_file", { path: "here.txt", content: "top" })), say("Done."),
  );
  await below.prompt("Write");
  assert.equal(editor.permissions.length, 1);
  await top.prompt("Write");
  assert.equal(editor.permissions.length, 1);
  assert.deepEqual([rig.workspace.read("src/here.txt"), rig.workspace.read("here.txt")], ["below", "top"]);
});

scenario("43, 60: an unknown session is -32002 for load, resume and prompt", {}, async (rig) => {
  const wire = await initialized(rig);
  for (const sessionId of ["20200101-0000-none", "../../etc/passwd", ""]) {
    const params = { sessionId, cwd: rig.workspace.root, mcpServers: [], prompt: text("Hi") };
    for (const method of ["session/load", "session/resume", "session/prompt"]) {
      const answer = await wire.request(method, params);
      const bad = sessionId === "20200101-0000-none" ? [-32002] : [-32002, -32602];
      assert.ok(bad.includes(code(answer)), `${method} ${sessionId}: ${JSON.stringify(answer)}`);
      if (code(answer) === -32002) assert.equal(answer.error.data.sessionId, sessionId);
    }
  }
  assert.deepEqual(rig.model.requests, []);
});

scenario("47: pages hold every session once; a foreign or garbage cursor is -32602", {}, async (rig) => {
  const editor = await rig.editor();
  const made = [];
  for (let i = 0; i < 6; ++i) {
    rig.model.script(say("Yes."));
    const session = await editor.newSession(rig.workspace.root);
    await session.prompt(`Prompt ${i}`);
    made.unshift(session.id);
  }
  const seen = [];
  let page = {};
  do {
    page = await editor.listSessions({ cwd: rig.workspace.root, cursor: page.nextCursor });
    seen.push(...page.sessions.map((s) => s.sessionId));
  } while (page.nextCursor !== undefined);
  assert.deepEqual(seen, made);
  assert.equal("nextCursor" in page, false);
  await assert.rejects(editor.listSessions({ cursor: "garbage" }), { code: -32602 });
});

scenario("49: list makes and touches nothing", {}, async (rig) => {
  const wire = await initialized(rig);
  await wire.request("session/list", { cwd: rig.workspace.root });
  assert.equal(rig.workspace.has(".thole"), false);
});

scenario("51: close of a closed or unknown session is success or -32002", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  for (const id of [sessionId, sessionId, "20200101-0000-none"]) {
    const answer = await wire.request("session/close", { sessionId: id });
    assert.ok(answer.result || code(answer) === -32002, JSON.stringify(answer));
  }
  assert.deepEqual((await wire.request("session/delete", { sessionId: "20200101-0000-none" })).result, {});
});

scenario("53: additional directories are roots; relative ones are -32602", {}, async (rig) => {
  const beside = rig.workspace.outside("keel.txt");
  const dir = beside.slice(0, beside.lastIndexOf("/"));
  rig.model.script(calls(call("write_file", { path: beside, content: "oak" })), say("Done."));
  const session = await rig.session({ params: { additionalDirectories: [dir] } });
  await session.setMode("accept-edits");
  await session.prompt("Write");
  assert.deepEqual(session.calls().map((c) => c.status), ["completed"]);
  const relative = session.editor.newSession(rig.workspace.root, { additionalDirectories: ["x"] });
  await assert.rejects(relative, { code: -32602 });
});

scenario("54: a title is told once, after the first turn", {}, async (rig) => {
  rig.model.script(say("One."), say("Two."));
  const session = await rig.session();
  await session.prompt("Mend the oar");
  await session.editor.wire.update("session_info_update", (u) => u.title);
  await session.prompt("And the other");
  await session.editor.listSessions();
  const titles = session.updates("session_info_update").map((u) => u.title).filter(Boolean);
  assert.deepEqual(titles, [...new Set(titles)], "at most once per change");
});

scenario("60: bad prompts are -32602 and start no turn", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  const bad = [[], undefined, null, "Hi", {}, [{}], [{ type: "text" }], [{ type: "smell" }], [null], [7]];
  for (const prompt of bad) {
    const answer = await wire.request("session/prompt", { sessionId, prompt });
    assert.equal(code(answer), -32602, JSON.stringify(prompt));
  }
  assert.deepEqual(rig.model.requests, []);
});

scenario("63: prompts are queued and each is answered, in order", {}, async (rig) => {
  rig.model.script(say("First."), say("Second."), say("Third."));
  const { wire, sessionId } = await rig.rawSession();
  const ask = (n) => wire.request("session/prompt", { sessionId, prompt: text(`Ask ${n}`) }, 100 + n);
  const answers = await Promise.all([ask(1), ask(2), ask(3)]);
  assert.deepEqual(answers.map((m) => m.result.stopReason), Array(3).fill("end_turn"));
  assert.deepEqual(wire.fromAgent.map((m) => m.id).filter((id) => id > 100), [101, 102, 103]);
  assert.match(JSON.stringify(rig.model.lastRequest.messages), /Ask 1.*First.*Ask 2.*Second.*Ask 3/s);
});

scenarios("83: a client that keeps only the last update has the whole output", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "for i in 1 2 3 4 5; do echo line $i; done" })), say("Ran."));
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Run");
  const last = session.updates("tool_call_update").filter((u) => u.content).at(-1);
  const shown = last.content.map((c) => c.content?.text ?? "").join("");
  assert.match(shown, /line 1.*line 2.*line 3.*line 4.*line 5/s);
});

scenario("20: a tool's huge output is cut with a marker", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "head -c 12000000 /dev/zero | tr '\\0' x; echo END" })), say("Ran."));
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  assert.ok(rig.model.toolResults[0].length < 1_000_000, `${rig.model.toolResults[0].length}`);
  assert.match(rig.model.toolResults[0], /END/, "the tail is kept");
  assert.match(rig.model.toolResults[0], /truncated|omitted|left out|cut/i);
});

scenario("95, 96: bad modes, options and types on the wire are -32602", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  for (const modeId of ["", "nope", null, undefined, 7]) {
    assert.equal(code(await wire.request("session/set_mode", { sessionId, modeId })), -32602, String(modeId));
  }
  const option = (configId, value, rest = {}) =>
    wire.request("session/set_config_option", { sessionId, configId, value, ...rest });
  assert.equal(code(await option("mode", true)), -32602);
  assert.equal(code(await option("mode", true, { type: "boolean" })), -32602, "98");
  assert.equal(code(await option("mode", 7)), -32602);
  assert.equal(code(await option(undefined, "plan")), -32602);
  assert.ok((await option("mode", "plan", { type: "select" })).result, "an unknown type with a string");
  const unknown = { sessionId: "20200101-0000-none", modeId: "plan" };
  assert.equal(code(await wire.request("session/set_mode", unknown)), -32002);
});

scenario("99: every plan entry has content, priority and status; a dropped task is gone", {}, async (rig) => {
  rig.model.script(
    calls(call("update_tasks", { tasks: [
      { id: "1", content: "One", status: "pending", priority: "medium" },
      { id: "2", content: "Two", status: "cancelled", priority: "low" },
      { id: "3", content: "Three", status: "pending", priority: "high" },
    ] })),
    calls(call("update_tasks", { changes: [{ op: "drop", id: "3", reason: "not needed" }] })),
    say("Done."),
  );
  const session = await rig.session();
  await session.prompt("Plan");
  const contents = session.updates("plan").at(-1).entries.filter((e) => e.status !== "completed");
  assert.deepEqual(contents.map((e) => e.content), ["One"]);
});

scenario("104: _meta on any message does no harm", {}, async (rig) => {
  rig.model.script(sayThenCall("I write.", call("write_file", { path: "m.txt", content: "m" })), say("Done."));
  const wire = rig.wire();
  const _meta = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x.y": { z: [1] } };
  await wire.request("initialize", { protocolVersion: 1, clientCapabilities: { _meta }, _meta });
  const fresh = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [], _meta });
  const { sessionId } = fresh.result;
  const prompt = [{ type: "text", text: "Write", _meta, annotations: { priority: 1 } }];
  const turn = wire.request("session/prompt", { sessionId, prompt, _meta });
  const asked = await wire.until((m) => m.method === "session/request_permission");
  wire.answer(asked.id, { ...choose("allow_once")(), _meta });
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  wire.notify("session/cancel", { sessionId, _meta });
});

scenario("106: nothing of v2 is spoken to a client that asks for it", {}, async (rig) => {
  const wire = rig.wire();
  const { result } = await wire.request("initialize", { protocolVersion: 2, info: { name: "x", version: "1" }, capabilities: {} });
  assert.equal(result.protocolVersion, 1);
});

scenario("107: a client that answers nothing but permissions gets its turn ended", {}, async (rig) => {
  rig.model.script(
    calls(call("read_file", { path: "notes.txt" }), call("write_file", { path: "w.txt", content: "w" })),
    calls(call("bash", { command: "echo ran" })),
    say("Done."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Do all")).stopReason, "end_turn");
  assert.deepEqual(session.calls().map((c) => c.status), Array(3).fill("completed"));
});
