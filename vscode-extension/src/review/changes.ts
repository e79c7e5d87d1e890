// The files that the current session has changed and the user has not reviewed; what they decide is
// told to the server, which keeps it over restarts.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import { openDocument, replaceText } from "../documents/files";
import type { ChangedFile, ListedFile } from "../protocol";
import type { Connection } from "../rpc/connection";
import type { Sessions } from "../session/sessions";
import {
  accepted,
  type Hunk,
  hunksOf,
  idOf,
  rejected,
  type Texts,
  withoutHunk,
  withoutHunkAndEdits,
} from "../text/hunks";

export class Changes implements vscode.Disposable {
  private files = new Map<string, ChangedFile>();
  private last: Promise<unknown> = Promise.resolve();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;

  constructor(
    private readonly agent: Agent,
    private readonly sessions: Sessions,
  ) {}

  bind(connection: Connection): void {
    connection.listen("_thole/changes/changed", ({ sessionId }) => {
      if (sessionId === this.sessions.current?.id) void this.refresh();
    });
  }

  get all(): ChangedFile[] {
    return [...this.files.values()].sort((a, b) => a.path.localeCompare(b.path));
  }

  get(path: string): ChangedFile | undefined {
    return this.files.get(path);
  }

  async refresh(): Promise<void> {
    const sessionId = this.sessions.current?.id;
    let files: ListedFile[] = [];
    if (sessionId && this.agent.has("changes")) {
      const connection = await this.agent.connect();
      files = (await connection.request("_thole/changes/list", { sessionId })).files;
    }
    if (sessionId !== this.sessions.current?.id) return;
    const absent = { baseline: null, latest: null };
    this.files = new Map(files.map((file) => [file.path, { ...absent, ...file }]));
    this.changed.fire();
  }

  // The hunks of a file in the text that the editor shows, or that is on disk.
  async hunks(path: string): Promise<Hunk[]> {
    const file = this.files.get(path);
    return file ? hunksOf(file, (await currentText(path)) ?? "") : [];
  }

  // The same for a document that is open, at once.
  hunksIn(document: vscode.TextDocument): Hunk[] {
    const file = document.uri.scheme === "file" ? this.files.get(document.uri.fsPath) : undefined;
    return file ? hunksOf(file, document.getText()) : [];
  }

  async accept(path: string, hunk: Hunk): Promise<void> {
    await this.inTurn(async () => {
      const found = await this.again(path, hunk);
      if (found) await this.record(found.file, accepted(found.file, found.hunk));
    });
  }

  async acceptFile(path: string): Promise<void> {
    await this.inTurn(async () => {
      const file = this.files.get(path);
      if (file) await this.record(file, { baseline: file.latest, latest: file.latest });
    });
  }

  // False: the user has edited those lines, and kept their edits.
  reject(path: string, hunk: Hunk): Promise<boolean> {
    return this.inTurn(() => this.rejectNow(path, hunk));
  }

  async rejectFile(path: string): Promise<void> {
    await this.inTurn(async () => {
      const file = this.files.get(path);
      if (!file) return;
      const isUntouched = ((await currentText(path)) ?? null) === file.latest;
      if (isUntouched && !file.redacted) {
        await restore(path, file.baseline);
        await this.record(file, { baseline: file.baseline, latest: file.baseline });
        return;
      }
      // From the end, so that the places of those that follow stay what they are.
      for (const hunk of (await this.hunks(path)).reverse()) {
        if (!(await this.rejectNow(path, hunk))) return;
      }
    });
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async rejectNow(path: string, given: Hunk): Promise<boolean> {
    const found = await this.again(path, given);
    if (!found) return true;
    const { file, hunk } = found;
    if (file.redacted && isRedacted(hunk)) throw new Error(lostSecret(path));
    const current = (await currentText(path)) ?? "";
    let text = withoutHunk(file, hunk, current);
    if (text === undefined) {
      if (!(await mayOverwrite(path))) return false;
      text = withoutHunkAndEdits(hunk, current);
    }
    const after = rejected(file, hunk);
    await restore(path, after.latest === null && text === "" ? null : text);
    await this.record(file, after);
    return true;
  }

  // One after another: each decision stands on what the one before left.
  private inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.last.then(act);
    this.last = done.catch(() => {});
    return done;
  }

  // The hunk as it stands now; none when it has been decided on.
  private async again(path: string, hunk: Hunk) {
    const file = this.files.get(path);
    const found = (await this.hunks(path)).find((one) => idOf(one) === idOf(hunk));
    return file && found ? { file, hunk: found } : undefined;
  }

  private async record(file: ChangedFile, { baseline, latest }: Texts): Promise<void> {
    const { path, eventId } = file;
    const sessionId = this.sessions.current?.id;
    if (!sessionId) return;
    const connection = await this.agent.connect();
    const review = { sessionId, path, baseline, latest, eventId };
    try {
      await connection.request("_thole/changes/review", review);
    } catch (error) {
      await this.refresh(); // thole may have changed the file since
      throw error;
    }
    if (baseline === latest) this.files.delete(path);
    else this.files.set(path, { ...file, baseline, latest });
    this.changed.fire();
  }
}

const isRedacted = ({ removed }: Hunk) => removed.some((line) => line.includes("[redacted "));

const lostSecret = (path: string) =>
  `the lines of ${vscode.workspace.asRelativePath(path)} before the change held a secret, which is kept nowhere: take the change back by undo, or with git`;

export async function currentText(path: string): Promise<string | undefined> {
  const document = openDocument(path);
  if (document) return document.getText();
  try {
    return (await vscode.workspace.openTextDocument(vscode.Uri.file(path))).getText();
  } catch {
    return undefined;
  }
}

async function mayOverwrite(path: string): Promise<boolean> {
  const text = `You have edited these lines of ${vscode.workspace.asRelativePath(path)} since. Rejecting them takes your edits away too.`;
  return (await vscode.window.showWarningMessage(text, "Reject anyway")) !== undefined;
}

// Gives a file this text, or takes it away; saved when it had no unsaved text of the user.
async function restore(path: string, text: string | null): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (text === null) {
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(uri, { ignoreIfNotExists: true });
    await vscode.workspace.applyEdit(edit);
    return;
  }
  if ((await currentText(path)) === undefined) {
    const edit = new vscode.WorkspaceEdit();
    edit.createFile(uri, { contents: new TextEncoder().encode(text) });
    await vscode.workspace.applyEdit(edit);
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const wasDirty = document.isDirty;
  if (document.getText() !== text) await replaceText(document, text);
  if (!wasDirty) await document.save();
}
