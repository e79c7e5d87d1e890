import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 60_000, // a busy machine takes its time
    include: ["test/**/*.test.ts"],
    alias: { vscode: new URL("test/fake_vscode.ts", import.meta.url).pathname },
  },
});
