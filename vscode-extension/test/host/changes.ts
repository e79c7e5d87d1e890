import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { ChangedFile } from "../../src/protocol";
import { Changes } from "../../src/review/changes";
import type { Sessions } from "../../src/session/sessions";
import type { Hunk } from "../../src/text/hunks";
import { FakeAgent, fileOf, show, type } from "./support";

async function withChanges(files: Omit<ChangedFile, "eventId">[]) {
  let eventId = 7;
  const fake = new FakeAgent((method) =>
    method === "_thole/changes/list" ? { files: files.map((one) => ({ ...one, eventId })) } : {},
  );
  const grow = (more: Omit<ChangedFile, "eventId">[]) => {
    files = more;
    eventId += 1;
    fake.refuse("_thole/changes/review", "the session has changed the file since");
  };
  const sessions = { current: { id: "s" } } as unknown as Sessions;
  const changes = new Changes(fake.agent, sessions);
  await changes.refresh();
  const reviewed = () => fake.paramsOf("_thole/changes/review");
  return { changes, reviewed, grow };
}

const before = "a\nb\nc\nd\ne\n";
const after = "A\nb\nc\nd\nE\n";

async function firstHunk(changes: Changes, path: string): Promise<Hunk> {
  return (await changes.hunks(path))[0] as Hunk;
}

export const changesTests = {
  "a hunk that is accepted is told to the server, and the file stays": async () => {
    const path = fileOf(after);
    const { changes, reviewed } = await withChanges([{ path, baseline: before, latest: after }]);
    await changes.accept(path, await firstHunk(changes, path));
    const baseline = "A\nb\nc\nd\ne\n";
    assert.deepEqual(reviewed(), [{ sessionId: "s", path, baseline, latest: after, eventId: 7 }]);
    assert.equal((await changes.hunks(path)).length, 1);
    assert.equal(readFileSync(path, "utf8"), after);
  },

  "a hunk that is rejected leaves the file, saved, and the rest of it alone": async () => {
    const path = fileOf(after);
    const { changes, reviewed } = await withChanges([{ path, baseline: before, latest: after }]);
    await changes.reject(path, await firstHunk(changes, path));
    const latest = "a\nb\nc\nd\nE\n";
    assert.equal(readFileSync(path, "utf8"), latest);
    assert.deepEqual(reviewed(), [{ sessionId: "s", path, baseline: before, latest, eventId: 7 }]);
  },

  "what was typed meanwhile is neither lost nor saved by a rejection": async () => {
    const path = fileOf(after);
    const { changes } = await withChanges([{ path, baseline: before, latest: after }]);
    const editor = await show(path);
    await type(editor, 2, "typed\n");
    await changes.reject(path, await firstHunk(changes, path));
    assert.equal(editor.document.getText(), "a\nb\ntyped\nc\nd\nE\n");
    assert.ok(editor.document.isDirty);
  },

  "a file that is rejected whole is byte for byte what it was": async () => {
    const odd = "\ufeffa\r\nb\r\nc";
    const path = fileOf("\ufeffa\r\nB\r\nc\r\n");
    const { changes, reviewed } = await withChanges([
      { path, baseline: odd.slice(1), latest: "a\r\nB\r\nc\r\n" },
    ]);
    await changes.rejectFile(path);
    assert.equal(readFileSync(path, "utf8"), odd);
    assert.equal(changes.all.length, 0);
    assert.equal(reviewed().length, 1);
  },

  "a new file that is rejected goes, a deleted one comes back": async () => {
    const made = fileOf("new\n");
    const gone = `${fileOf("")}.gone`;
    const { changes } = await withChanges([
      { path: made, baseline: null, latest: "new\n" },
      { path: gone, baseline: "old\n", latest: null },
    ]);
    await changes.rejectFile(made);
    await changes.rejectFile(gone);
    assert.equal(existsSync(made), false);
    assert.equal(readFileSync(gone, "utf8"), "old\n");
  },

  "accepting a file whole ends its review": async () => {
    const path = fileOf(after);
    const { changes, reviewed } = await withChanges([{ path, baseline: before, latest: after }]);
    await changes.acceptFile(path);
    assert.deepEqual(reviewed(), [
      { sessionId: "s", path, baseline: after, latest: after, eventId: 7 },
    ]);
    assert.deepEqual(changes.all, []);
  },

  "a hunk that is decided on twice does not take the next one with it": async () => {
    const path = fileOf(after);
    const { changes, reviewed } = await withChanges([{ path, baseline: before, latest: after }]);
    const hunk = await firstHunk(changes, path);
    await Promise.all([changes.accept(path, hunk), changes.accept(path, hunk)]);
    assert.equal(reviewed().length, 1);
    assert.equal((await changes.hunks(path)).length, 1);
  },

  "two decisions at once are both kept": async () => {
    const path = fileOf(after);
    const { changes, reviewed } = await withChanges([{ path, baseline: before, latest: after }]);
    const [one, two] = (await changes.hunks(path)) as [Hunk, Hunk];
    await Promise.all([changes.accept(path, one), changes.reject(path, two)]);
    const left = "A\nb\nc\nd\ne\n";
    assert.deepEqual(reviewed().at(-1), {
      ...{ sessionId: "s", path, eventId: 7 },
      ...{ baseline: left, latest: left },
    });
    assert.equal(readFileSync(path, "utf8"), left);
    assert.deepEqual(changes.all, []);
  },

  "a review that has not seen the last change is refused, and what is new is shown": async () => {
    const path = fileOf(after);
    const { changes, grow } = await withChanges([{ path, baseline: before, latest: after }]);
    const hunk = await firstHunk(changes, path);
    grow([{ path, baseline: before, latest: `${after}F\n` }]);
    await assert.rejects(changes.accept(path, hunk), /changed the file since/);
    assert.deepEqual(
      changes.all.map(({ latest, eventId }) => [latest, eventId]),
      [[`${after}F\n`, 8]],
    );
  },

  "what stood in place of a secret is never written into a file": async () => {
    const text = "key = none\nb\n";
    const path = fileOf(text);
    const redacted = { path, baseline: "key = [redacted 1234]\nb\n", latest: text, redacted: true };
    const { changes, reviewed } = await withChanges([redacted]);
    await assert.rejects(changes.reject(path, await firstHunk(changes, path)), /held a secret/);
    await assert.rejects(changes.rejectFile(path), /held a secret/);
    assert.equal(readFileSync(path, "utf8"), text);
    assert.deepEqual(reviewed(), []);
  },
};
