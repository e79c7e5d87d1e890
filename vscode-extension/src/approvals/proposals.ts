// Changes before they are made: shown in the native diff editor, decided on from its title bar.
import { basename } from "node:path";
import * as vscode from "vscode";
import { closeTabs, proposalScheme, type VirtualDocuments } from "../documents/virtual";
import type { DiffContent, ToolCall } from "../protocol";

export function diffsOf(call: ToolCall | undefined): DiffContent[] {
  return (call?.content ?? []).filter((one): one is DiffContent => one.type === "diff");
}

// The sides of the `at`-th diff of a call.
export async function openProposal(
  texts: VirtualDocuments,
  call: ToolCall,
  at = 0,
  preserveFocus = false,
): Promise<void> {
  const diff = diffsOf(call)[at];
  if (!diff) return;
  const key = `${call.toolCallId}#${at}`;
  const before = texts.put(proposalScheme, `before:${key}`, diff.path, diff.oldText ?? "");
  const after = texts.put(proposalScheme, `after:${key}`, diff.path, diff.newText);
  const what = call.status === "pending" ? "proposed" : "changed";
  const title = `${basename(diff.path)} (${what} by thole)`;
  const options = { preview: true, preserveFocus };
  await vscode.commands.executeCommand("vscode.diff", before, after, title, options);
}

// The call that a proposal in an editor belongs to.
export function callOfProposal(uri: vscode.Uri | undefined): string | undefined {
  if (uri?.scheme !== proposalScheme) return undefined;
  return /^(?:before|after):(.*)#\d+$/.exec(uri.query)?.[1];
}

export function closeProposal(callId: string): Promise<void> {
  return closeTabs((uri) => callOfProposal(uri) === callId);
}
