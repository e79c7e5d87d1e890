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
    const as = choice === "Merge" ? "changes" : "branch";
    const result = await connection.request("_thole/agents/merge", { ...named, as });
    this.report(node, result, as);
    await this.parts.tree.refresh();
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

  private report(node: AgentNode, result: MergeResult, as: "changes" | "branch"): void {
    if (as === "branch") {
      const branch = result.branch ?? node.branch ?? "";
      void vscode.window.showInformationMessage(`Its work is on the branch ${branch}.`);
    } else if (result.applied) {
      void vscode.window.showInformationMessage(`Merged ${result.files.length} file(s).`);
    } else {
      void vscode.window.showWarningMessage(summary(node, result));
    }
  }
}

export function summary(node: AgentNode, { status, files }: MergeResult): string {
  const names = (list: { path: string }[]) => list.map(({ path }) => path).join(", ");
  const conflicts = files.filter(({ conflict }) => conflict !== undefined);
  if (status === "conflict")
    return `“${node.task}” conflicts with your files: ${names(conflicts)}. Nothing was changed.`;
  if (status === "overlap")
    return `You have changed what “${node.task}” changes: ${names(conflicts.length ? conflicts : files)}. Nothing was changed.`;
  return `“${node.task}” changes ${files.length} file(s): ${names(files)}`;
}
