// MCP servers over HTTP that forget, hang, break off and refuse: the session goes on, and says why.
import { readFileSync } from "node:fs";
import { assert, call, calls, choose, say, scenario } from "./rig.mjs";
import { HostileHttp } from "./rig/hostile_http.mjs";
import { patient, untilTrue } from "./rig/servers.mjs";

const long = { timeout: 60_000 };
const work = calls(call("mcp__web__work", {}));

async function aboard(rig, t, how, { headers = {}, config = patient } = {}) {
  const server = await HostileHttp.start(t, how);
  rig.workspace.configure(config);
  const session = await rig.session({
    permission: choose("allow_once"),
    params: { mcpServers: [server.named("web", headers)] },
  });
  return { server, session };
}

scenario("a session over HTTP is named in each message, and ended with the session", long, async (rig, t) => {
  rig.model.script(work, say("Worked."));
  const { server, session } = await aboard(rig, t, "good", { headers: { Authorization: "Bearer abc" } });
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  const [asked] = server.of("tools/call");
  assert.equal(asked.headers["mcp-session-id"], "session-1");
  assert.equal(asked.headers["mcp-protocol-version"], "2025-11-25");
  assert.equal(asked.headers.accept, "application/json, text/event-stream");
  assert.ok(server.seen.every((one) => one.headers.authorization === "Bearer abc"));
  const [greeted] = server.of("initialize");
  assert.equal(greeted.headers["mcp-session-id"], undefined);
  assert.equal(greeted.headers["mcp-protocol-version"], undefined);
  assert.equal(server.of("notifications/initialized").length, 1);
  await session.close();
  assert.deepEqual([...server.sessions], []);
});

scenario("a session that the server has forgotten is begun anew, without a word and with one call", long, async (rig, t) => {
  rig.model.script(work, work, say("Worked."));
  const { server, session } = await aboard(rig, t, "good");
  session.editor.permission = (params) => {
    server.sessions.clear();
    return choose("allow_once")(params);
  };
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work", "did work"]);
  assert.equal(server.made, 3);
  assert.deepEqual(
    server.of("tools/call").map((one) => one.headers["mcp-session-id"]),
    ["session-1", "session-2", "session-2", "session-3"],
  );
  assert.equal(session.text("agent_thought_chunk"), "");
});

scenario("an answer that breaks off goes on where it was, after an event without data", long, async (rig, t) => {
  rig.model.script(work, say("Worked."));
  const { server, session } = await aboard(rig, t, "cuts");
  await session.prompt("Work");
  assert.deepEqual(rig.model.toolResults, ["did work"]);
  assert.equal(server.of("tools/call").length, 1);
  assert.ok(server.seen.some((one) => one.method === "GET" && one.headers["last-event-id"] === "e1"));
});

scenario("a server may ask in the stream of its answer", long, async (rig, t) => {
  rig.model.script(work, say("Worked."));
  const { session } = await aboard(rig, t, "asks");
  await session.prompt("Work");
  const { roots } = JSON.parse(rig.model.toolResults[0]);
  assert.deepEqual(roots, [{ uri: `file://${rig.workspace.root}`, name: "boat" }]);
});

for (const [how, said] of [
  ["locked", /MCP server 'web': it asks for authorization \(HTTP 401\); give it a header/],
  ["moved", /MCP server 'web': .*it redirects to https:\/\/example.com\/elsewhere; name that URL/],
  ["broken", /MCP server 'web': it refused the handshake: boom Bearer …|boom Bearer \[redacted\]/],
  ["page", /MCP server 'web': HTTP 404$/m],
]) {
  scenario(`a server that is ${how} is told of, and the work goes on`, long, async (rig, t) => {
    rig.model.script(say("Alone."));
    const { session } = await aboard(rig, t, how, { headers: { Authorization: "Bearer s3cret-sail" } });
    assert.equal((await session.prompt("Hi")).stopReason, "end_turn");
    assert.match(session.text("agent_thought_chunk"), said);
    await session.close();
    assert.ok(!readFileSync(rig.workspace.path(`.thole/sessions/${session.id}.events.jsonl`), "utf8").includes("s3cret-sail"));
  });
}

scenario("a server that takes everything and answers nothing costs its wait once", long, async (rig, t) => {
  rig.model.script(say("One."), say("Two."));
  const { session } = await aboard(rig, t, "silent", { config: '[mcp]\nstartup_wait = "1s"\n' });
  await session.prompt("Hi");
  assert.match(session.text("agent_thought_chunk"), /MCP server 'web' is not ready yet/);
  const start = performance.now();
  await session.prompt("Again");
  assert.ok(performance.now() - start < 900);
});

for (const [how, said] of [
  ["long", /its answer is longer than 16 MiB/],
  ["empty", /its answer ended without a result/],
]) {
  scenario(`an answer that is ${how} is a failed call, and the next works`, long, async (rig, t) => {
    rig.model.script(work, work, say("Worked."));
    const { server, session } = await aboard(rig, t, how);
    session.editor.permission = (params) => {
      if (session.editor.permissions.length === 2) server.how = "good";
      return choose("allow_once")(params);
    };
    await session.prompt("Work");
    assert.match(rig.model.toolResults[0], said);
    assert.equal(rig.model.toolResults[1], "did work");
  });
}

scenario("a cancelled call over HTTP is let go of and taken back", long, async (rig, t) => {
  rig.model.script(work, say("Never."));
  const { server, session } = await aboard(rig, t, "hangs");
  const end = session.prompt("Work");
  await untilTrue(() => server.of("tools/call").length === 1, "the call");
  session.cancel();
  assert.equal((await end).stopReason, "cancelled");
  await untilTrue(() => server.of("notifications/cancelled").length === 1, "the cancellation");
  const [{ message }] = server.of("notifications/cancelled");
  assert.equal(message.params.requestId, server.of("tools/call")[0].message.id);
});

scenario("a password and a key in a URL are said to nobody", long, async (rig, t) => {
  const server = await HostileHttp.start(t, "page");
  const url = server.url.replace("//", "//sailor:p4ssword-of-the-boat@") + "?api_key=k3y-of-the-boat";
  rig.workspace.configure(patient);
  rig.model.script(say("Alone."));
  const session = await rig.session({ params: { mcpServers: [server.named("web", {}, url)] } });
  await session.prompt("Hi");
  await session.prompt("/mcp");
  const all = JSON.stringify(rig.wires[0].fromAgent) + rig.workspace.read(`.thole/sessions/${session.id}.events.jsonl`);
  assert.match(all, /127\.0\.0\.1:\d+\/mcp/);
  assert.doesNotMatch(all, /p4ssword-of-the-boat|k3y-of-the-boat/);
});
