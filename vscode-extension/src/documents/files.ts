// The files of the workspace as the user sees them: unsaved text is what the agent reads, and what
// it writes goes through the document as one step that can be undone. What the user typed since the
// agent read is merged; when that cannot be, nothing is written and the agent is told why.
import * as vscode from "vscode";
import { type Connection, internalError, RpcError } from "../rpc/connection";
import { changesOfText, splitLines } from "../text/lines";
import { merge } from "../text/merge";

const notFound = -32002;
const mostRemembered = 100;
const attempts = 10; // each fails only because somebody typed in between

export type SavePolicy = "clean" | "always" | "never";

export class Files {
  private readonly read_ = new Map<string, string>(); // what the agent saw last, by path

  constructor(private readonly savePolicy: () => SavePolicy) {}

  bind(connection: Connection): void {
    connection.handle("fs/read_text_file", ({ path }) => this.read(path));
    connection.handle("fs/write_text_file", ({ path, content }) => this.write(path, content));
  }

  async read(path: string): Promise<{ content: string }> {
    const content = openDocument(path)?.getText() ?? (await textOnDisk(path));
    if (content === undefined) throw new RpcError(notFound, `no file '${path}'`);
    this.remember(path, content);
    return { content };
  }

  async write(path: string, content: string): Promise<Record<string, never>> {
    if (!openDocument(path) && !(await exists(path))) await create(path, content);
    else await this.change(path, content);
    this.remember(path, openDocument(path)?.getText() ?? content);
    return {};
  }

  private remember(path: string, content: string): void {
    this.read_.delete(path);
    this.read_.set(path, content);
    const oldest = this.read_.keys().next().value;
    if (this.read_.size > mostRemembered && oldest !== undefined) this.read_.delete(oldest);
  }

  private async change(path: string, content: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const wasDirty = document.isDirty;
    const base = this.read_.get(path) ?? document.getText();
    let done = false;
    for (let i = 0; !done && i < attempts; ++i)
      done = await this.tryChange(document, base, content);
    if (!done) throw new RpcError(internalError, `'${path}' keeps changing while it is written`);
    const policy = this.savePolicy();
    const saves = policy === "always" || (policy === "clean" && !wasDirty);
    if (saves && document.isDirty && !(await document.save()))
      throw new RpcError(internalError, `'${path}' was changed in the editor but not saved`);
  }

  private async tryChange(
    document: vscode.TextDocument,
    base: string,
    content: string,
  ): Promise<boolean> {
    const current = document.getText();
    const text = merged(document.uri.fsPath, base, content, current);
    return text === current || replaceText(document, text);
  }
}

function merged(path: string, base: string, content: string, current: string): string {
  if (current === base) return content;
  const result = merge(base, content, current);
  if (result.merged !== undefined) return result.merged;
  const places = result.conflicts.map(
    ({ begin, end }) => `${begin + 1}-${Math.max(begin + 1, end)}`,
  );
  throw new RpcError(
    internalError,
    `the user has changed '${path}' in the editor meanwhile, in the same lines (${places.join(", ")}); ` +
      "nothing was written. Read the file again and repeat the change.",
  );
}

// Only the lines that differ are replaced: cursors, folds and breakpoints elsewhere stay.
export async function replaceText(document: vscode.TextDocument, text: string): Promise<boolean> {
  const current = document.getText();
  const after = splitLines(text);
  const edit = new vscode.WorkspaceEdit();
  for (const change of changesOfText(current, text)) {
    const range = document.validateRange(new vscode.Range(change.oldBegin, 0, change.oldEnd, 0));
    edit.replace(document.uri, range, after.slice(change.newBegin, change.newEnd).join(""));
  }
  return vscode.workspace.applyEdit(edit);
}

export function openDocument(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    ({ uri, isClosed }) => uri.scheme === "file" && uri.fsPath === path && !isClosed,
  );
}

async function textOnDisk(path: string): Promise<string | undefined> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(path));
    return new TextDecoder("utf-8").decode(bytes);
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(vscode.Uri.file(path));
    return true;
  } catch {
    return false;
  }
}

async function create(path: string, content: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(vscode.Uri.file(path), { contents: new TextEncoder().encode(content) });
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new RpcError(internalError, `'${path}' could not be created`);
}
