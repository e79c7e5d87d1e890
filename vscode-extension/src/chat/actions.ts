// What the user does in a page of the chat.
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import type { Approvals } from "../approvals/approvals";
import { openProposal } from "../approvals/proposals";
import type { VirtualDocuments } from "../documents/virtual";
import type { AgentNode } from "../protocol";
import type { Session } from "../session/session";
import type { Sessions } from "../session/sessions";
import type { Completions } from "./completions";
import { pageCommands, type ToHost } from "./messages";
import { ownCommand } from "./own_commands";
import type { Page } from "./page";
import { blocksOf } from "./prompt";

export interface ActionParts {
  sessions: Sessions;
  approvals: Approvals;
  texts: VirtualDocuments;
  completions: Completions;
  agents: {
    live(sessionId: string): AgentNode | undefined;
    tell(node: AgentNode, text: string): Promise<void>;
    cancel(node: AgentNode): Promise<void>;
  };
}

type Act<T extends ToHost["type"]> = (
  message: Extract<ToHost, { type: T }>,
  session: Session | undefined,
  page: Page,
) => Promise<void>;

export function actionsOf(parts: ActionParts) {
  const table = tableOf(parts);
  return (message: ToHost, session: Session | undefined, page: Page): Promise<void> => {
    if (message.type === "ready" || message.type === "draft") return Promise.resolve(); // the page's
    const act = table[message.type] as Act<ToHost["type"]>;
    return act(message, session, page);
  };
}

function tableOf({ sessions, approvals, texts, completions, agents }: ActionParts): {
  [T in Exclude<ToHost["type"], "ready" | "draft">]: Act<T>;
} {
  return {
    prompt: async ({ text }, session) => {
      const own = ownCommand(text);
      if (own) return void (await vscode.commands.executeCommand(own.command, own.argument));
      const target = session ?? (await sessions.ensure());
      const agent = agents.live(target.id);
      if (agent) return agents.tell(agent, text);
      void sessions.prompt(target, await blocksOf(text, target.cwd));
    },
    stop: async (_, session) => {
      if (!session) return;
      const agent = agents.live(session.id);
      if (agent) return agents.cancel(agent);
      await sessions.cancel(session);
      approvals.cancelAll(session.id);
    },
    decide: async ({ id, optionId, reason }) => {
      approvals.decide(id, optionId, reason);
    },
    answer: async ({ id, content }) => {
      approvals.answer(id, content);
    },
    openDiff: async ({ callId, at }, session) => {
      const asked = approvals.approvals.find(
        ({ request }) => request.toolCall.toolCallId === callId,
      );
      const call = session?.transcript.callOf(callId) ?? asked?.request.toolCall;
      if (call) await openProposal(texts, call, at);
    },
    openFile: ({ path, line }, session) => openFile(path, line, session?.cwd ?? ""),
    openLink: ({ href }, session) => openLink(href, session?.cwd ?? ""),
    copy: async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
    },
    insert: ({ text }) => insert(text),
    complete: async ({ request, query }, session, page) => {
      const found = session ? await completions.of(query, session.cwd) : [];
      page.send({ type: "completions", request, completions: found });
    },
    command: async ({ command }) => {
      if (pageCommands.includes(command)) await vscode.commands.executeCommand(command);
    },
  };
}

async function openFile(path: string, line: number, cwd: string): Promise<void> {
  const uri = vscode.Uri.file(isAbsolute(path) ? path : join(cwd, path));
  const at = new vscode.Range(Math.max(0, line - 1), 0, Math.max(0, line - 1), 0);
  await vscode.window.showTextDocument(uri, line > 0 ? { selection: at } : {});
}

// Links of answers: web pages in the browser, everything else as a file of the workspace.
async function openLink(href: string, cwd: string): Promise<void> {
  if (/^(https?|mailto):/i.test(href)) {
    await vscode.env.openExternal(vscode.Uri.parse(href));
    return;
  }
  const [, path = "", line] = /^(?:file:\/\/)?(.*?)(?:(?:#L|:)(\d+).*)?$/.exec(href) ?? [];
  await openFile(decodeURIComponent(path), Number(line ?? 0), cwd);
}

async function insert(text: string): Promise<void> {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) {
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ content: text }),
    );
    return;
  }
  await editor.edit((edit) => edit.replace(editor.selection, text));
  await vscode.window.showTextDocument(editor.document, editor.viewColumn);
}
