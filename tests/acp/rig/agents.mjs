// What the tests of sub-agents say and look at.
import { execFileSync } from "node:child_process";
import { call, calls } from "../rig.mjs";
import { ofType } from "./log.mjs";

export { events, ofType } from "./log.mjs";
export { told } from "./plans.mjs";

export const spawn = (task, options = {}) => call("spawn_subagent", { task, ...options });
export const edit = (path, from, to) =>
  calls(call("edit_file", { path, old_string: from, new_string: to }));
export const bash = (...commands) => calls(...commands.map((command) => call("bash", { command })));
export const inMode = (mode) => `[permissions]\nmode = "${mode}"\n`;
export const git = (rig, ...words) =>
  execFileSync("git", ["-C", rig.workspace.root, ...words], { env: rig.env, encoding: "utf8" });
export const childrenOf = (rig, id) =>
  ofType(rig, id, "ChildSessionSpawned").map((event) => event.child_session_id);
