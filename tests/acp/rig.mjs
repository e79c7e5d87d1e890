// Everything that one test needs: a scripted model, a workspace, one or more thole processes. The
// rules of rig/invariants.mjs are checked on all traffic when a scenario's body is done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Editor } from "./rig/editor.mjs";
import { faultsOfTraffic } from "./rig/invariants.mjs";
import { Model } from "./rig/model.mjs";
import { Wire } from "./rig/wire.mjs";
import { Workspace } from "./rig/workspace.mjs";

export * from "./rig/editor.mjs";
export * from "./rig/model.mjs";
export { assert, test };

export const providers = ["anthropic", "openai"];
const deadline = Number(process.env.THOLE_TEST_DEADLINE_MS ?? 30_000);

export class Rig {
  static async start({ provider = "anthropic", files, env = {}, script = [] } = {}) {
    const rig = new Rig();
    rig.workspace = new Workspace(files);
    rig.model = await Model.start(provider);
    if (rig.model.settings) rig.workspace.configure(rig.model.settings);
    rig.model.script(...script);
    rig.env = {
      ...rig.workspace.environment(),
      ...rig.model.environment(),
      THOLE_RETRY_BASE_MS: "10",
      ...env,
    };
    return rig;
  }

  wires = [];
  editors = [];

  // A thole process without SDK.
  wire(options = {}) {
    const wire = new Wire({ env: this.env, cwd: this.workspace.root, ...options });
    this.wires.push(wire);
    return wire;
  }

  // A thole process driven by raw messages, initialized.
  async rawAgent(clientCapabilities = {}) {
    const wire = this.wire();
    await wire.request("initialize", { protocolVersion: 1, clientCapabilities }, "init");
    return wire;
  }

  // The same with one session in the workspace.
  async rawSession({ clientCapabilities = {}, params = {} } = {}) {
    const wire = await this.rawAgent(clientCapabilities);
    const fresh = { cwd: this.workspace.root, mcpServers: [], ...params };
    const { result } = await wire.request("session/new", fresh);
    return { wire, sessionId: result.sessionId, result };
  }

  // A thole process with the SDK's client at its other end, initialized.
  async editor({ through = [], ...options } = {}) {
    const editor = new Editor(this.wire({ through }), options);
    this.editors.push(editor);
    editor.initialized = await editor.initialize();
    return editor;
  }

  // The usual start: an editor and a session in the workspace.
  async session(options = {}) {
    const editor = await this.editor(options);
    return editor.newSession(this.workspace.root, options.params);
  }

  // Ends every process as an editor does, and judges all that was written.
  async finish({ quiet = true } = {}) {
    for (const wire of this.wires) {
      const { code, signal, leftover } = await wire.quit();
      assert.deepEqual({ code, signal, leftover }, { code: 0, signal: null, leftover: "" });
      assert.deepEqual(faultsOfTraffic(wire.records), []);
      if (quiet) assert.equal(wire.stderr, "", "19: stderr is silent");
    }
    for (const editor of this.editors) {
      await editor.connection.closed;
      const written = editor.wire.fromAgent.filter((m) => m.method === "session/update").length;
      assert.equal(editor.delivered, written, "the SDK accepts every update");
    }
  }

  transcript() {
    return this.wires.map((w) => `${w.transcript()}\nwaiting for: ${w.waitingFor}`).join("\n--\n");
  }

  async dispose() {
    for (const wire of this.wires) await wire.kill();
    await this.model.stop();
    this.workspace.remove();
  }
}

const defaults = { timeout: deadline, quiet: true };

// A test with a rig, in the tongue of one provider. `options`: what Rig.start and finish take.
export function scenario(name, options, body) {
  const { timeout, quiet, finish = true, ...start } = { ...defaults, ...options };
  test(name, { timeout }, async (t) => {
    const rig = await Rig.start(start);
    let timer;
    const expiry = new Promise((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no end after ${timeout - 2000} ms`)),
        timeout - 2000,
      );
    });
    try {
      await Promise.race([body(rig, t), expiry]);
      if (finish) await Promise.race([rig.finish({ quiet }), expiry]);
    } catch (error) {
      for (const line of rig.transcript().split("\n")) t.diagnostic(line);
      throw error;
    } finally {
      clearTimeout(timer);
      await rig.dispose();
    }
  });
}

// The same test for each provider.
export function scenarios(name, options, body) {
  for (const provider of providers) {
    scenario(`${provider}: ${name}`, { provider, ...options }, (rig, t) => body(rig, t, provider));
  }
}
