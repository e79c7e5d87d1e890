// The review of a plan: opening it, comparing its revisions, and the user's answer, in which edits
// and comments go together.
import * as vscode from "vscode";
import { type VirtualDocuments, virtualScheme } from "../documents/virtual";
import type { PlanReview, PlanView } from "../protocol";
import { merge } from "../text/merge";
import type { PlanComments } from "./comments";
import { planUri, sessionOfPlan } from "./plan_documents";
import type { PlanStore } from "./plan_store";

export interface ReviewParts {
  plans: PlanStore;
  comments: PlanComments;
  texts: VirtualDocuments;
  currentSession(): string | undefined;
  opensForReview(): boolean;
}

export class PlanReviews implements vscode.Disposable {
  private readonly registrations: vscode.Disposable[];
  private readonly lastTexts = new Map<string, string>();

  constructor(private readonly parts: ReviewParts) {
    const { plans, comments } = parts;
    this.registrations = [
      plans.onChange(({ before, plan }) => void this.follow(before, plan)),
      comments.onChange(() => this.showContext()),
      vscode.window.onDidChangeActiveTextEditor(() => this.showContext()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.moveComments(document)),
      vscode.workspace.onDidOpenTextDocument((document) => this.opened(document)),
    ];
    for (const document of vscode.workspace.textDocuments) this.opened(document);
  }

  // What the user has changed in the plan, if anything, saved or not. A document without unsaved
  // text may for a moment still show the revision before.
  editsOf(plan: PlanView): string | undefined {
    const document = documentOf(plan.sessionId);
    const text = document?.isDirty ? document.getText() : this.parts.plans.draftOf(plan.sessionId);
    return text === undefined || text === plan.content ? undefined : text;
  }

  async open(preserveFocus = false): Promise<void> {
    const sessionId = this.session();
    if (!sessionId || !(await this.parts.plans.fetch(sessionId))) return;
    await vscode.window.showTextDocument(planUri(sessionId), { preview: false, preserveFocus });
  }

  async compare(): Promise<void> {
    const plan = this.plan();
    if (plan?.previous === undefined) {
      void vscode.window.showInformationMessage("This plan has no earlier revision.");
      return;
    }
    const key = `${plan.sessionId}#${plan.revision - 1}`;
    const before = this.parts.texts.put(virtualScheme, key, "plan.md", plan.previous);
    const title = `Plan: revision ${plan.revision - 1} ↔ ${plan.revision}`;
    await vscode.commands.executeCommand("vscode.diff", before, planUri(plan.sessionId), title);
  }

  async approve(): Promise<void> {
    const plan = this.inReview();
    if (!plan) return;
    const open = this.parts.comments.open(plan.sessionId).length;
    if (open > 0) {
      const text = `${open} comment(s) on the plan are open. Send them, or resolve them first.`;
      const choice = await vscode.window.showWarningMessage(text, "Send review");
      if (choice) await this.send();
      return;
    }
    await this.answer(plan, { decision: "approved" });
  }

  async reject(): Promise<void> {
    const plan = this.inReview();
    if (plan) await this.answer(plan, { decision: "rejected" }, false);
  }

  async send(): Promise<void> {
    const plan = this.inReview();
    if (!plan) return;
    const comments = this.parts.comments.open(plan.sessionId);
    if (comments.length > 0 || this.editsOf(plan) !== undefined) {
      await this.answer(plan, { decision: "feedback", comments });
      return;
    }
    const feedback = await vscode.window.showInputBox({
      title: "Feedback on the plan",
      prompt: "What should be different? (Comments on lines and edits in the plan do as well.)",
      ignoreFocusOut: true,
    });
    if (feedback?.trim())
      await this.answer(plan, { decision: "feedback", feedback: feedback.trim() });
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
  }

  private session(): string | undefined {
    const uri = vscode.window.activeTextEditor?.document.uri;
    return sessionOfPlan(uri) ?? this.parts.currentSession();
  }

  private plan(): PlanView | undefined {
    return this.parts.plans.get(this.session());
  }

  private inReview(): PlanView | undefined {
    const plan = this.plan();
    if (plan?.status === "in_review") return plan;
    void vscode.window.showInformationMessage("No plan waits for a review.");
    return undefined;
  }

  private async answer(
    plan: PlanView,
    decision: Pick<PlanReview, "decision" | "comments" | "feedback">,
    withEdits = true,
  ): Promise<void> {
    const { plans, comments } = this.parts;
    const { sessionId, revision } = plan;
    const edits = withEdits ? this.editsOf(plan) : undefined;
    const review = { sessionId, revision, ...decision, ...(edits === undefined ? {} : { edits }) };
    await documentOf(sessionId)?.save(); // while it still can be: a decided plan is read-only
    await plans.review(review);
    await plans.keepDraft(sessionId, undefined);
    if (decision.decision === "feedback") comments.sent(sessionId);
  }

  private async follow(before: PlanView | undefined, plan: PlanView): Promise<void> {
    const { comments, opensForReview } = this.parts;
    comments.restore(plan.sessionId);
    const isNew = plan.revision !== before?.revision || plan.sha256 !== before?.sha256;
    if (before && isNew) {
      if (!documentOf(plan.sessionId))
        comments.follow(plan.sessionId, before.content, plan.content);
      await this.carryDraft(before, plan);
    }
    this.showContext();
    const begins = plan.status === "in_review" && (isNew || before?.status !== "in_review");
    const isCurrent = plan.sessionId === this.parts.currentSession();
    if (begins && isCurrent && opensForReview()) await this.open(true);
  }

  // What the user has written and not sent is brought to the next revision, which somebody else asked
  // for; when that cannot be, it is shown beside it.
  private async carryDraft(before: PlanView, plan: PlanView): Promise<void> {
    const { plans, texts } = this.parts;
    const draft = plans.draftOf(plan.sessionId);
    if (draft === undefined || before.content === plan.content) return;
    const { merged } = merge(before.content, draft, plan.content);
    await plans.keepDraft(plan.sessionId, plan.status === "in_review" ? merged : undefined);
    if (merged !== undefined || plan.status !== "in_review") return;
    const text = `Your edits of the plan do not fit its revision ${plan.revision}.`;
    if ((await vscode.window.showWarningMessage(text, "Show my text")) === undefined) return;
    const key = `draft:${plan.sessionId}`;
    const mine = texts.put(virtualScheme, key, "my plan.md", draft);
    const title = "Plan: my text ↔ now";
    await vscode.commands.executeCommand("vscode.diff", mine, planUri(plan.sessionId), title);
  }

  private opened(document: vscode.TextDocument): void {
    const id = sessionOfPlan(document.uri);
    if (!id) return;
    this.lastTexts.set(id, document.getText());
    this.parts.comments.restore(id);
  }

  private moveComments(document: vscode.TextDocument): void {
    const id = sessionOfPlan(document.uri);
    if (!id) return;
    const before = this.lastTexts.get(id) ?? document.getText();
    this.lastTexts.set(id, document.getText());
    this.parts.comments.follow(id, before, document.getText());
  }

  private showContext(): void {
    const plan = this.plan();
    const set = (key: string, value: boolean) =>
      void vscode.commands.executeCommand("setContext", `thole.${key}`, value);
    set("planInReview", plan?.status === "in_review");
    set("planHasRevisions", plan?.previous !== undefined);
    set("planHasComments", plan ? this.parts.comments.open(plan.sessionId).length > 0 : false);
  }
}

function documentOf(sessionId: string): vscode.TextDocument | undefined {
  const uri = planUri(sessionId).toString();
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri && !one.isClosed);
}
