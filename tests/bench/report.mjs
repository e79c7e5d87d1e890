// What the measurements share: reference programs, medians, and the table with the budgets.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
export const build = resolve(here, "../../build");

export const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// A reference program, tests/bench/<name>.c.
export function compiled(name) {
  mkdirSync(join(build, "bench"), { recursive: true });
  const program = join(build, "bench", name);
  execFileSync("cc", ["-O2", "-o", program, join(here, `${name}.c`)]);
  return program;
}

const rows = [];
export function row(what, value, unit, budget, reference) {
  rows.push({ what, value, unit, budget, reference });
}

// Gives whether every budget was kept.
export function print() {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const number = (value) => (value === undefined ? "" : value.toFixed(value < 10 ? 2 : 0));
  console.log(`${"".padEnd(width)}    thole          budget   of budget   reference   ratio`);
  for (const { what, value, unit, budget, reference } of rows) {
    const share = value / budget || 0;
    const cells = [
      `${number(value)} ${unit}`.padEnd(12),
      number(budget).padStart(8),
      (budget === undefined ? "" : `${(100 * share).toFixed(0)} %`).padStart(11),
      number(reference).padStart(11),
      (reference > 0 ? (value / reference).toFixed(2) : "").padStart(7),
    ];
    console.log(`${what.padEnd(width)}    ${cells.join("")}${share > 1 ? "  over budget" : ""}`);
  }
  return rows.every(({ value, budget }) => budget === undefined || value <= budget);
}
