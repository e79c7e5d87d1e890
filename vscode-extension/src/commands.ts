// What each command does, by its id.
import * as vscode from "vscode";
import type { Approval } from "./approvals/approvals";
import { rejectWithReason } from "./approvals/notifications";
import { callOfProposal } from "./approvals/proposals";
import { mentionOf } from "./chat/mention_text";
import { selectedLines } from "./chat/prompt";
import type { Graph } from "./graph";
import { doctor } from "./host/doctor";
import { pickMode, pickOption } from "./host/pickers";
import { chooseProgram, tellMissing } from "./host/program";
import { pickSession } from "./host/session_picker";
import type { AgentNode, SessionRow, Task } from "./protocol";
import type { ChangeNode } from "./review/tree";
import { textOf } from "./session/sessions";
import { openTask } from "./trees/tasks";

type Commands = Record<string, (...given: never[]) => unknown>;

export function registerCommands(graph: Graph): vscode.Disposable[] {
  const all: Commands = {
    ...programCommands(graph),
    ...sessionCommands(graph),
    ...chatCommands(graph),
    ...approvalCommands(graph),
    ...planCommands(graph),
    ...agentCommands(graph),
    ...reviewCommands(graph),
  };
  return Object.entries(all).map(([id, run]) =>
    vscode.commands.registerCommand(id, (...given: never[]) => guarded(graph, () => run(...given))),
  );
}

async function guarded(graph: Graph, run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    graph.log.error(String(error));
    if (graph.agent.status.state === "missing") await tellMissing();
    else void vscode.window.showErrorMessage(`thole: ${textOf(error)}`);
    return undefined;
  }
}

function programCommands(graph: Graph): Commands {
  const { agent, keys, log, sessions } = graph;
  const restart = async () => {
    const { current } = sessions;
    await agent.restart();
    if (current) await sessions.reopenAll();
    else await sessions.ensure();
  };
  return {
    "thole.restart": restart,
    "thole.findProgram": async () => {
      if (await chooseProgram()) await restart();
    },
    "thole.setApiKey": async () => {
      if (await keys.ask()) await restart();
    },
    "thole.showLog": () => log.show(),
    "thole.doctor": () => doctor(graph),
    "thole.openWalkthrough": () =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        `${graph.context.extension.id}#thole.start`,
      ),
  };
}

function sessionCommands({ sessions, sessionTree, agent, texts }: Graph): Commands {
  return {
    "thole.newSession": async () => {
      await sessions.create();
      await vscode.commands.executeCommand("thole.chat.focus");
    },
    "thole.resumeSession": async (given?: unknown) => {
      const row = await pickSession(sessions, typeof given === "string" ? given : "");
      if (row) await vscode.commands.executeCommand("thole.openSession", row);
    },
    "thole.openSession": async (row: SessionRow) => {
      await sessions.resume(row.sessionId, row.cwd);
      await vscode.commands.executeCommand("thole.chat.focus");
    },
    "thole.deleteSession": async (row: SessionRow) => {
      const name = row.title || row.sessionId;
      const text = `Delete the session “${name}” from the disk?`;
      if ((await vscode.window.showWarningMessage(text, "Delete")) === undefined) return;
      await sessions.delete(row.sessionId);
      await sessionTree.refresh();
    },
    "thole.copySessionId": (row: SessionRow) => vscode.env.clipboard.writeText(row.sessionId),
    "thole.refreshSessions": () => sessionTree.refresh(),
    "thole.searchSessions": async (given?: string) => {
      const text =
        given ??
        (await vscode.window.showInputBox({
          title: "Search all sessions of this workspace",
          prompt: "Words of prompts, answers, tool input and output, paths",
          value: sessionTree.filter,
        }));
      if (text !== undefined) await sessionTree.search(text);
    },
    "thole.clearSearch": () => sessionTree.search(""),
    "thole.openTask": (task: Task) => openTask(agent, texts, sessions.current?.id ?? "", task),
  };
}

