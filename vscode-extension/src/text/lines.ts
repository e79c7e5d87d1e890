// Texts as lines that keep their ends, so that joining them gives back every byte; and what changed
// between two of them. Pure.
import { diffArrays } from "diff";

// Lines [oldBegin, oldEnd) became lines [newBegin, newEnd); 0-based.
export interface Change {
  oldBegin: number;
  oldEnd: number;
  newBegin: number;
  newEnd: number;
}

const mostEdits = 2_000; // beyond it the texts count as wholly different

export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

// In order, apart from each other by at least one common line.
export function lineChanges(before: readonly string[], after: readonly string[]): Change[] {
  const head = commonHead(before, after);
  const tail = commonTail(before, after, head);
  const middle = changesBetween(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  );
  return middle.map((change) => moved(change, head));
}

export function changesOfText(before: string, after: string): Change[] {
  return lineChanges(splitLines(before), splitLines(after));
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[count] === b[count]) ++count;
  return count;
}

function commonTail(a: readonly string[], b: readonly string[], head: number): number {
  const most = Math.min(a.length, b.length) - head;
  let count = 0;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) ++count;
  return count;
}

function changesBetween(before: string[], after: string[]): Change[] {
  if (before.length === 0 && after.length === 0) return [];
  const whole = { oldBegin: 0, oldEnd: before.length, newBegin: 0, newEnd: after.length };
  const pieces = diffArrays(before, after, { maxEditLength: mostEdits });
  if (!pieces) return [whole];
  const changes: Change[] = [];
  let [oldAt, newAt] = [0, 0];
  let open: Change | undefined;
  for (const { added, removed, value } of pieces) {
    if (!added && !removed) {
      oldAt += value.length;
      newAt += value.length;
      open = undefined;
      continue;
    }
    open ??= changes[changes.push(pointAt(oldAt, newAt)) - 1] as Change;
    if (removed) open.oldEnd = oldAt += value.length;
    else open.newEnd = newAt += value.length;
  }
  return changes;
}

function pointAt(oldAt: number, newAt: number): Change {
  return { oldBegin: oldAt, oldEnd: oldAt, newBegin: newAt, newEnd: newAt };
}

function moved(change: Change, by: number): Change {
  return {
    oldBegin: change.oldBegin + by,
    oldEnd: change.oldEnd + by,
    newBegin: change.newBegin + by,
    newEnd: change.newEnd + by,
  };
}

// Where a line of the old text stands in the new one; a line that is gone stands where it was.
export function lineAfter(changes: readonly Change[], line: number): number {
  let shift = 0;
  for (const change of changes) {
    if (line < change.oldBegin) break;
    if (line < change.oldEnd)
      return Math.min(line + shift, Math.max(change.newBegin, change.newEnd - 1));
    shift = change.newEnd - change.oldEnd;
  }
  return line + shift;
}
