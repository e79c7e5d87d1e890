// How many of the 107 statements of the conformance checklist hold, by tests that ran and passed.
//
// As a reporter of node's test runner it writes down which tests of which numbers passed and failed; as a
// program (`node conformance.mjs FILE`) it reads that, prints "N of 107" with the reasons for the rest,
// and fails when a number has neither passed nor a reason. A test bears its numbers at the start of its
// name: "27, 30: …", "anthropic: 9: …", and "22 (G): …" where it goes through somebody else's client: G
// the official SDK, O the SDK 0.4.5 with its strict validators. What is marked so must have passed there,
// too.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export const all = 107;

// With which clients a statement must also have passed.
export const marks = {
  1: "GO", 22: "GO", 25: "GO", 34: "G", 39: "GO", 40: "GO", 55: "GO", 79: "O", 89: "GO", 99: "O", 102: "GO",
};

// Statements that no test holds, and why: {85: "…"}. One that a test has come to hold counts as held.
export const reasons = {};

// Of statements that hold: what of them does not apply.
export const remarks = {
  29: "no method of type agent is listed: the terminal one is run, and the next start is logged in",
  43: "session/load is always advertised",
  106: "version 2 is a draft: it is spoken where [acp] unstable names it, else the answer is 1",
};

const numbered = /^(?:(?:anthropic|openai): )?(\d+(?:, \d+)*)(?: \(([GO]+)\))?: /;

// {numbers, marks} of the name of a test, or undefined.
export function statementsOf(name) {
  const found = numbered.exec(name);
  if (!found) return undefined;
  const numbers = found[1].split(", ").map(Number);
  return numbers.every((n) => n >= 1 && n <= all) ? { numbers, marks: found[2] ?? "" } : undefined;
}

// `tests`: [{name, passed}]. Gives per number what is known of it.
export function count(tests, why = reasons, wanted = marks) {
  const known = new Map();
  for (let n = 1; n <= all; ++n) known.set(n, { passed: 0, failed: [], marks: new Set() });
  for (const { name, passed } of tests) {
    const statements = statementsOf(name);
    for (const n of statements?.numbers ?? []) {
      const one = known.get(n);
      if (!passed) one.failed.push(name);
      else one.passed += 1;
      if (passed) for (const mark of statements.marks) one.marks.add(mark);
    }
  }
  const held = [], excused = [], faults = [];
  for (const [n, one] of known) {
    const missing = [...(wanted[n] ?? "")].filter((mark) => !one.marks.has(mark));
    if (one.failed.length > 0) faults.push(`${n}: failed: ${one.failed.join("; ")}`);
    else if (one.passed > 0 && missing.length === 0) held.push(n);
    else if (why[n]) excused.push(`${n}: ${why[n]}`);
    else if (one.passed > 0) faults.push(`${n}: has not passed with client ${missing.join(" and ")}`);
    else faults.push(`${n}: no test of it has passed, and no reason stands in tests/acp/conformance.mjs`);
  }
  return { held, excused, faults };
}

function print({ held, excused, faults }) {
  console.log(`\nACP v1: ${held.length} of ${all} statements hold.`);
  for (const line of excused) console.log(`  not held: ${line}`);
  for (const [n, remark] of Object.entries(remarks)) {
    if (held.includes(Number(n))) console.log(`  ${n} holds; ${remark}`);
  }
  for (const line of faults) console.log(`  FAULT ${line}`);
}

// The reporter: one JSON object a line.
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.skip !== undefined || data.todo !== undefined || !statementsOf(data.name)) continue;
    yield `${JSON.stringify({ name: data.name, passed: type === "test:pass" })}\n`;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lines = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
  const counted = count(lines.map((line) => JSON.parse(line)));
  print(counted);
  process.exitCode = counted.faults.length === 0 ? 0 : 1;
}
