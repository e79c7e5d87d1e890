// Where the kernel cannot keep a command from writing, plan mode refuses commands and says why.
import { dirname, join } from "node:path";
import { assert, call, calls, say, scenario } from "./rig.mjs";
import { Run } from "./rig/run.mjs";
import { binary } from "./rig/wire.mjs";

const program = binary.split(" ")[0];
const without = (what) => [join(dirname(program), "tests", "without_landlock"), what];

const kernels = {
  landlock: ["without Landlock", /this kernel has no Landlock$/],
  notify: ["without notifications of seccomp", /seccomp user notification is not available: /],
};

for (const [what, [name, reason]] of Object.entries(kernels)) {
  scenario(`${name} commands are refused in plan mode, and only there`, {}, async (rig) => {
    rig.model.script(calls(call("bash", { command: "cat notes.txt" })), say("No."));
    const editor = await rig.editor({ through: without(what) });
    const session = await editor.newSession(rig.workspace.root);
    await session.setMode("plan");
    assert.equal((await session.prompt("Look")).stopReason, "end_turn");
    const [refused] = session.calls();
    assert.equal(refused.status, "failed");
    const [told, ...more] = refused._meta.thole.refused;
    assert.deepEqual([told.what, told.by, told.effect, more], ["cat notes.txt", "mode plan", "execute", []]);
    assert.match(told.reason, /^mode plan refuses commands .* nothing keeps them from writing here: /);
    assert.match(told.reason, reason);
    assert.match(rig.model.toolResults[0], reason.source.endsWith("$") ? /no Landlock/ : reason);
    await session.setMode("bypass-permissions");
    rig.model.script(calls(call("bash", { command: "echo works" })), say("Yes."));
    await session.prompt("And now?");
    assert.equal(rig.model.toolResults.at(-1), "works\n[exit code 0]");
  });

  scenario(`${name} doctor says what is missing`, {}, async (rig) => {
    const doctor = new Run(rig, ["doctor"], { through: without(what) });
    assert.equal(await doctor.end, 0);
    const shown = doctor.stdout.replace(/\s+/g, " ");
    assert.match(shown, new RegExp(`sandbox none for plan mode: ${reason.source.replace("$", "")}`));
  });
}

scenario("doctor says what holds plan mode", {}, async (rig) => {
  const doctor = new Run(rig, ["doctor"]);
  assert.equal(await doctor.end, 0);
  assert.match(doctor.stdout, /sandbox +for plan mode: Landlock ABI \d+ and seccomp\n/);
});
