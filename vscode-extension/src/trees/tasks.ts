// The tasks of the current session; one opens as a document with what was done for it.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import { type VirtualDocuments, virtualScheme } from "../documents/virtual";
import type { Task, TaskStatus } from "../protocol";
import type { Sessions } from "../session/sessions";

const icons: Record<TaskStatus, [string, string?]> = {
  pending: ["circle-large-outline"],
  in_progress: ["loading~spin"],
  completed: ["pass", "testing.iconPassed"],
  cancelled: ["circle-slash", "disabledForeground"],
};

export class TaskTree implements vscode.TreeDataProvider<Task> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private shown = "";

  constructor(private readonly sessions: Sessions) {}

  refresh(): void {
    const { current } = this.sessions;
    const text = JSON.stringify([current?.id, current?.isBusy, current?.tasks]);
    if (text === this.shown) return;
    this.shown = text;
    this.changed.fire(undefined);
  }

  getChildren(task?: Task): Task[] {
    return task ? [] : (this.sessions.current?.tasks ?? []);
  }

  getTreeItem(task: Task): vscode.TreeItem {
    const item = new vscode.TreeItem(task.content);
    item.id = `${this.sessions.current?.id}/${task.id}`;
    item.iconPath = iconOf(task, this.sessions.current?.isBusy ?? false);
    item.description = [task.status === "cancelled" ? "cancelled" : "", task.reason ?? ""]
      .filter(Boolean)
      .join(": ");
    item.tooltip = tooltipOf(task);
    item.contextValue = "task";
    item.accessibilityInformation = { label: `${task.content}, ${task.status.replace("_", " ")}` };
    item.command = { command: "thole.openTask", title: "Open", arguments: [task] };
    return item;
  }
}

// Nobody works on a task while no turn runs.
function iconOf({ status }: Task, isBusy: boolean): vscode.ThemeIcon {
  const [name, colour] = status === "in_progress" && !isBusy ? ["debug-pause"] : icons[status];
  return new vscode.ThemeIcon(name, colour ? new vscode.ThemeColor(colour) : undefined);
}

function tooltipOf(task: Task): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(`${task.number}. ${task.content}`);
  text.appendMarkdown(`\n\n${task.status.replace("_", " ")} · ${task.priority} priority`);
  const files = task.files ?? [];
  if (files.length > 0) text.appendMarkdown(`\n\n${files.length} file(s) touched`);
  return text;
}

export async function openTask(agent: Agent, texts: VirtualDocuments, id: string, task: Task) {
  const connection = await agent.connect();
  const params = { sessionId: id, number: task.number };
  const detail = agent.has("tasks")
    ? (await connection.request("_thole/tasks/get", params)).detail
    : undefined;
  const text = detail ?? `# ${task.number}. ${task.content}\n\n${task.status}\n`;
  const uri = texts.put(virtualScheme, `task:${id}:${task.id}`, `Task ${task.number}.md`, text);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}
