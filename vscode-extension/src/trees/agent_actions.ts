// What the user does with a sub-agent: watch, tell, stop, merge, discard.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import type { Chat } from "../chat/chat";
import { type VirtualDocuments, virtualScheme } from "../documents/virtual";
import type { AgentNode, MergeResult } from "../protocol";
import type { AgentTree } from "./agents";

export interface AgentActionParts {
  agent: Agent;
  tree: AgentTree;
  chat: Chat;
  texts: VirtualDocuments;
}

export class AgentActions {
  constructor(private readonly parts: AgentActionParts) {}

  async open(node: AgentNode): Promise<void> {
    await this.parts.chat.openPanel(node.agentId, node.task);
  }

  async cancel(node: AgentNode): Promise<void> {
    const connection = await this.parts.agent.connect();
    await connection.request("_thole/agents/cancel", this.named(node));
  }

  async message(node: AgentNode): Promise<void> {
    const text = await vscode.window.showInputBox({
      title: `To the sub-agent “${node.task}”`,
      prompt: "It reads this before its next step.",
      ignoreFocusOut: true,
    });
    if (text?.trim()) await this.tell(node, text.trim());
  }

  async tell(node: AgentNode, text: string): Promise<void> {
    const connection = await this.parts.agent.connect();
    await connection.request("_thole/agents/message", { ...this.named(node), text });
  }

  // Shows first what a merge would do; nothing is changed before the user says so.
  async merge(node: AgentNode): Promise<void> {
    const connection = await this.parts.agent.connect();
    const named = this.named(node);
    const preview = await connection.request("_thole/agents/merge", { ...named, preview: true });
    if (preview.status === "nothing") {
      void vscode.window.showInformationMessage(`“${node.task}” has nothing to merge.`);
      return;
    }
    await this.showDiff(node, preview);
    const isClean = preview.status === "clean";
    const choices = isClean ? ["Merge", "Keep as a branch"] : ["Keep as a branch"];
    const choice = await vscode.window.showInformationMessage(summary(node, preview), ...choices);
    if (!choice) return;
    if (choice === "Merge") await this.apply(node);
    else await this.keepAsBranch(node);
  }

  async discard(node: AgentNode): Promise<void> {
    const text = `Discard the work of “${node.task}”? It stays reachable under a rescue ref.`;
    if ((await vscode.window.showWarningMessage(text, "Discard")) === undefined) return;
    const connection = await this.parts.agent.connect();
    const { rescue } = await connection.request("_thole/agents/discard", this.named(node));
    void vscode.window.showInformationMessage(`Discarded; kept as ${rescue}.`);
    await this.parts.tree.refresh();
  }

  private named(node: AgentNode): { sessionId: string; agentId: string } {
    return { sessionId: this.parts.tree.rootOf(node.agentId), agentId: node.agentId };
  }

  private async showDiff(node: AgentNode, { diff }: MergeResult): Promise<void> {
    if (!diff) return;
    const { texts } = this.parts;
    const uri = texts.put(
      virtualScheme,
      `merge:${node.agentId}`,
      `${node.task.replaceAll("/", "-").slice(0, 60)}.diff`,
      diff,
    );
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  private async apply(node: AgentNode): Promise<void> {
    const connection = await this.parts.agent.connect();
    const result = await connection.request("_thole/agents/merge", this.named(node));
    const text = result.applied ? merged(result) : summary(node, result);
    if (result.applied) void vscode.window.showInformationMessage(text);
    else void vscode.window.showWarningMessage(text);
    await this.parts.tree.refresh();
  }

  private async keepAsBranch(node: AgentNode): Promise<void> {
    const branch = await vscode.window.showInputBox({
      title: "Name of the new branch",
      value: branchNameOf(node.task),
      ignoreFocusOut: true,
    });
    if (!branch?.trim()) return;
    const connection = await this.parts.agent.connect();
    const params = { ...this.named(node), as: "branch" as const, branch: branch.trim() };
    const { applied, why } = await connection.request("_thole/agents/merge", params);
    if (applied)
      void vscode.window.showInformationMessage(`Its work is on the branch ${params.branch}.`);
    else void vscode.window.showWarningMessage(`No branch was made: ${why ?? "thole refused it"}`);
    await this.parts.tree.refresh();
  }
}

export function branchNameOf(task: string): string {
  const words = task
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return words.slice(0, 40).replace(/-$/, "") || "sub-agent";
}

const merged = ({ files = [] }: MergeResult) => `Merged ${files.length} file(s).`;

export function summary(node: AgentNode, { status, files = [], why }: MergeResult): string {
  const names = (list: { path: string }[]) => list.map(({ path }) => path).join(", ");
  const inTheWay = files.filter((one) => one.why !== undefined);
  const which = names(inTheWay.length > 0 ? inTheWay : files) || why || "see the log";
  if (status === "conflict")
    return `“${node.task}” conflicts with your files: ${which}. Nothing was changed.`;
  if (status === "overlap")
    return `You have changed what “${node.task}” changes: ${which}. Nothing was changed.`;
  return `“${node.task}” changes ${files.length} file(s): ${names(files)}`;
}
