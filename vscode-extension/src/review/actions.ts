// Going through the changes of the agent and deciding on them.
import { basename } from "node:path";
import * as vscode from "vscode";
import { type VirtualDocuments, virtualScheme } from "../documents/virtual";
import { type Hunk, idOf } from "../text/hunks";
import type { Changes } from "./changes";
import type { ChangeNode } from "./tree";

export class ReviewActions {
  constructor(
    private readonly changes: Changes,
    private readonly texts: VirtualDocuments,
  ) {}

  // `where`: a path and the id of a hunk, a node of the tree, or nothing: the hunk at the cursor.
  async acceptHunk(where?: string | ChangeNode, at?: string): Promise<void> {
    const found = await this.hunkAt(where, at);
    if (found) await this.changes.accept(found.path, found.hunk);
  }

  async rejectHunk(where?: string | ChangeNode, at?: string): Promise<void> {
    const found = await this.hunkAt(where, at);
    if (found) await this.changes.reject(found.path, found.hunk);
  }

  async acceptFile(where?: ChangeNode): Promise<void> {
    await this.changes.acceptFile(this.pathOf(where));
  }

  async rejectFile(where?: ChangeNode): Promise<void> {
    await this.changes.rejectFile(this.pathOf(where));
  }

  async acceptAll(): Promise<void> {
    for (const { path } of this.changes.all) await this.changes.acceptFile(path);
  }

  async rejectAll(): Promise<void> {
    const text = `Reject all changes in ${this.changes.all.length} file(s)?`;
    if ((await vscode.window.showWarningMessage(text, "Reject all")) === undefined) return;
    for (const { path } of this.changes.all) await this.changes.rejectFile(path);
  }

  // What the review stands on, beside what is there now.
  async openChange(path: string): Promise<void> {
    const file = this.changes.get(path);
    if (!file) return;
    const key = `baseline:${path}`;
    const before = this.texts.put(virtualScheme, key, path, file.baseline ?? "");
    const after =
      file.latest === null
        ? this.texts.put(virtualScheme, `deleted:${path}`, path, "")
        : vscode.Uri.file(path);
    const title = `${basename(path)} (to review)`;
    await vscode.commands.executeCommand("vscode.diff", before, after, title, { preview: true });
  }

  async showHunk(path: string, at?: string): Promise<void> {
    const hunks = await this.changes.hunks(path);
    const hunk = at === undefined ? hunks[0] : hunks.find((one) => idOf(one) === at);
    if (hunk) await reveal(path, hunk);
  }

  // The first one, for a start.
  async review(): Promise<void> {
    const first = this.changes.all.find(({ latest }) => latest !== null) ?? this.changes.all[0];
    if (!first) {
      void vscode.window.showInformationMessage("No change waits for a review.");
    } else if (first.latest === null) await this.openChange(first.path);
    else await this.showHunk(first.path);
  }

  // To the next hunk (or the one before), over the files and round.
  async step(by: 1 | -1): Promise<void> {
    const places = await this.places();
    if (places.length === 0) return;
    const { path, line } = here();
    const isAfter = (place: { path: string; hunk: Hunk }) =>
      place.path > path || (place.path === path && place.hunk.begin > line);
    const isBefore = (place: { path: string; hunk: Hunk }) =>
      place.path < path || (place.path === path && place.hunk.begin < line);
    const found = by === 1 ? places.find(isAfter) : places.filter(isBefore).at(-1);
    const place = found ?? places.at(by === 1 ? 0 : -1);
    if (place) await reveal(place.path, place.hunk);
  }

  private async places(): Promise<{ path: string; hunk: Hunk }[]> {
    const lists = await Promise.all(
      this.changes.all
        .filter(({ latest }) => latest !== null)
        .map(async ({ path }) => (await this.changes.hunks(path)).map((hunk) => ({ path, hunk }))),
    );
    return lists.flat().sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  private pathOf(where?: ChangeNode): string {
    return where?.file.path ?? here().path;
  }

  private async hunkAt(where?: string | ChangeNode, at?: string) {
    const path = typeof where === "string" ? where : this.pathOf(where);
    const hunks = await this.changes.hunks(path);
    const id = typeof where === "object" && where.hunk ? idOf(where.hunk) : at;
    const { line } = here();
    const isIt = (hunk: Hunk) =>
      id === undefined
        ? line >= hunk.begin && line < Math.max(hunk.end, hunk.begin + 1)
        : idOf(hunk) === id;
    const hunk = hunks.find(isIt);
    return hunk ? { path, hunk } : undefined;
  }
}

function here(): { path: string; line: number } {
  const editor = vscode.window.activeTextEditor;
  return { path: editor?.document.uri.fsPath ?? "", line: editor?.selection.active.line ?? -1 };
}

async function reveal(path: string, { begin }: Hunk): Promise<void> {
  const selection = new vscode.Range(begin, 0, begin, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { selection });
}
