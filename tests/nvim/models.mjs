// Serves scripted models and workspaces to tests that are not written in JavaScript: one JSON object a
// line in, one out. `{id, do: "start", files?, replies?, scripts?}` → `{id, key, env, root}`, where
// `scripts` has the replies to sub-agents by the first words of their tasks;
// `{id, do: "script", key, replies}`; `{id, do: "requests", key}` → the agent's requests so far;
// `{id, do: "stop", key}`. A reply is the name of a function of the rig's model with its arguments.
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import * as replies from "../acp/rig/model.mjs";
import { Workspace } from "../acp/rig/workspace.mjs";

const running = new Map(); // key -> {model, workspace}

function reply([name, ...words]) {
  if (name.startsWith("calls") || name === "sayThenCall") {
    const toolCalls = words.map((word) =>
      typeof word === "string" ? word : replies.call(word.name, word.input ?? {}, word.id),
    );
    return replies[name](...toolCalls);
  }
  return replies[name](...words);
}

// A process that is just ending may still write into it.
async function removed(workspace, attempts = 50) {
  try {
    workspace.remove();
  } catch (error) {
    if (attempts === 0) throw error;
    await pause(100);
    await removed(workspace, attempts - 1);
  }
}

const deeds = {
  async start({ id, files, replies: script = [], scripts = {} }) {
    const workspace = new Workspace(files);
    const model = await replies.Model.start("anthropic");
    model.script(...script.map(reply));
    for (const [words, own] of Object.entries(scripts)) {
      model.scriptFor(new RegExp(`^${words}`), ...own.map(reply));
    }
    running.set(id, { model, workspace });
    const env = { ...workspace.environment(), ...model.environment(), THOLE_RETRY_BASE_MS: "10" };
    return { key: id, env, root: workspace.root };
  },
  async script({ key, replies: script }) {
    running.get(key).model.script(...script.map(reply));
    return {};
  },
  async requests({ key }) {
    const { requests } = running.get(key).model;
    return { requests: requests.map(({ messages }) => ({ messages: messages.slice(-12) })) };
  },
  async configure({ key, toml }) {
    running.get(key).workspace.configure(toml);
    return {};
  },
  async stop({ key }) {
    const { model, workspace } = running.get(key);
    running.delete(key);
    await model.stop();
    await removed(workspace);
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = await deeds[request.do](request).catch((error) => ({ error: String(error.stack) }));
  console.log(JSON.stringify({ id: request.id, ...answer }));
}
for (const { model, workspace } of running.values()) {
  await model.stop();
  await removed(workspace);
}
