// What thole sends, checked by the compiler against the types of the providers' own clients: a turn
// with thinking, three calls and their results, an image in the prompt and one in a result.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packages } from "../node/clients.mjs";
import { assert, scenario } from "./rig.mjs";
import { bodiesOfTurn } from "./rig/bodies.mjs";

// How the body of each API is declared, and what JSON cannot say of it.
const declarations = {
  anthropic: {
    head: 'import type { MessageCreateParamsStreaming as Body } from "@anthropic-ai/sdk/resources/messages";',
  },
  openai: {
    head: 'import type { ChatCompletionCreateParamsStreaming as Body } from "openai/resources/chat/completions";',
  },
  responses: {
    head: 'import type { ResponseCreateParamsStreaming as Body } from "openai/resources/responses/responses";',
  },
  gemini: {
    head: `import type { Content, GenerationConfig, Tool } from "@google/genai";
type Body = { contents: Content[]; systemInstruction: Content; tools: Tool[]; generationConfig: GenerationConfig };`,
  },
  bedrock: {
    head: `import type { ConverseStreamCommandInput } from "@aws-sdk/client-bedrock-runtime";
type Body = Omit<ConverseStreamCommandInput, "modelId">;`,
    fit: (json) => json.replace(/"bytes": "[^"]*"/g, '"bytes": new Uint8Array()'),
  },
};

async function faults(provider, bodies) {
  const folder = mkdtempSync(join(tmpdir(), "thole-schemas-"));
  const { head, fit = (json) => json } = declarations[provider];
  symlinkSync(packages, join(folder, "node_modules"));
  const values = bodies.map(
    (body, i) => `export const body${i}: Body = ${fit(JSON.stringify(body, null, 1))};`,
  );
  writeFileSync(join(folder, "bodies.ts"), [head, ...values].join("\n"));
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"];
  const modules = ["--module", "preserve", "--moduleResolution", "bundler", "--types", "node"];
  const words = [join(packages, "typescript/bin/tsc"), ...flags, ...modules, "bodies.ts"];
  try {
    await promisify(execFile)(process.execPath, words, { cwd: folder });
    return "";
  } catch (error) {
    return error.stdout || error.stderr || String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const provider of Object.keys(declarations)) {
  scenario(`${provider}: requests have the types of its own client`, { provider, timeout: 240_000 }, async (rig) => {
    const bodies = await bodiesOfTurn(rig);
    assert.equal(await faults(provider, bodies), "");
    const broken = structuredClone(bodies[0]);
    broken.no_such_field = 1;
    assert.match(await faults(provider, [broken]), /no_such_field/, "the check can fail");
  });
}
