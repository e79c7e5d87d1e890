import { expect, test } from "vitest";
import { bestMatches } from "../../src/chat/match";
import { mentionBeingTyped, mentionOf, mentionsIn } from "../../src/chat/mention_text";

test("mentions are found between words, with lines and quotes", () => {
  expect(
    mentionsIn('See @src/oar.c#L3-10, (@notes.txt) and @"my boat.md"#L2 or @selection.'),
  ).toEqual([
    { name: "src/oar.c", lines: { begin: 3, end: 10 } },
    { name: "notes.txt" },
    { name: "my boat.md", lines: { begin: 2, end: 2 } },
    { name: "selection" },
  ]);
});

test("addresses of mail and the same mention twice are no further mentions", () => {
  expect(mentionsIn("me@example.com @a.c @a.c")).toEqual([{ name: "a.c" }]);
});

test("a mention reads back as what it was made of", () => {
  for (const path of ["src/oar.c", "my boat.md", "a#b.txt"]) {
    expect(mentionsIn(mentionOf(path, { begin: 1, end: 4 }))).toEqual([
      { name: path, lines: { begin: 1, end: 4 } },
    ]);
  }
  expect(mentionOf("a.c", { begin: 2, end: 2 })).toBe("@a.c#L2");
});

test("what is being typed is known up to the cursor", () => {
  expect(mentionBeingTyped("look at @src/o")).toBe("src/o");
  expect(mentionBeingTyped("@")).toBe("");
  expect(mentionBeingTyped("mail me@ex")).toBeUndefined();
  expect(mentionBeingTyped("@a.c and")).toBeUndefined();
});

test("names that begin with the letters come before those that contain them", () => {
  const paths = ["docs/boat.md", "src/oar.c", "src/board.c", "oars/keel.c", "x/o/a/r.c"];
  expect(bestMatches(paths, "oar", 9)).toEqual([
    "src/oar.c",
    "src/board.c",
    "oars/keel.c",
    "x/o/a/r.c",
  ]);
  expect(bestMatches(paths, "zebra", 9)).toEqual([]);
});
