import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as vscode from "vscode";
import { diagnosticsOf } from "../../src/documents/diagnostics";
import { Files } from "../../src/documents/files";
import { splitLines } from "../../src/text/lines";
import { Random } from "../text/random";
import { fileOf, show, type } from "./support";

const clean = () => new Files(() => "clean");

export const documentsTests = {
  "unsaved text is what is read": async () => {
    const path = fileOf("one\n");
    const editor = await show(path);
    await type(editor, 0, "typed\n");
    assert.deepEqual(await clean().read(path), { content: "typed\none\n" });
  },

  "a file that is not open is read from the disk, and a missing one is an error": async () => {
    assert.deepEqual(await clean().read(fileOf("quiet\n")), { content: "quiet\n" });
    await assert.rejects(clean().read("/nowhere/a.txt"), /no file/);
  },

  "an edit of a saved file is saved, and undone in one step": async () => {
    const path = fileOf("one\ntwo\nthree\n");
    const files = clean();
    await files.read(path);
    const editor = await show(path);
    await files.write(path, "ONE\ntwo\nTHREE\n");
    assert.equal(readFileSync(path, "utf8"), "ONE\ntwo\nTHREE\n");
    await show(path);
    await vscode.commands.executeCommand("undo");
    assert.equal(editor.document.getText(), "one\ntwo\nthree\n");
  },

  "what was typed since the agent read is merged, and stays unsaved": async () => {
    const path = fileOf("one\ntwo\nthree\n");
    const files = clean();
    await files.read(path);
    const editor = await show(path);
    await type(editor, 3, "typed\n");
    await files.write(path, "ONE\ntwo\nthree\n");
    assert.equal(editor.document.getText(), "ONE\ntwo\nthree\ntyped\n");
    assert.ok(editor.document.isDirty);
    assert.equal(readFileSync(path, "utf8"), "one\ntwo\nthree\n");
  },

  "a conflict changes nothing and says where it is": async () => {
    const path = fileOf("one\ntwo\nthree\n");
    const files = clean();
    await files.read(path);
    const editor = await show(path);
    await type(editor, 1, "typed ");
    await assert.rejects(
      files.write(path, "one\nTWO\nthree\n"),
      /lines \(2-2\).*Read the file again/,
    );
    assert.equal(editor.document.getText(), "one\ntyped two\nthree\n");
  },

  "line ends and a byte order mark stay as they are": async () => {
    const path = fileOf("\ufeffone\r\ntwo\r\n");
    const files = clean();
    const { content } = await files.read(path);
    await files.write(path, content.replace("two", "TWO"));
    assert.equal(readFileSync(path, "utf8"), "\ufeffone\r\nTWO\r\n");
  },

  "a new file is made with its text": async () => {
    const path = `${fileOf("")}.new`;
    await clean().write(path, "made\n");
    assert.ok(existsSync(path));
    assert.equal(readFileSync(path, "utf8"), "made\n");
  },

  "files are saved always or never when the setting says so": async () => {
    const path = fileOf("one\n");
    await new Files(() => "never").write(path, "two\n");
    assert.equal(readFileSync(path, "utf8"), "one\n");
    const editor = await show(path);
    await type(editor, 0, "typed\n");
    await new Files(() => "always").write(path, "typed\nTWO\n");
    assert.equal(readFileSync(path, "utf8"), "typed\nTWO\n");
  },

  "in 500 random meetings of typing and edits no line that was typed is lost": async () => {
    const random = new Random(3);
    const path = fileOf("");
    const files = clean();
    const editor = await show(path);
    for (let run = 0; run < 500; ++run) {
      const lines = splitLines((await files.read(path)).content);
      const typed = `typed ${run}\n`;
      await type(editor, random.below(lines.length + 1), typed);
      lines.splice(random.below(lines.length + 1), random.below(2), `agent ${run}\n`);
      const before = splitLines(editor.document.getText());
      await files.write(path, lines.join("")).catch(() => {
        assert.deepEqual(splitLines(editor.document.getText()), before);
      });
      assert.ok(editor.document.getText().includes(typed), `run ${run}`);
      if (run % 25 === 0) await files.write(path, "").catch(() => {});
    }
  },

  "what the editor complains about is told, of one file or of all": async () => {
    const path = fileOf("int oar;\n", "a.c");
    const collection = vscode.languages.createDiagnosticCollection("test");
    const range = new vscode.Range(0, 4, 0, 7);
    const one = new vscode.Diagnostic(range, "unused", vscode.DiagnosticSeverity.Warning);
    Object.assign(one, { source: "cc", code: "W1" });
    collection.set(vscode.Uri.file(path), [one]);
    const expected = {
      path,
      line: 1,
      column: 5,
      endLine: 1,
      endColumn: 8,
      severity: "warning",
      message: "unused",
      source: "cc",
      code: "W1",
    };
    assert.deepEqual(diagnosticsOf(path), [expected]);
    assert.deepEqual(
      diagnosticsOf(undefined).filter((all) => all.path === path),
      [expected],
    );
    assert.deepEqual(diagnosticsOf("/elsewhere"), []);
    collection.dispose();
  },
};
