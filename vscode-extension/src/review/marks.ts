// The changes that wait for a review, in the editor: coloured lines, and what can be done above each.
import * as vscode from "vscode";
import { type Hunk, idOf } from "../text/hunks";
import type { Changes } from "./changes";

const added = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("diffEditor.insertedLineBackground"),
  overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.addedForeground"),
  overviewRulerLane: vscode.OverviewRulerLane.Left,
});

const removed = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  borderWidth: "1px 0 0 0",
  borderStyle: "dashed",
  borderColor: new vscode.ThemeColor("editorOverviewRuler.deletedForeground"),
  overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.deletedForeground"),
  overviewRulerLane: vscode.OverviewRulerLane.Left,
});

export class ReviewMarks implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly registrations: vscode.Disposable[];
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly changes: Changes) {
    this.registrations = [
      changes.onChange(() => this.refresh()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.paintAll()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.paintAll(document)),
      vscode.languages.registerCodeLensProvider({ scheme: "file" }, this),
      added,
      removed,
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return this.changes.hunksIn(document).flatMap((hunk) => lensesOf(document, hunk));
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
    this.changed.dispose();
  }

  private refresh(): void {
    this.changed.fire();
    this.paintAll();
  }

  private paintAll(only?: vscode.TextDocument): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (!only || editor.document === only) this.paint(editor);
    }
  }

  private paint(editor: vscode.TextEditor): void {
    const hunks = this.changes.hunksIn(editor.document);
    const withText = hunks.filter(({ begin, end }) => end > begin);
    const options = (hunk: Hunk) => ({
      range: new vscode.Range(hunk.begin, 0, Math.max(hunk.begin, hunk.end - 1), 0),
      hoverMessage: hoverOf(hunk, editor.document.languageId),
    });
    editor.setDecorations(added, withText.map(options));
    editor.setDecorations(removed, hunks.filter((hunk) => !withText.includes(hunk)).map(options));
  }
}

function hoverOf(hunk: Hunk, language: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  if (hunk.removed.length === 0) return text.appendMarkdown("Added by thole");
  return text
    .appendMarkdown("Before thole:")
    .appendCodeblock(hunk.removed.join("").replace(/\n$/, ""), language);
}

function lensesOf(document: vscode.TextDocument, hunk: Hunk): vscode.CodeLens[] {
  const line = Math.min(hunk.begin, Math.max(0, document.lineCount - 1));
  const range = new vscode.Range(line, 0, line, 0);
  const path = document.uri.fsPath;
  const lens = (title: string, command: string) =>
    new vscode.CodeLens(range, { title, command, arguments: [path, idOf(hunk)] });
  const size = `+${hunk.added.length} −${hunk.removed.length}`;
  return [
    lens("$(check) Accept", "thole.acceptHunk"),
    lens("$(discard) Reject", "thole.rejectHunk"),
    lens(`$(diff) ${size}`, "thole.openChange"),
  ];
}
