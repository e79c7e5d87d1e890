// Clients and servers that are killed at random moments of their turns.
import { assert, call, say, sayThenCall, scenario } from "./rig.mjs";
import { Watcher } from "./rig/watcher.mjs";

// A small generator of numbers, so that a failure can be repeated.
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words = "Pull the oar through the water, lift it, swing it back, and pull again. ".repeat(12);

// As many replies as there can be requests.
const replies = (count) =>
  Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? sayThenCall(words, call("bash", { command: `seq ${i % 50}; echo stroke ${i}` }))
      : say(words, { chunkSize: 24 }),
  );

class Run {
  constructor(rig, seed) {
    this.rig = rig;
    this.below = numbers(seed);
    this.kills = { client: 0, server: 0 };
  }

  async begin() {
    const { wire, sessionId } = await this.rig.rawSession();
    this.sessionId = sessionId;
    this.server = wire;
    this.watcher = new Watcher(this.rig, sessionId);
    await this.watcher.connect();
    this.prompt();
  }

  prompt() {
    const params = { sessionId: this.sessionId, prompt: [{ type: "text", text: "Row" }] };
    this.turn = this.server
      .request("session/prompt", params)
      .then(() => this.prompt())
      .catch(() => {});
  }

  async killServer() {
    this.kills.server += 1;
    await this.server.kill();
    await this.watcher.closed;
    this.server = await this.rig.rawAgent();
    const place = { sessionId: this.sessionId, cwd: this.rig.workspace.root, mcpServers: [] };
    const { error } = await this.server.request("session/resume", place);
    assert.equal(error, undefined);
    await this.watcher.connect();
    this.prompt();
  }

  async killClient() {
    this.kills.client += 1;
    this.watcher.cut();
    await this.watcher.connect();
  }

  async round() {
    await this.watcher.more(this.below(12));
    if (this.below(2) === 0) await this.killServer();
    else await this.killClient();
  }

  async end() {
    this.prompt = () => {};
    this.server.notify("session/cancel", { sessionId: this.sessionId });
    await this.server.quit();
    await this.watcher.closed;
    this.watcher.cut();
  }
}

scenario(
  "after 1,000 kills of client and server the view is the log, byte for byte",
  { finish: false, timeout: 600_000 },
  async (rig, t) => {
    rig.workspace.configure('[permissions]\nmode = "bypass-permissions"\n');
    rig.model.script(...replies(6000));
    const run = new Run(rig, 20261120);
    await run.begin();
    while (run.kills.client + run.kills.server < 1000 || run.kills.server < 500) await run.round();
    await run.end();
    const view = `${run.watcher.lines.join("\n")}\n`;
    const path = `.thole/sessions/${run.sessionId}.events.jsonl`;
    const log = rig.workspace.read(path);
    assert.equal(view.length, log.length);
    assert.ok(view === log, "the view differs from the log");
    const ids = run.watcher.lines.map((line) => JSON.parse(line).id);
    assert.deepEqual(
      ids,
      ids.map((_, i) => i + 1),
    );
    t.diagnostic(`${JSON.stringify(run.kills)} kills, ${ids.length} events`);
  },
);
