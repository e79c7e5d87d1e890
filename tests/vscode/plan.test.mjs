// A plan from its draft to its tasks: read, edited, commented on and approved in the editor.
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";
import { patience } from "./rig/window.mjs";

useVsCode();

const first = [
  "# Row faster",
  "",
  "`strokes()` counts 28 a minute; the crew can do 30.",
  "",
  "## Steps",
  "",
  "- [ ] Raise the rate in src/oar.c",
  "- [ ] Test with two oars",
  "- [ ] Say so in README.md",
  "",
].join("\n");
const second = first.replace("Test with two oars", "Test with the one oar that we have");

const draft = (content) =>
  calls(call("write_session_plan", { content }), call("exit_plan_mode", {}));

// The place in the margin where a click opens a comment on a line, once the editor shows the line and
// offers it. Lines are drawn anew at any time.
async function commentPlace(window, lineText) {
  const glyphs = window.page.locator(".comment-range-glyph");
  const shown = window.page.locator(".view-line", { hasText: lineText });
  const until = Date.now() + patience;
  while (Date.now() < until) {
    await shown.waitFor();
    await shown.hover();
    await glyphs.first().waitFor({ state: "attached" });
    const line = await shown.boundingBox();
    const boxes = await Promise.all((await glyphs.all()).map((one) => one.boundingBox()));
    const glyph = boxes.find((box) => line && box && Math.abs(box.y - line.y) < line.height);
    if (glyph) return { x: glyph.x + glyph.width / 2, y: line.y + line.height / 2 };
  }
  throw new Error("the editor offers no comment on this line");
}

// Opens the comment box on a line of the plan, as with the mouse.
async function comment(window, lineText, words) {
  const { x, y } = await commentPlace(window, lineText);
  await window.page.mouse.click(x, y);
  const box = window.page.locator(".review-widget .monaco-editor");
  await box.waitFor();
  await box.click();
  await window.page.keyboard.type(words);
}

scenario("comments and edits go back in one review, and the next revision is approved", {}, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "accept-edits"\n');
  const look = calls(call("read_session_plan", {})); // as it is told to: there are edits
  model.script(draft(first), look, draft(second), say("Rowing."));
  await window.openChat();
  await window.run("thole: Choose the Permission Mode");
  await window.pick("Plan");
  await window.chat.getByRole("button", { name: "Permission mode: Plan" }).waitFor();
  await window.say("Row faster");

  const card = window.chat.getByRole("region", { name: "Plan: Row faster" });
  await card.getByText("Revision 1 waits for your review").waitFor();
  await window.tab("plan.md").waitFor();
  await window.shot("plan-dark");
  await comment(window, "Test with two oars", "We have one oar only.");
  await window.page.getByRole("button", { name: "Add Comment" }).click();
  await card.getByText("1 open comment").waitFor();
  assert.ok(await card.getByRole("button", { name: "Approve" }).isDisabled());
  await window.shot("plan-comment-dark");

  const line = window.page.locator(".view-line", { hasText: "Say so in README.md" });
  await line.click();
  await window.page.keyboard.press("End");
  await window.page.keyboard.type(", please");
  await card.getByRole("button", { name: "Send review" }).click();
  // Revision 2 is the plan as the user has edited it.
  await card.getByText("Revision 3 waits for your review").waitFor();
  const feedback = JSON.stringify(model.lastRequest.messages);
  assert.match(feedback, /We have one oar only\./);
  assert.match(feedback, /Say so in README\.md, please/);

  await card.getByRole("button", { name: "What changed" }).click();
  await window.tab("revision 2 ↔ 3").waitFor();
  await window.shot("plan-revisions-dark");
  await card.getByRole("button", { name: "Approve" }).click();
  await window.chat.getByText("Rowing.").waitFor();
  const tasks = await window.tree("Tasks");
  await tree(tasks, "Test with the one oar");
  await window.chat.getByRole("button", { name: "Permission mode: Accept edits" }).waitFor();
  await window.shot("plan-approved-dark");
});

async function tree(view, text) {
  await view.getByRole("treeitem").filter({ hasText: text }).waitFor();
}

scenario("a plan that is rejected leaves nothing behind", { theme: "light" }, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "plan"\n');
  model.script(draft(first), say("never"));
  await window.openChat();
  await window.say("Row faster");
  const card = window.chat.getByRole("region", { name: "Plan: Row faster" });
  await card.getByRole("button", { name: "Reject" }).waitFor();
  await window.tab("plan.md").click();
  await window.titleButton("Approve the Plan").waitFor();
  await window.titleButton("Reject the Plan").click();
  await window.chat.getByText("plan rejected").waitFor();
  await window.shot("plan-rejected-light");
  assert.match(workspace.read("src/oar.c"), /28/);
  assert.equal(model.requests.length, 1);
});

scenario("a plan in review, with its comments, is there after a reload", {}, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure('[permissions]\nmode = "plan"\n');
  model.script(draft(first), draft(second));
  await window.openChat();
  await window.say("Row faster");
  await window.tab("plan.md").waitFor();
  await comment(window, "Test with two oars", "We have one oar only.");
  await window.page.getByRole("button", { name: "Add Comment" }).click();
  const card = window.chat.getByRole("region", { name: "Plan: Row faster" });
  await card.getByText("1 open comment").waitFor();

  await window.reload();
  await card.getByText("1 open comment").waitFor();
  await card.getByRole("button", { name: "Send review" }).click();
  await card.getByText("Revision 2 waits for your review").waitFor();
  assert.match(JSON.stringify(model.lastRequest.messages), /We have one oar only\./);
});
