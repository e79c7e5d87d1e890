// An MCP server of the era of 2026-07-28, made with the official SDK: `modern_server.mjs stdio
// [reject|serve]`, or `modern_server.mjs http`, which prints its URL. "reject": it speaks nothing older.
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer, createMcpHandler, inputRequired } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const [transport, legacy = "reject"] = process.argv.slice(2);
const said = (text) => ({ content: [{ type: "text", text }] });

function makeServer() {
  const server = new McpServer({ name: "modern", version: "1.0.0" });
  server.registerTool(
    "shout",
    {
      description: "Says it loudly",
      inputSchema: z.object({ words: z.string() }),
      annotations: { readOnlyHint: true },
    },
    async ({ words }) => said(words.toUpperCase()),
  );
  server.registerTool(
    "steer",
    { description: "Asks for the course", inputSchema: z.object({ boat: z.string() }) },
    async ({ boat }, ctx) => {
      const answer = ctx.mcpReq.inputResponses?.course;
      if (!answer) {
        return inputRequired({
          inputRequests: {
            course: inputRequired.elicit({
              message: `Where does ${boat} go?`,
              requestedSchema: {
                type: "object",
                properties: { harbour: { type: "string", title: "Harbour" } },
                required: ["harbour"],
              },
            }),
          },
          requestState: "asked",
        });
      }
      return said(`${boat}: ${answer.action} ${answer.content?.harbour ?? ""}`.trim());
    },
  );
  server.registerTool(
    "hoist",
    { description: "Brings up another tool", inputSchema: z.object({}) },
    async () => {
      server.registerTool(
        "flag",
        { description: "Shows the flag", inputSchema: z.object({}) },
        async () => said("a red flag"),
      );
      return said("hoisted");
    },
  );
  server.registerPrompt("greet", { description: "A greeting" }, () => ({
    messages: [{ role: "user", content: { type: "text", text: "Ahoy from the modern server" } }],
  }));
  return server;
}

if (transport === "http") {
  const serve = toNodeHandler(createMcpHandler(makeServer, { legacy: legacy === "serve" ? "stateless" : "reject" }));
  const server = createServer((request, response) => serve(request, response));
  server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
} else {
  serveStdio(makeServer, { legacy });
}
