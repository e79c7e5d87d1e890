// A real VS Code: its server with a profile of its own, the extension installed from the .vsix. One
// serves all tests, each in a workspace and a window of its own.
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../../..", import.meta.url));
export const folder = process.env.THOLE_VSCODE_HOST ?? join(top, "build/vscode-host");
export const extensionFolder = join(top, "vscode-extension");
export const vsix = join(extensionFolder, "thole.vsix");
export const binary = process.env.THOLE_BINARY ?? join(top, "build/release/thole");

const modules = join(folder, "node_modules");
const entry = join(modules, "code-server/out/node/entry.js");

// Settings of a machine count only here when VS Code runs remotely, as it does in a browser.
const machineSettings = { "thole.path": binary };
const settings = {
  "chat.disableAIFeatures": true,
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "files.autoSave": "off",
  "git.autoRepositoryDetection": false,
  "git.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.restoreWindows": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

export class Host {
  // `inHost`: tests run inside the extension host; notifications do not show then.
  static async start({ inHost = false } = {}) {
    const host = new Host();
    host.top = mkdtempSync(join(tmpdir(), "thole-vscode-"));
    for (const name of ["home", "data/User", "data/Machine", "extensions"]) {
      mkdirSync(join(host.top, name), { recursive: true });
    }
    const write = (path, all) => writeFileSync(join(host.top, "data", path), JSON.stringify(all));
    write("User/settings.json", settings);
    write("Machine/settings.json", machineSettings);
    host.port = await freePort();
    if (!inHost) host.#run(["--install-extension", vsix]);
    await host.#startServer(inHost ? ["--vscode-option", "enable-smoke-test-driver"] : []);
    return host;
  }

  url(workspace, query = "") {
    return `http://127.0.0.1:${this.port}/?folder=${encodeURIComponent(workspace)}${query}`;
  }

  get log() {
    return readFileSync(join(this.top, "server.log"), "utf8");
  }

  // Where the extension has written what its output channel shows: a file for each window and each
  // reload, the oldest first.
  get extensionLogs() {
    const logs = join(this.top, "data/logs");
    if (!existsSync(logs)) return [];
    const bornAt = new Map();
    for (const name of readdirSync(logs, { recursive: true })) {
      const path = join(logs, name);
      if (name.endsWith("thole.log")) bornAt.set(path, statSync(path).birthtimeMs);
    }
    return [...bornAt.keys()].sort((a, b) => bornAt.get(a) - bornAt.get(b));
  }

  async stop() {
    await this.#endServer();
    rmSync(this.top, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  get #node() {
    const name = readdirSync(modules).find((one) => one.startsWith("node-linux-"));
    return join(modules, name, "bin/node");
  }

  get #environment() {
    const { PATH, LANG } = process.env;
    return {
      PATH,
      LANG: LANG ?? "C.UTF-8",
      HOME: join(this.top, "home"),
      EXTENSIONS_GALLERY: '{"serviceUrl":"","itemUrl":"","resourceUrlTemplate":""}',
    };
  }

  get #places() {
    return [
      ...["--user-data-dir", join(this.top, "data")],
      ...["--extensions-dir", join(this.top, "extensions")],
      "--disable-telemetry",
    ];
  }

  #run(words) {
    const all = [entry, ...this.#places, ...words];
    execFileSync(this.#node, all, { env: this.#environment, stdio: "pipe" });
  }

  // code-server gives its own child ten seconds to say hello, which a busy machine may not manage.
  async #startServer(words) {
    for (let attempt = 1; ; ++attempt) {
      this.#serve(words);
      if (await this.#isReady()) return;
      if (attempt === 8) throw new Error(`VS Code did not start:\n${this.log}`);
      await this.#endServer();
    }
  }

  async #endServer() {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    process.kill(-this.server.pid, "SIGTERM");
    await gone;
  }

  #serve(words) {
    const log = openSync(join(this.top, "server.log"), "w");
    const all = [
      entry,
      ...["--bind-addr", `127.0.0.1:${this.port}`, "--auth", "none"],
      ...this.#places,
      ...["--disable-update-check", "--disable-workspace-trust"],
      ...["--disable-getting-started-override", "--reconnection-grace-time", "1"],
      ...words,
    ];
    const options = { detached: true, stdio: ["ignore", log, log], env: this.#environment };
    this.server = spawn(this.#node, all, options);
  }

  async #isReady() {
    const isUp = () => fetch(`http://127.0.0.1:${this.port}/healthz`).then((r) => r.ok, () => false);
    const until = Date.now() + 120_000;
    while (!(await isUp())) {
      if (Date.now() > until || this.server.exitCode !== null) return false;
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return true;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// A browser, driven by the pinned packages of the host.
export async function launch() {
  const { chromium } = await import(join(modules, "playwright-core/index.mjs"));
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}

export const shotsFolder = process.env.THOLE_SHOTS ?? join(top, "build/vscode-shots");
export const shotPath = (name) => {
  const path = join(shotsFolder, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  return path;
};
