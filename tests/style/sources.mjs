// The project's files, for the checks of this folder: { path, text } with paths from its root.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

// Files that git knows or would add, whose path matches.
export function paths(pattern) {
  return execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\n")
    .filter((path) => pattern.test(path) && existsSync(join(root, path)));
}

export function sources(pattern) {
  return paths(pattern).map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

// C++ text with comments and the insides of literals blanked; line numbers stay.
export function withoutCommentsAndStrings(text) {
  const literal =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"([^()\s]*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)'(?:\\.|[^'\\\n])+'/g;
  return text.replace(literal, (found) => {
    const lines = "\n".repeat(found.split("\n").length - 1);
    return found.startsWith("/") ? lines : `""${lines}`;
  });
}

export function lineOf(text, index) {
  return text.slice(0, index).split("\n").length;
}
