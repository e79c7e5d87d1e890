import { expect, test } from "vitest";
import { chatState, type Known } from "../../src/chat/state";
import { faceOf } from "../../src/host/status_bar";
import type { PlanView } from "../../src/protocol";
import { Session } from "../../src/session/session";

function known(more: Partial<Known> = {}): Known {
  return {
    agent: { state: "ready", version: "1" },
    hasFolder: true,
    session: new Session("s", "/boat"),
    isChild: false,
    approvals: [],
    questions: [],
    plan: undefined,
    openComments: 0,
    hasPlanEdits: false,
    changedFiles: 0,
    selection: "",
    worktrees: [],
    ...more,
  };
}

const approval = (sessionId: string) => ({
  id: 1,
  request: {
    sessionId,
    toolCall: { toolCallId: "c" },
    options: [],
    _meta: { thole: { why: "w" } },
  },
});

const plan: PlanView = {
  sessionId: "s",
  status: "in_review",
  revision: 2,
  sha256: "",
  path: "",
  content: "intro\n\n## Carve the oar\n",
};

test("a page shows the approvals of its own session only", () => {
  const state = chatState(known({ approvals: [approval("s"), approval("other")] }));
  expect(state.approvals).toMatchObject([{ id: 1, why: "w", agent: "" }]);
});

test("a plan is named by its first heading", () => {
  const state = chatState(known({ plan, openComments: 2 }));
  expect(state.plan).toMatchObject({ title: "Carve the oar", revision: 2, openComments: 2 });
  expect(chatState(known({ plan: { ...plan, status: "none" } })).plan).toBeUndefined();
});

test("tasks are counted without the cancelled ones", () => {
  const session = new Session("s", "/boat");
  const task = { number: 1, id: "1", content: "Carve", priority: "low" };
  session.tasks = [
    { ...task, status: "completed" },
    { ...task, status: "in_progress" },
    { ...task, status: "cancelled" },
  ];
  expect(chatState(known({ session })).tasks).toEqual({ done: 1, total: 2, current: "Carve" });
});

test("the status bar says first what needs the user", () => {
  const face = (more: Partial<Known>) => faceOf(chatState(known(more))).text;
  expect(face({})).toBe("");
  expect(face({ plan })).toBe("plan to review");
  expect(face({ plan, approvals: [approval("s")] })).toBe("waits for you (1)");
  expect(face({ agent: { state: "failed", why: "x" } })).toBe("not running");
});
