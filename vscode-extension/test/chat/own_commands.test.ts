import { expect, test } from "vitest";
import { ownCommand } from "../../src/chat/own_commands";

test("what changes the session of the chat is the editor's to do", () => {
  expect(ownCommand("/new")).toEqual({ command: "thole.newSession", argument: "" });
  expect(ownCommand(" /resume ")).toEqual({ command: "thole.resumeSession", argument: "" });
  expect(ownCommand("/resume 2026")).toEqual({ command: "thole.resumeSession", argument: "2026" });
});

test("everything else goes to the server", () => {
  for (const text of ["/new oars", "/newer", "/resume a b", "/plan", "say /new", "new"])
    expect(ownCommand(text), text).toBeUndefined();
});
