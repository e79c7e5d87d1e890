// What a test of the extension needs: one VS Code and one browser for all; for each test a model, a
// workspace and a window.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Model } from "../../acp/rig/model.mjs";
import { Workspace } from "../../acp/rig/workspace.mjs";
import { binary, Host, launch, shotPath } from "./host.mjs";
import { patience, Window } from "./window.mjs";

export * from "../../acp/rig/model.mjs";
export { assert };

const deadline = Number(process.env.THOLE_TEST_DEADLINE_MS ?? 600_000);
const size = { width: 1360, height: 860 };
let host;
let browser;
let context; // one for all, so that the workbench is loaded from its cache
let isUsed = false;

export function useVsCode() {
  if (isUsed) return;
  isUsed = true;
  before(async () => {
    host = await Host.start();
    browser = await launch();
    context = await browser.newContext({ viewport: size, reducedMotion: "reduce" });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });
}

export const themes = { dark: "Default Dark Modern", light: "Default Light Modern" };

export class Rig {
  pages = [];

  static async start({ files, theme = "dark", settings = {}, script = [], env = {} }) {
    const rig = new Rig();
    rig.oldLogs = new Set(host.extensionLogs);
    rig.model = await Model.start("anthropic");
    rig.model.script(...script);
    rig.workspace = new Workspace({
      ...files,
      ".vscode/settings.json": "{}",
    });
    const variables = {
      ...rig.workspace.environment(),
      ...rig.model.environment(),
      THOLE_RETRY_BASE_MS: "10",
      ...env,
    };
    delete variables.PATH;
    const all = {
      "thole.environment": variables,
      "workbench.colorTheme": themes[theme],
      ...settings,
    };
    rig.workspace.write(".vscode/settings.json", JSON.stringify(all));
    rig.window = await rig.open();
    return rig;
  }

  // Another window on the same workspace.
  async open() {
    const page = await context.newPage();
    this.pages.push(page);
    page.setDefaultTimeout(patience);
    const window = new Window(page, host.url(this.workspace.root));
    await window.open();
    return window;
  }

  // The program itself, on the workspace of this test.
  thole(...words) {
    const env = { ...this.workspace.environment(), ...this.model.environment() };
    return execFileSync(binary, words, { cwd: this.workspace.root, env, encoding: "utf8" });
  }

  // What the extension has written since this test began.
  get logs() {
    const own = host.extensionLogs.filter((path) => !this.oldLogs.has(path));
    return own.map((path) => readFileSync(path, "utf8")).join("\n");
  }

  // The thole process that was started last.
  get serverProcess() {
    return Number([...this.logs.matchAll(/\(process (\d+)\)/g)].at(-1)[1]);
  }

  async dispose() {
    for (const page of this.pages) await page.close();
    await this.model.stop();
    this.workspace.remove();
  }
}

const boat = {
  "README.md": "# Boat\n\nA small boat with two oars.\n",
  "src/oar.c": '#include "oar.h"\n\nint strokes(int minutes)\n{\n    return minutes * 28;\n}\n',
  "src/oar.h": "int strokes(int minutes);\n",
  "notes.txt": "first line\nsecond line\nthird line\n",
};

export function scenario(name, options, body) {
  const { skip = false, ...start } = options;
  test(name, { timeout: deadline, skip }, async (t) => {
    const rig = await Rig.start({ files: boat, ...start });
    try {
      await body(rig, t);
    } catch (error) {
      await rig.window.page
        .screenshot({ path: shotPath(`failed ${name}`.replace(/\W+/g, "-")) })
        .catch(() => {});
      t.diagnostic(rig.logs.slice(-3000));
      throw error;
    } finally {
      await rig.dispose();
    }
  });
}
