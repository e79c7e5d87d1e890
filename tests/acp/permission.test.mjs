// Who may do what: answers to permission requests, and what they cover.
import {
  answerWithError,
  assert,
  call,
  calls,
  choose,
  dismiss,
  say,
  scenario,
  scenarios,
} from "./rig.mjs";

const edit = (from, to, path = "src/oar.c") =>
  calls(call("edit_file", { path, old_string: from, new_string: to }));

const shell = (command) => calls(call("bash", { command }));

scenarios("an edit that is allowed once is asked for, shown and done", {}, async (rig) => {
  rig.model.script(edit("28", "30"), say("Faster now."));
  const before = rig.workspace.read("src/oar.c");
  const session = await rig.session({ permission: choose("allow_once") });
  assert.equal((await session.prompt("Row faster")).stopReason, "end_turn");

  const after = rig.workspace.read("src/oar.c");
  assert.equal(after, before.replace("28", "30"));
  const [request] = session.editor.permissions;
  assert.deepEqual(
    request.options.map((o) => [o.optionId, o.kind]),
    [
      ["allow_once", "allow_once"],
      ["allow_always", "allow_always"],
      ["reject_once", "reject_once"],
    ],
  );
  const [call_] = session.calls();
  assert.equal(request.toolCall.toolCallId, call_.toolCallId);
  assert.equal(request.toolCall.status, "pending");
  assert.equal(request.toolCall.kind, "edit");
  assert.ok(request.toolCall.title);
  assert.deepEqual(request.toolCall.rawInput, call_.rawInput);
  const diff = request.toolCall.content.find((c) => c.type === "diff");
  assert.equal(diff.path, rig.workspace.path("src/oar.c"));
  assert.ok(diff.oldText.includes("28") && diff.newText.includes("30"));
  assert.deepEqual(call_.statuses, ["pending", "in_progress", "completed"]);
});

scenarios(
  "80: a new file is a diff without oldText, and newText is what is written",
  {},
  async (rig) => {
    rig.model.script(
      calls(call("write_file", { path: "keel.txt", content: "oak\n" })),
      say("Made."),
    );
    const session = await rig.session({ permission: choose("allow_once") });
    await session.prompt("Make a keel");
    const diff = session.calls()[0].content.find((c) => c.type === "diff");
    assert.deepEqual(diff, {
      type: "diff",
      path: rig.workspace.path("keel.txt"),
      newText: "oak\n",
    });
    assert.equal(rig.workspace.read("keel.txt"), "oak\n");
  },
);

scenarios("91: allow_always covers the same again, and nothing else", {}, async (rig) => {
  rig.model.script(
    shell("echo first"),
    shell("echo first"),
    shell("touch elsewhere.txt"),
    say("Done."),
  );
  const permission = ({ toolCall }) =>
    choose(toolCall.rawInput.command.startsWith("echo") ? "allow_always" : "reject_once")();
  const session = await rig.session({ permission });
  await session.prompt("Do it");
  const asked = session.editor.permissions.map((p) => p.toolCall.rawInput.command);
  assert.deepEqual(asked, ["echo first", "touch elsewhere.txt"]);
  const always = session.editor.permissions[0].options.find((o) => o.kind === "allow_always");
  assert.match(always.name, /echo/, "the option says what it covers");
  assert.equal(rig.workspace.has("elsewhere.txt"), false);
});

scenarios("91: allow_always for a file's edits is remembered after load", {}, async (rig) => {
  rig.model.script(
    edit("28", "29"),
    edit("29", "30"),
    say("Done."),
    edit("30", "31"),
    say("Again."),
  );
  const session = await rig.session({ permission: choose("allow_always") });
  await session.prompt("Row faster");
  assert.equal(session.editor.permissions.length, 1);
  await session.editor.wire.quit();

  const later = await rig.editor({ permission: choose("reject_once") });
  const loaded = await later.loadSession(session.id, rig.workspace.root);
  await loaded.prompt("And faster");
  assert.deepEqual(later.permissions, []);
  assert.match(rig.workspace.read("src/oar.c"), /minutes \* 31/);
});

const refusals = {
  reject_once: choose("reject_once"),
  "an unknown optionId": choose("nonsense"),
  "an unknown outcome": () => ({ outcome: { outcome: "shrugged" } }),
  "an error": answerWithError,
};

