// The terminals of an editor, as terminal/* has them: each really runs its command, in a process
// group of its own, and keeps the end of what it printed.
import { spawn } from "node:child_process";
import { acp } from "../../node/peers.mjs";
import { choose } from "./editor.mjs";

export const withTerminals = { terminal: true };

const steps = ["create", "output", "waitForExit", "kill", "release"];

export class Terminals {
  // `environment`: the editor's own. Members named like the steps take their place; each gets the
  // params and the step as it would have been.
  constructor({ environment = {}, ...instead } = {}) {
    this.environment = { PATH: process.env.PATH, ...environment };
    this.instead = instead;
    this.asked = []; // [step, terminalId], in order of arrival
    this.created = []; // params
    this.open = new Map(); // terminalId -> terminal
  }

  // What the SDK's client answers with.
  bind(app, methods) {
    for (const step of steps) {
      app.onRequest(methods[step], ({ params }) => {
        this.asked.push([step, params.terminalId]);
        if (step === "create") this.created.push(params);
        const usual = () => this[`_${step}`](params);
        return this.instead[step] ? this.instead[step](params, usual) : usual();
      });
    }
    return app;
  }

  count(step) {
    return this.asked.filter(([asked]) => asked === step).length;
  }

  // Every terminal that there ever was, and how often it was released.
  get releases() {
    return [...this.open.keys()].map(
      (id) => this.asked.filter(([step, of]) => step === "release" && of === id).length,
    );
  }

  // As when the editor is closed.
  end() {
    for (const terminal of this.open.values()) signal(terminal, "SIGKILL");
  }

  _create({ command, args = [], env = [], cwd, outputByteLimit = Infinity }) {
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const child = spawn(command, args, {
      cwd,
      env: { ...this.environment, ...given },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"], // an input that nothing ever comes from
    });
    const terminal = { child, kept: Buffer.alloc(0), truncated: false, status: undefined };
    const keep = (data) => {
      terminal.kept = Buffer.concat([terminal.kept, data]);
      if (terminal.kept.length <= outputByteLimit) return;
      terminal.kept = wholeCharacters(terminal.kept.subarray(-outputByteLimit));
      terminal.truncated = true;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    terminal.exit = new Promise((resolve) =>
      child.once("close", (exitCode, by) => {
        terminal.status = by ? { signal: by } : { exitCode };
        resolve(terminal.status);
      }),
    );
    const terminalId = `terminal-${this.open.size + 1}`;
    this.open.set(terminalId, terminal);
    return { terminalId };
  }

  _output({ terminalId }) {
    const { kept, truncated, status } = this.#alive(terminalId);
    return { output: kept.toString(), truncated, ...(status ? { exitStatus: status } : {}) };
  }

  _waitForExit({ terminalId }) {
    return this.#alive(terminalId).exit;
  }

  _kill({ terminalId }) {
    signal(this.#alive(terminalId), "SIGTERM");
    return {};
  }

  _release({ terminalId }) {
    const terminal = this.#alive(terminalId);
    terminal.isReleased = true;
    signal(terminal, "SIGKILL");
    return {};
  }

  #alive(terminalId) {
    const terminal = this.open.get(terminalId);
    if (!terminal || terminal.isReleased) {
      throw new acp.RequestError(-32602, `there is no terminal ${terminalId}`);
    }
    return terminal;
  }
}

function signal({ child, status }, name) {
  if (status) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // it has ended by itself
  }
}

function wholeCharacters(bytes) {
  let at = 0;
  while (at < bytes.length && (bytes[at] & 0xc0) === 0x80) at += 1;
  return bytes.subarray(at);
}

// An editor that approves and lends terminals; `options`: of Terminals.
export const lends = (options = {}) => ({
  capabilities: withTerminals,
  permission: choose("allow_once"),
  terminals: new Terminals(options),
});

// What was asked of the client about terminals.
export const terminalMethods = (editor) =>
  editor.wire.fromAgent.filter((m) => m.method?.startsWith("terminal/")).map((m) => m.method);
export const itemsOf = (updates) => updates.flatMap((u) => u.content ?? []);
export const textOf = (content) =>
  content
    .filter((item) => item.type === "content")
    .map((item) => item.content.text)
    .join("");
