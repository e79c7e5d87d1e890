// A throw-away workspace (a git repository with a few files) and a private home for one test.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const defaultFiles = {
  "README.md": "# Boat\n\nA small boat with two oars.\n",
  "src/oar.c": '#include "oar.h"\n\nint strokes(int minutes)\n{\n    return minutes * 28;\n}\n',
  "src/oar.h": "int strokes(int minutes);\n",
  "notes.txt": "first line\nsecond line\nthird line\n",
};

export class Workspace {
  constructor(files = defaultFiles) {
    this.#top = realpathSync(mkdtempSync(join(tmpdir(), "thole-acp-")));
    this.root = join(this.#top, "boat");
    this.home = join(this.#top, "home");
    for (const [path, text] of Object.entries(files)) this.write(path, text);
    for (const name of ["state", "config", "cache", "run"]) {
      mkdirSync(join(this.#top, name), { recursive: true, mode: 0o700 });
    }
    mkdirSync(this.home);
    this.#commit();
  }

  // A folder beside the workspace, outside every root of its sessions.
  outside(name) {
    const path = join(this.#top, "outside", name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  path(name) {
    return join(this.root, name);
  }

  read(name) {
    return readFileSync(this.path(name), "utf8");
  }

  has(name) {
    return existsSync(this.path(name));
  }

  write(name, text) {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  // The user's config.toml.
  configure(toml) {
    mkdirSync(join(this.#top, "config", "thole"), { recursive: true });
    writeFileSync(join(this.#top, "config", "thole", "config.toml"), toml);
  }

  environment() {
    return {
      PATH: process.env.PATH,
      LANG: "C.UTF-8",
      HOME: this.home,
      XDG_STATE_HOME: join(this.#top, "state"),
      XDG_CONFIG_HOME: join(this.#top, "config"),
      XDG_CACHE_HOME: join(this.#top, "cache"),
      XDG_RUNTIME_DIR: join(this.#top, "run"),
    };
  }

  remove() {
    rmSync(this.#top, { recursive: true, force: true, maxRetries: 3 });
  }

  #top;

  #commit() {
    const git = (...words) =>
      execFileSync("git", words, {
        cwd: this.root,
        stdio: "ignore",
        env: { PATH: process.env.PATH, HOME: this.home, GIT_CONFIG_NOSYSTEM: "1" },
      });
    git("init", "--quiet", "--initial-branch=main");
    git("add", ".");
    git(
      "-c",
      "user.name=Test",
      "-c",
      "user.email=test@localhost",
      "commit",
      "--quiet",
      "-m",
      "Start",
    );
  }
}
