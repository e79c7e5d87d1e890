// Measures how long a worktree of a sub-agent takes, next to a plain `git worktree add` in the same
// repository, and what the snapshot is of it. Needs 3 GB in the temporary folder and some minutes.
// `node tests/bench/worktrees.mjs [PROGRAM [FILES…]]`
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, median, print, row } from "./report.mjs";

const program = resolve(process.argv[2] ?? join(build, "release/tests/bench/worktree_time"));
const sizes = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [20_000, 100_000];
const scratch = mkdtempSync(join(tmpdir(), "thole-bench-"));
const runs = 5;

const git = (cwd, ...words) => execFileSync("git", words, { cwd, stdio: ["ignore", "pipe", "ignore"] });
const ours = (...words) => Number(execFileSync(program, words.map(String)).toString());

function repository(files) {
  const top = join(scratch, `repository-${files}`);
  for (let i = 0; i < files; ++i) {
    const folder = join(top, `d${i % 250}`, `s${i % 7}`);
    if (i < 1750) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${i}.txt`), `line ${i}\n`.repeat(10 + (i % 90)));
  }
  git(top, "init", "--quiet");
  git(top, "add", "--all");
  git(top, "-c", "user.name=B", "-c", "user.email=b@localhost", "commit", "--quiet", "-m", "All");
  git(top, "repack", "-a", "-d", "--quiet");
  return top;
}

let trees = 0;
function plain(top) {
  const path = join(scratch, `plain-${++trees}`);
  const begin = performance.now();
  git(top, "worktree", "add", "--quiet", "-b", `plain-${trees}`, path);
  const time = performance.now() - begin;
  rmSync(path, { recursive: true });
  return time;
}

function made(top, count) {
  const folder = join(scratch, `made-${++trees}`);
  const time = ours("make", top, folder, `t${trees}-`, count);
  rmSync(folder, { recursive: true });
  return time;
}

// By turns, so that both meet the same noise.
function compare(top) {
  const times = { plain: [], made: [] };
  for (let i = 0; i < runs; ++i) {
    times.plain.push(plain(top));
    times.made.push(made(top, 1));
  }
  return { plain: median(times.plain), made: median(times.made) };
}

const usual = (measure) => median(Array.from({ length: runs }, measure));

try {
  for (const files of sizes) {
    const top = repository(files);
    const name = `${files.toLocaleString("en")} files`;
    const clean = compare(top);
    row(`worktree, ${name}`, clean.made, "ms", 1.2 * clean.plain, clean.plain);
    appendFileSync(join(top, "d1/s1/f1.txt"), "changed\n");
    for (let i = 0; i < 50; ++i) writeFileSync(join(top, `untracked-${i}.txt`), `new ${i}\n`);
    const dirty = compare(top);
    row(`worktree, ${name}, 51 changed`, dirty.made, "ms", 1.2 * dirty.plain, dirty.plain);
    const snapshot = usual(() => ours("snapshot", top));
    row(`snapshot, ${name}, 51 changed`, snapshot, "ms", undefined, dirty.plain);
  }
  const top = join(scratch, `repository-${sizes[0]}`);
  const many = Array.from({ length: 20 }, () => plain(top)).reduce((sum, time) => sum + time, 0);
  row("20 worktrees at once", made(top, 20), "ms", 1.2 * many, many);
  process.exitCode = print() ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
