// What the tests of plan mode share: a plan and its revision, and what a session's log and client have
// of them.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { events } from "./log.mjs";
import { call, calls } from "./model.mjs";

export const first = "# Faster strokes\n\n- [ ] Raise the rate in src/oar.c\n- [ ] Say so in README.md\n";
export const second = first.replace("README.md", "notes.txt");

export const write = (content) => call("write_session_plan", { content });
export const draft = (content) => calls(write(content), call("exit_plan_mode", {}));
export const raise = calls(
  call("edit_file", { path: "src/oar.c", old_string: "minutes * 28", new_string: "minutes * 30" }),
);
export const done = (...ids) =>
  calls(call("update_tasks", { changes: ids.map((id) => ({ op: "update", id, status: "completed" })) }));

export const planFile = (rig, id) => join(rig.env.XDG_STATE_HOME, "thole/session_plans", `${id}.md`);
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
// What the model was told by each call of a tool that has ended, in the order of the calls: those that
// only read run side by side.
export const told = (rig, id, tool) => {
  const all = events(rig, id);
  const ended = (call) => all.find((e) => e.type === "ToolCallCompleted" && e.call_id === call.call_id);
  return all
    .filter((e) => e.type === "ToolCallStarted" && e.tool === tool)
    .map(ended)
    .filter(Boolean)
    .map((e) => e.output);
};
export const statuses = (session) =>
  session
    .updates("plan")
    .at(-1)
    .entries.map((entry) => entry.status);
export const said = (request) => JSON.stringify(request.messages);
export const ours = { _meta: { thole: { version: 1, features: { plan: {} } } } };
export const planViews = (session) =>
  session.editor.wire.fromAgent.filter((m) => m.method === "_thole/plan/changed").map((m) => m.params);
export const review = (session, params) =>
  session.editor.agent.request("_thole/plan/review", { sessionId: session.id, ...params });
