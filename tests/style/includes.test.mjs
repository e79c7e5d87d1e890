// The one-way order of server/ (docs/architecture.md, section 2) and where libraries may be used.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sources } from "./sources.mjs";

const lines = [
  ["base"],
  ["async"],
  ["rpc", "http", "workspace"],
  ["journal", "model", "policy", "git"],
  ["tools", "mcp"],
  ["agent"],
  ["session"],
  ["acp", "ipc", "cli"],
];
const lineOfFolder = new Map(lines.flatMap((names, line) => names.map((name) => [name, line])));

// Who may include a library; nobody else.
const libraries = [
  [/^uv\.h$/, /^server\/async\//],
  [/^seccomp\.h$/, /^server\/async\//],
  [/^curl\//, /^server\/http\//],
  [/^pcre2\.h$/, /^server\/workspace\//],
  [/^git2(\/|\.h$)/, /^server\/git\//],
  [/^sqlite3\.h$/, /^server\/journal\//],
  [/^nettle\//, /^server\/base\//],
  [/^spdlog\//, /^server\/base\//],
  [/^toml\+\+\//, /^server\/session\//],
  [/^CLI\//, /^server\/cli\//],
  [/^histedit\.h$/, /^server\/cli\/line_editor\.cpp$/],
  [/^nlohmann\/json\.hpp$/, /^server\/base\/json\.hpp$/],
  [/^nlohmann\/json_fwd\.hpp$/, /^server\/base\/json_fwd\.hpp$/],
];
const ofTheSystem = /^(sys|linux|netinet|arpa|net)\/\w+\.h$|^\w+\.h$/;
const ofTheLanguage = /^[a-z_]+$|^cxxabi\.h$/;

function faultOfFolder({ path, line }, folder, target) {
  if (folder === "main.cpp" || target === folder) return [];
  if (!lineOfFolder.has(target)) return [`${path}:${line}: "${target}" is no folder of server/`];
  if (lineOfFolder.get(target) < lineOfFolder.get(folder)) return [];
  return [`${path}:${line}: ${folder} may not include ${target}`];
}

function faultOfLibrary({ path, line }, header) {
  const owner = libraries.find(([name]) => name.test(header));
  if (owner) return owner[1].test(path) ? [] : [`${path}:${line}: <${header}> belongs elsewhere`];
  if (ofTheLanguage.test(header) || ofTheSystem.test(header)) return [];
  return [`${path}:${line}: <${header}> has no owner in tests/style/includes.test.mjs`];
}

function faultsOf({ path, text }) {
  const folder = path.split("/")[1];
  return text.split("\n").flatMap((code, index) => {
    const [, open, name] = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(code) ?? [];
    const place = { path, line: index + 1 };
    if (!name) return [];
    if (open === "<") return faultOfLibrary(place, name);
    if (name === "base/json.hpp" && path.endsWith(".hpp") && !/^server\/(base|\w+\/codec)/.test(path))
      return [`${path}:${place.line}: headers include base/json_fwd.hpp`];
    return faultOfFolder(place, folder, name.split("/")[0]);
  });
}

test("folders include only what stands above them, libraries stay in their folder", () => {
  assert.deepEqual(sources(/^server\/.*\.[ch]pp$/).flatMap(faultsOf), []);
});

test("wrong arrows and strayed libraries are found", () => {
  const faults = (path, include) => faultsOf({ path, text: `#include ${include}\n` }).length;
  assert.equal(faults("server/agent/a.cpp", '"session/session.hpp"'), 1);
  assert.equal(faults("server/http/a.cpp", '"workspace/diff.hpp"'), 1);
  assert.equal(faults("server/cli/a.cpp", '"acp/server.hpp"'), 1);
  assert.equal(faults("server/cli/a.cpp", '"helpers/a.hpp"'), 1);
  assert.equal(faults("server/http/a.cpp", "<uv.h>"), 1);
  assert.equal(faults("server/model/a.hpp", '"base/json.hpp"'), 1);
  assert.equal(faults("server/model/a.hpp", "<nlohmann/json.hpp>"), 1);
  assert.equal(faults("server/base/a.cpp", "<boost/any.hpp>"), 1);
  assert.equal(faults("server/session/a.cpp", '"agent/agent.hpp"'), 0);
  assert.equal(faults("server/async/a.cpp", "<uv.h>"), 0);
  assert.equal(faults("server/base/a.cpp", "<sys/stat.h>"), 0);
});
