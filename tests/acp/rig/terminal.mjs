// A real terminal (tmux, with a server of its own) with a thole in it: keys go in, the screen is
// looked at.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { command } from "./wire.mjs";

const patience = Number(process.env.THOLE_TEST_DEADLINE_MS ?? 30_000) / 2;
let made = 0;

export class Terminal {
  constructor(rig, words, { env = rig.env, columns = 90, rows = 40 } = {}) {
    this.name = `thole-test-${process.pid}-${++made}`;
    const variables = Object.entries({ ...env, TERM: "screen-256color" });
    const program = ["env", "-i", ...variables.map(([name, value]) => `${name}=${value}`)];
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "sh");
    this.#tmux("set-option", "-g", "remain-on-exit", "on");
    this.#tmux("set-option", "-g", "history-limit", "5000");
    const [thole, all] = command(...words);
    const line = [...program, thole, ...all];
    this.#tmux("respawn-pane", "-k", "-c", rig.workspace.root, ...line);
    rig.terminals = [...(rig.terminals ?? []), this];
  }

  type(text) {
    this.#tmux("send-keys", "-l", "--", text);
  }

  // Names of tmux: Enter, C-c, Tab, Up, M-Enter
  press(...keys) {
    this.#tmux("send-keys", ...keys);
  }

  enter(text) {
    this.type(text);
    this.press("Enter");
  }

  // As terminals do it when they were asked to mark what is pasted.
  paste(text) {
    this.#tmux("set-buffer", "--", text);
    this.#tmux("paste-buffer", "-p");
  }

  get screen() {
    return this.#tmux("capture-pane", "-p", "-J", "-S", "-").trimEnd();
  }

  async until(pattern) {
    await this.#untilTrue(() => pattern.test(this.screen), `${pattern} on the screen`);
    return pattern.exec(this.screen);
  }

  async untilGone(pattern) {
    await this.#untilTrue(() => !pattern.test(this.screen), `${pattern} gone from the screen`);
  }

  // The exit code, when the program has ended.
  async end() {
    const format = "#{pane_dead} #{pane_dead_status}#{pane_dead_signal}";
    const status = () => this.#tmux("display-message", "-p", format);
    await this.#untilTrue(() => /^1 \d/.test(status()), "an end of the program");
    return Number(status().trim().split(" ")[1]);
  }

  // Returns when the program is gone, too.
  async close() {
    try {
      const pid = this.#tmux("display-message", "-p", "#{pane_pid}").trim();
      this.#tmux("kill-server");
      while (existsSync(`/proc/${pid}`)) await pause(15);
    } catch {
      // the terminal has ended already
    }
  }

  async #untilTrue(holds, what) {
    const last = Date.now() + patience;
    while (!holds()) {
      if (Date.now() > last) throw new Error(`no ${what} after ${patience} ms:\n${this.screen}`);
      await pause(15);
    }
  }

  #tmux(...words) {
    return execFileSync("tmux", ["-L", this.name, ...words], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", TERM: "xterm-256color" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}
