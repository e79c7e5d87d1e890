// What the user and a workspace add to thole by files, for tests of that.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./run.mjs";

// A file below the user's ~/.config/thole.
export function ofUser(rig, path, text) {
  const file = join(rig.env.XDG_CONFIG_HOME, "thole", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export async function trustAll(rig) {
  const { code, stderr } = await run(rig, ["trust", "--yes"]);
  assert.equal(code, 0, stderr);
}

// The commands that the editor was told of last; they come after the response that opens a session.
export async function commandsOf(session) {
  const isIt = (message) => message.params?.update?.sessionUpdate === "available_commands_update";
  await session.editor.wire.until(isIt, "the commands");
  return session.updates("available_commands_update").at(-1).availableCommands;
}

// An executable script of the workspace.
export function script(rig, path, text) {
  rig.workspace.write(path, `#!/bin/sh\n${text}\n`);
  chmodSync(rig.workspace.path(path), 0o755);
}
