// One item in the status bar: what thole does, and whether it waits for the user.
import * as vscode from "vscode";
import type { ChatState } from "../chat/messages";

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "thole.status",
    vscode.StatusBarAlignment.Right,
    90,
  );

  constructor() {
    this.item.name = "thole";
    this.item.command = "thole.chat.focus";
    this.item.show();
  }

  show(state: ChatState): void {
    const { icon, text, warns } = faceOf(state);
    this.item.text = `$(${icon}) thole${text ? `: ${text}` : ""}`;
    this.item.backgroundColor = warns
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    this.item.tooltip = tooltipOf(state);
    this.item.accessibilityInformation = { label: `thole: ${text || "idle"}` };
  }

  dispose(): void {
    this.item.dispose();
  }
}

export function faceOf(state: ChatState): { icon: string; text: string; warns: boolean } {
  const waiting = state.approvals.length + state.questions.length;
  if (state.agent.state === "missing") return { icon: "warning", text: "not found", warns: true };
  if (state.agent.state === "failed") return { icon: "error", text: "not running", warns: true };
  if (waiting > 0) return { icon: "bell-dot", text: `waits for you (${waiting})`, warns: true };
  if (state.plan?.status === "in_review")
    return { icon: "checklist", text: "plan to review", warns: true };
  if (state.isBusy) return { icon: "loading~spin", text: "working", warns: false };
  return { icon: "comment-discussion", text: "", warns: false };
}

function tooltipOf({ title, model, mode, usage, agent }: ChatState): string {
  const context = usage ? `${Math.round((100 * usage.used) / usage.size)} % of the context` : "";
  const cost = usage?.cost ? `$${usage.cost.amount.toFixed(3)}` : "";
  const version = agent.state === "ready" ? `thole ${agent.version}` : "thole";
  return [title, model, mode, [context, cost].filter(Boolean).join(" · "), version]
    .filter(Boolean)
    .join("\n");
}
