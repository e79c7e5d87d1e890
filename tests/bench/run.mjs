// Measures thole against the budgets of docs/architecture.md, section 6, and against references in
// the same run: a C program for starting up, a node agent without features for turns. Prints a
// table; ends with 1 when a budget is missed. `node tests/bench/run.mjs [BINARY]`
import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "./client.mjs";
import { Provider, text, toolCall } from "./provider.mjs";
import { build, compiled, median, print, row } from "./report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.argv[2] ?? join(build, "release/thole"));
const scratch = mkdtempSync(join(tmpdir(), "thole-bench-"));
const provider = await Provider.start();
const env = {
  PATH: process.env.PATH,
  HOME: scratch,
  OPENAI_API_KEY: "bench",
  OPENAI_BASE_URL: provider.url,
  THOLE_MODEL: "openai/bench",
};

function startUp() {
  const timer = compiled("spawn_time");
  const line = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1, clientCapabilities: {} } });
  const time = (...program) =>
    Number(execFileSync(timer, ["200", line, ...program], { env, cwd: scratch })) / 1000;
  const reference = time(compiled("echo_line"));
  row("spawn to initialize", time(binary, "--stdio"), "ms", 3 * reference, reference);
}

function size() {
  const stripped = join(scratch, "thole");
  copyFileSync(binary, stripped);
  execFileSync("strip", [stripped]);
  row("stripped binary", statSync(stripped).size / 1e6, "MB", 10);
  rmSync(stripped);
}

// What a turn waits for at its end, on this disk at this moment.
function diskSync() {
  const file = openSync(join(scratch, "sync"), "w");
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, "x".repeat(1024));
    const begin = performance.now();
    fdatasyncSync(file);
    return performance.now() - begin;
  });
  closeSync(file);
  return median(times);
}

function workspace(name) {
  const cwd = join(scratch, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "notes.txt"), "port\nstarboard\n".repeat(20));
  return cwd;
}

function logBytes(cwd) {
  const sessions = join(cwd, ".thole/sessions");
  const logs = readdirSync(sessions).filter((name) => name.endsWith(".jsonl"));
  return logs.reduce((sum, name) => sum + statSync(join(sessions, name)).size, 0);
}

async function turns(client, rounds) {
  const toWire = [];
  const whole = [];
  provider.reply = () => text("Yes.");
  for (let i = 0; i < rounds; ++i) {
    await pause(20); // people are slower than that; what follows a turn is not part of the next
    const { sent, done } = await client.prompt("Is this a boat?");
    toWire.push(provider.arrived - sent);
    whole.push(done - sent);
  }
  return { first: toWire[0], toWire: median(toWire), whole: median(whole) };
}

// From the end of the answer that asks for the read to the request with its result.
async function readCall(client, cwd, rounds) {
  const times = [];
  for (let i = 0; i < rounds; ++i) {
    let asked = 0;
    provider.reply = ({ messages }) => {
      if (messages.at(-1).role === "tool") {
        times.push(provider.arrived - asked);
        return text("Yes.");
      }
      setImmediate(() => (asked = provider.answered));
      return toolCall("read_file", { path: join(cwd, "notes.txt") });
    };
    await pause(20);
    await client.prompt("Read the notes.");
  }
  return median(times);
}

async function deltas(client, cwd) {
  const pieces = Array.from({ length: 20_000 }, (_, i) => `${i} `.padEnd(20, "."));
  const answer = text(...pieces);
  provider.reply = () => answer;
  const before = { pss: client.pss(), cpu: client.cpu(), log: cwd && logBytes(cwd) };
  const { done } = await client.prompt("Talk.");
  return {
    time: (done - provider.arrived) / 1000,
    cpu: client.cpu() - before.cpu,
    memory: client.pss() - before.pss,
    log: cwd && (logBytes(cwd) - before.log) / (20 * pieces.length),
  };
}

async function measured(name, program, args) {
  const cwd = workspace(name);
  const client = await Client.start(program, args, { cwd, env });
  const result = { pss: client.pss() };
  await pause(300);
  const wakeUps = client.wakeUps();
  await pause(1000);
  result.wakeUps = client.wakeUps() - wakeUps;
  result.turns = await turns(client, 100);
  await pause(1500); // until the index has taken those turns in, as for the pauses between turns
  // Anew, so that what is sent does not grow with what was measured before.
  await client.newSession(cwd);
  result.read = await readCall(client, cwd, 20);
  result.deltas = await deltas(client, program === binary && cwd);
  await client.stop();
  return result;
}

startUp();
size();
const thole = await measured("thole", binary, ["--stdio"]);
const node = await measured("node", process.execPath, [join(here, "reference_agent.mjs")]);
row("memory after initialize and one session (PSS)", thole.pss, "MB", 10, node.pss);
row("wake-ups in an idle second", thole.wakeUps, "", 0, node.wakeUps);
row("prompt to request on the wire", thole.turns.toWire, "ms", 2, node.turns.toWire);
row("the same, first prompt of the process", thole.turns.first, "ms", undefined, node.turns.first);
row("for comparison: one fdatasync of 1 KB", diskSync(), "ms");
row("whole text turn without the model", thole.turns.whole, "ms", 3, node.turns.whole);
row("read call, from model's answer to its result", thole.read, "ms", 1, node.read);
row("20,000 deltas of 20 bytes", thole.deltas.time, "s", 0.2, node.deltas.time);
row("  processor time", thole.deltas.cpu, "s", 0.2, node.deltas.cpu);
row("  memory growth", thole.deltas.memory, "MB", 5, node.deltas.memory);
row("  log growth, of the text's size", thole.deltas.log, "x", 2);
const isWithin = print();
provider.stop();
rmSync(scratch, { recursive: true });
process.exitCode = isWithin ? 0 : 1;
