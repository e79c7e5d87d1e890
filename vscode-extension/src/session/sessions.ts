// The sessions that this window has open, and the one that its chat shows. Turns wishes into
// requests and updates into changed sessions.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import type { ContentBlock, SessionRow, SessionUpdate } from "../protocol";
import { type Connection, RpcError } from "../rpc/connection";
import { Session } from "./session";

const notFound = -32002;
const currentKey = "thole.currentSession";
const busyKey = "thole.isBusy";
const mostEarly = 20;

export interface Folders {
  cwd: string;
  others: string[];
}

export class Sessions implements vscode.Disposable {
  private readonly open = new Map<string, Session>();
  private readonly early = new Map<string, SessionUpdate[]>(); // before the answer was seen
  private readonly changed = new vscode.EventEmitter<Session>();
  private readonly switched = new vscode.EventEmitter<Session | undefined>();
  private readonly turnEnded = new vscode.EventEmitter<Session>();
  readonly onChange = this.changed.event; // something of this session is new
  readonly onSwitch = this.switched.event; // the chat shows another one, or the same anew
  readonly onTurnEnd = this.turnEnded.event;
  private current_: Session | undefined;
  private starting: Promise<Session> | undefined;

  constructor(
    private readonly agent: Agent,
    private readonly memory: vscode.Memento,
    private readonly folders: () => Folders | undefined,
  ) {
    agent.onEnd((why) => void this.recover(why));
    this.changed.event(() => this.keepBusy());
  }

  get current(): Session | undefined {
    return this.current_;
  }

  get(id: string): Session | undefined {
    return this.open.get(id);
  }

  bind(connection: Connection): void {
    connection.listen("session/update", ({ sessionId, update }) => this.update(sessionId, update));
  }

  // Whether a turn was running when this workspace was last seen: it may wait for the user.
  get wasBusy(): boolean {
    return this.memory.get<boolean>(busyKey, false);
  }

  // The session of the chat; the one of the last time, or a new one.
  ensure(): Promise<Session> {
    if (this.current_) return Promise.resolve(this.current_);
    if (this.starting) return this.starting;
    const starting = this.restore().finally(() => {
      if (this.starting === starting) this.starting = undefined;
    });
    this.starting = starting;
    return starting;
  }

  async create(): Promise<Session> {
    const connection = await this.agent.connect();
    const place = this.place();
    const answer = await connection.request("session/new", place);
    const session = new Session(answer.sessionId, place.cwd);
    session.take(answer);
    this.open.set(session.id, session);
    for (const update of this.early.get(session.id) ?? []) session.apply(update);
    this.early.clear();
    this.show(session);
    return session;
  }

  // Shows a session in the chat. One that runs elsewhere is attached to.
  async resume(id: string, cwd?: string): Promise<Session> {
    const session = await this.load(id, cwd);
    this.show(session);
    return session;
  }

  // Opens a session without making it the one of the chat.
  async load(id: string, cwd?: string): Promise<Session> {
    const known = this.open.get(id);
    if (known) return known;
    const connection = await this.agent.connect();
    const session = new Session(id, cwd ?? this.place().cwd);
    this.open.set(id, session);
    try {
      await this.replay(connection, session);
    } catch (error) {
      this.open.delete(id);
      throw error;
    }
    return session;
  }

  async close(id: string): Promise<void> {
    if (!this.open.delete(id)) return;
    const connection = await this.agent.connect();
    await connection.request("session/close", { sessionId: id });
  }

  async delete(id: string): Promise<void> {
    const connection = await this.agent.connect();
    await connection.request("session/delete", { sessionId: id });
    this.open.delete(id);
    if (this.current_?.id === id) await this.create();
  }

  async list(): Promise<SessionRow[]> {
    const connection = await this.agent.connect();
    const { sessions } = await connection.request("session/list", { cwd: this.place().cwd });
    return sessions;
  }

  async search(text: string): Promise<SessionRow[]> {
    const connection = await this.agent.connect();
    const params = { text, cwd: this.place().cwd, limit: 100 };
    return (await connection.request("_thole/sessions/search", params)).sessions;
  }

