// Terminals of the client that only show what a process of ours prints: the convention of Zed,
// _meta.terminal_output.
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { bash } from "./rig/agents.mjs";
import { lends, terminalMethods, textOf, withTerminals } from "./rig/terminals.mjs";

const shows = (options = {}) => ({
  capabilities: { _meta: { terminal_output: true } },
  permission: choose("allow_once"),
  ...options,
});
// What a session's updates say of terminals, in order.
const signs = (session) =>
  session.updates().flatMap(({ toolCallId, _meta = {} }) =>
    ["terminal_info", "terminal_output", "terminal_exit"]
      .filter((key) => _meta[key])
      .map((key) => ({ key, toolCallId, ..._meta[key] })),
  );
const keys = (session) => signs(session).map((sign) => sign.key);

scenarios("86: info, output and exit of a process of ours, in this order", {}, async (rig) => {
  rig.model.script(bash("echo one; sleep 0.2; echo two; exit 3"), say("Done."));
  const session = await rig.session(shows());
  await session.prompt("Run");
  const [info, ...rest] = signs(session);
  const [begun] = session.updates("tool_call");
  const id = begun.toolCallId;
  assert.deepEqual(info, {
    key: "terminal_info",
    toolCallId: id,
    terminal_id: id,
    cwd: rig.workspace.root,
  });
  assert.deepEqual(begun.content, [{ type: "terminal", terminalId: id }]);
  const exit = rest.pop();
  assert.deepEqual(exit, { key: "terminal_exit", toolCallId: id, terminal_id: id, exit_code: 3 });
  assert.ok(rest.length >= 2, "it is shown as it comes");
  assert.ok(rest.every((sign) => sign.key === "terminal_output" && sign.terminal_id === id));
  assert.equal(rest.map((sign) => sign.data).join(""), "one\ntwo\n");
  const [shown] = session.calls();
  assert.deepEqual(shown.content, [{ type: "terminal", terminalId: id }]);
  assert.equal(shown.rawOutput.output, "one\ntwo\n[exit code 3]");
  assert.deepEqual(rig.model.toolResults, ["one\ntwo\n[exit code 3]"]);
  assert.deepEqual(terminalMethods(session.editor), []);
});

scenario("86: a lot of output comes whole and in order", {}, async (rig) => {
  rig.model.script(bash("seq 100000"), say("Done."));
  const session = await rig.session(shows());
  await session.prompt("Run");
  const data = signs(session).map((sign) => sign.data ?? "").join("");
  assert.equal(data, `${Array.from({ length: 100000 }, (_, i) => i + 1).join("\n")}\n`);
  assert.equal(keys(session).lastIndexOf("terminal_output"), keys(session).length - 2);
});

scenario("86: a signal is an exit by its name; a time-out and a cancel are words", {}, async (rig) => {
  rig.model.script(
    bash("kill -KILL $$"),
    calls(call("bash", { command: "sleep 600", timeout_ms: 200 })),
    bash("echo begun; sleep 600"),
  );
  const session = await rig.session(shows());
  const turn = session.prompt("Run");
  await session.editor.wire.update("tool_call_update", (u) => /begun/.test(u._meta?.terminal_output?.data));
  await session.cancel();
  assert.equal((await turn).stopReason, "cancelled");
  const exits = signs(session).filter((sign) => sign.key === "terminal_exit");
  assert.deepEqual(
    exits.map(({ signal, exit_code }) => signal ?? exit_code),
    ["SIGKILL", undefined, undefined],
  );
  const [, late, cancelled] = session.calls();
  assert.match(textOf(late.content), /^\[timed out after 200 ms and killed\]$/);
  assert.match(textOf(cancelled.content), /^\[cancelled; the command was killed\]$/);
});

scenario("86: what is denied ends its terminal without output", {}, async (rig) => {
  rig.model.script(bash("echo never"), say("Pity."));
  const session = await rig.session(shows({ permission: choose("reject_once") }));
  await session.prompt("Run");
  assert.deepEqual(keys(session), ["terminal_info", "terminal_exit"]);
  const [shown] = session.calls();
  assert.ok(!shown.content.some((item) => item.type === "terminal"));
  assert.match(textOf(shown.content), /denied/);
});

scenario("86: other calls and replays have none of it", {}, async (rig) => {
  rig.model.script(
    calls(call("read_file", { path: "notes.txt" })),
    calls(call("bash", { command: "echo b", run_in_background: true })),
    bash("echo hello"),
    say("Done."),
  );
  const session = await rig.session(shows());
  await session.prompt("Run");
  const [, , last] = session.calls();
  assert.deepEqual([...new Set(signs(session).map((sign) => sign.toolCallId))], [last.toolCallId]);
  await session.close();
  const again = await rig.editor(shows());
  const loaded = await again.loadSession(session.id, rig.workspace.root);
  assert.deepEqual(signs(loaded), []);
  assert.match(textOf(loaded.calls()[2].content), /hello/);
});

scenario("86: who lends terminals is not shown ours", {}, async (rig) => {
  rig.model.script(bash("echo hello"), say("Done."));
  const capabilities = { ...withTerminals, _meta: { terminal_output: true } };
  const session = await rig.session({ ...lends(), capabilities });
  await session.prompt("Run");
  assert.deepEqual(signs(session), []);
  assert.equal(session.editor.terminals.count("create"), 1);
});
