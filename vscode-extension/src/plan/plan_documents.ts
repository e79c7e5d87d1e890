// Plans as Markdown documents that can be edited like any file. Saving keeps the text in this window
// (also over a reload); it goes to the agent with the review.
import * as vscode from "vscode";
import type { PlanStore } from "./plan_store";

export const planScheme = "thole-plan";

export const planUri = (sessionId: string) =>
  vscode.Uri.from({ scheme: planScheme, path: `/${sessionId}/plan.md` });

export function sessionOfPlan(uri: vscode.Uri | undefined): string | undefined {
  return uri?.scheme === planScheme ? idOf(uri) : undefined;
}

const idOf = (uri: vscode.Uri) => uri.path.split("/")[1] ?? "";

export class PlanDocuments implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly registrations: vscode.Disposable[];
  private readonly times = new Map<string, number>();
  readonly onDidChangeFile = this.changed.event;

  constructor(
    private readonly plans: PlanStore,
    private readonly scheme = planScheme,
  ) {
    this.registrations = [
      vscode.workspace.registerFileSystemProvider(scheme, this),
      plans.onChange(({ sessionId }) => this.touch(sessionId)),
      plans.onDraft((sessionId) => this.touch(sessionId)),
    ];
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const text = await this.textOf(uri);
    const id = idOf(uri);
    const isOpen = this.plans.get(id)?.status === "in_review";
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: this.times.get(id) ?? 0,
      size: text.length,
      ...(isOpen ? {} : { permissions: vscode.FilePermission.Readonly }),
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new TextEncoder().encode(await this.textOf(uri));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    await this.plans.keepDraft(idOf(uri), new TextDecoder().decode(content));
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    for (const one of this.registrations) one.dispose();
    this.changed.dispose();
  }

  private async textOf(uri: vscode.Uri): Promise<string> {
    const id = idOf(uri);
    const plan = await this.plans.fetch(id);
    if (!plan || plan.status === "none") throw vscode.FileSystemError.FileNotFound(uri);
    return this.plans.draftOf(id) ?? plan.content;
  }

  private touch(sessionId: string): void {
    this.times.set(sessionId, Math.max(Date.now(), (this.times.get(sessionId) ?? 0) + 1));
    this.changed.fire([
      {
        type: vscode.FileChangeType.Changed,
        uri: planUri(sessionId).with({ scheme: this.scheme }),
      },
    ]);
  }
}
