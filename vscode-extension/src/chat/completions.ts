// What can be mentioned: the words, and the files of the workspace.
import { relative } from "node:path";
import * as vscode from "vscode";
import { bestMatches } from "./match";
import { mentionOf } from "./mention_text";
import type { Completion } from "./messages";

const keepFor = 15_000; // ms
const mostFiles = 20_000;
const mostShown = 20;

const words: Completion[] = [
  { label: "selection", detail: "the selected lines", insert: "@selection", icon: "selection" },
  {
    label: "problems",
    detail: "what the editor complains about",
    insert: "@problems",
    icon: "warning",
  },
  { label: "open", detail: "the files of all open tabs", insert: "@open", icon: "files" },
];

export class Completions {
  private files: { at: number; paths: Promise<string[]> } | undefined;

  async of(query: string, cwd: string): Promise<Completion[]> {
    const found = bestMatches(await this.paths(cwd), query, mostShown);
    const named = words.filter(({ label }) => label.startsWith(query.toLowerCase()));
    return [...named, ...found.map(completionOf)];
  }

  private paths(cwd: string): Promise<string[]> {
    const now = Date.now();
    if (!this.files || now - this.files.at > keepFor) this.files = { at: now, paths: listed(cwd) };
    return this.files.paths;
  }
}

async function listed(cwd: string): Promise<string[]> {
  const inside = new vscode.RelativePattern(cwd, "**/*");
  const hidden = "**/{node_modules,.git,.thole,.hg,.svn}/**";
  const uris = await vscode.workspace.findFiles(inside, hidden, mostFiles);
  return uris.map((uri) => relative(cwd, uri.fsPath)).sort();
}

function completionOf(path: string): Completion {
  const at = path.lastIndexOf("/");
  return {
    label: path.slice(at + 1),
    detail: at < 0 ? "" : path.slice(0, at),
    insert: mentionOf(path),
    icon: "file",
  };
}
