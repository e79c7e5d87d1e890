import { expect, test } from "vitest";
import type { SessionUpdate } from "../../src/protocol";
import { Session } from "../../src/session/session";
import { Transcript } from "../../src/session/transcript";

const chunk = (
  kind: "user_message_chunk" | "agent_message_chunk" | "agent_thought_chunk",
  messageId: string,
  text: string,
): SessionUpdate => ({ sessionUpdate: kind, messageId, content: { type: "text", text } });

test("pieces of one message are one item, wherever it stands", () => {
  const transcript = new Transcript();
  transcript.apply(chunk("agent_message_chunk", "a", "one "));
  transcript.apply({
    sessionUpdate: "tool_call",
    toolCallId: "c",
    title: "Read",
    status: "pending",
  });
  transcript.apply(chunk("agent_message_chunk", "a", "two"));
  transcript.apply(chunk("agent_message_chunk", "b", "three"));
  expect(transcript.items).toEqual([
    { kind: "agent", id: "a", text: "one two" },
    { kind: "call", id: "c", call: { toolCallId: "c", title: "Read", status: "pending" } },
    { kind: "agent", id: "b", text: "three" },
  ]);
});

test("updates are folded into their call, and what they leave out stays", () => {
  const transcript = new Transcript();
  transcript.apply({
    sessionUpdate: "tool_call",
    toolCallId: "c",
    title: "Run ls",
    status: "pending",
    _meta: { thole: { effect: "execute" } },
  });
  transcript.apply({
    sessionUpdate: "tool_call_update",
    toolCallId: "c",
    status: "failed",
    _meta: { thole: { status: "denied" } },
  });
  expect(transcript.callOf("c")).toEqual({
    toolCallId: "c",
    title: "Run ls",
    status: "failed",
    _meta: { thole: { effect: "execute", status: "denied" } },
  });
});

test("a prompt is its text with what it mentions", () => {
  const transcript = new Transcript();
  transcript.addPrompt([
    { type: "text", text: "Look at @oar.c" },
    { type: "resource_link", uri: "file:///boat/oar.c", name: "oar.c" },
    { type: "resource", resource: { uri: "file:///boat/a%20b.c#L1:2", text: "x" } },
  ]);
  expect(transcript.items).toMatchObject([
    {
      kind: "user",
      text: "Look at @oar.c",
      mentions: [
        { name: "oar.c", uri: "file:///boat/oar.c" },
        { name: "a b.c#L1:2", uri: "file:///boat/a%20b.c#L1:2" },
      ],
    },
  ]);
});

test("only what has changed is noted", () => {
  const transcript = new Transcript();
  transcript.apply(chunk("user_message_chunk", "u", "hello"));
  transcript.apply(chunk("agent_message_chunk", "a", "hi"));
  transcript.changed.clear();
  transcript.apply(chunk("agent_message_chunk", "a", "!"));
  expect([...transcript.changed]).toEqual([1]);
});

test("calls that the end of the server cut off are interrupted", () => {
  const transcript = new Transcript();
  transcript.apply({ sessionUpdate: "tool_call", toolCallId: "c", status: "in_progress" });
  transcript.interruptCalls();
  expect(transcript.callOf("c")).toMatchObject({
    status: "failed",
    _meta: { thole: { status: "interrupted" } },
  });
});

test("a session takes tasks with and without the whole list", () => {
  const session = new Session("s", "/boat");
  session.apply({
    sessionUpdate: "plan",
    entries: [
      {
        content: "Carve",
        priority: "high",
        status: "in_progress",
        _meta: { thole: { task: { id: "t1", state: "in_progress" } } },
      },
    ],
  });
  expect(session.tasks).toEqual([
    { number: 1, id: "t1", content: "Carve", status: "in_progress", priority: "high" },
  ]);
  const whole = [
    { number: 1, id: "t1", content: "Carve", status: "cancelled" as const, priority: "high" },
  ];
  session.apply({ sessionUpdate: "plan", entries: [], _meta: { thole: { tasks: whole } } });
  expect(session.tasks).toEqual(whole);
});

test("a session is busy with its own prompts and with turns that others began", () => {
  const session = new Session("s", "/boat");
  expect(session.isBusy).toBe(false);
  session.apply({ sessionUpdate: "session_info_update", _meta: { thole: { busy: true } } });
  session.apply({ sessionUpdate: "session_info_update", title: "Oars" });
  expect([session.isBusy, session.title]).toEqual([true, "Oars"]);
  session.apply({ sessionUpdate: "session_info_update", _meta: { thole: { busy: false } } });
  session.ownTurns = 1;
  expect(session.isBusy).toBe(true);
});
