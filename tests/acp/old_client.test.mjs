// The SDK of 2025 (0.4.5, still in use) as a client: it drops whatever its strict schemas refuse.
// The same schemas judge the traffic of every other scenario, see rig/schema.mjs.
import { oldAcp } from "../node/peers.mjs";
import { assert, call, calls, say, sayThenCall, scenarios, think } from "./rig.mjs";

class Client {
  updates = [];
  files = new Map();

  constructor(optionId) {
    this.optionId = optionId;
  }

  async sessionUpdate({ update }) {
    this.updates.push(update);
  }

  async requestPermission() {
    return { outcome: { outcome: "selected", optionId: this.optionId } };
  }

  async readTextFile({ path }) {
    return { content: this.files.get(path) };
  }

  async writeTextFile({ path, content }) {
    this.files.set(path, content);
    return {};
  }
}

async function connect(rig, client) {
  const wire = rig.wire();
  const lines = new ReadableStream({
    start: (controller) => {
      wire.child.stdout.on("data", (data) => controller.enqueue(new Uint8Array(data)));
      wire.child.stdout.once("end", () => controller.close());
    },
  });
  const out = new WritableStream({ write: (bytes) => wire.send(Buffer.from(bytes)) });
  const connection = new oldAcp.ClientSideConnection(() => client, oldAcp.ndJsonStream(out, lines));
  const fs = { readTextFile: true, writeTextFile: true };
  await connection.initialize({ protocolVersion: 1, clientCapabilities: { fs } });
  const { sessionId } = await connection.newSession({ cwd: rig.workspace.root, mcpServers: [] });
  const prompt = (text) => connection.prompt({ sessionId, prompt: [{ type: "text", text }] });
  return { connection, sessionId, prompt };
}

scenarios("the old SDK's client follows a full turn", {}, async (rig) => {
  rig.model.script(
    think("I look first.", "Looking."),
    sayThenCall("I read.", call("read_file", { path: "notes.txt" })),
    calls(
      call("update_tasks", {
        tasks: [{ id: "1", content: "Edit", status: "in_progress", priority: "high" }],
      }),
    ),
    calls(call("edit_file", { path: "notes.txt", old_string: "unsaved", new_string: "edited" })),
    say("Edited."),
  );
  const client = new Client("allow_once");
  client.files.set(rig.workspace.path("notes.txt"), "unsaved\n");
  const { connection, sessionId, prompt } = await connect(rig, client);
  assert.equal((await prompt("Look")).stopReason, "end_turn");
  assert.equal((await prompt("Edit")).stopReason, "end_turn");
  assert.equal(client.files.get(rig.workspace.path("notes.txt")), "edited\n");
  const kinds = new Set(client.updates.map((u) => u.sessionUpdate));
  for (const kind of [
    "agent_message_chunk",
    "agent_thought_chunk",
    "tool_call",
    "tool_call_update",
    "plan",
    "available_commands_update",
  ])
    assert.ok(kinds.has(kind), kind);
  await connection.setSessionMode({ sessionId, modeId: "plan" });
});

scenarios("the old SDK's client rejects and cancels", {}, async (rig) => {
  rig.model.script(calls(call("bash", { command: "echo hello" })), say("Then not."));
  const client = new Client("reject_once");
  const { connection, sessionId, prompt } = await connect(rig, client);
  assert.equal((await prompt("Run")).stopReason, "end_turn");
  assert.equal(client.updates.filter((u) => u.status === "failed").length, 1);
  await connection.cancel({ sessionId });
});
