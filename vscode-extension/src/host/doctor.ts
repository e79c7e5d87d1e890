// Is all well? What the extension knows of itself, then what `thole doctor` says.
import { execFile } from "node:child_process";
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import { type VirtualDocuments, virtualScheme } from "../documents/virtual";
import type { Keys } from "./keys";
import { environmentOf, findProgram, folders } from "./program";

export interface DoctorParts {
  agent: Agent;
  texts: VirtualDocuments;
  keys: Keys;
  context: vscode.ExtensionContext;
}

const patience = 30_000; // ms

export async function doctor(parts: DoctorParts): Promise<string> {
  const program = findProgram(parts.context.extensionUri);
  const text = [
    "# thole: Doctor",
    "",
    ...own(parts, program),
    "",
    "## thole doctor",
    "",
    "```",
    program ? await said(parts, program) : "(the program is missing)",
    "```",
    "",
  ].join("\n");
  const uri = parts.texts.put(virtualScheme, "doctor", "thole doctor.md", text);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
  return text;
}

function own({ agent, context }: DoctorParts, program: string | undefined): string[] {
  const place = folders();
  const features = (["plan", "tasks", "agents", "changes", "search"] as const)
    .filter((feature) => agent.has(feature))
    .join(", ");
  const facts: [string, string][] = [
    ["Extension", String(context.extension.packageJSON.version)],
    ["VS Code", vscode.version],
    ["Program", program ?? "not found; set thole.path"],
    ["Process", agent.pid ? `${agent.pid}, ${agent.status.state}` : agent.status.state],
    ["Features of the server", features || "none told"],
    ["Folder", place ? [place.cwd, ...place.others].join(", ") : "none open"],
  ];
  return ["| | |", "|---|---|", ...facts.map(([name, value]) => `| ${name} | ${value} |`)];
}

async function said({ keys }: DoctorParts, program: string): Promise<string> {
  const env = await environmentOf(keys);
  const options = { env, cwd: folders()?.cwd, timeout: patience };
  return new Promise((resolve) => {
    execFile(program, ["doctor"], options, (error, stdout, stderr) => {
      const text = `${stdout}${stderr}`.trim();
      resolve(text || (error ? error.message : "(it said nothing)"));
    });
  });
}
