// The SDK of 2025 (0.4.5, still in use) as a client: it drops whatever its strict schemas refuse.
// The same schemas judge the traffic of every other scenario, see rig/schema.mjs.
import { assert, call, calls, choose, say, sayThenCall, scenarios, think } from "./rig.mjs";
import { OldEditor } from "./rig/old_editor.mjs";

async function connect(rig, optionId) {
  const editor = new OldEditor(rig.wire(), choose(optionId));
  await editor.initialize({ fs: { readTextFile: true, writeTextFile: true } });
  const { connection } = editor;
  const { sessionId } = await connection.newSession({ cwd: rig.workspace.root, mcpServers: [] });
  const prompt = (text) => connection.prompt({ sessionId, prompt: [{ type: "text", text }] });
  return { editor, connection, sessionId, prompt };
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
  const { editor, connection, sessionId, prompt } = await connect(rig, "allow_once");
  editor.files.set(rig.workspace.path("notes.txt"), "unsaved\n");
  assert.equal((await prompt("Look")).stopReason, "end_turn");
  assert.equal((await prompt("Edit")).stopReason, "end_turn");
  assert.equal(editor.files.get(rig.workspace.path("notes.txt")), "edited\n");
  const kinds = new Set(editor.updates.map((u) => u.sessionUpdate));
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
  const { editor, connection, sessionId, prompt } = await connect(rig, "reject_once");
  assert.equal((await prompt("Run")).stopReason, "end_turn");
  assert.equal(editor.updates.filter((u) => u.status === "failed").length, 1);
  await connection.cancel({ sessionId });
});
