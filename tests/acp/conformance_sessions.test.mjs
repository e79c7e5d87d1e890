// The numbered conformance checklist, second part: sessions, turns, tools, modes, on the raw wire.
import {
  assert,
  call,
  calls,
  choose,
  say,
  sayThenCall,
  scenario,
  scenarios,
  text,
} from "./rig.mjs";

const code = (message) => message.error?.code;

scenario("34: the commands come after the answer to session/new", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  await wire.update("available_commands_update");
  const answer = wire.fromAgent.findIndex((m) => m.result?.sessionId === sessionId);
  const update = wire.fromAgent.findIndex((m) => m.params?.sessionId === sessionId);
  assert.ok(answer < update, `${answer} < ${update}`);
});

scenario(
  "35: a cwd that is no absolute path is -32602; one that is not there does no harm",
  {},
  async (rig) => {
    const wire = await rig.rawAgent();
    for (const cwd of ["relative/path", "", "~", "~/x", ".", undefined, null, 7]) {
      const answer = await wire.request("session/new", { cwd, mcpServers: [] });
      assert.equal(code(answer), -32602, JSON.stringify(cwd));
    }
    const missing = await wire.request("session/new", {
      cwd: `${rig.workspace.root}/gone`,
      mcpServers: [],
    });
    assert.ok(missing.result || missing.error.message);
    assert.ok((await wire.request("session/list", {})).result);
  },
);

scenario("36: mcpServers in every form that clients send are accepted", {}, async (rig) => {
  const wire = await rig.rawAgent();
  const server = { name: "s", command: "/bin/false" };
  const forms = [
    undefined,
    null,
    {},
    [],
    [{ ...server, type: "stdio" }],
    [server],
    [{ ...server, args: null, env: null }],
    [{ ...server, args: {}, env: { A: "b" } }],
    [{ type: "http", name: "h", url: "http://127.0.0.1:9/" }],
    [{ type: "carrier-pigeon", name: "p" }],
  ];
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
    calls(call("write_file", { path: "here.txt", content: "below" })),
    say("Done."),
    calls(call("write_file", { path: "here.txt", content: "top" })),
    say("Done."),
  );
  await below.prompt("Write");
  assert.equal(editor.permissions.length, 1);
  await top.prompt("Write");
  assert.equal(editor.permissions.length, 1);
  assert.deepEqual(
    [rig.workspace.read("src/here.txt"), rig.workspace.read("here.txt")],
    ["below", "top"],
  );
});

scenario("43, 60: an unknown session is -32002 for load, resume and prompt", {}, async (rig) => {
  const wire = await rig.rawAgent();
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

scenario(
  "47: pages hold every session once; a foreign or garbage cursor is -32602",
  {},
  async (rig) => {
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
  },
);

scenario("49: list makes and touches nothing", {}, async (rig) => {
  const wire = await rig.rawAgent();
  await wire.request("session/list", { cwd: rig.workspace.root });
  assert.equal(rig.workspace.has(".thole"), false);
});

scenario("51: close of a closed or unknown session is success or -32002", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  for (const id of [sessionId, sessionId, "20200101-0000-none"]) {
    const answer = await wire.request("session/close", { sessionId: id });
    assert.ok(answer.result || code(answer) === -32002, JSON.stringify(answer));
  }
  assert.deepEqual(
    (await wire.request("session/delete", { sessionId: "20200101-0000-none" })).result,
    {},
  );
});

scenario("53: additional directories are roots; relative ones are -32602", {}, async (rig) => {
  const beside = rig.workspace.outside("keel.txt");
  const dir = beside.slice(0, beside.lastIndexOf("/"));
  rig.model.script(calls(call("write_file", { path: beside, content: "oak" })), say("Done."));
  const session = await rig.session({ params: { additionalDirectories: [dir] } });
  await session.setMode("accept-edits");
  await session.prompt("Write");
  assert.deepEqual(
    session.calls().map((c) => c.status),
    ["completed"],
  );
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
  const titles = session
    .updates("session_info_update")
    .map((u) => u.title)
    .filter(Boolean);
  assert.deepEqual(titles, [...new Set(titles)], "at most once per change");
});

scenario("60: bad prompts are -32602 and start no turn", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  const bad = [
    [],
    undefined,
    null,
    "Hi",
    {},
    [{}],
    [{ type: "text" }],
    [{ type: "smell" }],
    [null],
    [7],
  ];
  for (const prompt of bad) {
    const answer = await wire.request("session/prompt", { sessionId, prompt });
    assert.equal(code(answer), -32602, JSON.stringify(prompt));
  }
  assert.deepEqual(rig.model.requests, []);
});

