// An ACP client that does nothing but measure. `prompt()` gives the time of each thing it saw.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export class Client {
  #next = 1;
  #waiting = new Map();
  #held = "";
  updates = 0;

  constructor(program, args, { cwd, env }) {
    this.child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdout.setEncoding("utf8").on("data", (data) => this.#take(data));
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
  }

  static async start(program, args, options) {
    const client = new Client(program, args, options);
    await client.request("initialize", { protocolVersion: 1, clientCapabilities: {} });
    await client.newSession(options.cwd);
    return client;
  }

  async newSession(cwd) {
    const { sessionId } = await this.request("session/new", { cwd, mcpServers: [] });
    this.sessionId = sessionId;
  }

  #take(data) {
    const lines = (this.#held + data).split("\n");
    this.#held = lines.pop();
    for (const line of lines) {
      // Updates are counted, not parsed: the client must not be what is measured.
      if (line.includes('"session/update"')) {
        this.updates += 1;
        continue;
      }
      const message = JSON.parse(line);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }

  request(method, params) {
    const id = this.#next++;
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      ),
    );
  }

  async prompt(text) {
    const sent = performance.now();
    await this.request("session/prompt", {
      sessionId: this.sessionId,
      prompt: [{ type: "text", text }],
    });
    return { sent, done: performance.now() };
  }

  // Proportional set size in MB.
  pss() {
    const rollup = readFileSync(`/proc/${this.child.pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)[1]) / 1024;
  }

  // CPU seconds of the process so far.
  cpu() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  // How often its threads gave up the processor so far: zero more while it idles.
  wakeUps() {
    const tasks = `/proc/${this.child.pid}/task`;
    return readdirSync(tasks)
      .map((task) => readFileSync(`${tasks}/${task}/status`, "utf8"))
      .map((status) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1]))
      .reduce((a, b) => a + b, 0);
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}
