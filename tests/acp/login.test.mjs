// Logging in: keys that `thole login` puts away, the login method that editors run in a terminal, and
// what a client is told that has no key.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert, say, scenario, text } from "./rig.mjs";
import { run } from "./rig/run.mjs";
import { Terminal } from "./rig/terminal.mjs";

const code = (message) => message.error?.code;
const key = "sk-ant-of-the-test-0123456789";
const place = (rig) => ({ cwd: rig.workspace.root, mcpServers: [] });
const keyFile = (rig, provider = "anthropic") => join(rig.env.XDG_CONFIG_HOME, "thole/keys", provider);
const mode = (path) => statSync(path).mode & 0o777;
const inTerminal = { auth: { terminal: true } };

function forgetKeys(rig) {
  for (const name of Object.keys(rig.env)) if (name.endsWith("_API_KEY")) delete rig.env[name];
}

async function told(rig, clientCapabilities) {
  const wire = rig.wire();
  const { result } = await wire.request("initialize", { protocolVersion: 1, clientCapabilities });
  return { wire, methods: result.authMethods, can: result.agentCapabilities };
}

scenario("28: a login method for terminals is there for who has them and has to log in", {}, async (rig) => {
  assert.deepEqual((await told(rig, inTerminal)).methods, [], "a key is there");
  forgetKeys(rig);
  for (const capabilities of [{}, { auth: {} }, { auth: { terminal: false } }, { auth: { terminal: "yes" } }]) {
    assert.deepEqual((await told(rig, capabilities)).methods, [], JSON.stringify(capabilities));
  }
  const { methods } = await told(rig, inTerminal);
  assert.equal(methods.length, 1);
  const [{ type, id, name, args, env }] = methods;
  assert.deepEqual({ type, args, env }, { type: "terminal", args: ["login"], env: {} });
  assert.ok(id && name);
});

scenario("28, 29, 30: an editor runs the method in a terminal, and its next thole is logged in", {}, async (rig) => {
  forgetKeys(rig);
  const { wire, methods } = await told(rig, inTerminal);
  const [{ id: methodId, args }] = methods;
  assert.equal(code(await wire.request("session/new", place(rig))), -32000);
  const early = await wire.request("authenticate", { methodId });
  assert.equal(code(early), -32602);
  assert.match(early.error.message, /not logged in.*thole login/);

  const terminal = new Terminal(rig, ["--stdio", ...args]);
  await terminal.until(/Provider \(anthropic, openai, .*\) \[anthropic\]:/);
  terminal.enter("");
  await terminal.until(/Key of anthropic \(it is not shown\):/);
  terminal.type(`${key}xy`);
  terminal.press("BSpace", "BSpace", "Enter");
  assert.equal(await terminal.end(), 0);
  assert.ok(!terminal.screen.includes(key), "the key is not shown");
  await terminal.close();
  assert.equal(readFileSync(keyFile(rig), "utf8"), `${key}\n`);
  assert.deepEqual([mode(keyFile(rig)), mode(dirname(keyFile(rig)))], [0o600, 0o700]);

  rig.model.script(say("Welcome."));
  const next = await told(rig, inTerminal);
  assert.deepEqual(next.methods, []);
  assert.deepEqual((await next.wire.request("authenticate", { methodId })).result, {});
  assert.equal(code(await next.wire.request("authenticate", { methodId: "magic" })), -32602);
  const { result } = await next.wire.request("session/new", place(rig));
  const { sessionId } = result;
  const turn = await next.wire.request("session/prompt", { sessionId, prompt: text("Hi") });
  assert.deepEqual(turn.result, { stopReason: "end_turn" });
  assert.equal(rig.model.posts[0].headers["x-api-key"], key);
  assert.ok(!rig.workspace.read(`.thole/sessions/${sessionId}.events.jsonl`).includes(key));
});

scenario("29: without a key session/new is -32000 with what to do; our own clients open one all the same", {}, async (rig) => {
  forgetKeys(rig);
  const wire = await rig.rawAgent();
  const refused = await wire.request("session/new", place(rig));
  assert.equal(code(refused), -32000);
  assert.match(refused.error.message, /ANTHROPIC_API_KEY or run `thole login anthropic`/);
  assert.ok((await wire.request("session/list", {})).result, "the rest works");
  const ours = await rig.rawAgent({ _meta: { thole: { version: 1, features: {} } } });
  const { result } = await ours.request("session/new", place(rig));
  const { sessionId } = result;
  const prompt = await ours.request("session/prompt", { sessionId, prompt: text("Hi") });
  assert.equal(code(prompt), -32000);
});

