// package.json says only what is there, and says what each thing is for.
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
    keybindings: Entry[];
    configuration: { properties: Record<string, Record<string, unknown>> };
    walkthroughs: {
      steps: { description: string; media: { markdown: string }; completionEvents?: string[] }[];
    }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string }[];
  };
};
const declared = contributes.commands.map(({ command }) => command);

test("every command that is declared does something, and the other way round", () => {
  const bound = [...read("src/commands.ts").matchAll(/^ {4}"(thole\.\w+)":/gm)].map(([, id]) => id);
  expect([...declared].sort()).toEqual(bound.sort());
});

test("menus, keys and the walkthrough name commands that there are", () => {
  const { menus, keybindings, walkthroughs } = contributes;
  const steps = walkthroughs.flatMap((one) => one.steps);
  const named = [
    ...Object.values(menus)
      .flat()
      .map(({ command }) => command),
    ...keybindings.map(({ command }) => command),
    ...steps.flatMap(({ description }) =>
      [...description.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id ?? ""),
    ),
  ];
  expect(named.filter((id) => !declared.includes(id))).toEqual([]);
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
