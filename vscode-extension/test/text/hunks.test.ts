import { expect, test } from "vitest";
import {
  accepted,
  type Hunk,
  hunksOf,
  rejected,
  type Texts,
  withoutHunk,
  withoutHunkAndEdits,
} from "../../src/text/hunks";
import { splitLines } from "../../src/text/lines";
import { Random } from "./random";

const baseline = "a\nb\nc\nd\ne\n";
const latest = "a\nB\nc\nd\ne\nf\n";
const both: Texts = { baseline, latest };

const first = (texts: Texts, current: string) => hunksOf(texts, current)[0] as Hunk;

test("each change of the agent is a hunk with what it took and gave", () => {
  expect(hunksOf(both, latest)).toMatchObject([
    { begin: 1, end: 2, removed: ["b\n"], added: ["B\n"] },
    { begin: 5, end: 6, removed: [], added: ["f\n"] },
  ]);
});

test("lines typed above shift a hunk, lines typed below do not", () => {
  expect(first(both, `new\n${latest}`)).toMatchObject({ begin: 2, end: 3 });
  expect(first(both, `${latest}new\n`)).toMatchObject({ begin: 1, end: 2 });
});

test("accepting makes a change part of the baseline, and the others stay", () => {
  const after = accepted(both, first(both, latest));
  expect(after).toEqual({ baseline: "a\nB\nc\nd\ne\n", latest });
  expect(hunksOf(after, latest)).toHaveLength(1);
});

test("rejecting takes a change out of the latest, byte for byte", () => {
  const texts = { baseline: "a\r\nb", latest: "a\r\nc\r\n" };
  expect(rejected(texts, first(texts, texts.latest)).latest).toBe("a\r\nb");
});

test("a new file that is rejected whole is gone, a deleted one that is accepted too", () => {
  const created = { baseline: null, latest: "x\n" };
  expect(rejected(created, first(created, "x\n"))).toEqual({ baseline: null, latest: null });
  const removed = { baseline: "x\n", latest: null };
  expect(accepted(removed, first(removed, ""))).toEqual({ baseline: null, latest: null });
});

test("a hunk in whose lines the user has typed is not taken back unless they say so", () => {
  const current = latest.replace("B", "mine");
  const hunk = first(both, current);
  expect(withoutHunk(both, hunk, current)).toBeUndefined();
  expect(withoutHunkAndEdits(hunk, current)).toBe("a\nb\nc\nd\ne\nf\n");
});

test("after 500 random edits between the hunks each is taken back exactly, and no edit is lost", () => {
  const random = new Random(11);
  for (let run = 0; run < 500; ++run) {
    const base = Array.from({ length: 40 }, (_, i) => `line ${i}\n`);
    const agent = base.flatMap((line, i) => {
      if (i % 10 !== 5) return [line];
      return random.pick([[], [`agent ${i}\n`], [line, `agent ${i}\n`]]);
    });
    const isFree = (at: number) =>
      !/agent|line .?[456]\n/.test(agent[at] as string) && random.below(3) === 0;
    const current = random.edited(agent, isFree, "user").join("");
    const texts = { baseline: base.join(""), latest: agent.join("") };
    const hunks = hunksOf(texts, current);
    const hunk = random.pick(hunks);
    const lines = splitLines(current);
    expect(lines.slice(hunk.begin, hunk.end)).toEqual(hunk.added);
    lines.splice(hunk.begin, hunk.end - hunk.begin, ...hunk.removed);
    expect(withoutHunk(texts, hunk, current)).toBe(lines.join(""));
    expect(hunksOf(rejected(texts, hunk), lines.join(""))).toHaveLength(hunks.length - 1);
  }
});
