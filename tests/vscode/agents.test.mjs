// Sub-agents: the tree of them, what each says, and merging what it did.
import { features } from "./rig/features.mjs";
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";

const { agents } = await features();
if (agents) useVsCode();

const options = { theme: "light", skip: agents ? false : "this server has no sub-agents" };

scenario("a sub-agent is watched in a tab of its own, and its work merged", options, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
  model.script(
    calls(call("spawn_subagent", { task: "Carve a second oar" })),
    calls(call("write_file", { path: "second.txt", content: "an oar of ash\n" })),
    say("It is carved."),
    say("We have two."),
  );
  await window.openChat();
  await window.say("We need two oars");
  await window.chat.getByText("We have two.").waitFor();
  assert.equal(workspace.has("second.txt"), false, "it is in the tree of the sub-agent only");

  const tree = await window.tree("Agents");
  const row = tree.getByRole("treeitem").filter({ hasText: "Carve a second oar" });
  await row.getByText("to merge").waitFor();
  await row.click();
  await window.tab("Carve a second oar").waitFor();
  await window.pageOf(1).getByText("It is carved.").waitFor();
  await window.shot("agents-light");

  await row.hover();
  await row.getByRole("button", { name: "Merge…" }).click();
  await window.toast("second.txt").getByRole("button", { name: "Merge" }).click();
  await window.toast("Merged 1 file").waitFor();
  assert.equal(workspace.read("second.txt"), "an oar of ash\n");
  await row.getByText("merged").waitFor();
});
