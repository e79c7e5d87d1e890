// The chat: talking, approving, finding sessions again.
import { assert, call, calls, hang, say, scenario, think, useVsCode } from "./rig/rig.mjs";

useVsCode();

const answer = [
  "Twenty-eight strokes a minute, see `src/oar.c`:",
  "",
  "```c",
  "return minutes * 28; // steady",
  "```",
  "",
  "| pace | strokes |",
  "|---|---|",
  "| slow | 20 |",
].join("\n");

scenario("an answer streams in as Markdown, and its code goes into the editor", {}, async (rig) => {
  const { window, model } = rig;
  model.script(say(answer));
  await window.openFile("notes.txt");
  await window.openChat();
  await window.say("How fast do we row?");
  const said = window.chat.getByRole("article", { name: "thole" });
  await said.locator("table").waitFor();
  assert.equal(await said.locator("code.hljs-x, .code code").first().textContent(), "return minutes * 28; // steady\n");
  await window.chat.getByRole("button", { name: "Insert this code at the cursor" }).click();
  await window.page.locator(".view-line", { hasText: "return minutes * 28; // steady" }).waitFor();
  await window.shot("chat-dark");
  await window.chat.getByRole("button", { name: "Copy this code" }).click();
  const copied = window.chat.locator("[data-act=copy].done");
  await copied.waitFor();
  const text = await window.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(text, "return minutes * 28; // steady\n");
});

scenario("thoughts are folded, context and cost shown, and a stream can be stopped", {}, async (rig) => {
  const { window, model } = rig;
  model.script(
    think("An oar has one blade.", "Two oars."),
    hang("It begins like this and never comes to an end, however long one waits", 4),
    say("Small talk."),
  );
  await window.openChat();
  await window.say("How many oars?");
  await window.chat.getByText("Two oars.").waitFor();
  const thought = window.chat.locator("details.thought");
  const words = thought.getByText("An oar has one blade.");
  assert.equal(await words.isVisible(), false);
  await thought.locator("summary").press("Enter");
  await words.waitFor();
  await window.chat.getByRole("img", { name: /tokens of context; cost \$0\.\d/ }).waitFor();

  await window.say("And the mast?");
  await window.chat.getByText("It begins").waitFor();
  await window.shot("streaming-dark");
  await window.keyTo("Stop");
  await window.page.keyboard.press("Enter");
  await window.chat.getByText("Stopped.").waitFor();
  await model.untilAbandoned();

  await window.chat.getByRole("button", { name: /^Model: / }).click();
  const filter = window.page.locator(".quick-input-widget input.input");
  await filter.fill("anthropic/claude-of-my-own");
  await window.pick("anthropic/claude-of-my-own");
  await window.chat.getByRole("button", { name: "Model: claude-of-my-own" }).waitFor();
  await window.say("/mode accept-edits");
  await window.chat.getByRole("button", { name: "Permission mode: Accept edits" }).waitFor();
  await window.say("Still there?");
  await window.chat.getByText("Small talk.").waitFor();
  assert.equal(model.lastRequest.model, "claude-of-my-own");
});

scenario("a question is answered and a command allowed by keys alone", { theme: "light" }, async (rig) => {
  const { window, model, workspace } = rig;
  model.script(
    calls(call("ask_user", { question: "Which wood?", options: ["Ash", "Oak"] })),
    calls(call("bash", { command: "echo oak > wood.txt" })),
    say("Carved."),
  );
  await window.openChat();
  await window.say("Carve an oar");
  await window.chat.getByRole("region", { name: "Question: Which wood?" }).waitFor();
  await window.shot("question-light");
  await window.keyTo("Oak");
  await window.page.keyboard.press("Enter");
  const card = window.chat.getByRole("region", { name: /^Approval/ });
  await card.getByText("echo oak > wood.txt").first().waitFor();
  await window.shot("command-light");
  await window.keyTo("Allow once");
  await window.page.keyboard.press("Enter");
  await window.chat.getByText("Carved.").waitFor();
  assert.match(model.toolResults[0], /Oak/);
  assert.equal(workspace.read("wood.txt"), "oak\n");
});

const edit = calls(call("edit_file", { path: "src/oar.c", old_string: "28", new_string: "30" }));

scenario("a change is shown in the diff editor, allowed, and can be undone", {}, async (rig) => {
  const { window, model, workspace } = rig;
  model.script(edit, say("Faster now."));
  await window.openFile("oar.c");
  await window.openChat();
  await window.say("Row faster");
  const card = window.chat.getByRole("region", { name: /^Approval/ });
  await card.waitFor();
  await window.tab("oar.c (proposed by thole)").waitFor();
  assert.match(workspace.read("src/oar.c"), /28/, "nothing is written before the answer");
  await window.shot("approval-dark");

  await card.getByRole("button", { name: "Allow once" }).click();
  await window.chat.getByText("Faster now.").waitFor();
  assert.match(workspace.read("src/oar.c"), /30/);
  await window.tab("oar.c (proposed by thole)").waitFor({ state: "detached" });
  await window.shot("edited-dark");

  await window.tab("oar.c").click();
  await window.page.keyboard.press("Control+z");
  await window.page.locator(".view-line", { hasText: "minutes * 28" }).waitFor();
});