scenario("29: the demo model needs no login", {}, async (rig) => {
  forgetKeys(rig);
  rig.env.THOLE_MODEL = "demo";
  const { wire, methods } = await told(rig, inTerminal);
  assert.deepEqual(methods, []);
  assert.ok((await wire.request("session/new", place(rig))).result.sessionId);
});

scenario("31: logout is there for stored keys alone, and takes them away", {}, async (rig) => {
  const { wire: first, can } = await told(rig, {});
  assert.equal(can.auth, undefined, "the environment's keys are not thole's to forget");
  assert.equal(code(await first.request("logout", {})), -32601);
  forgetKeys(rig);
  const none = await told(rig, {});
  assert.equal(none.can.auth, undefined);
  assert.equal(code(await none.wire.request("logout", {})), -32601);

  assert.equal((await run(rig, ["login", "anthropic"], { input: `${key}\n` })).code, 0);
  const { wire, can: now } = await told(rig, inTerminal);
  assert.deepEqual(now.auth, { logout: {} });
  assert.ok((await wire.request("session/new", place(rig))).result);
  assert.deepEqual((await wire.request("logout", {})).result, {});
  assert.equal(code(await wire.request("session/new", place(rig))), -32000);
  assert.equal(code(await wire.request("logout", {})), -32601, "there is nothing left");
  assert.ok(!existsSync(keyFile(rig)));
  assert.equal((await told(rig, inTerminal)).methods.length, 1);
});

scenario("login takes a key from a pipe, says where it is, and forgets it again", {}, async (rig) => {
  forgetKeys(rig);
  const login = (words, input = `${key}\n`) => run(rig, ["login", ...words], { input });
  const stored = await login(["anthropic"]);
  assert.deepEqual([stored.code, stored.stdout], [0, ""]);
  assert.ok(stored.stderr.includes(`stored in ${keyFile(rig)}`), stored.stderr);
  rig.env.ANTHROPIC_API_KEY = "another";
  assert.match((await login(["anthropic"])).stderr, /ANTHROPIC_API_KEY is set, and goes before it/);
  forgetKeys(rig);
  assert.match((await run(rig, ["doctor"])).stdout, /anthropic/);
  assert.match((await login(["anthropic", "--remove"])).stderr, /is forgotten/);
  assert.ok(!existsSync(keyFile(rig)));
  assert.match((await login(["anthropic", "--remove"])).stderr, /no key of anthropic is stored/);
});

const wrong = [
  [[], `${key}\n`, /say whose key it is: thole login PROVIDER, one of anthropic, openai/],
  [["nobody"], `${key}\n`, /there is no provider 'nobody' that needs a key; there are anthropic/],
  [["ollama"], `${key}\n`, /there is no provider 'ollama' that needs a key/],
  [["anthropic"], "", /nothing was stored: the key is empty/],
  [["anthropic"], "two words\n", /nothing was stored: that is no key: there are blanks in it/],
];

for (const [words, input, says] of wrong) {
  scenario(`exit 2: login ${words.join(" ")} with ${JSON.stringify(input)}`, {}, async (rig) => {
    const { code: exit, stderr } = await run(rig, ["login", ...words], { input });
    assert.equal(exit, 2);
    assert.match(stderr, says);
    assert.ok(!existsSync(keyFile(rig)));
  });
}

scenario("login that is broken off stores nothing and leaves the terminal as it was", {}, async (rig) => {
  const terminal = new Terminal(rig, ["login", "anthropic"]);
  await terminal.until(/Key of anthropic/);
  terminal.type("sk-half");
  terminal.press("C-c");
  assert.equal(await terminal.end(), 130);
  await terminal.close();
  assert.ok(!existsSync(keyFile(rig)));
});

scenario("a stored key that others can read is refused, by name", {}, async (rig) => {
  forgetKeys(rig);
  assert.equal((await run(rig, ["login", "anthropic"], { input: key })).code, 0);
  chmodSync(keyFile(rig), 0o644);
  const { code: exit, stderr } = await run(rig, ["run", "--prompt", "Hi"]);
  assert.equal(exit, 3);
  assert.ok(stderr.includes(`others can read '${keyFile(rig)}'; chmod 600 it`), stderr);
  writeFileSync(keyFile(rig), "");
  chmodSync(keyFile(rig), 0o600);
  assert.match((await run(rig, ["run", "--prompt", "Hi"])).stderr, /is empty/);
});
