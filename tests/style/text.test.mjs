// File sizes, unfinished places, paths of one machine, methods without documentation.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, sources } from "./sources.mjs";

const perLine = (find) => (file) =>
  file.text.split("\n").flatMap((line, i) => (find.test(line) ? [`${file.path}:${i + 1}: ${line.trim()}`] : []));

const tooLong = ({ path, text }) => {
  const count = text.split("\n").length - 1;
  return count > 500 ? [`${path}: ${count} lines`] : [];
};
const unfinished = perLine(/(\/\/|#|--|\*).*\b(TODO|FIXME|XXX)\b/);
// Joined, so that this file does not find itself.
const machinePaths = perLine(new RegExp(["(^|[^\\w.])", "work", "(main|shared)\\b"].join("/")));

const method =
  /"(initialize|authenticate|logout|(?:session|fs|terminal|_thole)\/[a-z_]+(?:\/[a-z_]+)?|\$\/[a-z_]+)"/g;
const undocumented = (documentation) => ({ path, text }) =>
  [...text.matchAll(method)]
    .filter(([, name]) => !documentation.includes(`\`${name}\``))
    .map(([, name]) => `${path}: ${name} is not in docs/protocol.md`);

const code = /^(server|tests|lua|vscode-extension)\/.*\.([ch]pp|c|lua|tsx?|mjs|css)$/;
const anyText = /^(?!.*package-lock\.json$).*(\.(cpp|hpp|c|lua|ts|mjs|json|md|txt|cmake|toml)|\/run|^dev)$/;

test("no file is over 500 lines", () => {
  assert.deepEqual(sources(code).flatMap(tooLong), []);
});
test("a long file is found", () => {
  assert.equal(tooLong({ path: "a", text: "x\n".repeat(501) }).length, 1);
  assert.equal(tooLong({ path: "a", text: "x\n".repeat(500) }).length, 0);
});

test("nothing is marked as unfinished", () => {
  assert.deepEqual(sources(/^(server|lua|vscode-extension)\//).flatMap(unfinished), []);
});
test("an unfinished place is found", () => {
  assert.equal(unfinished({ path: "a", text: `int a;  // ${"TO" + "DO"}: more` }).length, 1);
});

test("no path of one machine is in the project", () => {
  assert.deepEqual(sources(anyText).flatMap(machinePaths), []);
});
test("a path of one machine is found", () => {
  assert.equal(machinePaths({ path: "a", text: `cd /${"work"}/main` }).length, 1);
  assert.equal(machinePaths({ path: "a", text: "src/work/main" }).length, 0);
});

test("every method of the protocol is in docs/protocol.md", () => {
  const path = join(root, "docs/protocol.md");
  const documentation = existsSync(path) ? readFileSync(path, "utf8") : "";
  const binders = sources(/^server\/(acp|rpc)\/.*\.[ch]pp$/);
  assert.ok(binders.some(({ text }) => text.match(method)), "no method is bound anywhere");
  assert.deepEqual([...new Set(binders.flatMap(undocumented(documentation)))], []);
});
test("an undocumented method is found", () => {
  const file = { path: "a", text: 'table.bind("session/new", f); table.bind("session/fly", g);' };
  assert.equal(undocumented("`session/new` makes a session")(file).length, 1);
});
