// A server of a few lines, and files to work on.
import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Agent } from "../../src/agent/agent";
import { Connection } from "../../src/rpc/connection";

interface Sent {
  id?: number;
  method: string;
  params: unknown;
}

// Answers every request with what `answer` says.
export class FakeAgent {
  readonly sent: Sent[] = [];
  private readonly refusals = new Map<string, string>();
  readonly connection: Connection;

  constructor(answer: (method: string) => unknown = () => ({})) {
    this.connection = new Connection(
      (line) => {
        const message = JSON.parse(line) as Sent;
        this.sent.push(message);
        if (message.id === undefined) return;
        const why = this.refusals.get(message.method);
        if (why) this.say({ id: message.id, error: { code: -32602, message: why } });
        else this.say({ id: message.id, result: answer(message.method) });
      },
      () => {},
    );
  }

  get agent(): Agent {
    return { connect: async () => this.connection, has: () => true } as unknown as Agent;
  }

  refuse(method: string, why: string): void {
    this.refusals.set(method, why);
  }

  say(message: object): void {
    this.connection.receive(`${JSON.stringify(message)}\n`);
  }

  paramsOf(method: string): unknown[] {
    return this.sent.filter((one) => one.method === method).map((one) => one.params);
  }
}

export class Memory implements vscode.Memento {
  private readonly values = new Map<string, unknown>();

  keys(): string[] {
    return [...this.values.keys()];
  }
  get<T>(key: string): T | undefined;
  get<T>(key: string, fallback: T): T;
  get<T>(key: string, fallback?: T): T | undefined {
    return (this.values.get(key) as T | undefined) ?? fallback;
  }
  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  }
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), "thole-host-")));
let count = 0;

export function fileOf(text: string, name = "a.txt"): string {
  const path = join(folder, `${++count}-${name}`);
  writeFileSync(path, text);
  return path;
}

export async function show(path: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}

export async function type(editor: vscode.TextEditor, line: number, text: string): Promise<void> {
  await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), text));
}

export async function until(isSo: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
