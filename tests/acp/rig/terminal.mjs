// A real terminal (tmux, with a server of its own) with a thole in it: keys go in, the screen is
// looked at.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { command } from "./wire.mjs";

const patience = Number(process.env.THOLE_TEST_DEADLINE_MS ?? 30_000) / 2;
let made = 0;

export class Terminal {
  constructor(rig, words, { env = rig.env, columns = 90, rows = 40 } = {}) {
    this.name = `thole-test-${process.pid}-${++made}`;
    this.#exit = join(rig.workspace.home, `${this.name}.exit`);
    const variables = Object.entries({ ...env, TERM: "screen-256color" });
    const [thole, all] = command(...words);
    const program = [
      ...["env", "-i", ...variables.map(([name, value]) => `${name}=${value}`)],
      ...[thole, ...all],
    ];
    // tmux itself forgets an exit code now and then. The screen stays until close().
    const keep = `trap : INT; "$@"; echo $? > ${this.#exit}; exec sleep infinity`;
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    const start = ["-f", "/dev/null", "new-session", "-d", ...size, "-c", rig.workspace.root];
    this.#tmux(...start, "sh", "-c", keep, "sh", ...program);
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
    const code = () => (existsSync(this.#exit) ? readFileSync(this.#exit, "utf8") : "");
    await this.#untilTrue(() => code().endsWith("\n"), "end of the program");
    return Number(code());
  }

  // Returns when the program is gone.
  async close() {
    const shell = this.#tmux("display-message", "-p", "#{pane_pid}").trim();
    const below = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim();
    for (const pid of below.split(" ").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    while (below && existsSync(`/proc/${below.split(" ")[0]}`)) await pause(10);
    this.#tmux("kill-server");
  }

  #exit;

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
