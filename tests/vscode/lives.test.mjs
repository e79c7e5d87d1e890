// A session belongs to no window: reloads and crashes in the middle of a turn.
import { assert, call, calls, say, scenario, useVsCode } from "./rig/rig.mjs";

useVsCode();

const bypass = '[permissions]\nmode = "bypass-permissions"\n';
const waiting = calls(
  call("bash", { command: "echo begun; while [ ! -e go ]; do sleep 0.1; done; echo went" }),
);

scenario("a window that is reloaded in mid-turn is back where the turn is", {}, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure(bypass);
  model.script(waiting, say("It went."), say("Again."));
  await window.openChat();
  await window.say("Wait for it");
  const thought = "a thought not sent @oar.h";
  await window.composer.fill(thought);
  await window.chat.getByRole("option", { name: "oar.h" }).waitFor(); // so the extension has it
  await window.chat.getByText("begun").first().waitFor();

  await window.reload();
  await window.chat.getByText("Wait for it").waitFor();
  const running = window.chat.getByRole("article", { name: /: running$/ });
  await running.locator(".output", { hasText: "begun" }).waitFor();
  assert.equal(await window.composer.inputValue(), thought);
  await window.shot("reloaded-dark");
  workspace.write("go", "");
  await window.chat.getByText("It went.").waitFor();
  await window.chat.getByText("working").waitFor({ state: "detached" });
  assert.equal(await window.chat.getByText("Wait for it").count(), 1);
  await window.say("And again");
  await window.chat.getByText("Again.").waitFor();
});

scenario("a server that is killed in mid-turn is started again with all it had", { theme: "light" }, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure(bypass);
  model.script(say("Hello."), waiting, say("Back again."));
  await window.openChat();
  await window.say("Hello?");
  await window.chat.getByText("Hello.").waitFor();
  await window.say("Wait for it");
  await window.chat.getByText("begun").first().waitFor();
  process.kill(rig.serverProcess, "SIGKILL");

  await window.chat.getByText("thole was started again").waitFor();
  await window.chat.getByRole("article", { name: /: interrupted$/ }).waitFor();
  await window.chat.getByText("Hello.").waitFor();
  await window.shot("crashed-light");
  await window.say("Are you there?");
  await window.chat.getByText("Back again.").waitFor();
});

scenario("a session that runs in the background is found, watched and spoken to", {}, async (rig) => {
  const { window, model, workspace } = rig;
  workspace.configure(bypass);
  model.script(waiting, say("It went."), say("And again."));
  rig.thole("spawn", "--prompt", "Wait for it", "--permission-mode", "bypass-permissions");
  await window.openChat();
  await window.run("thole: Resume a Session");
  await window.pick("running");
  await window.chat.getByText("begun").first().waitFor();
  await window.chat.getByRole("button", { name: "Stop" }).waitFor();
  await window.shot("attached-dark");
  workspace.write("go", "");
  await window.chat.getByText("It went.").waitFor();
  await window.say("Once more");
  await window.chat.getByText("And again.").waitFor();
  assert.match(JSON.stringify(model.lastRequest.messages), /It went\./);
});

scenario("a missing program is said, with ways to set it right", { settings: { "thole.path": "/nowhere/thole" } }, async (rig) => {
  const { window } = rig;
  await window.icon.click();
  await window.chat.getByText("The thole program is missing").waitFor();
  await window.notified("no program at");
  await window.shot("missing-dark");
});

scenario("the doctor tells what is there", {}, async (rig) => {
  const { window } = rig;
  await window.openChat();
  await window.run("thole: Doctor");
  await window.tab("thole doctor").waitFor();
  const preview = window.pageOf(1);
  await preview.getByText("Features of the server").waitFor();
  await window.shot("doctor-dark");
  assert.match(await preview.locator("body").innerText(), /thole doctor/);
  // On a busy machine VS Code now and then opens the panel and shows nothing in it.
  const started = window.page.locator(".part.panel .view-line", { hasText: /started.*--stdio/ });
  for (let round = 1; round < 4 && !(await started.isVisible()); ++round) {
    await window.run("thole: Show the Log");
    await started.waitFor({ timeout: 15_000 * round }).catch(() => {});
  }
  assert.ok(await started.isVisible(), "the log is shown");
  await window.run("thole: Get Started");
  await window.page.getByRole("button", { name: /See a plan first/ }).click();
  await window.shot("walkthrough-dark");
});
