// The changes of the agent that wait for a review, found again in a text that the user has gone on
// editing. `baseline` is what the review stands on, `latest` what the agent left, `current` what the
// editor shows; null is a file that is not there. Pure.
import { type Change, lineChanges, splitLines } from "./lines";
import { merge } from "./merge";

export interface Hunk {
  change: Change; // from the baseline to the latest
  begin: number; // lines [begin, end) of the current text
  end: number;
  removed: string[]; // lines of the baseline
  added: string[]; // lines of the latest
}

// Tells a hunk from those that follow it, also when it has been decided on and they have moved up.
export const idOf = ({ change }: Hunk): string => `${change.oldBegin}:${change.newBegin}`;

export interface Texts {
  baseline: string | null;
  latest: string | null;
}

export function hunksOf({ baseline, latest }: Texts, current: string): Hunk[] {
  const before = splitLines(baseline ?? "");
  const after = splitLines(latest ?? "");
  const edits = lineChanges(after, splitLines(current));
  return lineChanges(before, after).map((change) => ({
    change,
    ...placeOf(change, edits),
    removed: before.slice(change.oldBegin, change.oldEnd),
    added: after.slice(change.newBegin, change.newEnd),
  }));
}

// The lines of the current text that lines [newBegin, newEnd) of the latest have become, with the
// user's edits that reach into them.
function placeOf(change: Change, edits: readonly Change[]): { begin: number; end: number } {
  let [begin, end] = [change.newBegin, change.newEnd];
  let [beginShift, endShift] = [0, 0];
  for (const edit of edits) {
    const shift = edit.newEnd - edit.newBegin - (edit.oldEnd - edit.oldBegin);
    if (edit.oldBegin < change.newEnd && edit.oldEnd > change.newBegin) {
      if (edit.oldBegin < begin) begin = edit.oldBegin;
      if (edit.oldEnd > end) end = edit.oldEnd;
      endShift += shift;
    } else if (edit.oldEnd <= change.newBegin) {
      beginShift += shift;
      endShift += shift;
    }
  }
  return { begin: begin + beginShift, end: end + endShift };
}

// The texts after the user has agreed to one change: it is part of the baseline.
export function accepted(texts: Texts, hunk: Hunk): Texts {
  const lines = splitLines(texts.baseline ?? "");
  const { oldBegin, oldEnd } = hunk.change;
  lines.splice(oldBegin, oldEnd - oldBegin, ...hunk.added);
  const baseline = lines.join("");
  return { ...texts, baseline: baseline === "" && texts.latest === null ? null : baseline };
}

// The texts after the user has refused one change: it has left the latest.
export function rejected(texts: Texts, hunk: Hunk): Texts {
  const lines = splitLines(texts.latest ?? "");
  const { newBegin, newEnd } = hunk.change;
  lines.splice(newBegin, newEnd - newBegin, ...hunk.removed);
  const latest = lines.join("");
  return { ...texts, latest: latest === "" && texts.baseline === null ? null : latest };
}

// The current text with one change taken back. When the user has edited the same lines since, there
// is none.
export function withoutHunk(texts: Texts, hunk: Hunk, current: string): string | undefined {
  return merge(texts.latest ?? "", rejected(texts, hunk).latest ?? "", current).merged;
}

// The same, with what the user made of those lines thrown away.
export function withoutHunkAndEdits(hunk: Hunk, current: string): string {
  const lines = splitLines(current);
  lines.splice(hunk.begin, hunk.end - hunk.begin, ...hunk.removed);
  return lines.join("");
}
