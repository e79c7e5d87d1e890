// Parts of the official clients of the model APIs, to judge what thole sends. Apart from peers.mjs,
// because most tests need none of it and it takes a while to load.
import { fileURLToPath } from "node:url";

export { default as Anthropic } from "@anthropic-ai/sdk";
export { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
export { GoogleGenAI } from "@google/genai";
export { default as OpenAI } from "openai";
export { Sha256 } from "@aws-crypto/sha256-js";
export { EventStreamCodec } from "@smithy/core/event-streams";
export { HttpRequest } from "@smithy/core/protocols";
export { NodeHttpHandler } from "@smithy/node-http-handler";
export { SignatureV4 } from "@smithy/signature-v4";

export const packages = fileURLToPath(new URL("./node_modules", import.meta.url));
