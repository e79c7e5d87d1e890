import { expect, test } from "vitest";
import type { AgentNode, MergeResult } from "../../src/protocol";
import { branchNameOf, summary } from "../../src/trees/agent_actions";
import { contextOf, describe } from "../../src/trees/agents";
import { age } from "../../src/trees/sessions";

const node: AgentNode = {
  agentId: "a",
  parentId: "s",
  task: "Carve an oar",
  state: "running",
  background: false,
  costUsd: 0,
  tokens: 0,
  toolCalls: 2,
  startedAt: "2026-11-20T10:00:00Z",
  result: "none",
  activity: "Edit oar.c",
  pendingApprovals: 0,
};
const done: AgentNode = {
  ...node,
  state: "completed",
  result: "changes",
  diffstat: { files: 2, insertions: 10, deletions: 3 },
};

test("a sub-agent at work shows what it does, and whether it waits for the user", () => {
  expect(describe(node)).toBe("Edit oar.c");
  expect(describe({ ...node, pendingApprovals: 1 })).toBe("waits for you · Edit oar.c");
});

test("one that is done shows what it leaves", () => {
  expect(describe(done)).toBe("to merge · 2 file(s) +10 −3");
  expect(describe({ ...done, state: "failed", result: "none" })).toBe("2 file(s) +10 −3 · failed");
});

test("only what is over and has changes can be merged, only what runs can be stopped", () => {
  expect(contextOf(node)).toBe("agent live");
  expect(contextOf(done)).toBe("agent mergeable");
  for (const result of ["merged", "branch", "discarded"] as const)
    expect(contextOf({ ...done, result })).toBe("agent");
});

test("a merge says which files it changes, and which stand in its way", () => {
  const file = { path: "oar.c", status: "modified", verdict: "applies" as const };
  const result: MergeResult = { status: "clean", applied: false, files: [file], diff: "" };
  expect(summary(done, result)).toBe("“Carve an oar” changes 1 file(s): oar.c");
  const conflict = { ...file, verdict: "conflict" as const, why: "both changed line 3" };
  expect(summary(done, { ...result, status: "conflict", files: [file, conflict] })).toBe(
    "“Carve an oar” conflicts with your files: oar.c. Nothing was changed.",
  );
});

test("a merge that is refused at the last moment says why", () => {
  const result: MergeResult = { status: "overlap", applied: false, why: "oar.c has just changed" };
  expect(summary(done, result)).toBe(
    "You have changed what “Carve an oar” changes: oar.c has just changed. Nothing was changed.",
  );
});

test("a branch is named after the task", () => {
  expect(branchNameOf("Carve a second oar (of ash)!")).toBe("carve-a-second-oar-of-ash");
  expect(branchNameOf("…")).toBe("sub-agent");
});

test("the age of a session is short", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  expect(age("2026-11-20T11:59:40Z", now)).toBe("now");
  expect(age("2026-11-20T11:15:00Z", now)).toBe("45 min");
  expect(age("2026-11-18T11:00:00Z", now)).toBe("2 d");
  expect(age(undefined, now)).toBe("");
});
