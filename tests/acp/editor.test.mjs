// The editor's side: its files, modes and options, slash commands, images and mentions.
import { assert, call, calls, choose, say, scenario, scenarios, withFiles } from "./rig.mjs";

const unsaved = (rig, name, text) => ({
  capabilities: withFiles,
  permission: choose("allow_once"),
  buffers: new Map([[rig.workspace.path(name), text]]),
});

scenarios("93: a read sees the editor's unsaved text", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: "notes.txt" })), say("Seen."));
  const session = await rig.session(unsaved(rig, "notes.txt", "unsaved words\n"));
  await session.prompt("Read");
  assert.match(rig.model.toolResults[0], /unsaved words/);
  assert.doesNotMatch(rig.model.toolResults[0], /first line/);
});

scenarios(
  "93: an edit goes from the editor's text to the editor, not to the disk",
  {},
  async (rig) => {
    rig.model.script(
      calls(call("edit_file", { path: "notes.txt", old_string: "unsaved", new_string: "edited" })),
      say("Edited."),
    );
    const session = await rig.session(unsaved(rig, "notes.txt", "unsaved words\n"));
    await session.prompt("Edit");
    const { buffers, fileRequests } = session.editor;
    assert.equal(buffers.get(rig.workspace.path("notes.txt")), "edited words\n");
    assert.ok(fileRequests.some((r) => r.method === "write"));
    assert.match(rig.workspace.read("notes.txt"), /^first line/);
    const diff = session.calls()[0].content.find((c) => c.type === "diff");
    assert.deepEqual([diff.oldText, diff.newText], ["unsaved words\n", "edited words\n"]);
  },
);

scenario("93: a read that the editor refuses falls back to the disk", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: "notes.txt" })), say("Read."));
  const session = await rig.session({ capabilities: withFiles });
  await session.prompt("Read");
  assert.deepEqual(
    session.editor.fileRequests.map((r) => r.method),
    ["read"],
  );
  assert.match(rig.model.toolResults[0], /first line/);
  assert.equal(session.calls()[0].status, "completed");
});

scenario("93: a write that the editor refuses fails the tool", {}, async (rig) => {
  rig.model.script(
    calls(call("write_file", { path: "new.txt", content: "x" })),
    say("Not written."),
  );
  const { wire, sessionId } = await rig.rawSession({ clientCapabilities: withFiles });
  const turn = wire.request("session/prompt", {
    sessionId,
    prompt: [{ type: "text", text: "Write" }],
  });
  const asked = await wire.until((m) => m.method === "session/request_permission");
  wire.answer(asked.id, choose("allow_once")());
  const write = await wire.until((m) => m.method === "fs/write_text_file");
  assert.deepEqual(write.params, { sessionId, path: rig.workspace.path("new.txt"), content: "x" });
  wire.refuse(write.id, -32603, "buffer is read-only");
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.match(rig.model.toolResults[0], /read-only|could not|cannot|failed/i);
  assert.equal(rig.workspace.has("new.txt"), false);
});

scenario("94: an empty answer for a file that is not on the disk is not found", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: "ghost.txt" })), say("None."));
  const session = await rig.session(unsaved(rig, "ghost.txt", ""));
  await session.prompt("Read");
  assert.equal(session.calls()[0].status, "failed");
});

scenario("93: without the capability nobody is asked for files", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: "notes.txt" })), say("Read."));
  const session = await rig.session();
  await session.prompt("Read");
  assert.deepEqual(session.editor.fileRequests, []);
  assert.match(rig.model.toolResults[0], /first line/);
});

