// MCP servers for the tests, as an editor names them, and what a model request says of their tools.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { mcpPrograms } from "../../node/peers.mjs";

const node = process.execPath;
export const pairs = (object) => Object.entries(object).map(([name, value]) => ({ name, value }));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const hostileProgram = here("hostile_server.mjs");

export const program = (name, args, env = {}) => ({ name, command: node, args, env: pairs(env) });
export const everything = (env) => program("everything", [mcpPrograms.everything, "stdio"], env);
export const memory = (env) => program("memory", [mcpPrograms.memory], env);
export const filesystem = (...folders) => program("files", [mcpPrograms.filesystem, ...folders]);
export const modern = (legacy = "reject") => program("modern", [mcpPrograms.modern, "stdio", legacy]);
export const hostile = (how, env = {}, name = "rogue") => program(name, [hostileProgram, how], env);

// A server of its own process that prints a line with where it listens; ends with the test.
export async function listening(t, words, env, pattern) {
  const child = spawn(node, words, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  for (const output of [child.stdout, child.stderr]) output.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server exited with ${code}`)));
    const look = (line) => pattern.test(line) && resolve({ child, line });
    createInterface({ input: child.stdout }).on("line", look);
    createInterface({ input: child.stderr }).on("line", look);
  });
}

export async function modernHttp(t, legacy = "reject") {
  const { line } = await listening(t, [mcpPrograms.modern, "http", legacy], {}, /^http/);
  return { type: "http", name: "modern", url: line.trim(), headers: [] };
}

export async function everythingHttp(t, port) {
  const env = { PORT: `${port}` };
  const { child } = await listening(t, [mcpPrograms.everything, "streamableHttp"], env, /listening/);
  const server = { type: "http", name: "everything", url: `http://127.0.0.1:${port}/mcp`, headers: [] };
  return { child, server };
}

// A model waits for the servers as long as a crowded machine needs.
export const patient = '[mcp]\nstartup_wait = "25s"\n';

export const toolNames = (request) => request.tools.map((tool) => tool.function?.name ?? tool.name);
export const foreign = (request) => toolNames(request).filter((name) => name.startsWith("mcp__"));

export const pids = (file) =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").filter(Boolean).map(Number) : [];

export function isAlive(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0] !== "Z";
  } catch {
    return false;
  }
}

export async function untilTrue(holds, what, limit = 10_000) {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > limit) throw new Error(`not within ${limit} ms: ${what}`);
    await pause(10);
  }
}
