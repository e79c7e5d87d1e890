import { expect, test } from "vitest";
import { merge } from "../../src/text/merge";
import { Random } from "./random";

test("edits of different lines are both kept", () => {
  expect(merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")).toEqual({ merged: "A\nb\nC\n" });
});

test("the same edit on both sides is made once", () => {
  expect(merge("a\nb\n", "a\nB\n", "a\nB\n")).toEqual({ merged: "a\nB\n" });
});

test("different edits of one line are a conflict, with its place", () => {
  expect(merge("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n")).toEqual({
    conflicts: [{ begin: 1, end: 2 }],
  });
});

test("different insertions at one place are a conflict", () => {
  expect(merge("a\nb\n", "a\n1\nb\n", "a\n2\nb\n").conflicts).toHaveLength(1);
});

test("line ends and a missing last one come through", () => {
  expect(merge("a\r\n1\r\nb\r\nc", "A\r\n1\r\nb\r\nc", "a\r\n1\r\nb\r\nd")).toEqual({
    merged: "A\r\n1\r\nb\r\nd",
  });
});

test("of 500 random pairs of edits no line that was typed is lost", () => {
  const random = new Random(7);
  let merged = 0;
  for (let run = 0; run < 500; ++run) {
    const base = random.lines(2 + random.below(40)).map((line, i) => `${i}${line}`);
    const mine = random.edited(base, () => random.below(6) === 0, "mine");
    const theirs = random.edited(base, () => random.below(6) === 0, "theirs");
    const result = merge(base.join(""), mine.join(""), theirs.join(""));
    if (result.merged === undefined) continue;
    ++merged;
    for (const line of [...mine, ...theirs].filter((one) => !base.includes(one))) {
      expect(result.merged).toContain(line);
    }
  }
  expect(merged).toBeGreaterThan(100);
});
