// The process `thole --stdio` and the connection to it. Starts it when it is first needed, says when
// it has ended, and starts it again unless it keeps falling over.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import * as vscode from "vscode";
import type { Feature, InitializeResult } from "../protocol";
import { Connection } from "../rpc/connection";
import type { AgentStatus } from "./status";

export interface AgentParts {
  findProgram(): string | undefined;
  environment(): Promise<NodeJS.ProcessEnv>;
  workingDirectory(): string | undefined;
  prepare(connection: Connection): void; // binds what the client answers
  log: vscode.LogOutputChannel;
}

const clientCapabilities = {
  fs: { readTextFile: true, writeTextFile: true },
  session: { notices: {} },
  elicitation: { form: {} },
  _meta: {
    thole: {
      version: 1,
      features: { plan: {}, agents: {}, approvals: {}, diagnostics: {}, changes: {}, busy: {} },
    },
  },
};

const mostCrashes = 3;
const crashWindow = 60_000; // ms
const patience = 3_000; // ms that a process gets to leave by itself

export class Agent implements vscode.Disposable {
  private readonly statusChanged = new vscode.EventEmitter<AgentStatus>();
  private readonly ended = new vscode.EventEmitter<string>();
  readonly onStatus = this.statusChanged.event;
  readonly onEnd = this.ended.event; // the process is gone, and why; not after stop()
  private status_: AgentStatus = { state: "stopped" };
  private child: ChildProcessWithoutNullStreams | undefined;
  private connection: Connection | undefined;
  private connecting: Promise<Connection> | undefined;
  private features: Record<string, unknown> = {};
  private crashes: number[] = [];

  constructor(private readonly parts: AgentParts) {}

  get status(): AgentStatus {
    return this.status_;
  }

  has(feature: Feature): boolean {
    return feature in this.features;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  // The one connection; started when there is none.
  connect(): Promise<Connection> {
    if (this.connecting) return this.connecting;
    const connecting = this.start();
    this.connecting = connecting;
    connecting.catch(() => {
      if (this.connecting === connecting) this.connecting = undefined;
    });
    return connecting;
  }

  get mayRestart(): boolean {
    const since = Date.now() - crashWindow;
    return this.crashes.filter((at) => at > since).length < mostCrashes;
  }

  async restart(): Promise<void> {
    this.stop();
    this.crashes = [];
    await this.connect();
  }

  stop(): void {
    const { child, connection } = this;
    this.child = this.connection = this.connecting = undefined;
    connection?.close(new Error("thole was stopped"));
    if (child) leave(child);
    this.become({ state: "stopped" });
  }

  dispose(): void {
    this.stop();
    this.statusChanged.dispose();
    this.ended.dispose();
  }

  private become(status: AgentStatus): void {
    this.status_ = status;
    this.statusChanged.fire(status);
  }

  private async start(): Promise<Connection> {
    const program = this.parts.findProgram();
    if (!program) {
      this.become({ state: "missing" });
      throw new Error("The thole program was not found.");
    }
    this.become({ state: "starting" });
    const env = await this.parts.environment();
    const child = spawn(program, ["--stdio"], {
      cwd: this.parts.workingDirectory(),
      env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child = child;
    this.parts.log.info(`started ${program} --stdio (process ${child.pid})`);
    const connection = this.connectionOf(child);
    this.connection = connection;
    this.watch(child, connection);
    this.parts.prepare(connection);
    await this.introduce(connection);
    return connection;
  }

  private connectionOf(child: ChildProcessWithoutNullStreams): Connection {
    const write = (line: string) => void child.stdin.write(line);
    const connection = new Connection(write, (text) => this.parts.log.warn(text));
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text: string) => connection.receive(text));
    child.stdin.on("error", () => {}); // its end is told by `close`
    return connection;
  }

  private watch(child: ChildProcessWithoutNullStreams, connection: Connection): void {
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => this.parts.log.append(text));
    let failure = "";
    child.on("error", (error) => {
      failure = error.message;
      if (child.pid === undefined) this.gone(child, connection, failure);
    });
    child.on("close", (code, signal) => {
      const why = failure || (signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
      this.gone(child, connection, why);
    });
  }

  private gone(child: ChildProcessWithoutNullStreams, connection: Connection, why: string): void {
    connection.close(new Error(`thole is not running: ${why}`));
    if (this.child !== child) return;
    this.parts.log.error(`process ${child.pid ?? ""} is gone: ${why}`);
    this.child = undefined;
    this.connecting = undefined;
    this.crashes.push(Date.now());
    this.become({ state: "failed", why });
    this.ended.fire(why);
  }

  private async introduce(connection: Connection): Promise<void> {
    const answer: InitializeResult = await connection.request("initialize", {
      protocolVersion: 1,
      clientCapabilities,
      clientInfo: { name: "thole-vscode", title: "thole for VS Code", version: vscode.version },
    });
    this.features = answer.agentCapabilities?._meta?.thole?.features ?? {};
    this.become({ state: "ready", version: answer.agentInfo?.version ?? "" });
  }
}

// The end of its input is all that thole needs; a turn that runs goes on without us.
function leave(child: ChildProcessWithoutNullStreams): void {
  child.stdin.end();
  child.stdout.resume();
  const timer = setTimeout(() => child.kill("SIGHUP"), patience);
  timer.unref();
  child.once("close", () => clearTimeout(timer));
}
