// The reference for turns: an ACP agent in node with no features. It passes text on and keeps
// nothing; its one tool reads a file.
import { readFileSync } from "node:fs";
import { request, Agent } from "node:http";
import { createInterface } from "node:readline";

const url = new URL(`${process.env.OPENAI_BASE_URL}/chat/completions`);
const agent = new Agent({ keepAlive: true });
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const update = (update) => send({ method: "session/update", params: { sessionId: "s", update } });

// Gives the tool call of the answer, or null.
function ask(messages) {
  return new Promise((resolve) => {
    const outgoing = request(url, { method: "POST", agent }, (answer) => {
      let held = "";
      let call = null;
      answer.setEncoding("utf8").on("data", (data) => {
        const events = (held + data).split("\n\n");
        held = events.pop();
        for (const event of events) {
          if (event === "data: [DONE]") continue;
          const { delta } = JSON.parse(event.slice(6)).choices[0];
          call = delta.tool_calls?.[0] ?? call;
          if (!delta.content) continue;
          update({
            sessionUpdate: "agent_message_chunk",
            content: { type: "text", text: delta.content },
          });
        }
      });
      answer.on("end", () => resolve(call));
    });
    outgoing.end(JSON.stringify({ model: "bench", stream: true, messages }));
  });
}

async function prompt({ prompt }) {
  const messages = [{ role: "user", content: prompt[0].text }];
  for (let call = await ask(messages); call; call = await ask(messages)) {
    const { path } = JSON.parse(call.function.arguments);
    const content = readFileSync(path, "utf8");
    messages.push({ role: "assistant", tool_calls: [call] });
    messages.push({ role: "tool", tool_call_id: call.id, content });
  }
  return { stopReason: "end_turn" };
}

const methods = {
  initialize: () => ({ protocolVersion: 1, agentCapabilities: {} }),
  "session/new": () => ({ sessionId: "s" }),
  "session/prompt": prompt,
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params } = JSON.parse(line);
  send({ id, result: await methods[method](params) });
});
