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
  await window.notified("second.txt", "Merge");
  await window.notified("Merged 1 file");
  assert.equal(workspace.read("second.txt"), "an oar of ash\n");
  await row.getByText("merged").waitFor();
});

const carver = (model, name, file) => {
  model.scriptFor(
    new RegExp(`^Carve the ${name} oar`),
    calls(call("write_file", { path: file, content: `the ${name} oar\n` })),
    say("It is carved."),
  );
  return call("spawn_subagent", { task: `Carve the ${name} oar` });
};

scenario("two sub-agents ask at once; one's work is kept as a branch, the other's thrown away", options, async (rig) => {
  const { window, model, workspace } = rig;
  model.script(
    calls(carver(model, "third", "third.txt"), carver(model, "fourth", "fourth.txt")),
    say("We have four."),
  );
  await window.openChat();
  await window.say("We need four oars");
  const cards = window.chat.getByRole("region", { name: /^Approval/ });
  for (const name of ["third", "fourth"])
    await cards.getByText(`asked by the sub-agent “Carve the ${name} oar”`).waitFor();
  const tree = await window.tree("Agents");
  const row = (name) => tree.getByRole("treeitem").filter({ hasText: `Carve the ${name} oar` });
  await row("fourth").getByText("waits for you").waitFor();
  await window.shot("agents-ask-light");
  for (const left of [1, 0]) {
    await cards.first().getByRole("button", { name: "Allow once" }).click();
    await cards.nth(left).waitFor({ state: "detached" });
  }
  await window.chat.getByText("We have four.").waitFor();

  await row("third").getByText("to merge").waitFor();
  await row("third").hover();
  await row("third").getByRole("button", { name: "Merge…" }).click();
  await window.notified("third.txt", "Keep as a branch");
  await window.type("third-oar");
  await window.notified("Its work is on the branch third-oar");
  const show = ["-C", workspace.root, "show", "third-oar:third.txt"];
  assert.equal(execFileSync("git", show, { encoding: "utf8" }), "the third oar\n");
  await row("third").getByText("on its branch").waitFor();

  await row("fourth").hover();
  await row("fourth").getByRole("button", { name: "Discard…" }).click();
  await window.notified("Discard the work", "Discard");
  await window.notified("kept as refs/thole/rescue/");
  await row("fourth").getByText("discarded").waitFor();
  for (const file of ["third.txt", "fourth.txt"]) assert.equal(workspace.has(file), false);
});
