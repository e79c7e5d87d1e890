// A client on the Unix socket of a session: collects the lines of the log byte for byte and can come
// back with its last id.
import { connect } from "node:net";
import { join } from "node:path";

export class Watcher {
  constructor(rig, sessionId) {
    this.path = join(rig.env.XDG_RUNTIME_DIR, "thole", `${sessionId}.sock`);
    this.lines = []; // of the log, each once
    this.others = []; // everything else, parsed
  }

  get lastId() {
    return this.lines.length === 0 ? 0 : JSON.parse(this.lines.at(-1)).id;
  }

  // Connects and subscribes after the last line; resolves with the answer to that.
  connect(options = {}) {
    const socket = connect(this.path);
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    let partial = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the socket was closed")));
      socket.on("data", (data) => {
        if (socket !== this.socket) return;
        partial = Buffer.concat([partial, data]);
        let end;
        while ((end = partial.indexOf(0x0a)) !== -1) {
          this.#take(partial.subarray(0, end).toString(), resolve);
          partial = partial.subarray(end + 1);
        }
      });
      this.send({ type: "Subscribe", after_id: this.lastId, ...options });
    });
  }

  send(message) {
    this.socket.write(typeof message === "string" ? message : `${JSON.stringify(message)}\n`);
  }

  // Resolves when `count` more lines have come, or the other side has closed.
  more(count) {
    const wanted = this.lines.length + count;
    return Promise.race([this.#until(() => this.lines.length >= wanted), this.closed]);
  }

  event(matches) {
    return this.#until(() => this.lines.find((line) => matches(JSON.parse(line).event)));
  }

  other(matches) {
    return this.#until(() => this.others.find(matches));
  }

  // Breaks the connection without a word.
  cut() {
    const socket = this.socket;
    this.socket = undefined;
    socket?.destroy();
  }

  #waiting = [];

  #take(line, subscribed) {
    if (line.startsWith('{"schema_version"')) {
      this.lines.push(line);
    } else {
      const other = JSON.parse(line);
      this.others.push(other);
      if (other.type === "Subscribed") subscribed(other);
    }
    this.#waiting = this.#waiting.filter((look) => !look());
  }

  #until(matches) {
    return new Promise((resolve) => {
      const look = () => {
        const found = matches();
        if (found) resolve(found);
        return Boolean(found);
      };
      if (!look()) this.#waiting.push(look);
    });
  }
}