function chatCommands({ sessions, approvals, chat }: Graph): Commands {
  return {
    "thole.openChat": () => chat.compose(""),
    "thole.stop": async () => {
      if (!sessions.current) return;
      await sessions.cancel(sessions.current);
      approvals.cancelAll(sessions.current.id);
    },
    "thole.pickMode": () => pickMode(sessions),
    "thole.pickModel": () => pickOption(sessions, "model", "Model"),
    "thole.pickThoughtLevel": () => pickOption(sessions, "thought_level", "How much it thinks"),
    "thole.mentionSelection": async () => {
      const selected = selectedLines();
      const editor = vscode.window.activeTextEditor;
      const uri = selected?.document.uri ?? editor?.document.uri;
      if (uri)
        await chat.compose(`${mentionOf(vscode.workspace.asRelativePath(uri, false), selected)} `);
    },
    "thole.mentionFile": async (uri?: vscode.Uri, all?: vscode.Uri[]) => {
      const uris = all?.length ? all : uri ? [uri] : [];
      const text = uris.map((one) => mentionOf(vscode.workspace.asRelativePath(one, false)));
      await chat.compose(`${text.join(" ")} `);
    },
  };
}

function approvalCommands({ approvals }: Graph): Commands {
  // That of the proposal in the editor, else the oldest.
  const chosen = (uri?: vscode.Uri): Approval | undefined => {
    const callId = callOfProposal(uri ?? vscode.window.activeTextEditor?.document.uri);
    const all = approvals.approvals;
    return all.find(({ request }) => request.toolCall.toolCallId === callId) ?? all[0];
  };
  const decide = (optionId: string) => (uri?: vscode.Uri) => {
    const approval = chosen(uri);
    if (approval) approvals.decide(approval.id, optionId);
  };
  return {
    "thole.allow": decide("allow_once"),
    "thole.allowSession": (uri?: vscode.Uri) => {
      const approval = chosen(uri);
      const isOffered = approval?.request.options.some((one) => one.optionId === "allow_always");
      if (approval) approvals.decide(approval.id, isOffered ? "allow_always" : "allow_once");
    },
    "thole.reject": async (uri?: vscode.Uri) => {
      const approval = chosen(uri);
      if (approval) await rejectWithReason(approvals, approval);
    },
  };
}

function planCommands({ reviews, comments, plans }: Graph): Commands {
  const revision = (thread: vscode.CommentThread) =>
    plans.get(thread.uri.path.split("/")[1])?.revision ?? 0;
  return {
    "thole.openPlan": () => reviews.open(),
    "thole.comparePlan": () => reviews.compare(),
    "thole.approvePlan": () => reviews.approve(),
    "thole.rejectPlan": () => reviews.reject(),
    "thole.sendPlanReview": () => reviews.send(),
    "thole.addComment": (reply: vscode.CommentReply) => comments.add(reply, revision(reply.thread)),
    "thole.resolveComment": (thread: vscode.CommentThread) => comments.resolve(thread),
    "thole.reopenComment": (thread: vscode.CommentThread) => comments.reopen(thread),
    "thole.deleteComment": (thread: vscode.CommentThread) => comments.remove(thread),
  };
}

function agentCommands({ agentActions, agentTree }: Graph): Commands {
  const node = (given: AgentNode | string) =>
    typeof given === "string" ? agentTree.get(given) : given;
  const withNode =
    (act: (node: AgentNode) => Promise<void>) => async (given: AgentNode | string) => {
      const found = node(given);
      if (found) await act(found);
    };
  return {
    "thole.openAgent": withNode((one) => agentActions.open(one)),
    "thole.cancelAgent": withNode((one) => agentActions.cancel(one)),
    "thole.messageAgent": withNode((one) => agentActions.message(one)),
    "thole.mergeAgent": withNode((one) => agentActions.merge(one)),
    "thole.discardAgent": withNode((one) => agentActions.discard(one)),
    "thole.refreshAgents": () => agentTree.refresh(),
  };
}

function reviewCommands({ reviewActions: actions, changes }: Graph): Commands {
  return {
    "thole.reviewChanges": () => actions.review(),
    "thole.openChange": (path: string) => actions.openChange(path),
    "thole.showHunk": (path: string, at: string) => actions.showHunk(path, at),
    "thole.acceptHunk": (where?: string | ChangeNode, at?: string) => actions.acceptHunk(where, at),
    "thole.rejectHunk": (where?: string | ChangeNode, at?: string) => actions.rejectHunk(where, at),
    "thole.acceptFile": (where?: ChangeNode) => actions.acceptFile(where),
    "thole.rejectFile": (where?: ChangeNode) => actions.rejectFile(where),
    "thole.acceptAll": () => actions.acceptAll(),
    "thole.rejectAll": () => actions.rejectAll(),
    "thole.nextChange": () => actions.step(1),
    "thole.previousChange": () => actions.step(-1),
    "thole.refreshChanges": () => changes.refresh(),
  };
}
