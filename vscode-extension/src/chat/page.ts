// One page of the chat: sends what it shows, in small steps, and passes on what is done in it.
import * as vscode from "vscode";
import type { Session } from "../session/session";
import type { ChatState, ToHost, ToPage } from "./messages";

export interface Draft {
  get(): string;
  keep(text: string): void;
}

export interface PageParts {
  session(): Session | undefined;
  draft: Draft;
  state(): ChatState;
  act(message: ToHost, page: Page): Promise<void>;
  log: vscode.LogOutputChannel;
}

const frame = 33; // ms between two looks at what is new

export class Page implements vscode.Disposable {
  private readonly registrations: vscode.Disposable[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isReady = false;
  private shown: Session["transcript"] | undefined; // of which the page holds all but `changed`
  private unsent = new Set<number>();
  private lastState = "";
  private held: ToPage[] = [];

  constructor(
    private readonly webview: vscode.Webview,
    private readonly parts: PageParts,
    assets: vscode.Uri,
  ) {
    webview.options = { enableScripts: true, localResourceRoots: [assets] };
    this.registrations.push(
      webview.onDidReceiveMessage((message: ToHost) => void this.receive(message)),
    );
    webview.html = html(webview, assets);
  }

  // Something may be new.
  refresh(): void {
    this.note();
    this.timer ??= setTimeout(() => this.flush(), frame);
  }

  send(message: ToPage): void {
    if (this.isReady) void this.webview.postMessage(message);
    else this.held.push(message);
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const one of this.registrations) one.dispose();
  }

  // Changes are noted for each page by itself: two may show the same session.
  private note(): void {
    const transcript = this.parts.session()?.transcript;
    if (transcript !== this.shown) return;
    for (const at of transcript?.changed ?? []) this.unsent.add(at);
  }

  private flush(): void {
    this.timer = undefined;
    if (!this.isReady) return;
    this.note();
    this.sendItems();
    const state = this.parts.state();
    const text = JSON.stringify(state);
    if (text === this.lastState) return;
    this.lastState = text;
    this.send({ type: "state", state });
  }

  private sendItems(): void {
    const transcript = this.parts.session()?.transcript;
    const reset = transcript !== this.shown;
    const items = transcript?.items ?? [];
    const which = reset ? [...items.keys()] : [...this.unsent].sort((a, b) => a - b);
    this.shown = transcript;
    this.unsent.clear();
    transcript?.changed.clear();
    if (!reset && which.length === 0) return;
    const pairs = which.flatMap((at) => {
      const item = items[at];
      return item ? [[at, item] as [number, typeof item]] : [];
    });
    this.send({ type: "items", reset, items: pairs });
  }

  private async receive(message: ToHost): Promise<void> {
    if (message.type === "ready") {
      this.isReady = true;
      this.shown = undefined;
      this.lastState = "";
      this.send({ type: "draft", text: this.parts.draft.get() });
      this.flush();
      for (const one of this.held.splice(0)) this.send(one);
      return;
    }
    if (message.type === "draft") return this.parts.draft.keep(message.text);
    try {
      await this.parts.act(message, this);
    } catch (error) {
      this.parts.log.error(String(error));
      void vscode.window.showErrorMessage(
        `thole: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
}

function html(webview: vscode.Webview, assets: vscode.Uri): string {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, name));
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri("chat.css")}">
<title>thole</title>
</head>
<body>
<div id="chat"></div>
<script nonce="${nonce}" src="${uri("chat.js")}"></script>
</body>
</html>`;
}
