// Runs inside the extension host of a real VS Code: for what has no pixels. Bundled by the test that
// starts it.
import { changesTests } from "./changes";
import { documentsTests } from "./documents";
import { planTests } from "./plan";

export type Tests = Record<string, () => Promise<void>>;

export async function run(): Promise<void> {
  const all: Tests = { ...documentsTests, ...planTests, ...changesTests };
  const failures: string[] = [];
  for (const [name, body] of Object.entries(all)) {
    try {
      await body();
      console.log(`TEST ok ${name}`);
    } catch (error) {
      failures.push(name);
      const text = error instanceof Error ? error.stack : String(error);
      console.log(`TEST failed ${name}\n${text}`);
    }
  }
  console.log(`TEST sum ${Object.keys(all).length} ${failures.length}`);
  if (failures.length > 0) throw new Error(`failed: ${failures.join("; ")}`);
}