  async prompt(session: Session, prompt: ContentBlock[]): Promise<void> {
    session.transcript.addPrompt(prompt);
    session.ownTurns += 1;
    this.changed.fire(session);
    try {
      const connection = await this.agent.connect();
      const params = { sessionId: session.id, prompt };
      const { stopReason } = await connection.request("session/prompt", params);
      const remark = remarks[stopReason];
      if (remark) session.transcript.addNotice("info", remark);
    } catch (error) {
      session.transcript.addNotice("error", textOf(error));
    } finally {
      session.ownTurns = Math.max(0, session.ownTurns - 1);
      this.changed.fire(session);
      if (!session.isBusy) this.turnEnded.fire(session);
    }
  }

  async cancel(session: Session): Promise<void> {
    (await this.agent.connect()).notify("session/cancel", { sessionId: session.id });
  }

  async setMode(session: Session, modeId: string): Promise<void> {
    const connection = await this.agent.connect();
    await connection.request("session/set_mode", { sessionId: session.id, modeId });
  }

  async setOption(session: Session, configId: string, value: string): Promise<void> {
    const connection = await this.agent.connect();
    const params = { sessionId: session.id, configId, value };
    session.take(await connection.request("session/set_config_option", params));
    this.changed.fire(session);
  }

  // Opens what is open again, over a new connection.
  async reopenAll(remark = ""): Promise<void> {
    const connection = await this.agent.connect();
    for (const session of [...this.open.values()]) await this.reopen(connection, session, remark);
  }

  // Nothing is open any more here; on disk it stays.
  leave(): void {
    this.open.clear();
    this.current_ = undefined;
    this.starting = undefined;
    this.switched.fire(undefined);
  }

  dispose(): void {
    this.changed.dispose();
    this.switched.dispose();
    this.turnEnded.dispose();
  }

  private place(): { cwd: string; mcpServers: []; additionalDirectories?: string[] } {
    const folders = this.folders();
    if (!folders) throw new Error("thole works in a folder: open one first.");
    const { cwd, others } = folders;
    return { cwd, mcpServers: [], ...(others.length ? { additionalDirectories: others } : {}) };
  }

  private async restore(): Promise<Session> {
    const id = this.memory.get<string>(currentKey);
    if (!id) return this.create();
    try {
      return await this.resume(id);
    } catch (error) {
      if (error instanceof RpcError && error.code === notFound) return this.create();
      throw error;
    }
  }

  private async replay(connection: Connection, session: Session): Promise<void> {
    const params = { ...this.place(), sessionId: session.id, cwd: session.cwd };
    session.take(await connection.request("session/load", params));
    this.changed.fire(session);
  }

  private show(session: Session): void {
    const last = this.current_;
    this.current_ = session;
    void this.memory.update(currentKey, session.id);
    this.switched.fire(session);
    if (last && last !== session && last.isIdle) void this.close(last.id).catch(() => {});
  }

  private keepBusy(): void {
    const isBusy = this.current_?.isBusy ?? false;
    if (isBusy !== this.wasBusy) void this.memory.update(busyKey, isBusy);
  }

  private update(id: string, update: SessionUpdate): void {
    const session = this.open.get(id);
    if (!session) {
      this.early.set(id, [...(this.early.get(id) ?? []), update].slice(-mostEarly));
      return;
    }
    const wasBusy = session.isBusy;
    session.apply(update);
    this.changed.fire(session);
    if (wasBusy && !session.isBusy) this.turnEnded.fire(session);
  }

  // After a crash: what was open is opened again, and the server says what became of it.
  private async recover(why: string): Promise<void> {
    for (const session of this.open.values()) {
      session.transcript.interruptCalls();
      session.busyElsewhere = false;
      this.changed.fire(session);
    }
    if (!this.agent.mayRestart || this.open.size === 0) return;
    try {
      await this.reopenAll(`thole was started again: ${why}.`);
    } catch {
      // the status of the agent tells
    }
  }

  private async reopen(connection: Connection, session: Session, remark: string): Promise<void> {
    session.forget();
    await this.replay(connection, session);
    if (remark) session.transcript.addNotice("warning", remark);
    this.changed.fire(session);
    if (session === this.current_) this.switched.fire(session);
  }
}

const remarks: Record<string, string> = {
  cancelled: "Stopped.",
  max_tokens: "The answer reached the model's limit.",
  max_turn_requests: "A limit of this session was reached; say “go on” to continue.",
  refusal: "The model refused to answer.",
};

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
