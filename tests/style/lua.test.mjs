// The Neovim client: linted, formatted, thin where it must be, and calling only what is documented.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { paths, root, sources } from "./sources.mjs";

const lua = /^(lua|plugin|tests\/nvim)\/.*\.lua$/;
const stylua = join(root, "tests/node/node_modules/.bin/stylua");
const run = (program, words, input) => spawnSync(program, words, { cwd: root, input, encoding: "utf8" });
const lint = (words, input) => run("luacheck", ["--quiet", "--no-color", ...words], input);
const format = (words, input) => run(stylua, ["--check", ...words], input);

test("luacheck finds nothing", () => {
  const { status, stdout, error } = lint(paths(lua));
  assert.equal(error, undefined);
  assert.equal(status, 0, stdout);
});
test("an unused variable is found", () => {
  assert.notEqual(lint(["-"], "local a = 1\n").status, 0);
});

test("stylua would change nothing", () => {
  const { status, stdout, error } = format(paths(lua));
  assert.equal(error, undefined);
  assert.equal(status, 0, stdout);
});
test("a badly formatted Lua file is found", () => {
  assert.notEqual(format(["-"], "local  a = 'b'\n").status, 0);
});

test("init.lua has at most 60 lines and loads nothing at its top", () => {
  const text = readFileSync(join(root, "lua/thole/init.lua"), "utf8");
  assert.ok(text.split("\n").length <= 61);
  assert.doesNotMatch(text, /^local .*require/m);
});

// JSON is of the client alone, and of the file that keeps the history of prompts.
const speaksJson = ({ path, text }) =>
  /vim\.json|json_decode/.test(text) ? [path] : [];
test("only the client knows JSON", () => {
  assert.deepEqual(sources(/^lua\/.*\.lua$/).flatMap(speaksJson), [
    "lua/thole/chat/history.lua",
    "lua/thole/client.lua",
  ]);
});

const tooLong = ({ path, text }) => {
  const found = [];
  let begin;
  text.split("\n").forEach((line, i) => {
    if (/^(local )?function |^M\.\S+ = function/.test(line)) begin = i;
    if (/^end/.test(line) && begin !== undefined) {
      if (i - begin + 1 > 60) found.push(`${path}:${begin + 1}: ${i - begin + 1} lines`);
      begin = undefined;
    }
  });
  return found;
};
test("no Lua function is over 60 lines", () => {
  assert.deepEqual(sources(/^(lua|plugin)\/.*\.lua$/).flatMap(tooLong), []);
});
test("a long Lua function is found", () => {
  const body = "  print(1)\n".repeat(60);
  assert.equal(tooLong({ path: "a", text: `local function f()\n${body}end\n` }).length, 1);
});

const mirror = "lua/thole/protocol.lua";
const methods = (text) =>
  [...text.matchAll(/"(_thole\/[a-z_/]+)"/g)].map(([, name]) => name);
const undocumented = (text, documentation) =>
  methods(text).filter((name) => !documentation.includes(`\`${name}\``));

test("methods stand in one file, whose first line names the server's files that it mirrors", () => {
  const first = readFileSync(join(root, mirror), "utf8").split("\n")[0];
  assert.match(first, /^-- Mirrors server\/acp\//);
  const others = sources(/^lua\/.*\.lua$/).filter(({ path }) => path !== mirror);
  assert.deepEqual(others.filter(({ text }) => methods(text).length > 0).map(({ path }) => path), []);
});
test("every _thole method that the client uses is in docs/protocol.md", () => {
  const documentation = readFileSync(join(root, "docs/protocol.md"), "utf8");
  const client = readFileSync(join(root, mirror), "utf8");
  assert.ok(methods(client).length > 0);
  assert.deepEqual(undocumented(client, documentation), []);
});
test("an undocumented method of the client is found", () => {
  assert.deepEqual(undocumented('"_thole/fly/away"', "`_thole/sync`"), ["_thole/fly/away"]);
});
