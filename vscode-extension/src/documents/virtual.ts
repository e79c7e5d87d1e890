// Texts that are no files: both sides of proposed changes, outputs, details of tasks. Read-only.
import * as vscode from "vscode";

export const proposalScheme = "thole-proposal";
export const virtualScheme = "thole";
const mostTexts = 400;

export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registrations: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registrations = [proposalScheme, virtualScheme].map((scheme) =>
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
    );
  }

  // `key` makes it one of its kind; `name` is shown and says the language.
  put(scheme: string, key: string, name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme, path: `/${name.replace(/^\/+/, "")}`, query: key });
    const id = uri.toString();
    const isNew = this.texts.get(id) !== text;
    this.texts.delete(id);
    this.texts.set(id, text);
    for (const oldest of this.texts.keys()) {
      if (this.texts.size <= mostTexts) break;
      this.texts.delete(oldest);
    }
    if (isNew) this.changed.fire(uri);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
    this.changed.dispose();
  }
}

export async function closeTabs(isIt: (uri: vscode.Uri) => boolean): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => urisOf(tab).some(isIt));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}

function urisOf({ input }: vscode.Tab): vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff) return [input.original, input.modified];
  if (input instanceof vscode.TabInputText) return [input.uri];
  return [];
}
