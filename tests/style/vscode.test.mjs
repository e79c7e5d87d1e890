// The VS Code client: wire types that mirror the server, an entry file that only registers.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root, sources } from "./sources.mjs";

const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "");
const named = (text) => new Set([...text.matchAll(/[`"](_thole\/[a-z_]+(?:\/[a-z_]+)?)[`"]/g)].map(([, name]) => name));

test("every method of thole's own that is documented is in the client's types, and no other", () => {
  const documented = named(read("docs/protocol.md"));
  const mirrored = named(read("vscode-extension/src/protocol.ts"));
  assert.deepEqual([...documented].filter((name) => !mirrored.has(name)), []);
});
test("a method is found in either form", () => {
  assert.deepEqual([...named('`_thole/plan/get` "_thole/sync" _thole/none')], ["_thole/plan/get", "_thole/sync"]);
});

test("protocol.ts says in its first line what it mirrors", () => {
  assert.match(read("vscode-extension/src/protocol.ts").split("\n")[0], /^\/\/ Mirrors server\/acp/);
});

test("extension.ts only registers", () => {
  const lines = read("vscode-extension/src/extension.ts").split("\n");
  assert.ok(lines.length <= 70, `${lines.length} lines`);
});

const untyped = ({ path, text }) =>
  text.split("\n").flatMap((line, at) => (/(:|as|<)\s*any\b/.test(line) ? [`${path}:${at + 1}`] : []));

test("nothing is of type any", () => {
  assert.deepEqual(sources(/^vscode-extension\/(src|webview|test)\/.*\.tsx?$/).flatMap(untyped), []);
});
test("an any is found", () => {
  assert.equal(untyped({ path: "a", text: "let a: any;\nlet b = c as any;\nlet many: string;" }).length, 2);
});

test("every command that a menu or a key names is declared, and every declared one is registered", () => {
  const { contributes } = JSON.parse(read("vscode-extension/package.json"));
  const declared = new Set(contributes.commands.map(({ command }) => command));
  const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings];
  assert.deepEqual(used.map(({ command }) => command).filter((name) => !declared.has(name)), []);
  const registered = read("vscode-extension/src/commands.ts");
  assert.deepEqual([...declared].filter((name) => !registered.includes(`"${name}":`)), []);
});
