// That the counting of the conformance checklist (tests/acp/conformance.mjs) can tell what holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, count, marks, reasons, remarks, statementsOf } from "../acp/conformance.mjs";

const numbers = Array.from({ length: all }, (_, i) => i + 1);
const every = numbers.flatMap((n) => [
  { name: `${n}: holds`, passed: true },
  ...[...(marks[n] ?? "")].map((mark) => ({ name: `${n} (${mark}): holds`, passed: true })),
]);
const without = (n) => every.filter(({ name }) => !statementsOf(name).numbers.includes(n));

test("numbers are read from the start of a name and from nowhere else", () => {
  assert.deepEqual(statementsOf("27, 30: authenticate"), { numbers: [27, 30], marks: "" });
  assert.deepEqual(statementsOf("anthropic: 9: UTF-8"), { numbers: [9], marks: "" });
  assert.deepEqual(statementsOf("22 (G): the version"), { numbers: [22], marks: "G" });
  for (const name of ["exit 2: usage", "108: too many", "0: none", "a 7: b", "7 b", "over 8: x"]) {
    assert.equal(statementsOf(name), undefined, name);
  }
});

test("when every test has passed, all statements hold, whatever reasons are left", () => {
  assert.deepEqual(count(every), { held: numbers, excused: [], faults: [] });
});

test("a statement without a test needs a reason", () => {
  const { held, faults } = count(without(45), {});
  assert.equal(held.length, all - 1);
  assert.match(faults.join(), /^45: no test of it has passed/);
  assert.deepEqual(count(without(45), { 45: "because" }).excused, ["45: because"]);
});

test("a failure counts against all that passed, and no reason covers it", () => {
  const { held, faults } = count([...every, { name: "45: and this", passed: false }], { 45: "because" });
  assert.equal(held.length, all - 1);
  assert.deepEqual(faults, ["45: failed: 45: and this"]);
});

test("what is marked must have passed with that client, too", () => {
  const rest = every.filter(({ name }) => !name.startsWith("1 (O)"));
  assert.deepEqual(count(rest).faults, ["1: has not passed with client O"]);
});

test("reasons and remarks are about statements", () => {
  for (const n of Object.keys({ ...reasons, ...remarks, ...marks })) assert.ok(n >= 1 && n <= all, n);
});
