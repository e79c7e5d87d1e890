// Bundles the extension (node) and its webview (browser) into dist/.
import { context } from "esbuild";

const release = !process.argv.includes("--watch");
const common = {
  bundle: true,
  outdir: "dist",
  minify: release,
  sourcemap: release ? false : "linked",
  logLevel: "warning",
  loader: { ".ttf": "file" },
  assetNames: "[name]",
};

const bundles = [
  {
    ...common,
    entryPoints: { extension: "src/extension.ts" },
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
  },
  {
    ...common,
    entryPoints: { chat: "webview/main.tsx" },
    platform: "browser",
    format: "iife",
    target: "chrome124",
    jsx: "automatic",
    jsxImportSource: "preact",
  },
];

for (const options of bundles) {
  const built = await context(options);
  if (release) {
    await built.rebuild();
    await built.dispose();
  } else {
    await built.watch();
  }
}
