import { expect, test } from "vitest";
import { candidates, findBinary, type Places } from "../../src/agent/binary";

const places: Places = {
  setting: "",
  workspace: "/boat",
  extension: "/ext",
  home: "/home/me",
  env: { PATH: "/usr/bin:/opt/bin", THOLE_BINARY: "/built/thole" },
};

test("without a setting it is the variable, then beside the extension, then the path", () => {
  expect(candidates(places)).toEqual([
    "/built/thole",
    "/ext/bin/thole",
    "/usr/bin/thole",
    "/opt/bin/thole",
    "/home/me/.local/bin/thole",
  ]);
  expect(findBinary(places, (path) => path.startsWith("/opt"))).toBe("/opt/bin/thole");
});

test("a setting is the only place, so that a wrong one shows", () => {
  const set = (setting: string) => candidates({ ...places, setting });
  expect(set("~/bin/thole")).toEqual(["/home/me/bin/thole"]);
  expect(set("${workspaceFolder}/build/thole")).toEqual(["/boat/build/thole"]);
  expect(set("build/thole")).toEqual(["/boat/build/thole"]);
  expect(findBinary({ ...places, setting: "/none" }, () => false)).toBeUndefined();
});