scenario("63: prompts are queued and each is answered, in order", {}, async (rig) => {
  rig.model.script(say("First."), say("Second."), say("Third."));
  const { wire, sessionId } = await rig.rawSession();
  const ask = (n) =>
    wire.request("session/prompt", { sessionId, prompt: text(`Ask ${n}`) }, 100 + n);
  const answers = await Promise.all([ask(1), ask(2), ask(3)]);
  assert.deepEqual(
    answers.map((m) => m.result.stopReason),
    Array(3).fill("end_turn"),
  );
  assert.deepEqual(
    wire.fromAgent.map((m) => m.id).filter((id) => id > 100),
    [101, 102, 103],
  );
  assert.match(
    JSON.stringify(rig.model.lastRequest.messages),
    /Ask 1.*First.*Ask 2.*Second.*Ask 3/s,
  );
});

scenarios("83: a client that keeps only the last update has the whole output", {}, async (rig) => {
  rig.model.script(
    calls(call("bash", { command: "for i in 1 2 3 4 5; do echo line $i; done" })),
    say("Ran."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Run");
  const last = session
    .updates("tool_call_update")
    .filter((u) => u.content)
    .at(-1);
  const shown = last.content.map((c) => c.content?.text ?? "").join("");
  assert.match(shown, /line 1.*line 2.*line 3.*line 4.*line 5/s);
});

scenario("20: a tool's huge output is cut with a marker", {}, async (rig) => {
  rig.model.script(
    calls(call("bash", { command: "head -c 12000000 /dev/zero | tr '\\0' x; echo END" })),
    say("Ran."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Run")).stopReason, "end_turn");
  assert.ok(rig.model.toolResults[0].length < 1_000_000, `${rig.model.toolResults[0].length}`);
  assert.match(rig.model.toolResults[0], /END/, "the tail is kept");
  assert.match(rig.model.toolResults[0], /truncated|omitted|left out|cut/i);
});

scenario("95, 96: bad modes, options and types on the wire are -32602", {}, async (rig) => {
  const { wire, sessionId } = await rig.rawSession();
  for (const modeId of ["", "nope", null, undefined, 7]) {
    assert.equal(
      code(await wire.request("session/set_mode", { sessionId, modeId })),
      -32602,
      String(modeId),
    );
  }
  const option = (configId, value, rest = {}) =>
    wire.request("session/set_config_option", { sessionId, configId, value, ...rest });
  assert.equal(code(await option("mode", true)), -32602);
  assert.equal(code(await option("mode", true, { type: "boolean" })), -32602, "98");
  assert.equal(code(await option("mode", 7)), -32602);
  assert.equal(code(await option(undefined, "plan")), -32602);
  assert.ok(
    (await option("mode", "plan", { type: "select" })).result,
    "an unknown type with a string",
  );
  const unknown = { sessionId: "20200101-0000-none", modeId: "plan" };
  assert.equal(code(await wire.request("session/set_mode", unknown)), -32002);
});

scenario(
  "99: every plan entry has content, priority and status; a dropped task is gone",
  {},
  async (rig) => {
    rig.model.script(
      calls(
        call("update_tasks", {
          tasks: [
            { id: "1", content: "One", status: "pending", priority: "medium" },
            { id: "2", content: "Two", status: "cancelled", priority: "low" },
            { id: "3", content: "Three", status: "pending", priority: "high" },
          ],
        }),
      ),
      calls(call("update_tasks", { changes: [{ op: "drop", id: "3", reason: "not needed" }] })),
      say("Done."),
    );
    const session = await rig.session();
    await session.prompt("Plan");
    const contents = session
      .updates("plan")
      .at(-1)
      .entries.filter((e) => e.status !== "completed");
    assert.deepEqual(
      contents.map((e) => e.content),
      ["One"],
    );
  },
);

scenario("104: _meta on any message does no harm", {}, async (rig) => {
  rig.model.script(
    sayThenCall("I write.", call("write_file", { path: "m.txt", content: "m" })),
    say("Done."),
  );
  const wire = rig.wire();
  const _meta = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "x.y": { z: [1] },
  };
  await wire.request("initialize", { protocolVersion: 1, clientCapabilities: { _meta }, _meta });
  const fresh = await wire.request("session/new", {
    cwd: rig.workspace.root,
    mcpServers: [],
    _meta,
  });
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
  const { result } = await wire.request("initialize", {
    protocolVersion: 2,
    info: { name: "x", version: "1" },
    capabilities: {},
  });
  assert.equal(result.protocolVersion, 1);
});

scenario(
  "107: a client that answers nothing but permissions gets its turn ended",
  {},
  async (rig) => {
    rig.model.script(
      calls(
        call("read_file", { path: "notes.txt" }),
        call("write_file", { path: "w.txt", content: "w" }),
      ),
      calls(call("bash", { command: "echo ran" })),
      say("Done."),
    );
    const session = await rig.session({ permission: choose("allow_once") });
    assert.equal((await session.prompt("Do all")).stopReason, "end_turn");
    assert.deepEqual(
      session.calls().map((c) => c.status),
      Array(3).fill("completed"),
    );
  },
);