for (const [name, permission] of Object.entries(refusals)) {
  scenarios(`90, 91: ${name} denies the tool and the turn goes on`, {}, async (rig) => {
    rig.model.script(edit("28", "99"), edit("28", "98"), say("Then not."));
    const before = rig.workspace.read("src/oar.c");
    const session = await rig.session({ permission });
    assert.equal((await session.prompt("Row faster")).stopReason, "end_turn");
    assert.equal(rig.workspace.read("src/oar.c"), before);
    assert.deepEqual(
      session.calls().map((c) => c.status),
      ["failed", "failed"],
    );
    assert.equal(session.editor.permissions.length, 2, "the same tool may be asked for again");
    assert.match(rig.model.toolResults.at(-1), /reject|denied|refused|not allowed|declined/i);
    assert.equal(session.text(), "Then not.");
  });
}

scenarios("90: -32601 to the request denies the tool and the turn goes on", {}, async (rig) => {
  rig.model.script(edit("28", "99"), say("Then not."));
  const { wire, sessionId } = await rig.rawSession();
  const prompt = [{ type: "text", text: "Row faster" }];
  const turn = wire.request("session/prompt", { sessionId, prompt });
  const asked = await wire.until((m) => m.method === "session/request_permission");
  wire.refuse(asked.id, -32601, "Method not found");
  assert.deepEqual((await turn).result, { stopReason: "end_turn" });
  assert.match(rig.workspace.read("src/oar.c"), /28/);
});

scenarios("70: a dismissed request cancels the turn", {}, async (rig) => {
  rig.model.script(edit("28", "99"), say("never"));
  const session = await rig.session({ permission: dismiss });
  assert.equal((await session.prompt("Row faster")).stopReason, "cancelled");
  assert.match(rig.workspace.read("src/oar.c"), /28/);
  assert.equal(session.calls()[0].status, "failed");
});

scenarios("92: two edits of one reply are asked for one after the other", {}, async (rig) => {
  rig.model.script(
    calls(
      call("write_file", { path: "a.txt", content: "a" }),
      call("write_file", { path: "b.txt", content: "b" }),
    ),
    say("Both."),
  );
  const session = await rig.session({ permission: choose("allow_once") });
  await session.prompt("Write two");
  assert.equal(session.editor.permissions.length, 2);
  assert.equal(rig.workspace.read("a.txt") + rig.workspace.read("b.txt"), "ab");
});

scenarios(
  "accept-edits edits inside the roots unasked, and asks for the shell",
  {},
  async (rig) => {
    rig.model.script(edit("28", "30"), shell("touch ran.txt"), say("Done."));
    const session = await rig.session({ permission: choose("reject_once") });
    await session.setMode("accept-edits");
    await session.prompt("Row faster");
    assert.match(rig.workspace.read("src/oar.c"), /30/);
    assert.equal(rig.workspace.has("ran.txt"), false);
    assert.deepEqual(
      session.editor.permissions.map((p) => p.toolCall.kind),
      ["execute"],
    );
  },
);

scenarios("a file outside the roots is asked for, even to read", {}, async (rig) => {
  rig.model.script(calls(call("read_file", { path: rig.workspace.outside("secret") })), say("No."));
  const session = await rig.session({ permission: choose("reject_once") });
  await session.prompt("Read the secret");
  assert.equal(session.editor.permissions.length, 1);
});

scenarios("plan and dont-ask refuse edits without asking", {}, async (rig) => {
  rig.model.script(edit("28", "30"), say("No."), edit("28", "30"), say("No."));
  const session = await rig.session();
  for (const mode of ["plan", "dont-ask"]) {
    await session.setMode(mode);
    assert.equal((await session.prompt("Row faster")).stopReason, "end_turn");
  }
  assert.deepEqual(session.editor.permissions, []);
  assert.deepEqual(
    session.calls().map((c) => c.status),
    ["failed", "failed"],
  );
  assert.match(rig.workspace.read("src/oar.c"), /28/);
});

scenario("bypass-permissions runs the shell unasked", {}, async (rig) => {
  rig.model.script(shell("echo ran > ran.txt; echo said"), say("Done."));
  const session = await rig.session();
  await session.setMode("bypass-permissions");
  await session.prompt("Run it");
  assert.equal(rig.workspace.read("ran.txt"), "ran\n");
  assert.match(rig.model.toolResults[0], /said/);
  const [run] = session.calls();
  assert.equal(run.kind, "execute");
  assert.match(JSON.stringify(run.content), /said/, "85: shell output is text content");
});
