import { expect, test } from "vitest";
import { changesOfText, lineAfter, lineChanges, splitLines } from "../../src/text/lines";
import { Random } from "./random";

test("lines keep their ends, whatever they are", () => {
  expect(splitLines("a\r\nb\n\nc")).toEqual(["a\r\n", "b\n", "\n", "c"]);
  expect(splitLines("")).toEqual([]);
});

test("a replaced line and one at the end are two changes", () => {
  expect(changesOfText("a\nb\nc\n", "a\nB\nc\nd\n")).toEqual([
    { oldBegin: 1, oldEnd: 2, newBegin: 1, newEnd: 2 },
    { oldBegin: 3, oldEnd: 3, newBegin: 3, newEnd: 4 },
  ]);
});

test("the changes turn 500 random texts into their edited selves", () => {
  const random = new Random(1);
  for (let run = 0; run < 500; ++run) {
    const before = random.lines(random.below(30));
    const after = random.edited(before, () => random.below(3) === 0, "new");
    const rebuilt: string[] = [];
    let at = 0;
    for (const change of lineChanges(before, after)) {
      rebuilt.push(...before.slice(at, change.oldBegin));
      rebuilt.push(...after.slice(change.newBegin, change.newEnd));
      at = change.oldEnd;
    }
    rebuilt.push(...before.slice(at));
    expect(rebuilt).toEqual(after);
  }
});

test("large texts that have nothing in common are one change, soon", () => {
  const before = Array.from({ length: 30_000 }, (_, i) => `a${i}\n`);
  const after = Array.from({ length: 30_000 }, (_, i) => `b${i}\n`);
  expect(lineChanges(before, after)).toHaveLength(1);
});

test("a line is found again behind changes, and a line that is gone where it was", () => {
  const changes = changesOfText("a\nb\nc\nd\n", "x\na\nc\nd\n");
  expect([0, 1, 2, 3].map((line) => lineAfter(changes, line))).toEqual([1, 2, 2, 3]);
});