scenario("39: modes and options of a new session say the same", {}, async (rig) => {
  const session = await rig.session();
  const modes = ["default", "accept-edits", "plan", "dont-ask", "bypass-permissions"];
  assert.deepEqual(
    session.modes.availableModes.map((m) => m.id),
    modes,
  );
  assert.equal(session.modes.currentModeId, "default");
  const option = (id) => session.configOptions.find((o) => o.id === id);
  assert.deepEqual(
    option("mode").options.map((o) => o.value),
    modes,
  );
  assert.equal(option("mode").currentValue, "default");
  assert.equal(option("mode").category, "mode");
  assert.equal(option("model").category, "model");
  assert.equal(option("model").currentValue, "anthropic/claude-sonnet-4-5");
  assert.equal(option("thought_level").category, "thought_level");
  for (const { currentValue, options } of session.configOptions) {
    assert.ok(
      options.some((o) => o.value === currentValue),
      `${currentValue} is among its options`,
    );
  }
});

scenario("95: set_mode tells both families; an unknown mode changes nothing", {}, async (rig) => {
  const session = await rig.session();
  await session.setMode("plan");
  const { wire } = session.editor;
  const options = await wire.update("config_option_update");
  assert.equal(options.configOptions.find((o) => o.id === "mode").currentValue, "plan");
  assert.equal((await wire.update("current_mode_update")).currentModeId, "plan");
  await assert.rejects(session.setMode("full-steam"), { code: -32602 });
  const again = await session.setOption("mode", "plan");
  assert.equal(again.configOptions.find((o) => o.id === "mode").currentValue, "plan");
});

scenario(
  "96: set_config_option answers with all options; bad ones change nothing",
  {},
  async (rig) => {
    const session = await rig.session();
    const { configOptions } = await session.setOption("mode", "accept-edits");
    assert.deepEqual(
      configOptions.map((o) => o.id),
      session.configOptions.map((o) => o.id),
    );
    assert.equal(configOptions.find((o) => o.id === "mode").currentValue, "accept-edits");
    const told = await session.editor.wire.update("current_mode_update");
    assert.equal(told.currentModeId, "accept-edits");
    await assert.rejects(session.setOption("colour", "red"), { code: -32602 });
    await assert.rejects(session.setOption("mode", "full-steam"), { code: -32602 });
    await assert.rejects(session.setOption("model", "nobody/nothing"), { code: -32602 });
  },
);

scenarios("a model that is chosen is asked from the next request on", {}, async (rig) => {
  rig.model.script(say("Hello."));
  const session = await rig.session();
  const { currentValue, options } = session.configOptions.find((o) => o.id === "model");
  const provider = currentValue.split("/")[0];
  const other = options
    .map((o) => o.value)
    .find((v) => v.startsWith(`${provider}/`) && v !== currentValue);
  const { configOptions } = await session.setOption("model", other);
  assert.equal(configOptions.find((o) => o.id === "model").currentValue, other);
  await session.prompt("Hello");
  assert.equal(rig.model.lastRequest.model, other.slice(provider.length + 1));
});

scenarios("a thought level that is chosen stays chosen", {}, async (rig) => {
  rig.model.script(say("Hello."));
  const session = await rig.session();
  const level = session.configOptions.find((o) => o.id === "thought_level");
  const other = level.options.map((o) => o.value).find((v) => v !== level.currentValue);
  const { configOptions } = await session.setOption("thought_level", other);
  assert.equal(configOptions.find((o) => o.id === "thought_level").currentValue, other);
  assert.equal((await session.prompt("Hello")).stopReason, "end_turn");
});

scenario(
  "64: set_mode, set_config_option and prompt in one burst are applied in order",
  {},
  async (rig) => {
    rig.model.script(calls(call("write_file", { path: "burst.txt", content: "x" })), say("Done."));
    const { wire, sessionId } = await rig.rawSession();
    const message = (id, method, params) =>
      JSON.stringify({ jsonrpc: "2.0", id, method, params: { sessionId, ...params } });
    const from = wire.records.length;
    wire.send(
      [
        message(101, "session/set_mode", { modeId: "plan" }),
        message(102, "session/set_config_option", { configId: "mode", value: "accept-edits" }),
        message(103, "session/prompt", { prompt: [{ type: "text", text: "Write" }] }),
        "",
      ].join("\n"),
    );
    await wire.response(103);
    const answers = wire.records.slice(from).filter((r) => r.from === "agent" && r.message.id);
    assert.deepEqual(
      answers.map((r) => r.message.id),
      [101, 102, 103],
    );
    assert.equal(rig.workspace.read("burst.txt"), "x", "written unasked, in accept-edits");
  },
);

