// The chat: talking, approving, finding sessions again.
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";

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
});
