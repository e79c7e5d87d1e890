// The changed lines of a file with some around them.
import type { DiffContent } from "../src/protocol";
import { type Change, changesOfText, splitLines } from "../src/text/lines";
import { Icon } from "./icon";
import { post, shortPath } from "./store";

const around = 3;
const mostRows = 300;

interface Row {
  kind: "same" | "added" | "removed" | "gap";
  text: string;
  number: string;
}

const chomped = (line: string) => line.replace(/\r?\n$/, "");

export function rowsOf({ oldText = "", newText }: DiffContent): Row[] {
  const [before, after] = [splitLines(oldText), splitLines(newText)];
  const rows: Row[] = [];
  let next = 0; // of the new text
  const same = (begin: number, end: number) => {
    for (let at = begin; at < Math.min(end, after.length); ++at)
      rows.push({ kind: "same", text: chomped(after[at] ?? ""), number: String(at + 1) });
  };
  const changes = changesOfText(oldText, newText);
  changes.forEach((change: Change, at) => {
    const begin = Math.max(next, change.newBegin - around);
    if (begin > next) rows.push({ kind: "gap", text: "", number: "⋯" });
    same(begin, change.newBegin);
    for (const line of before.slice(change.oldBegin, change.oldEnd))
      rows.push({ kind: "removed", text: chomped(line), number: "" });
    for (let line = change.newBegin; line < change.newEnd; ++line)
      rows.push({ kind: "added", text: chomped(after[line] ?? ""), number: String(line + 1) });
    const following = changes[at + 1]?.newBegin ?? after.length;
    next = Math.min(change.newEnd + around, following);
    same(change.newEnd, next);
  });
  return rows;
}

export function Diff({ diff, callId, at, roots }: DiffProps) {
  const rows = rowsOf(diff);
  const count = (kind: Row["kind"]) => rows.filter((row) => row.kind === kind).length;
  const name = shortPath(diff.path, roots);
  const open = () => post({ type: "openDiff", callId, at });
  return (
    <div class="diff">
      <div class="diff-head">
        <button type="button" class="path" onClick={open} title="Open in the diff editor">
          <Icon name="diff" />
          <span>{name}</span>
        </button>
        <span class="added">+{count("added")}</span>
        <span class="removed">−{count("removed")}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <section class="rows" tabIndex={0} aria-label={`Changes of ${name}`}>
        {rows.slice(0, mostRows).map((row, key) => (
          <div key={key} class={`row ${row.kind}`}>
            <span class="number">{row.number}</span>
            <span class="sign">{signs[row.kind]}</span>
            <code>{row.text || " "}</code>
          </div>
        ))}
      </section>
      {rows.length > mostRows && <p class="more">{rows.length - mostRows} more lines</p>}
    </div>
  );
}

interface DiffProps {
  diff: DiffContent;
  callId: string;
  at: number;
  roots: string[];
}

const signs = { same: " ", added: "+", removed: "−", gap: " " };
