// The changed files that wait for a review, with their hunks.
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import type { ChangedFile } from "../protocol";
import { type Hunk, idOf } from "../text/hunks";
import type { Changes } from "./changes";

export interface ChangeNode {
  file: ChangedFile;
  hunk?: Hunk;
}

export class ChangeTree implements vscode.TreeDataProvider<ChangeNode> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  view: vscode.TreeView<ChangeNode> | undefined;

  constructor(private readonly changes: Changes) {
    changes.onChange(() => this.refresh());
  }

  async getChildren(node?: ChangeNode): Promise<ChangeNode[]> {
    if (!node) return this.changes.all.map((file) => ({ file }));
    if (node.hunk) return [];
    const hunks = await this.changes.hunks(node.file.path);
    return hunks.map((hunk) => ({ file: node.file, hunk }));
  }

  getTreeItem(node: ChangeNode): vscode.TreeItem {
    return node.hunk ? hunkItem(node.file, node.hunk) : fileItem(node.file);
  }

  private refresh(): void {
    const count = this.changes.all.length;
    void vscode.commands.executeCommand("setContext", "thole.hasChanges", count > 0);
    if (this.view) {
      this.view.badge =
        count > 0 ? { value: count, tooltip: `${count} file(s) to review` } : undefined;
    }
    this.changed.fire(undefined);
  }
}

function fileItem(file: ChangedFile): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const isWhole = file.latest === null;
  const item = new vscode.TreeItem(basename(file.path), isWhole ? None : Collapsed);
  const kind = isWhole ? "deleted" : file.baseline === null ? "new" : "";
  const folder = dirname(vscode.workspace.asRelativePath(file.path));
  item.id = file.path;
  item.resourceUri = vscode.Uri.file(file.path);
  item.iconPath = vscode.ThemeIcon.File;
  item.description = [folder === "." ? "" : folder, kind].filter(Boolean).join(" · ");
  item.contextValue = "change file";
  item.command = { command: "thole.openChange", title: "Show", arguments: [file.path] };
  return item;
}

function hunkItem(file: ChangedFile, hunk: Hunk): vscode.TreeItem {
  const line = (
    hunk.added.find((one) => one.trim()) ??
    hunk.removed.find((one) => one.trim()) ??
    ""
  ).trim();
  const item = new vscode.TreeItem(line.slice(0, 80) || "(blank lines)");
  item.description = `+${hunk.added.length} −${hunk.removed.length}`;
  item.contextValue = "change hunk";
  item.accessibilityInformation = { label: `line ${hunk.begin + 1}: ${line}, ${item.description}` };
  item.command = { command: "thole.showHunk", title: "Show", arguments: [file.path, idOf(hunk)] };
  return item;
}
