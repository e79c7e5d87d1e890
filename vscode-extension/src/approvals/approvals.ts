// What waits for the user's decision: calls that must be allowed and questions of the model. Each is
// answered once, by whatever part of the window the user turns to first, or taken back.
import * as vscode from "vscode";
import type {
  PermissionAnswer,
  PermissionRequest,
  QuestionAnswer,
  QuestionRequest,
} from "../protocol";
import type { Connection } from "../rpc/connection";

export interface Approval {
  id: number;
  request: PermissionRequest;
}

export interface Question {
  id: number;
  request: QuestionRequest;
}

interface Waiting<Request, Answer> {
  id: number;
  request: Request;
  settle(answer: Answer): void;
}

export class Approvals implements vscode.Disposable {
  private readonly approvals_ = new Map<number, Waiting<PermissionRequest, PermissionAnswer>>();
  private readonly questions_ = new Map<number, Waiting<QuestionRequest, QuestionAnswer>>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly asked = new vscode.EventEmitter<Approval>();
  private readonly questioned = new vscode.EventEmitter<Question>();
  private readonly settled = new vscode.EventEmitter<Approval>();
  readonly onChange = this.changed.event;
  readonly onApproval = this.asked.event;
  readonly onQuestion = this.questioned.event;
  readonly onSettled = this.settled.event;
  private lastId = 0;

  bind(connection: Connection): void {
    connection.handle("session/request_permission", (request, signal) =>
      this.ask(this.approvals_, request, signal, { outcome: { outcome: "cancelled" } }),
    );
    connection.handle("elicitation/create", (request, signal) =>
      this.ask(this.questions_, request, signal, { action: "cancel" }),
    );
  }

  get approvals(): Approval[] {
    return [...this.approvals_.values()].map(({ id, request }) => ({ id, request }));
  }

  get questions(): Question[] {
    return [...this.questions_.values()].map(({ id, request }) => ({ id, request }));
  }

  isOpen(id: number): boolean {
    return this.approvals_.has(id) || this.questions_.has(id);
  }

  // False: it was decided already.
  decide(id: number, optionId: string, reason?: string): boolean {
    const about = reason ? { _meta: { thole: { reason } } } : {};
    return settle(this.approvals_, id, { outcome: { outcome: "selected", optionId, ...about } });
  }

  answer(id: number, content: Record<string, string> | undefined): boolean {
    const answer: QuestionAnswer = content ? { action: "accept", content } : { action: "decline" };
    return settle(this.questions_, id, answer);
  }

  // The turn is being stopped: its dialogs end with it.
  cancelAll(sessionId: string): void {
    for (const { id, request, settle: end } of [...this.approvals_.values()])
      if (request.sessionId === sessionId && this.approvals_.has(id))
        end({ outcome: { outcome: "cancelled" } });
    for (const { request, settle: end } of [...this.questions_.values()])
      if (request.sessionId === sessionId) end({ action: "cancel" });
  }

  dispose(): void {
    for (const emitter of [this.changed, this.asked, this.questioned, this.settled])
      emitter.dispose();
  }

  private ask<Request, Answer>(
    waiting: Map<number, Waiting<Request, Answer>>,
    request: Request,
    signal: AbortSignal,
    withdrawn: Answer,
  ): Promise<Answer> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const end = (answer: Answer) => {
        if (!waiting.delete(id)) return;
        resolve(answer);
        this.changed.fire();
        this.tellSettled(id, request);
      };
      waiting.set(id, { id, request, settle: end });
      signal.addEventListener("abort", () => end(withdrawn));
      this.changed.fire();
      this.tell(id);
    });
  }

  private tell(id: number): void {
    const approval = this.approvals_.get(id);
    const question = this.questions_.get(id);
    if (approval) this.asked.fire({ id, request: approval.request });
    if (question) this.questioned.fire({ id, request: question.request });
  }

  private tellSettled(id: number, request: unknown): void {
    if (isPermission(request)) this.settled.fire({ id, request });
  }
}

function isPermission(request: unknown): request is PermissionRequest {
  return typeof request === "object" && request !== null && "toolCall" in request;
}

function settle<Request, Answer>(
  waiting: Map<number, Waiting<Request, Answer>>,
  id: number,
  answer: Answer,
): boolean {
  const one = waiting.get(id);
  one?.settle(answer);
  return one !== undefined;
}