scenario("a change is refused with a reason, which the model reads", { theme: "light" }, async (rig) => {
  const { window, model, workspace } = rig;
  model.script(edit, say("Then with two oars."));
  await window.openChat();
  await window.say("Row faster");
  const card = window.chat.getByRole("region", { name: /^Approval/ });
  await card.getByRole("button", { name: "Reject…" }).click();
  await card.getByRole("textbox").fill("Use both oars instead");
  await window.shot("approval-light");
  await card.getByRole("textbox").press("Enter");
  await window.chat.getByText("Then with two oars.").waitFor();
  assert.match(model.toolResults.at(-1), /Use both oars instead/);
  assert.match(workspace.read("src/oar.c"), /28/);
});

scenario("while the chat is not in sight a command is asked for in a notification", {}, async (rig) => {
  const { window, model } = rig;
  model.script(
    calls(call("bash", { command: "echo first" })),
    calls(call("bash", { command: "echo first" })),
    say("Done."),
  );
  await window.openChat();
  await window.say("Say first, twice");
  await window.page.locator('.activitybar a[aria-label^="Explorer"]').click();
  await window.notified("echo first");
  await window.shot("notification-dark");
  await window.notified("echo first", "For this session");
  await window.icon.click();
  await window.chat.getByText("Done.").waitFor();
  assert.equal(model.toolResults.length, 2);
});

scenario("files are mentioned and commands completed by keys alone", {}, async (rig) => {
  const { window, model } = rig;
  model.script(say("An oar."), say("The other one."));
  await window.openChat();
  await window.composer.press("/");
  await window.chat.getByRole("option", { name: /\/compact/ }).waitFor();
  await window.composer.press("Backspace");
  await window.composer.pressSequentially("What is @oa");
  const options = window.chat.getByRole("option");
  await options.filter({ hasText: "oar.h" }).waitFor();
  await window.shot("mention-dark");
  await window.composer.press("ArrowDown");
  const chosen = await window.chat.locator("[aria-selected=true] .label").textContent();
  await window.composer.press("Enter");
  assert.equal(await window.composer.inputValue(), `What is @src/${chosen} `);
  await window.composer.press("Enter");
  await window.chat.getByText("An oar.").waitFor();
  const sent = JSON.stringify(model.lastRequest.messages);
  assert.match(sent, new RegExp(`file://[^"]*/src/${chosen}`));

  await window.composer.pressSequentially("And @src/oar.c");
  await options.filter({ hasText: "oar.c" }).waitFor();
  await window.composer.press("Enter"); // what is typed whole needs no second key
  await window.chat.getByText("The other one.").waitFor();
});

scenario("an old session is found by its words, opened, and deleted", {}, async (rig) => {
  const { window, model } = rig;
  model.script(say("The keel is made of oak."), say("The mast is made of pine."));
  await window.openChat();
  await window.say("What is the keel made of?");
  await window.chat.getByText("oak").waitFor();
  await window.chat.getByText("working").waitFor({ state: "detached" });
  await window.run("thole: New Session");
  await window.chat.getByText("What shall we do?").waitFor();
  await window.shot("empty-dark");
  await window.say("And the mast?");
  await window.chat.getByText("pine").waitFor();

  const tree = await window.tree("Sessions");
  await tree.getByRole("treeitem").nth(1).waitFor();
  await window.run("thole: Search Sessions");
  await window.type("oak");
  await tree.getByRole("treeitem").nth(1).waitFor({ state: "detached" });
  await window.shot("sessions-dark");
  await tree.getByRole("treeitem").first().click();
  await window.chat.getByText("The keel is made of oak.").waitFor();

  await window.run("thole: Resume a Session");
  const filter = window.page.locator(".quick-input-widget input.input");
  await filter.fill("pine");
  const found = window.page.locator(".quick-input-widget .monaco-list-row", { hasText: "made of pine" });
  await found.waitFor();
  await window.shot("picker-dark");
  await found.click();
  await window.chat.getByText("The mast is made of pine.").waitFor();

  await tree.getByRole("treeitem").first().hover();
  await tree.getByRole("button", { name: "Delete…" }).click();
  await window.notified("Delete the session", "Delete");
  await window.run("thole: Clear the Search");
  await tree.getByText("in the chat").waitFor();
  assert.equal(await tree.getByRole("treeitem").count(), 1);
  assert.doesNotMatch(rig.thole("sessions", "--search", "oak"), /keel/);
});
