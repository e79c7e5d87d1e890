// A prompt as the user wrote it, as content blocks: the text, and behind it what it mentions. Files
// are links, which the agent reads with unsaved text; lines and problems are given as they are.
import { relative } from "node:path";
import * as vscode from "vscode";
import { diagnosticsOf } from "../documents/diagnostics";
import { openDocument } from "../documents/files";
import type { ContentBlock } from "../protocol";
import { type MentionInText, mentionsIn } from "./mention_text";

export async function blocksOf(text: string, cwd: string): Promise<ContentBlock[]> {
  const mentioned = await Promise.all(mentionsIn(text).map((one) => blocksOfMention(one, cwd)));
  return [{ type: "text", text }, ...mentioned.flat()];
}

async function blocksOfMention(one: MentionInText, cwd: string): Promise<ContentBlock[]> {
  if (one.name === "selection") return selectionBlocks();
  if (one.name === "problems") return problemBlocks(cwd);
  if (one.name === "open") return openEditorBlocks(cwd);
  const uri = vscode.Uri.joinPath(vscode.Uri.file(cwd), one.name);
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if (one.lines && type === vscode.FileType.File) return [await linesBlock(uri, one.lines)];
    return [link(uri, one.name)];
  } catch {
    return []; // a word that begins with @ and means no file
  }
}

function link(uri: vscode.Uri, name: string): ContentBlock {
  return { type: "resource_link", uri: uri.toString(), name };
}

async function linesBlock(
  uri: vscode.Uri,
  { begin, end }: { begin: number; end: number },
): Promise<ContentBlock> {
  const document = openDocument(uri.fsPath) ?? (await vscode.workspace.openTextDocument(uri));
  const text = document.getText(new vscode.Range(begin - 1, 0, end, 0));
  return { type: "resource", resource: { uri: `${uri}#L${begin}:${end}`, text } };
}

export interface Selected {
  document: vscode.TextDocument;
  begin: number; // lines, 1-based, inclusive
  end: number;
}

export function selectedLines(): Selected | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty || editor.document.uri.scheme !== "file")
    return undefined;
  const { start, end } = editor.selection;
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return { document: editor.document, begin: start.line + 1, end: last };
}

async function selectionBlocks(): Promise<ContentBlock[]> {
  const selected = selectedLines();
  return selected ? [await linesBlock(selected.document.uri, selected)] : [];
}

function problemBlocks(cwd: string): ContentBlock[] {
  const lines = diagnosticsOf(undefined).map(
    (one) =>
      `${relative(cwd, one.path)}:${one.line}:${one.column}: ${one.severity}: ${one.message}`,
  );
  const text = lines.length > 0 ? lines.join("\n") : "The editor shows no problems.";
  return [{ type: "resource", resource: { uri: "vscode:problems", text, mimeType: "text/plain" } }];
}

function openEditorBlocks(cwd: string): ContentBlock[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap(({ input }) =>
    input instanceof vscode.TabInputText && input.uri.scheme === "file"
      ? [link(input.uri, relative(cwd, input.uri.fsPath))]
      : [],
  );
}
