// Keys of model providers, in the secret storage of VS Code, given to thole in its environment: an
// editor started from a desktop has no shell's variables.
import * as vscode from "vscode";

const providers = [
  { label: "Anthropic", variable: "ANTHROPIC_API_KEY" },
  { label: "OpenAI", variable: "OPENAI_API_KEY" },
  { label: "OpenRouter", variable: "OPENROUTER_API_KEY" },
  { label: "Gemini", variable: "GEMINI_API_KEY" },
];

const keyOf = (variable: string) => `thole.${variable}`;

export class Keys {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async environment(): Promise<Record<string, string>> {
    const env: Record<string, string> = {};
    for (const { variable } of providers) {
      const key = await this.secrets.get(keyOf(variable));
      if (key) env[variable] = key;
    }
    return env;
  }

  // Whether a key was set or removed.
  async ask(): Promise<boolean> {
    const items = providers.map((one) => ({ ...one, description: one.variable }));
    const provider = await vscode.window.showQuickPick(items, { title: "Key of which provider?" });
    if (!provider) return false;
    const key = await vscode.window.showInputBox({
      title: `${provider.label}: ${provider.variable}`,
      prompt: "Kept in the secret storage of VS Code; empty removes it.",
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined) return false;
    if (key.trim()) await this.secrets.store(keyOf(provider.variable), key.trim());
    else await this.secrets.delete(keyOf(provider.variable));
    return true;
  }
}
