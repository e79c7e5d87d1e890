// The sessions of this workspace, newest first, or those that a search found.
import * as vscode from "vscode";
import type { SessionRow } from "../protocol";
import { type Sessions, textOf } from "../session/sessions";

export class SessionTree implements vscode.TreeDataProvider<SessionRow> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private rows: SessionRow[] = [];
  private filter_ = "";
  view: vscode.TreeView<SessionRow> | undefined;

  constructor(
    private readonly sessions: Sessions,
    private readonly isReady: () => boolean,
  ) {}

  get filter(): string {
    return this.filter_;
  }

  async refresh(): Promise<void> {
    if (!this.isReady()) return;
    try {
      this.rows = this.filter_
        ? await this.sessions.search(this.filter_)
        : await this.sessions.list();
      this.say(this.rows.length === 0 && this.filter_ ? "Nothing found." : "");
    } catch (error) {
      this.rows = [];
      this.say(textOf(error));
    }
    this.changed.fire(undefined);
  }

  async search(text: string): Promise<void> {
    this.filter_ = text.trim();
    await vscode.commands.executeCommand(
      "setContext",
      "thole.sessionsFiltered",
      this.filter_ !== "",
    );
    if (this.view) this.view.description = this.filter_ ? `“${this.filter_}”` : "";
    await this.refresh();
  }

  getChildren(row?: SessionRow): SessionRow[] {
    return row ? [] : this.rows;
  }

  getTreeItem(row: SessionRow): vscode.TreeItem {
    const about = row._meta?.thole;
    const isCurrent = row.sessionId === this.sessions.current?.id;
    const state = about?.state ?? "";
    const item = new vscode.TreeItem(row.title || "(no title)");
    item.id = row.sessionId;
    item.iconPath = iconOf(state, isCurrent);
    item.description = [isCurrent ? "in the chat" : "", age(row.updatedAt, Date.now())]
      .filter(Boolean)
      .join(" · ");
    item.tooltip = tooltipOf(row);
    item.contextValue = state === "running" ? "session running" : "session";
    item.accessibilityInformation = { label: `${row.title || row.sessionId}, ${state}` };
    item.command = { command: "thole.openSession", title: "Open", arguments: [row] };
    return item;
  }

  private say(text: string): void {
    if (this.view) this.view.message = text;
  }
}

function iconOf(state: string, isCurrent: boolean): vscode.ThemeIcon {
  if (isCurrent)
    return new vscode.ThemeIcon("comment-discussion", new vscode.ThemeColor("charts.blue"));
  if (state === "running")
    return new vscode.ThemeIcon("broadcast", new vscode.ThemeColor("charts.green"));
  return new vscode.ThemeIcon(state.startsWith("failed") ? "warning" : "comment");
}

function tooltipOf(row: SessionRow): vscode.MarkdownString {
  const { state, model, mode, prompts, damage, hits } = row._meta?.thole ?? {};
  const text = new vscode.MarkdownString();
  text.appendText(row.title ?? "");
  text.appendMarkdown(`\n\n\`${row.sessionId}\`\n\n`);
  const facts = [state, model, mode, prompts === undefined ? "" : `${prompts} prompt(s)`];
  text.appendText(facts.filter(Boolean).join(" · "));
  if (damage) text.appendMarkdown("\n\n$(warning) ").appendText(damage);
  for (const hit of hits ?? []) text.appendMarkdown("\n\n> ").appendText(hit.snippet);
  return text;
}

export function age(updatedAt: string | undefined, now: number): string {
  const minutes = Math.floor((now - Date.parse(updatedAt ?? "")) / 60_000);
  if (Number.isNaN(minutes)) return "";
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}
