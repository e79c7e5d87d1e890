// What the extension has sent, and the way back to it.
import type { ChatState, Completion, PageCommand, ToHost, ToPage } from "../src/chat/messages";
import type { Item } from "../src/session/transcript";

interface HostApi {
  postMessage(message: ToHost): void;
}

declare function acquireVsCodeApi(): HostApi;

const api = acquireVsCodeApi();

export interface View {
  state: ChatState | undefined;
  draft: string;
  items: Item[];
  completions: { request: number; completions: Completion[] };
  composed: { count: number; text: string }; // text that a command puts into the composer
  focused: number;
}

export const view: View = {
  state: undefined,
  draft: "",
  items: [],
  completions: { request: 0, completions: [] },
  composed: { count: 0, text: "" },
  focused: 0,
};

export function receive(message: ToPage): void {
  switch (message.type) {
    case "state":
      view.state = message.state;
      break;
    case "items":
      if (message.reset) view.items = [];
      for (const [at, item] of message.items) view.items[at] = item;
      view.items = [...view.items];
      break;
    case "completions":
      view.completions = message;
      break;
    case "compose":
      view.composed = { count: view.composed.count + 1, text: message.text };
      break;
    case "draft":
      view.draft = message.text;
      break;
    case "focus":
      view.focused += 1;
      break;
  }
}

export const post = (message: ToHost): void => api.postMessage(message);
export const run = (command: PageCommand) => (): void => post({ type: "command", command });

// The extension keeps it: a page does not outlive being hidden.
export function keepDraft(text: string): void {
  view.draft = text;
  post({ type: "draft", text });
}

export function shortPath(path: string, roots: readonly string[]): string {
  const root = roots.find((one) => path.startsWith(`${one}/`));
  return root === undefined ? path : path.slice(root.length + 1);
}
