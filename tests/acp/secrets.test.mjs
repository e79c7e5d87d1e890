// Planted secrets of many kinds, brought in by every way there is: none of them may be in any file
// that thole keeps, while the live turn goes on with the originals. The canaries are put together
// here, so that no file of the project holds one.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { assert, call, calls, choose, say, sayThenCall, scenario, scenarios } from "./rig.mjs";
import { run } from "./rig/run.mjs";

const any = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const hex = "0123456789abcdef";
const upper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "123456789";

// `size` characters that look made by chance and are the same in every run.
let drawn = 0;
function some(size, of = any) {
  let text = "";
  while (text.length < size) {
    for (const byte of createHash("sha256").update(`canary ${drawn++}`).digest())
      text += of[byte % of.length];
  }
  return text.slice(0, size);
}
const mixed = (size) =>
  [...some(size)].map((c, i) => (i % 3 === 0 ? digits[(i * 5 + drawn) % 9] : c)).join("");

const key = (start, size, of = any) => ({ secret: start + some(size, of) });
const within = (before, secret, behind = "") => ({ before, secret, behind });
const login = (text) => Buffer.from(text).toString("base64");

const canaries = [
  key("sk-ant-api03-", 95),
  key("sk-proj-", 120),
  key("sk-or-v1-", 64, hex),
  key("ghp_", 36),
  key("gho_", 36),
  key("ghs_", 36),
  key("github_pat_", 82),
  key("glpat-", 20),
  key("ATATT3", 180),
  within("", `xoxb-${some(12, digits)}-${some(12, digits)}-${some(24)}`),
  within("https://hooks.slack.com/services/", `T${some(9, upper)}/B${some(9, upper)}/${some(24)}`),
  within("https://discord.com/api/webhooks/", `${some(18, digits)}/${some(68)}`),
  key("AKIA", 16, upper),
  within("aws_secret_access_key = ", mixed(40)),
  key("AIza", 35),
  key("ya29.", 120),
  key("GOCSPX-", 28),
  within("AccountName=boat;AccountKey=", `${some(86)}==`, ";EndpointSuffix=x"),
  within("", `${some(3)}8Q~${some(34)}`),
  key("sk_live_", 24),
  key("whsec_", 32),
  key("SK", 32, hex),
  within("TWILIO_AUTH_TOKEN=", mixed(32)),
  within("", `SG.${some(22)}.${some(43)}`),
  key("npm_", 36),
  within("//registry.npmjs.org/:_authToken=", mixed(36)),
  key("pypi-AgEIcHlwaS5vcmc", 120),
  key("hf_", 34),
  key("dckr_pat_", 27),
  key("dop_v1_", 64, hex),
  key("HRKU-", 60),
  key("shpat_", 32, hex),
  key("sq0csp-", 43),
  within(`${some(10, digits)}:`, `AA${some(33)}`),
  within("DISCORD_TOKEN=", `${mixed(26)}.${some(6)}.${mixed(38)}`),
  key("key-", 32, hex),
  within("", `${some(32, hex)}-us12`),
  key("lin_api_", 40),
  key("ntn_", 46),
  key("dapi", 32, hex),
  key("hvs.", 90),
  within("", `${some(14)}.atlasv1.${some(67)}`),
  within("CLOUDFLARE_API_TOKEN=", mixed(40)),
  key("fm2_", 200),
  key("sbp_", 40, hex),
  key("NRAK-", 27, upper),
  key("glc_", 80),
  key("figd_", 40),
  key("gsk_", 52),
  key("AGE-SECRET-KEY-1", 58, upper),
  within("", `eyJ${some(33)}.eyJ${some(60)}.${some(43)}`),
  within("postgres://admin:", mixed(12), "@db.internal:5432/boats"),
  within("Authorization: Bearer ", mixed(40)),
  within("Authorization: Basic ", login(`aladdin:${mixed(14)}`)),
  within("machine boats login me password ", mixed(12)),
  within("DB_PASSWORD=", mixed(16)),
  within('{"api_key": "', mixed(32), '"}'),
  within("client_secret: ", mixed(36)),
  within("deploy --token ", mixed(30), " --now"),
  within("https://boats/api?access_token=", mixed(40), "&page=2"),
  within("Server=x;User ID=sa;Password=", mixed(14), ";Encrypt=true"),
  ...["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"].map((label) => {
    const lines = Array.from({ length: 20 }, () => some(64));
    return {
      before: `-----BEGIN ${label}-----\n`,
      secret: lines.join("\n"),
      behind: `\n${some(20)}==\n-----END ${label}-----`,
    };
  }),
];
const known = "seven words that open the boat house"; // of a variable of the environment
const textOf = ({ before = "", secret, behind = "" }) => `${before}${secret}${behind}`;
const all = `${canaries.map(textOf).join("\n")}\nand ${known}\n`;

// What is looked for: each secret, of those over several lines each line.
const traces = [...canaries.flatMap(({ secret }) => secret.split("\n")), known];