scenario("101: each command that is offered runs and asks no model", {}, async (rig) => {
  const session = await rig.session();
  const { availableCommands } = await session.editor.wire.update("available_commands_update");
  const names = availableCommands.map((c) => c.name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9:_-]*$/);
  for (const name of ["help", "tasks", "sessions"]) assert.ok(names.includes(name), name);
  for (const name of ["help", "tasks", "sessions"]) {
    const before = session.text().length;
    assert.equal((await session.prompt(`/${name}`)).stopReason, "end_turn");
    assert.ok(session.text().length > before, `/${name} says something`);
  }
  assert.deepEqual(rig.model.requests, []);
});

scenario("/help names the commands, /tasks the tasks, /sessions the sessions", {}, async (rig) => {
  rig.model.script(
    calls(
      call("update_tasks", {
        tasks: [{ id: "1", content: "Caulk the hull", status: "pending", priority: "low" }],
      }),
    ),
    say("Noted."),
  );
  const session = await rig.session();
  await session.prompt("Caulk the hull, please");
  const said = async (command) => {
    const before = session.text().length;
    await session.prompt(command);
    return session.text().slice(before);
  };
  assert.match(await said("/help"), /\/tasks/);
  assert.match(await said("/tasks"), /Caulk the hull/);
  assert.ok((await said("/sessions")).includes(session.id));
});

scenario(
  "59: a command is found behind a resource, an unknown one goes to the model",
  {},
  async (rig) => {
    rig.model.script(say("I do not know it."));
    const session = await rig.session();
    const link = {
      type: "resource_link",
      uri: `file://${rig.workspace.path("notes.txt")}`,
      name: "notes.txt",
    };
    await session.prompt([link, { type: "text", text: "/help" }]);
    assert.deepEqual(rig.model.requests, []);
    await session.prompt("/scuttle the boat");
    assert.match(JSON.stringify(rig.model.lastRequest.messages.at(-1)), /\/scuttle the boat/);
  },
);

scenarios("58: mentions, embedded files and images reach the model", {}, async (rig) => {
  rig.model.script(say("Seen."));
  const session = await rig.session();
  const { promptCapabilities } = session.editor.initialized.agentCapabilities;
  assert.ok(promptCapabilities.image && promptCapabilities.embeddedContext);
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const { stopReason } = await session.prompt([
    { type: "text", text: "Look at these" },
    { type: "resource_link", uri: `file://${rig.workspace.path("notes.txt")}`, name: "notes.txt" },
    {
      type: "resource",
      resource: {
        uri: "file:///elsewhere/log.txt",
        text: "the embedded log",
        mimeType: "text/plain",
      },
    },
    { type: "image", data: pixel, mimeType: "image/png" },
  ]);
  assert.equal(stopReason, "end_turn");
  const sent = JSON.stringify(rig.model.lastRequest.messages);
  assert.match(sent, /Look at these/);
  assert.ok(sent.includes(rig.workspace.path("notes.txt")));
  assert.match(sent, /the embedded log/);
});

scenario("58: audio is refused when it was not advertised, and no turn starts", {}, async (rig) => {
  const session = await rig.session();
  if (session.editor.initialized.agentCapabilities.promptCapabilities.audio) return;
  const audio = { type: "audio", data: "UklGRg==", mimeType: "audio/wav" };
  await assert.rejects(session.prompt([audio]), { code: -32602 });
  assert.deepEqual(rig.model.requests, []);
});
