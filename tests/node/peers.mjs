// The real peers that the tests talk to, from this folder's pinned packages. Tests outside this
// folder import from here, so that no second node_modules is needed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export * as acp from "@agentclientprotocol/sdk";
export * as unstableAcp from "@agentclientprotocol/sdk/unstable";
export * as acpV2 from "@agentclientprotocol/sdk/experimental/v2";
export * as unstableAcpV2 from "@agentclientprotocol/sdk/experimental/v2/unstable";
export * as oldAcp from "@zed-industries/agent-client-protocol";
export * as oldSchema from "@zed-industries/agent-client-protocol/dist/schema.js";
export { LLMock } from "@copilotkit/aimock";
export { default as Ajv } from "ajv/dist/2020.js";

const inPackages = (path) => fileURLToPath(new URL(`./node_modules/${path}`, import.meta.url));

export const acpSchema = JSON.parse(
  readFileSync(inPackages("@agentclientprotocol/sdk/schema/v1/schema.json"), "utf8"),
);
export const acpUnstableSchema = JSON.parse(
  readFileSync(inPackages("@agentclientprotocol/sdk/schema/v1/schema.unstable.json"), "utf8"),
);
export const acpV2Schema = JSON.parse(
  readFileSync(inPackages("@agentclientprotocol/sdk/schema/v2/schema.json"), "utf8"),
);
export const unstableAcpV2Schema = JSON.parse(
  readFileSync(inPackages("@agentclientprotocol/sdk/schema/v2/schema.unstable.json"), "utf8"),
);
export const acpxProgram = inPackages("acpx/dist/cli.js");

// Programs for `node`: MCP servers.
export const mcpPrograms = {
  everything: inPackages("@modelcontextprotocol/server-everything/dist/index.js"),
  filesystem: inPackages("@modelcontextprotocol/server-filesystem/dist/index.js"),
  memory: inPackages("@modelcontextprotocol/server-memory/dist/index.js"),
  modern: fileURLToPath(new URL("modern_server.mjs", import.meta.url)),
};
