// Tests that run inside the extension host: vscode-extension/test/host, bundled here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { extensionFolder, Host, launch } from "./rig/host.mjs";

function bundled(into) {
  const tests = join(into, "tests.js");
  const words = [
    ...[join(extensionFolder, "test/host/run.ts"), "--bundle", "--platform=node"],
    ...["--format=cjs", "--external:vscode", "--sourcemap=inline", `--outfile=${tests}`],
  ];
  execFileSync(join(extensionFolder, "node_modules/.bin/esbuild"), words, { stdio: "pipe" });
  return tests;
}

test("what has no pixels holds inside a real extension host", { timeout: 600_000 }, async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "thole-host-tests-")));
  const host = await Host.start({ inHost: true });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(240_000);
    const uri = (path) => `vscode-remote://127.0.0.1:${host.port}${path}`;
    const said = [];
    await page.exposeFunction("codeAutomationLog", (_, args) => said.push(String(args[0])));
    const exit = new Promise((resolve) => page.exposeFunction("codeAutomationExit", resolve));
    const payload = [
      ["extensionDevelopmentPath", uri(extensionFolder)],
      ["extensionTestsPath", uri(bundled(folder))],
    ];
    await page.goto(host.url(folder, `&payload=${encodeURIComponent(JSON.stringify(payload))}`));
    const code = await exit;
    const lines = said.filter((line) => line.startsWith("TEST"));
    for (const line of lines) t.diagnostic(line.slice(5));
    assert.equal(code, 0);
    assert.match(lines.at(-1) ?? "", /^TEST sum \d+ 0$/);
  } finally {
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
