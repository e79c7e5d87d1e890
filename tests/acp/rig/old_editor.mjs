// An editor made of the SDK of 2025 (0.4.5, still in use): its client drops whatever its strict schemas
// refuse. Answers as the test says and keeps what came through.
import { oldAcp } from "../../node/peers.mjs";

export class OldEditor {
  updates = []; // as they came through
  permissions = []; // params of each permission request
  files = new Map(); // path -> unsaved text

  constructor(wire, permission) {
    this.wire = wire;
    this.permission = permission;
    const lines = new ReadableStream({
      start: (controller) => {
        wire.child.stdout.on("data", (data) => controller.enqueue(new Uint8Array(data)));
        wire.child.stdout.once("end", () => controller.close());
      },
    });
    const out = new WritableStream({ write: (bytes) => wire.send(Buffer.from(bytes)) });
    const stream = oldAcp.ndJsonStream(out, lines);
    this.connection = new oldAcp.ClientSideConnection(() => this, stream);
  }

  initialize(clientCapabilities, protocolVersion = 1) {
    return this.connection.initialize({ protocolVersion, clientCapabilities });
  }

  async sessionUpdate({ update }) {
    this.updates.push(update);
  }

  async requestPermission(params) {
    this.permissions.push(params);
    return this.permission(params);
  }

  async readTextFile({ path }) {
    return { content: this.files.get(path) };
  }

  async writeTextFile({ path, content }) {
    this.files.set(path, content);
    return {};
  }
}