function filesBelow(place) {
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

// Every folder in which thole keeps something.
const keptBy = (rig) => [
  rig.workspace.path(".thole"),
  rig.env.XDG_STATE_HOME,
  rig.env.XDG_CACHE_HOME,
  rig.env.XDG_RUNTIME_DIR,
  rig.env.XDG_CONFIG_HOME,
  rig.env.HOME,
];

function assertNoneOnDisk(rig) {
  const files = keptBy(rig).flatMap(filesBelow);
  assert.ok(files.length >= 4, files.join());
  for (const file of files) {
    const content = readFileSync(file, "latin1");
    const found = traces.filter((trace) => content.includes(trace));
    assert.deepEqual(found, [], file);
  }
}

const env = { BOAT_HOUSE_PASSWORD: known };
const allowing = { permission: choose("allow_once") };

// All the ways in one turn: prompt, answer, tool input, diff, output, error, question, tasks.
function scriptOfAll(rig) {
  const inShell = all.replaceAll("'", "'\\''");
  rig.model.script(
    sayThenCall(`I see:\n${all}`, call("write_file", { path: "leak.txt", content: all })),
    calls(call("read_file", { path: "leak.txt" })),
    calls(call("bash", { command: `printf '%s' '${inShell}'; cat leak.txt >&2; exit 3` })),
    calls(
      call("edit_file", { path: "leak.txt", old_string: canaries[3].secret, new_string: "gone" }),
    ),
    calls(call("read_file", { path: `missing/${canaries[0].secret}` })),
    calls(call("grep", { pattern: canaries[4].secret })),
    calls(call("ask_user", { question: `Is it ${all}?`, options: [canaries[5].secret, "no"] })),
    calls(call("update_tasks", { changes: [{ op: "add", content: `Rotate ${canaries[6].secret}` }] })),
    say(`Done with\n${all}`, { chunkSize: 5 }),
  );
}

const blocksWithAll = [
  { type: "text", text: `Mind ${canaries[7].secret} and the rest:` },
  { type: "resource", resource: { uri: "file:///boat/keys.txt", mimeType: "text/plain", text: all } },
];

scenarios("no planted secret gets to the disk, and the session goes on", { env }, async (rig) => {
  assert.ok(canaries.length >= 60);
  scriptOfAll(rig);
  const session = await rig.session(allowing);
  assert.equal((await session.prompt(blocksWithAll)).stopReason, "end_turn");
  assert.equal(session.text(), `I see:\n${all}Done with\n${all}`, "live text is the original");

  const sent = rig.model.lastRequest.messages.map((m) => JSON.stringify(m)).join("\n");
  for (const { secret } of canaries) {
    const [line] = secret.split("\n");
    assert.ok(sent.includes(line), "the model of the live turn sees the original");
  }
  assert.ok(!sent.includes("[redacted "));
  await session.editor.wire.quit();
  assertNoneOnDisk(rig);

  rig.model.script(say("Where were we?"));
  const editor = await rig.editor();
  const again = await editor.loadSession(session.id, rig.workspace.root);
  assert.match(again.text("user_message_chunk"), /\[redacted [\w.-]+\]/);
  assert.match(again.text(), /\[redacted github-token\]/);
  assert.equal((await again.prompt("Go on")).stopReason, "end_turn");
  const resumed = JSON.stringify(rig.model.lastRequest.messages);
  assert.deepEqual(
    traces.filter((trace) => resumed.includes(trace)),
    [],
  );
  assert.match(resumed, /\[redacted anthropic-key\]/);
  assert.match(resumed, /\[redacted BOAT_HOUSE_PASSWORD\]/);
  await editor.wire.quit();
  assertNoneOnDisk(rig);
});

scenario("a rule that is allowed for good and a refusal hold no secret", { env }, async (rig) => {
  const command = (i) => call("bash", { command: `echo ${canaries[i].secret}` });
  rig.model.script(calls(command(3)), calls(command(3)), say("Done."));
  const session = await rig.session({ permission: choose("allow_always") });
  await session.prompt("Say it twice");
  assert.equal(session.editor.permissions.length, 1, "the rule holds while the session lives");
  session.editor.permission = choose("reject_once");
  rig.model.script(calls(command(0)), say("No."));
  await session.prompt("And another");
  await session.editor.wire.quit();
  assertNoneOnDisk(rig);
});

scenario("an output of many megabytes is stored without its secrets", { env }, async (rig) => {
  rig.workspace.write("leak.txt", all);
  const command = "for i in $(seq 300); do cat leak.txt; sleep 0.001; done";
  rig.model.script(calls(call("bash", { command })), say("Much."));
  const session = await rig.session(allowing);
  assert.equal((await session.prompt("Print it often")).stopReason, "end_turn");
  await session.editor.wire.quit();
  assertNoneOnDisk(rig);
});

scenario("what the commands of the terminal keep and give holds no secret", { env }, async (rig) => {
  rig.model.script(sayThenCall(all, call("read_file", { path: "leak.txt" })), say(all));
  rig.workspace.write("leak.txt", all);
  const { code, stderr } = await run(rig, ["run", "--prompt", all, "--json"]);
  assert.equal(code, 0, stderr);
  assertNoneOnDisk(rig);
  const { stdout } = await run(rig, ["sessions", "--json"]);
  assert.deepEqual(
    traces.filter((trace) => stdout.includes(trace)),
    [],
  );
});

scenario("files are private whatever the umask is", {}, async (rig) => {
  const before = process.umask(0);
  let session;
  try {
    const wire = rig.session(allowing);
    session = await wire;
  } finally {
    process.umask(before);
  }
  rig.model.script(calls(call("bash", { command: "yes | head -c 200000" })), say("Done."));
  await session.prompt("Print much");
  await session.editor.wire.quit();
  const open = [];
  const look = (path) => {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) open.push(`${path} ${(mode & 0o777).toString(8)}`);
    if (statSync(path).isDirectory()) readdirSync(path).forEach((name) => look(join(path, name)));
  };
  look(rig.workspace.path(".thole"));
  for (const place of [rig.env.XDG_STATE_HOME, rig.env.XDG_RUNTIME_DIR]) {
    if (existsSync(join(place, "thole"))) look(join(place, "thole"));
  }
  assert.deepEqual(open, []);
});
