// A thole process of the command line: what it printed, and the exit code.
import { spawn } from "node:child_process";
import { command } from "./wire.mjs";

export class Run {
  // `through`: a program and arguments that run thole.
  constructor(rig, words, options = {}) {
    const { input, env = rig.env, cwd = rig.workspace.root, through = [] } = options;
    const [own, arguments_] = command(...words);
    const [program, ...all] = [...through, own, ...arguments_];
    this.stdout = "";
    this.stderr = "";
    this.child = spawn(program, all, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    this.child.stdout.on("data", (data) => (this.stdout += data));
    this.child.stderr.on("data", (data) => (this.stderr += data));
    this.child.stdin.on("error", () => {});
    this.child.stdin.end(input ?? "");
    this.end = new Promise((resolve) => this.child.once("close", resolve));
  }
}

export async function run(rig, words, options) {
  const one = new Run(rig, words, options);
  const code = await one.end;
  return { code, stdout: one.stdout, stderr: one.stderr };
}
