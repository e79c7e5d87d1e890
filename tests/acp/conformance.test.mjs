// The numbered conformance checklist, first part: transport and initialize, on the raw wire. Numbers
// that hold of all traffic (1, 18, 19, 20, 34, 41, 56, 57, 65, 66, 78, 79, 81, 82, 84, 87, 88, 89,
// 92, 103) are rules of rig/invariants.mjs and are checked in every scenario; the others are here, in
// conformance_sessions.test.mjs or, by their number, in the files about their subject.
import {
  assert,
  call,
  calls,
  choose,
  say,
  scenario,
  scenarios,
  text,
  neverAnswer,
} from "./rig.mjs";

const hello = { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1 } };
const code = (message) => message.error?.code;

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
  const command = 'echo \'{"jsonrpc":"2.0"}\'; cat; echo to-stderr >&2; echo ended';
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

scenario(
  "5: one message in many pieces, and many in one, are handled in order",
  {},
  async (rig) => {
    const wire = rig.wire();
    for (const byte of Buffer.from(`${JSON.stringify(hello)}\n`)) wire.send(Buffer.from([byte]));
    await wire.response(1);
    const list = (id) => JSON.stringify({ jsonrpc: "2.0", id, method: "session/list", params: {} });
    wire.send(`${[2, 3, 4, 5].map(list).join("\n")}\n`);
    await wire.response(5);
    assert.deepEqual(
      wire.fromAgent.map((m) => m.id),
      [1, 2, 3, 4, 5],
    );
  },
);

scenario("6: a prompt line of 20 MiB is accepted", { quiet: false }, async (rig) => {
  rig.model.script(say("Large."));
  const { wire, sessionId } = await rig.rawSession();
  const resource = {
    uri: "file:///large.txt",
    text: "oars and ".repeat((20 * 1024 * 1024) / 9),
    mimeType: "text/plain",
  };
  const prompt = [{ type: "resource", resource }, ...text("Look")];
  const answer = await wire.request("session/prompt", { sessionId, prompt });
  assert.ok(answer.result?.stopReason ?? answer.error.message, "the provider may find it too long");
  assert.ok((await wire.request("session/list", {})).result);
});

scenario(
  "6: a line over the hard limit is one error, and the connection survives",
  {},
  async (rig) => {
    const wire = await rig.rawAgent();
    const piece = Buffer.alloc(1024 * 1024, "x");
    wire.send('{"jsonrpc":"2.0","id":7,"method":"session/list","params":{"cursor":"');
    for (let i = 0; i < 80; ++i) wire.child.stdin.write(piece);
    wire.send('"}}\n');
    const refused = await wire.until((m) => m.id === null);
    assert.ok([-32600, -32700].includes(code(refused)), JSON.stringify(refused));
    assert.ok((await wire.request("session/list", {})).result);
    assert.equal(wire.fromAgent.filter((m) => m.error).length, 1);
  },
);

scenario("7: invalid JSON is -32700, and the next request works", {}, async (rig) => {
  const wire = await rig.rawAgent();
  for (const bad of ["{", '{"jsonrpc":"2.0",}', "nonsense", '{"a":1} trailing', '"\\ud800']) {
    const answers = await written(wire, () => wire.send(`${bad}\n`));
    assert.deepEqual(
      answers.map((m) => [m.id, code(m)]),
      [[null, -32700]],
      bad,
    );
  }
});

scenario("8: what is no request is -32600; a batch is refused whole", {}, async (rig) => {
  const wire = await rig.rawAgent();
  const batch = JSON.stringify(
    [1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "session/list" })),
  );
  for (const bad of ["[]", '"x"', "42", "{}", "null", "true", batch]) {
    const answers = await written(wire, () => wire.send(`${bad}\n`));
    assert.deepEqual(
      answers.map((m) => [m.id, code(m)]),
      [[null, -32600]],
      bad,
    );
  }
});

scenario("9: invalid UTF-8 in the input is -32700 and survived", {}, async (rig) => {
  const wire = await rig.rawAgent();
  const line = Buffer.from(
    '{"jsonrpc":"2.0","id":9,"method":"session/list","params":{"cursor":"?"}}\n',
  );
  line[line.indexOf("?")] = 0xff;
  const answers = await written(wire, () => wire.send(line));
  assert.deepEqual(
    answers.map((m) => [m.id, code(m)]),
    [[null, -32700]],
  );
});

scenarios(
  "9: invalid UTF-8 of a tool is U+FFFD in the output and to the model",
  {},
  async (rig) => {
    rig.model.script(calls(call("bash", { command: "printf 'a\\377b\\n'" })), say("Odd."));
    const session = await rig.session({ permission: choose("allow_once") });
    await session.prompt("Run");
    assert.match(JSON.stringify(session.calls()[0].content), /a\ufffdb/);
    assert.match(rig.model.toolResults[0], /a\ufffdb/);
  },
);

scenario("10: answers to nothing are ignored", {}, async (rig) => {
  const wire = await rig.rawAgent();
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
  const wire = await rig.rawAgent();
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
  const wire = await rig.rawAgent();
  for (const params of [undefined, null, [], {}]) {
    assert.ok((await wire.request("session/list", params)).result, JSON.stringify(params));
  }
});

scenario("14: an unknown request is -32601, an unknown notification silence", {}, async (rig) => {
  const wire = await rig.rawAgent();
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
  await rig.rawAgent();
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
  for (const protocolVersion of [
    1,
    2,
    999,
    undefined,
    null,
    0,
    "1",
    "2025-06-18",
    1.0,
    1.5,
    70000,
    -1,
    {},
  ]) {
    const wire = rig.wire();
    const { result } = await wire.request("initialize", {
      protocolVersion,
      clientCapabilities: {},
    });
    assert.strictEqual(result?.protocolVersion, 1, JSON.stringify(protocolVersion));
    await wire.quit();
  }
});

scenario("24: malformed capabilities are no capabilities", {}, async (rig) => {
  const odd = [
    undefined,
    null,
    [],
    "all",
    { fs: null },
    { fs: true },
    { fs: { readTextFile: "yes" } },
    { terminal: "yes", session: [], auth: 1, elicitation: {}, unknown: { a: [] } },
  ];
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

scenario(
  "27, 30: authenticate with an unknown method is -32602; a second initialize is answered",
  {},
  async (rig) => {
    const wire = await rig.rawAgent();
    assert.ok(
      [-32602, -32601].includes(code(await wire.request("authenticate", { methodId: "magic" }))),
    );
    assert.equal(
      (await wire.request("initialize", { protocolVersion: 1 })).result.protocolVersion,
      1,
    );
  },
);

scenario(
  "29: without a key the prompt or the session says which variable to set",
  {},
  async (rig) => {
    for (const name of Object.keys(rig.env))
      if (/_API_KEY$|_BASE_URL$/.test(name)) delete rig.env[name];
    const wire = await rig.rawAgent();
    const fresh = await wire.request("session/new", { cwd: rig.workspace.root, mcpServers: [] });
    const refused = fresh.error
      ? fresh
      : await wire.request("session/prompt", {
          sessionId: fresh.result.sessionId,
          prompt: text("Hi"),
        });
    assert.equal(code(refused), -32000);
    assert.match(refused.error.message, /ANTHROPIC_API_KEY/);
  },
);
