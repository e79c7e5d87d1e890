// The chat's pages: the one of the activity bar, which shows the current session, and one in an
// editor tab for each sub-agent that is watched.
import * as vscode from "vscode";
import type { Session } from "../session/session";
import type { Sessions } from "../session/sessions";
import type { ChatState, ToHost } from "./messages";
import { type Draft, Page } from "./page";

export const viewId = "thole.chat";
const draftKey = "thole.draft";
const panelType = "thole.session";

export interface ChatParts {
  sessions: Sessions;
  assets: vscode.Uri;
  icon: vscode.Uri;
  state(session: Session | undefined, isChild: boolean): ChatState;
  act(message: ToHost, session: Session | undefined, page: Page): Promise<void>;
  whenShown(): void;
  memory: vscode.Memento; // for what is begun and not sent, which outlives the window
  log: vscode.LogOutputChannel;
}

export class Chat implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private sidebar: Page | undefined;
  private readonly hidden = new vscode.EventEmitter<void>();
  readonly onHidden = this.hidden.event; // what waits for the user is not in sight any more
  private readonly panels = new Map<string, { panel: vscode.WebviewPanel; page: Page }>();

  constructor(private readonly parts: ChatParts) {}

  get isInSight(): boolean {
    return this.view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { sessions } = this.parts;
    this.view = view;
    const draft = {
      get: () => this.parts.memory.get<string>(draftKey, ""),
      keep: (text: string) => void this.parts.memory.update(draftKey, text),
    };
    this.sidebar = this.page(view.webview, () => sessions.current, draft);
    view.onDidDispose(() => {
      this.sidebar?.dispose();
      this.sidebar = this.view = undefined;
    });
    view.onDidChangeVisibility(() => {
      if (!view.visible) this.hidden.fire();
      this.refresh();
    });
    this.parts.whenShown();
    this.refresh();
  }

  refresh(): void {
    this.sidebar?.refresh();
    for (const { page } of this.panels.values()) page.refresh();
    if (!this.view) return;
    const state = this.parts.state(this.parts.sessions.current, false);
    this.view.badge = badgeOf(state);
    this.view.description = state.title;
  }

  async compose(text: string): Promise<void> {
    await vscode.commands.executeCommand(`${viewId}.focus`);
    this.sidebar?.send({ type: "compose", text });
    this.sidebar?.send({ type: "focus" });
  }

  // The live output of a sub-agent's session, in a tab.
  async openPanel(id: string, title: string): Promise<void> {
    const known = this.panels.get(id);
    if (known) return known.panel.reveal();
    await this.parts.sessions.load(id);
    const panel = vscode.window.createWebviewPanel(panelType, title, vscode.ViewColumn.Active);
    panel.iconPath = this.parts.icon;
    const page = this.page(panel.webview, () => this.parts.sessions.get(id));
    this.panels.set(id, { panel, page });
    panel.onDidDispose(() => {
      page.dispose();
      this.panels.delete(id);
      if (this.parts.sessions.current?.id !== id) void this.parts.sessions.close(id);
    });
    page.refresh();
  }

  dispose(): void {
    this.sidebar?.dispose();
    this.hidden.dispose();
    for (const { panel } of [...this.panels.values()]) panel.dispose();
  }

  private page(webview: vscode.Webview, session: () => Session | undefined, kept?: Draft): Page {
    const { parts } = this;
    const isChild = kept === undefined;
    const draft = kept ?? draftInMemory();
    return new Page(
      webview,
      {
        session,
        draft,
        state: () => parts.state(session(), isChild),
        act: (message, page) => parts.act(message, session(), page),
        log: parts.log,
      },
      parts.assets,
    );
  }
}

function draftInMemory(): Draft {
  let text = "";
  return {
    get: () => text,
    keep: (now) => {
      text = now;
    },
  };
}

function badgeOf({ approvals, questions, plan }: ChatState): vscode.ViewBadge | undefined {
  const value = approvals.length + questions.length + (plan?.status === "in_review" ? 1 : 0);
  return value > 0 ? { value, tooltip: `thole waits for you (${value})` } : undefined;
}
