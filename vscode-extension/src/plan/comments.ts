// Comments on lines of a plan, as native threads. They move with the text, survive a reload, and go
// to the agent with the review; open ones stand in the way of an approval.
import * as vscode from "vscode";
import type { PlanComment } from "../protocol";
import { changesOfText, lineAfter } from "../text/lines";
import { planScheme, planUri, sessionOfPlan } from "./plan_documents";

type Stage = "open" | "sent" | "resolved";

interface KeptThread {
  begin: number; // lines, 0-based, inclusive
  end: number;
  texts: string[];
  stage: Stage;
  revision: number;
}

interface Thread {
  native: vscode.CommentThread;
  sessionId: string;
  kept: KeptThread;
}

const memoryKey = (sessionId: string) => `thole.planThreads.${sessionId}`;

export class PlanComments implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController("thole.plan", "thole plan");
  private readonly threads = new Map<vscode.CommentThread, Thread>();
  private readonly restored = new Set<string>();
  private readonly changed = new vscode.EventEmitter<string>();
  readonly onChange = this.changed.event;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly mayComment: (sessionId: string) => boolean,
  ) {
    this.controller.options = {
      prompt: "Comment on these lines",
      placeHolder: "What should be different here?",
    };
    this.controller.commentingRangeProvider = {
      provideCommentingRanges: (document) =>
        document.uri.scheme === planScheme && this.mayComment(sessionOfPlan(document.uri) ?? "")
          ? [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)]
          : [],
    };
  }

  // Those that wait to be sent, as the server counts lines.
  open(sessionId: string): PlanComment[] {
    return this.of(sessionId)
      .filter(({ kept }) => kept.stage === "open")
      .map(({ kept }) => ({
        startLine: kept.begin + 1,
        endLine: kept.end + 1,
        text: kept.texts.join("\n"),
      }))
      .sort((a, b) => a.startLine - b.startLine);
  }

  add({ thread, text }: vscode.CommentReply, revision: number): void {
    const known = this.threads.get(thread);
    const sessionId = sessionOfPlan(thread.uri);
    if (!sessionId || text.trim() === "") return;
    const range = thread.range ?? new vscode.Range(0, 0, 0, 0);
    const kept = known?.kept ?? {
      begin: range.start.line,
      end: range.end.line,
      texts: [],
      stage: "open",
      revision,
    };
    if (kept.stage !== "open") kept.texts = []; // what was sent is not sent again
    Object.assign(kept, { texts: [...kept.texts, text.trim()], stage: "open", revision });
    this.threads.set(thread, { native: thread, sessionId, kept });
    this.show(thread);
    this.keep(sessionId);
  }

  resolve(thread: vscode.CommentThread): void {
    this.become(thread, "resolved");
  }

  reopen(thread: vscode.CommentThread): void {
    this.become(thread, "open");
  }

  remove(thread: vscode.CommentThread): void {
    const sessionId = sessionOfPlan(thread.uri) ?? "";
    this.threads.delete(thread);
    thread.dispose();
    this.keep(sessionId);
  }

  sent(sessionId: string): void {
    for (const { native, kept } of this.of(sessionId)) {
      if (kept.stage !== "open") continue;
      kept.stage = "sent";
      this.show(native);
    }
    this.keep(sessionId);
  }

  // Puts back the threads of the last time.
  restore(sessionId: string): void {
    if (this.restored.has(sessionId)) return;
    this.restored.add(sessionId);
    for (const kept of this.memory.get<KeptThread[]>(memoryKey(sessionId)) ?? []) {
      const range = new vscode.Range(kept.begin, 0, kept.end, 0);
      const native = this.controller.createCommentThread(planUri(sessionId), range, []);
      this.threads.set(native, { native, sessionId, kept });
      this.show(native);
    }
    this.changed.fire(sessionId);
  }

  // The text has become another one.
  follow(sessionId: string, before: string, after: string): void {
    const changes = changesOfText(before, after);
    if (changes.length === 0) return;
    for (const { native, kept } of this.of(sessionId)) {
      kept.begin = lineAfter(changes, kept.begin);
      kept.end = Math.max(kept.begin, lineAfter(changes, kept.end));
      native.range = new vscode.Range(kept.begin, 0, kept.end, 0);
    }
    this.keep(sessionId);
  }

  dispose(): void {
    this.controller.dispose();
    this.changed.dispose();
  }

  private of(sessionId: string): Thread[] {
    return [...this.threads.values()].filter((thread) => thread.sessionId === sessionId);
  }

  private become(thread: vscode.CommentThread, stage: Stage): void {
    const known = this.threads.get(thread);
    if (!known) return;
    known.kept.stage = stage;
    this.show(thread);
    this.keep(known.sessionId);
  }

  private show(thread: vscode.CommentThread): void {
    const kept = this.threads.get(thread)?.kept;
    if (!kept) return;
    const isOpen = kept.stage === "open";
    thread.comments = kept.texts.map((text) => ({
      body: text,
      mode: vscode.CommentMode.Preview,
      author: { name: "You" },
      label: labels[kept.stage](kept.revision),
    }));
    thread.contextValue = kept.stage;
    thread.label = isOpen ? "Goes with the review" : labels[kept.stage](kept.revision);
    thread.canReply = true;
    thread.state = isOpen
      ? vscode.CommentThreadState.Unresolved
      : vscode.CommentThreadState.Resolved;
    if (!isOpen) thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
  }

  private keep(sessionId: string): void {
    const kept = this.of(sessionId).map((thread) => thread.kept);
    void this.memory.update(memoryKey(sessionId), kept.length > 0 ? kept : undefined);
    this.changed.fire(sessionId);
  }
}

const labels: Record<Stage, (revision: number) => string> = {
  open: () => "",
  sent: (revision) => `sent for revision ${revision}`,
  resolved: () => "resolved",
};
