// Measures listing, searching and resuming with many sessions and with a large one, against the
// budgets of docs/architecture.md, section 6. Needs 6 GB in the temporary folder and some minutes.
// `node tests/bench/sessions.mjs [BINARY [GENERATOR]]`
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "./client.mjs";
import { compiled, median, print, row } from "./report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.argv[2] ?? join(here, "../../build/release/thole"));
const generator = resolve(process.argv[3] ?? join(binary, "../tests/bench/generate_sessions"));
const scratch = mkdtempSync(join(tmpdir(), "thole-bench-"));
const runs = 10;

function environment(name) {
  const home = join(scratch, name);
  mkdirSync(home, { recursive: true });
  return { PATH: process.env.PATH, HOME: home, THOLE_MODEL: "demo/demo" };
}

function workspace(name, count, bytes, ...more) {
  const cwd = join(scratch, name);
  mkdirSync(join(cwd, ".git"), { recursive: true });
  execFileSync(generator, [cwd, count, bytes, ...more].map(String));
  return cwd;
}

const sessions = (cwd) => join(cwd, ".thole/sessions");

function timed(program, args, options) {
  const begin = performance.now();
  const { status, stdout } = spawnSync(program, args, { ...options, maxBuffer: 1 << 28 });
  const time = performance.now() - begin;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}`);
  return { time, stdout: stdout.toString() };
}

// The median over some runs; `before` comes before each.
function usual(program, args, options, before = () => {}) {
  const times = Array.from({ length: runs }, () => {
    before();
    return timed(program, args, options).time;
  });
  return median(times);
}

// Out of memory, so that it must be read from the disk again.
function forget(path) {
  const flags = ["oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
  execFileSync("dd", [`of=${path}`, ...flags]);
}

function list() {
  const cwd = workspace("many", 10_000, 2000);
  const options = { cwd, env: environment("many-home") };
  const first = timed(binary, ["sessions"], options);
  if (first.stdout.trim().split("\n").length < 20) throw new Error("too few sessions are listed");
  const reference = usual(compiled("list_files"), [sessions(cwd)], options);
  const start = usual(binary, ["--version"], options);
  row("list 10,000 sessions, whole process", usual(binary, ["sessions"], options), "ms", 50, reference);
  row("  of it: to start a process that does nothing", start, "ms");
  row("  all of them as JSON", usual(binary, ["sessions", "--limit", "10000", "--json"], options), "ms");
  row("  the first time, without an index", first.time / 1000, "s");
}

function search() {
  const cwd = workspace("search", 2000, 1_000_000);
  const env = environment("search-home");
  const options = { cwd, env };
  const find = (text) => ["sessions", "--search", text];
  const first = timed(binary, find("marker777"), options);
  if (!first.stdout.includes("marker777")) throw new Error("the search found nothing");
  const index = join(env.HOME, ".local/state/thole/index.db");
  const cold = (text) => usual(binary, find(text), options, () => forget(index));
  const bytes = readdirSync(sessions(cwd))
    .map((name) => statSync(join(sessions(cwd), name)).size)
    .reduce((a, b) => a + b, 0);
  row("search 2 GB: a rare word, index not in memory", cold("marker888"), "ms", 200);
  row("  a word of every session, index not in memory", cold("common"), "ms", 200);
  row("  a rare word, index in memory", usual(binary, find("marker888"), options), "ms", 30);
  row("  a word of every session, index in memory", usual(binary, find("common"), options), "ms", 30);
  row("  making the index, of a GB of logs", first.time / 1000 / (bytes / 1e9), "s");
  row("  its size, of the logs'", statSync(index).size / bytes, "x");
}

// Peak resident memory in MB.
function peak(client) {
  const status = readFileSync(`/proc/${client.child.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)[1]) / 1024;
}

async function open(method, cwd, env, sessionId) {
  const client = new Client(binary, ["--stdio"], { cwd, env });
  await client.request("initialize", { protocolVersion: 1, clientCapabilities: {} });
  const before = peak(client);
  const begin = performance.now();
  const first = new Promise((resolve) =>
    client.child.stdout.once("data", () => resolve(performance.now() - begin)),
  );
  await client.request(method, { sessionId, cwd, mcpServers: [] });
  const time = performance.now() - begin;
  const result = { time, first: await first, memory: peak(client) - before };
  await client.stop();
  return result;
}

// From connecting to the socket to the line of the last event but nine.
async function watched(socket, after) {
  const begin = performance.now();
  const connection = connect(socket);
  connection.write(`${JSON.stringify({ type: "Subscribe", after_id: after })}\n`);
  let text = "";
  for await (const data of connection.setEncoding("utf8")) {
    text += data;
    if (text.includes(`"id":${after + 1},`)) break;
  }
  return performance.now() - begin;
}

async function attach(cwd, env, sessionId) {
  const owner = new Client(binary, ["--stdio"], { cwd, env });
  await owner.request("initialize", { protocolVersion: 1, clientCapabilities: {} });
  await owner.request("session/resume", { sessionId, cwd, mcpServers: [] });
  const status = timed(binary, ["status", sessionId, "--json"], { cwd, env });
  const { socket } = JSON.parse(status.stdout);
  const log = join(sessions(cwd), `${sessionId}.events.jsonl`);
  const lines = execFileSync("tail", ["-n", "1", log]).toString();
  const after = JSON.parse(lines).id - 10;
  const times = [];
  for (let i = 0; i < runs; ++i) times.push(await watched(socket, after));
  row("attach to it over its socket, to the last ten events", median(times), "ms", 50);
  const editors = [];
  for (let i = 0; i < runs; ++i) editors.push(await open("session/resume", cwd, env, sessionId));
  row("attach to it from a second editor", median(editors.map(({ time }) => time)), "ms", 50);
  await owner.stop();
}

async function resume() {
  const cwd = workspace("large", 1, 1_000_000_000, "snapshot");
  const env = environment("large-home");
  const [log] = readdirSync(sessions(cwd)).filter((name) => name.endsWith(".jsonl"));
  const id = log.slice(0, -".events.jsonl".length);
  const results = [];
  for (let i = 0; i < runs; ++i) results.push(await open("session/resume", cwd, env, id));
  row("resume a session of 1 GB", median(results.map(({ time }) => time)), "ms", 100);
  row("  peak memory growth", Math.max(...results.map(({ memory }) => memory)), "MB", 16);
  await attach(cwd, env, id);
  const loaded = await open("session/load", cwd, env, id);
  row("load the same: the first of the conversation", loaded.first, "ms");
  row("  all of it", loaded.time / 1000, "s");
  row("  peak memory growth", loaded.memory, "MB");
}

try {
  list();
  search();
  await resume();
  process.exitCode = print() ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}
