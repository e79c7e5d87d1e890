// Sub-agents: the tree of them, what each says, and merging what it did.
import { execFileSync } from "node:child_process";
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

scenario("a sub-agent asks in the chat, and its work is thrown away or kept as a branch", options, async (rig) => {
  const { window, model, workspace } = rig;
  model.script(calls(call("spawn_subagent", { task: "Carve a third oar" })), say("We have three."));
  model.scriptFor(
    /^Carve a third oar/,
    calls(call("write_file", { path: "third.txt", content: "an oar of oak\n" })),
    say("It is carved."),
  );
  await window.openChat();
  await window.say("We need three oars");
  const card = window.chat.getByRole("region", { name: /^Approval/ });
  await card.getByText("asked by the sub-agent “Carve a third oar”").waitFor();
  const tree = await window.tree("Agents");
  const row = tree.getByRole("treeitem").filter({ hasText: "Carve a third oar" });
  await row.getByText("waits for you").waitFor();
  await window.shot("agent-asks-light");
  await card.getByRole("button", { name: "Allow once" }).click();
  await window.chat.getByText("We have three.").waitFor();
  await row.getByText("to merge").waitFor();

  await row.hover();
  await row.getByRole("button", { name: "Merge…" }).click();
  await window.toast("third.txt").getByRole("button", { name: "Keep as a branch" }).click();
  await window.type("third-oar");
  await window.toast("Its work is on the branch third-oar").waitFor();
  const show = ["-C", workspace.root, "show", "third-oar:third.txt"];
  assert.equal(execFileSync("git", show, { encoding: "utf8" }), "an oar of oak\n");
  await row.getByText("on its branch").waitFor();
  await row.hover();
  await row.getByRole("button", { name: "Discard…" }).click();
  await window.toast("Discard the work").getByRole("button", { name: "Discard" }).click();
  await window.toast("kept as refs/thole/rescue/").waitFor();
  await row.getByText("discarded").waitFor();
  assert.equal(workspace.has("third.txt"), false);
});
