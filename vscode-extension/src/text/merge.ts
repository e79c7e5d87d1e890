// Three-way merge of texts by lines. What both sides changed differently is a conflict, and then
// there is no merged text: nobody's words are thrown away. Pure.
import { type Change, lineChanges, splitLines } from "./lines";

export type Merge =
  | { merged: string; conflicts?: never }
  | { merged?: never; conflicts: { begin: number; end: number }[] }; // lines of the base, 0-based

export function merge(base: string, mine: string, theirs: string): Merge {
  const sides = {
    base: splitLines(base),
    mine: splitLines(mine),
    theirs: splitLines(theirs),
  };
  const mineChanges = lineChanges(sides.base, sides.mine);
  const theirChanges = lineChanges(sides.base, sides.theirs);
  const conflicts = conflictsBetween(sides, mineChanges, theirChanges);
  if (conflicts.length > 0) return { conflicts };
  const steps = [
    ...mineChanges.map((change) => ({ change, lines: linesOf(sides.mine, change) })),
    ...theirChanges
      .filter((change) => !mineChanges.some((one) => isSame(sides, one, change)))
      .map((change) => ({ change, lines: linesOf(sides.theirs, change) })),
  ].sort((a, b) => a.change.oldBegin - b.change.oldBegin || a.change.oldEnd - b.change.oldEnd);
  return { merged: applied(sides.base, steps) };
}

interface Sides {
  base: string[];
  mine: string[];
  theirs: string[];
}

function linesOf(side: readonly string[], change: Change): string[] {
  return side.slice(change.newBegin, change.newEnd);
}

function isSame(sides: Sides, mine: Change, theirs: Change): boolean {
  return (
    mine.oldBegin === theirs.oldBegin &&
    mine.oldEnd === theirs.oldEnd &&
    linesOf(sides.mine, mine).join("") === linesOf(sides.theirs, theirs).join("")
  );
}

function conflictsBetween(sides: Sides, mine: Change[], theirs: Change[]) {
  return mine.flatMap((one) =>
    theirs
      .filter((other) => meet(one, other) && !isSame(sides, one, other))
      .map((other) => ({
        begin: Math.min(one.oldBegin, other.oldBegin),
        end: Math.max(one.oldEnd, other.oldEnd),
      })),
  );
}

function meet(a: Change, b: Change): boolean {
  if (a.oldBegin === b.oldBegin) return true;
  return a.oldBegin < b.oldEnd && b.oldBegin < a.oldEnd;
}

function applied(base: string[], steps: { change: Change; lines: string[] }[]): string {
  const out: string[] = [];
  let at = 0;
  for (const { change, lines } of steps) {
    out.push(...base.slice(at, change.oldBegin), ...lines);
    at = change.oldEnd;
  }
  out.push(...base.slice(at));
  return out.join("");
}
