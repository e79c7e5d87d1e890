// What the session changed, decided on hunk by hunk, also after a reload.
import { features } from "./rig/features.mjs";
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";

const { changes } = await features();
if (changes) useVsCode();

const edit = (from, to) =>
  call("edit_file", { path: "src/oar.c", old_string: from, new_string: to });

const options = { skip: changes ? false : "this server keeps no changes to review" };

scenario("one hunk is rejected, and the other waits over a reload to be accepted", options, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "accept-edits"\n');
  model.script(
    calls(edit('#include "oar.h"\n', '// Rows.\n#include "oar.h"\n')),
    calls(edit("28", "30")),
    say("Changed."),
  );
  await window.openFile("oar.c");
  await window.openChat();
  await window.say("Row faster");
  await window.chat.getByText("Changed.").waitFor();
  await window.chat.getByRole("button", { name: "1 to review" }).click();
  const lens = (name) => window.page.locator(".codelens-decoration a", { hasText: name });
  await lens("Reject").nth(1).waitFor();
  const tree = await window.tree("Changes to Review");
  await tree.getByRole("treeitem", { name: /oar\.c/ }).waitFor();
  await window.shot("review-dark");

  await lens("Reject").first().click();
  await window.page.locator(".view-line", { hasText: "// Rows." }).waitFor({ state: "detached" });
  await lens("Reject").nth(1).waitFor({ state: "detached" });
  await window.reload();
  await window.chat.getByRole("button", { name: "1 to review" }).click();
  await lens("Accept").first().click();
  await window.chat.getByRole("button", { name: "1 to review" }).waitFor({ state: "detached" });
  const text = workspace.read("src/oar.c");
  assert.match(text, /^#include "oar.h"\n/);
  assert.match(text, /minutes \* 30/);
});
