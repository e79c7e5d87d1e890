import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { VirtualDocuments } from "../../src/documents/virtual";
import { PlanComments } from "../../src/plan/comments";
import { PlanDocuments, planUri } from "../../src/plan/plan_documents";
import { PlanStore } from "../../src/plan/plan_store";
import { PlanReviews } from "../../src/plan/review";
import type { PlanView } from "../../src/protocol";
import { FakeAgent, Memory, type, until } from "./support";

let sessions = 0;

// Comparing is not tested here, and the extension itself has the scheme.
const texts = {} as VirtualDocuments;

const first = "# Oars\n\n1. Carve\n2. Sand\n3. Oil\n";

// A plan in review and all that is around it, built as for a window.
class Desk {
  readonly id = `session-${++sessions}`;
  readonly fake = new FakeAgent();
  readonly memory = new Memory();
  readonly plans = new PlanStore(this.fake.agent, this.memory, async () => {});
  readonly comments = new PlanComments(this.memory, () => true);
  readonly reviews = new PlanReviews({
    plans: this.plans,
    comments: this.comments,
    texts,
    currentSession: () => this.id,
    opensForReview: () => false,
  });

  constructor() {
    this.plans.bind(this.fake.connection);
  }

  tell(more: Partial<PlanView> = {}): void {
    const plan = {
      sessionId: this.id,
      status: "in_review",
      revision: 1,
      sha256: String(more.revision ?? 1),
      path: "/plans/a.md",
      content: first,
      ...more,
    };
    this.fake.say({ method: "_thole/plan/changed", params: plan });
  }

  get reviewsSent(): unknown[] {
    return this.fake.paramsOf("_thole/plan/review");
  }

  comment(line: number, text: string): vscode.CommentThread {
    const range = new vscode.Range(line, 0, line, 0);
    const controller = (this.comments as unknown as { controller: vscode.CommentController })
      .controller;
    const thread = controller.createCommentThread(planUri(this.id), range, []);
    this.comments.add({ thread, text }, 1);
    return thread;
  }

  close(): void {
    this.reviews.dispose();
    this.comments.dispose();
    this.plans.dispose();
  }
}

const asDesk = (body: (desk: Desk) => Promise<void>) => async () => {
  const desk = new Desk();
  try {
    await body(desk);
  } finally {
    desk.close();
  }
};

export const planTests = {
  "comments go with the review, in the order of their lines": asDesk(async (desk) => {
    desk.tell();
    desk.comment(4, "Twice");
    desk.comment(2, "With which knife?");
    await desk.reviews.send();
    assert.deepEqual(desk.reviewsSent, [
      {
        sessionId: desk.id,
        revision: 1,
        decision: "feedback",
        comments: [
          { startLine: 3, endLine: 3, text: "With which knife?" },
          { startLine: 5, endLine: 5, text: "Twice" },
        ],
      },
    ]);
    assert.deepEqual(desk.comments.open(desk.id), [], "what was sent is not open any more");
  }),

  "an edit that was kept goes with the approval": asDesk(async (desk) => {
    desk.tell();
    const edits = first.replace("Sand", "Sand twice");
    await desk.plans.keepDraft(desk.id, edits);
    await desk.reviews.approve();
    assert.deepEqual(desk.reviewsSent, [
      { sessionId: desk.id, revision: 1, decision: "approved", edits },
    ]);
    assert.equal(desk.plans.draftOf(desk.id), undefined);
  }),

  "open comments stand in the way of an approval until they are resolved": asDesk(async (desk) => {
    desk.tell();
    const thread = desk.comment(2, "With which knife?");
    void desk.reviews.approve();
    await new Promise((wake) => setTimeout(wake, 100));
    assert.deepEqual(desk.reviewsSent, []);
    desk.comments.resolve(thread);
    await desk.reviews.approve();
    assert.equal(desk.reviewsSent.length, 1);
  }),

  "comments move with the text of a new revision": asDesk(async (desk) => {
    desk.tell();
    desk.comment(4, "Twice");
    desk.tell({ revision: 2, content: `Note first.\n\n${first}`, previous: first });
    await until(() => desk.comments.open(desk.id)[0]?.startLine === 7, "the comment moves");
  }),

  "edits that were not sent are carried to a revision that somebody else asked for": asDesk(
    async (desk) => {
      desk.tell();
      await desk.plans.keepDraft(desk.id, first.replace("Oil", "Oil twice"));
      desk.tell({ revision: 2, content: first.replace("# Oars", "# Two oars"), previous: first });
      const both = first.replace("Oil", "Oil twice").replace("# Oars", "# Two oars");
      await until(() => desk.plans.draftOf(desk.id) === both, "the draft is merged");
    },
  ),

  "comments and drafts are there again after a reload": asDesk(async (desk) => {
    desk.tell();
    desk.comment(2, "With which knife?");
    const again = new PlanComments(desk.memory, () => true);
    again.restore(desk.id);
    assert.deepEqual(again.open(desk.id), [
      { startLine: 3, endLine: 3, text: "With which knife?" },
    ]);
    again.dispose();
  }),

  "an answer to a comment that was sent is a new one, without the old words": asDesk(
    async (desk) => {
      desk.tell();
      const thread = desk.comment(2, "With which knife?");
      await desk.reviews.send();
      desk.comments.add({ thread, text: "The small one." }, 2);
      assert.deepEqual(desk.comments.open(desk.id), [
        { startLine: 3, endLine: 3, text: "The small one." },
      ]);
    },
  ),

  "a plan is a Markdown document that can be edited while it is in review": asDesk(async (desk) => {
    desk.tell();
    // The extension itself has the scheme.
    const documents = new PlanDocuments(desk.plans, "thole-plan-test");
    const uri = planUri(desk.id).with({ scheme: "thole-plan-test" });
    const document = await vscode.workspace.openTextDocument(uri);
    assert.deepEqual([document.getText(), document.languageId], [first, "markdown"]);
    const editor = await vscode.window.showTextDocument(document);
    await type(editor, 2, "0. Choose the wood\n");
    assert.ok(await document.save());
    assert.match(desk.plans.draftOf(desk.id) ?? "", /Choose the wood/);
    await desk.plans.keepDraft(desk.id, undefined);
    await until(() => document.getText() === first, "the document shows the plan again");
    documents.dispose();
  }),
};
