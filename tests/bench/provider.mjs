// A model server that answers at once: chat completions over a raw socket, so that its own time is
// next to nothing. Each request is answered by `reply(body)`, a list of SSE chunks; `arrived` and
// `answered` hold the times (ms) of the last request and the last answer. It has no list of models.
import { createServer } from "node:net";

const head =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    model: "bench",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const end = "data: [DONE]\n\n";

export const text = (...pieces) => [
  ...pieces.map((content) => chunk({ content })),
  chunk({}, "stop"),
  end,
];

export const toolCall = (name, input) => [
  chunk({
    tool_calls: [
      { index: 0, id: `call_${Math.random()}`, type: "function", function: { name, arguments: JSON.stringify(input) } },
    ],
  }),
  chunk({}, "tool_calls"),
  end,
];

export class Provider {
  requests = 0;
  reply = () => text("Yes.");

  static async start() {
    const provider = new Provider();
    provider.server = createServer((socket) => provider.#serve(socket));
    await new Promise((resolve) => provider.server.listen(0, "127.0.0.1", resolve));
    provider.url = `http://127.0.0.1:${provider.server.address().port}/v1`;
    return provider;
  }

  #serve(socket) {
    let held = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const time = performance.now();
      held = held.length ? Buffer.concat([held, data]) : data;
      const border = held.indexOf("\r\n\r\n");
      if (border < 0) return;
      const size = Number(/content-length: *(\d+)/i.exec(held.subarray(0, border))?.[1] ?? 0);
      if (held.length < border + 4 + size) return;
      const body = held.subarray(border + 4, border + 4 + size);
      const isList = held.subarray(0, 4).toString() === "GET ";
      held = held.subarray(border + 4 + size);
      if (isList) return socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
      this.arrived = time;
      this.requests += 1;
      this.#answer(socket, this.reply(JSON.parse(body || "{}")));
    });
  }

  #answer(socket, chunks) {
    const framed = (piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;
    // In pieces of many chunks, as fast as the socket takes them.
    socket.cork();
    socket.write(head);
    for (const piece of chunks) socket.write(framed(piece));
    socket.write("0\r\n\r\n");
    socket.uncork();
    this.answered = performance.now();
  }

  stop() {
    this.server.close();
  }
}
