// Runs the test files that are named in one process, so that they share one VS Code and one browser.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

for (const path of process.argv.slice(2)) await import(pathToFileURL(resolve(path)));
