// Approvals and questions as notifications, never modal: what the user does not want to answer here
// waits in the chat. They come only while the chat, which shows the same, is not in sight.
import * as vscode from "vscode";
import type { VirtualDocuments } from "../documents/virtual";
import { titleOf } from "../session/transcript";
import type { Approval, Approvals, Question } from "./approvals";
import { closeProposal, diffsOf, openProposal } from "./proposals";

const allow = "Allow once";
const allowSession = "For this session";
const reject = "Reject…";
const look = "Show diff";

export interface NotificationParts {
  approvals: Approvals;
  texts: VirtualDocuments;
  isChatInSight(): boolean;
  onChatHidden: vscode.Event<void>;
  opensDiffs(): boolean;
}

export function watchApprovals(parts: NotificationParts): vscode.Disposable {
  const { approvals, texts } = parts;
  const told = new Set<number>();
  const tell = () => {
    if (parts.isChatInSight()) return;
    const isNew = ({ id }: { id: number }) => !told.has(id) && told.add(id);
    for (const approval of approvals.approvals.filter(isNew)) void notify(parts, approval);
    for (const question of approvals.questions.filter(isNew)) void notifyQuestion(question);
  };
  return vscode.Disposable.from(
    approvals.onApproval(({ request }) => {
      if (parts.opensDiffs()) void openProposal(texts, request.toolCall, 0, true);
      tell();
    }),
    approvals.onQuestion(tell),
    parts.onChatHidden(tell),
    approvals.onSettled(({ request }) => void closeProposal(request.toolCall.toolCallId)),
  );
}

async function notify(parts: NotificationParts, approval: Approval): Promise<void> {
  const { toolCall, options, _meta } = approval.request;
  const why = _meta?.thole?.why;
  const who = _meta?.thole?.agent ? ` (sub-agent: ${_meta.thole.agent.task})` : "";
  const text = `thole: ${titleOf(toolCall)}${who}${why ? ` — ${why}` : ""}`;
  const isOffered = options.some(({ optionId }) => optionId === "allow_always");
  const buttons = [
    allow,
    ...(isOffered ? [allowSession] : []),
    reject,
    ...(diffsOf(toolCall).length > 0 ? [look] : []),
  ];
  const choice = await vscode.window.showInformationMessage(text, ...buttons);
  if (choice && !parts.approvals.isOpen(approval.id)) {
    vscode.window.setStatusBarMessage("thole: that was decided already", 4000);
    return;
  }
  if (choice === allow) parts.approvals.decide(approval.id, "allow_once");
  if (choice === allowSession) parts.approvals.decide(approval.id, "allow_always");
  if (choice === reject) await rejectWithReason(parts.approvals, approval);
  if (choice === look) {
    await openProposal(parts.texts, toolCall);
    await notify(parts, approval);
  }
}

export async function rejectWithReason(approvals: Approvals, approval: Approval): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: `Reject: ${titleOf(approval.request.toolCall)}`,
    prompt: "What should thole do instead? (may be empty; Escape decides nothing)",
    ignoreFocusOut: true,
  });
  if (reason !== undefined) approvals.decide(approval.id, "reject_once", reason.trim());
}

async function notifyQuestion({ request }: Question): Promise<void> {
  const choice = await vscode.window.showInformationMessage(
    `thole asks: ${request.message}`,
    "Answer",
  );
  if (choice) await vscode.commands.executeCommand("thole.chat.focus");
}
