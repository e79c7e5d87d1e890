// The picture of the README, and that what it shows is so: a turn with tasks, an answer, and a change
// that waits for the user.
import { assert, call, calls, say, scenario, sayThenCall, useVsCode } from "./rig/rig.mjs";

useVsCode();

const answer = [
  "The rate is a constant in `src/oar.c`:",
  "",
  "```c",
  "return minutes * 28; // strokes a minute",
  "```",
  "",
  "I will raise it, then test with both oars.",
].join("\n");

const task = (content, status) => ({ op: "add", content, status, priority: "medium" });

scenario("a turn with tasks, an answer and a change to decide on", {}, async (rig) => {
  const { window, model } = rig;
  model.script(
    calls(
      call("update_tasks", {
        changes: [
          task("Find where the rate is set", "completed"),
          task("Raise it to 30", "in_progress"),
          task("Test with both oars", "pending"),
        ],
      }),
      call("read_file", { path: "src/oar.c" }),
    ),
    sayThenCall(
      answer,
      call("edit_file", { path: "src/oar.c", old_string: "28", new_string: "30" }),
    ),
    say("Faster now."),
  );
  await window.openFile("oar.c");
  await window.openChat();
  const tasks = await window.tree("Tasks");
  await window.say("Make the boat faster. What sets the rate? @src/oar.c");
  await window.chat.getByRole("region", { name: /^Approval/ }).waitFor();
  await tasks.getByRole("treeitem").nth(2).waitFor();
  await window.tab("oar.c (proposed by thole)").waitFor();
  await window.page.mouse.move(700, 400);
  await window.shot("tour");
  assert.equal(await tasks.getByRole("treeitem").count(), 3);

  assert.deepEqual(await window.chat.locator("body").evaluate(namelessControls), []);
  assert.deepEqual(await window.chat.locator("body").evaluate(blockedTricks), {
    blocked: ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-attr"],
    ran: false,
  });
  await tasks.getByRole("treeitem").nth(1).click();
  await window.tab("Task 2").waitFor();
  await window.pageOf(1).getByText("Raise it to 30").first().waitFor();
});

// Runs in the page: what a screen reader would have no words for.
function namelessControls(body) {
  const isNameless = (one) => !(one.getAttribute("aria-label") ?? one.textContent).trim();
  const all = body.querySelectorAll("button, a, input, textarea, summary, [role=option], section");
  return [...all].filter(isNameless).map((one) => one.outerHTML);
}

// Runs in the page: what an answer might smuggle in, were it not escaped; and what becomes of it.
function blockedTricks(body) {
  const kinds = 5;
  return new Promise((resolve) => {
    const blocked = new Set();
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      blocked.add(effectiveDirective);
      if (blocked.size === kinds)
        resolve({ blocked: [...blocked].sort(), ran: "ranInline" in window });
    });
    body.insertAdjacentHTML(
      "beforeend",
      '<img src="https://example.com/a.png"><iframe src="https://example.com"></iframe>' +
        '<b style="color: red">b</b>',
    );
    const script = document.createElement("script");
    script.textContent = "window.ranInline = true";
    body.append(script);
    fetch("https://example.com").catch(() => {});
  });
}
