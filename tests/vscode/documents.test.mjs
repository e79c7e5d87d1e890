// The editor's documents are the truth: what the agent reads and how its edits arrive.
import { features } from "./rig/features.mjs";
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";

useVsCode();

scenario("the agent reads unsaved text, and its edit leaves it alone", {}, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "accept-edits"\n');
  model.script(
    calls(call("read_file", { path: "notes.txt" })),
    calls(call("edit_file", { path: "notes.txt", old_string: "first", new_string: "FIRST" })),
    say("Done."),
  );
  await window.openFile("notes.txt");
  await window.page.keyboard.press("Control+End");
  await window.page.keyboard.type("typed, not saved");
  await window.openChat();
  await window.say("Shout the first line");
  await window.chat.getByText("Done.").waitFor();

  assert.match(model.toolResults[0], /typed, not saved/, "the agent has seen it");
  await window.page.locator(".view-line", { hasText: "FIRST line" }).waitFor();
  await window.page.locator(".view-line", { hasText: "typed, not saved" }).waitFor();
  assert.equal(workspace.read("notes.txt"), "first line\nsecond line\nthird line\n");
  await window.shot("unsaved-dark");

  await window.tab("notes.txt").click();
  await window.page.keyboard.press("Control+z");
  await window.page.locator(".view-line", { hasText: "first line" }).waitFor();
  await window.page.locator(".view-line", { hasText: "typed, not saved" }).waitFor();
});

// A server that keeps changes to review also has the tool.
const options = {
  skip: (await features()).changes ? false : "this server does not ask for diagnostics",
  files: { "boat.json": '{\n  "oars": 2,,\n  "mast": 1\n}\n' },
};

scenario("what the editor's checkers complain about is told to the agent", options, async (rig) => {
  const { window, model } = rig;
  model.script(calls(call("diagnostics", { path: "boat.json" })), say("One comma too many."));
  await window.openFile("boat.json");
  await window.page.locator('.statusbar-item a[aria-label^="Errors: 1"]').waitFor();
  await window.openChat();
  await window.say("What is wrong with it?");
  await window.chat.getByText("One comma too many.").waitFor();
  assert.match(model.toolResults[0], /1 error/);
  assert.match(model.toolResults[0], /boat\.json:2:\d+: error: /);
});
