// The plans of sessions as the server tells them, and what the user has made of each but not sent.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import type { PlanReview, PlanView } from "../protocol";
import type { Connection } from "../rpc/connection";

const draftKey = (id: string) => `thole.planDraft.${id}`;

export interface PlanChange {
  sessionId: string;
  before: PlanView | undefined;
  plan: PlanView;
}

export class PlanStore implements vscode.Disposable {
  private readonly plans = new Map<string, PlanView>();
  private readonly changed = new vscode.EventEmitter<PlanChange>();
  private readonly drafted = new vscode.EventEmitter<string>();
  readonly onChange = this.changed.event;
  readonly onDraft = this.drafted.event;

  constructor(
    private readonly agent: Agent,
    private readonly memory: vscode.Memento,
    private readonly untilSession: () => Promise<unknown>, // the session of the last time is open
  ) {}

  bind(connection: Connection): void {
    connection.listen("_thole/plan/changed", (plan) => this.take(plan));
  }

  get(sessionId: string | undefined): PlanView | undefined {
    return this.plans.get(sessionId ?? "");
  }

  async fetch(sessionId: string): Promise<PlanView | undefined> {
    if (!this.plans.has(sessionId)) await this.untilSession();
    const known = this.plans.get(sessionId);
    if (known) return known;
    const connection = await this.agent.connect();
    const plan = await connection.request("_thole/plan/get", { sessionId });
    this.take(plan);
    return plan;
  }

  // The plan as the user left it; undefined: as the agent wrote it.
  draftOf(sessionId: string): string | undefined {
    return this.memory.get<string>(draftKey(sessionId));
  }

  async keepDraft(sessionId: string, text: string | undefined): Promise<void> {
    const isNone = text === undefined || text === this.plans.get(sessionId)?.content;
    await this.memory.update(draftKey(sessionId), isNone ? undefined : text);
    this.drafted.fire(sessionId);
  }

  async review(review: PlanReview): Promise<void> {
    const connection = await this.agent.connect();
    await connection.request("_thole/plan/review", review);
  }

  dispose(): void {
    this.changed.dispose();
    this.drafted.dispose();
  }

  private take(plan: PlanView): void {
    const before = this.plans.get(plan.sessionId);
    this.plans.set(plan.sessionId, plan);
    this.changed.fire({ sessionId: plan.sessionId, before, plan });
  }
}
