// clang-format 14 would change nothing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { paths, root } from "./sources.mjs";

const format = (options, input) => spawnSync("clang-format-14", options, { cwd: root, input });

test("every C++ file is formatted", () => {
  const { status, stderr, error } = format(["--dry-run", "--Werror", ...paths(/\.([ch]pp|c)$/)]);
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr?.toString().split("\n").filter((line) => /error/.test(line)).join("\n"));
});

test("a badly formatted file is found", () => {
  const { status } = format(["--dry-run", "--Werror", "--assume-filename=server/a.cpp"], "int  a ;\n");
  assert.equal(status, 1);
});
