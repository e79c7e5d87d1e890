// package.json says only what is there, and says what each thing is for (that its commands are is
// held by tests/style).
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const top = new URL("..", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, top), "utf8");

interface Entry {
  command: string;
  when?: string;
}

const { contributes } = JSON.parse(read("package.json")) as {
  contributes: {
    commands: { command: string; title: string; icon?: string }[];
    menus: Record<string, Entry[]>;
    configuration: { properties: Record<string, Record<string, unknown>> };
    walkthroughs: {
      steps: { description: string; media: { markdown: string }; completionEvents?: string[] }[];
    }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string }[];
  };
};
test("the walkthrough names commands that there are", () => {
  const steps = contributes.walkthroughs.flatMap((one) => one.steps);
  const named = steps.flatMap(({ description }) =>
    [...description.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id),
  );
  const declared = contributes.commands.map(({ command }) => command);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((id) => !declared.includes(id ?? ""))).toEqual([]);
});

test("what takes a thing of a tree is not offered where there is none", () => {
  const inTrees = (contributes.menus["view/item/context"] ?? []).map(({ command }) => command);
  const hidden = (contributes.menus.commandPalette ?? []).filter(({ when }) => when !== undefined);
  const offered = inTrees.filter((id) => !hidden.some(({ command }) => command === id));
  expect(offered).toEqual([]);
});

test("every setting says what it is for, and each of its values too", () => {
  for (const [name, one] of Object.entries(contributes.configuration.properties)) {
    expect(one.description ?? one.markdownDescription, name).toMatch(/\.$/);
    const values = (one.enum ?? []) as string[];
    expect(one.enumDescriptions ?? [], name).toHaveLength(values.length);
    expect(one, name).toHaveProperty("default");
  }
});

test("the pages of the walkthrough and every view's words are there", () => {
  for (const { media } of contributes.walkthroughs.flatMap((one) => one.steps))
    expect(existsSync(new URL(media.markdown, top)), media.markdown).toBe(true);
  const ids = Object.values(contributes.views)
    .flat()
    .map(({ id }) => id);
  for (const { view } of contributes.viewsWelcome) expect(ids).toContain(view);
});
