// An MCP server over streamable HTTP that does what real ones do not, in the test's own process, so
// that the test sees each request: HostileHttp.start(t, how).
import { createServer } from "node:http";
import { pairs } from "./servers.mjs";

const text = (words) => ({ content: [{ type: "text", text: words }] });
const frame = (message, id) => `${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(message)}\n\n`;

export class HostileHttp {
  static async start(t, how = "good") {
    const server = new HostileHttp(how);
    await new Promise((up) => server.http.listen(0, "127.0.0.1", up));
    t.after(() => {
      server.http.closeAllConnections();
      server.http.close();
    });
    return server;
  }

  constructor(how) {
    this.how = how;
    this.seen = []; // { method, headers, message }
    this.sessions = new Set();
    this.made = 0;
    this.http = createServer((request, response) => this.#take(request, response));
  }

  get url() {
    return `http://127.0.0.1:${this.http.address().port}/mcp`;
  }

  named(name = "web", headers = {}, url = this.url) {
    return { type: "http", name, url, headers: pairs(headers) };
  }

  // The requests with this method of MCP.
  of(method) {
    return this.seen.filter((one) => one.message?.method === method);
  }

  async #take(request, response) {
    let body = "";
    for await (const chunk of request) body += chunk;
    const message = body ? JSON.parse(body) : undefined;
    this.seen.push({ method: request.method, headers: request.headers, message, url: request.url });
    const json = (status, value, headers = {}) => {
      response.writeHead(status, { "Content-Type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    const { how } = this;
    if (how === "silent") return;
    if (how === "locked") return json(401, { error: "unauthorized" }, { "WWW-Authenticate": "Bearer" });
    if (how === "moved") return json(308, {}, { Location: "https://example.com/elsewhere" });
    if (how === "broken") return json(500, { jsonrpc: "2.0", id: null, error: { code: -32603, message: `boom ${request.headers.authorization}` } });
    if (how === "page") {
      response.writeHead(404, { "Content-Type": "text/html" });
      return response.end("<html>nothing here</html>");
    }
    if (request.method === "GET") return this.#listen(request, response);
    if (request.method === "DELETE") {
      this.sessions.delete(request.headers["mcp-session-id"]);
      return json(200, {});
    }
    if (message.method === "server/discover") {
      return json(400, { jsonrpc: "2.0", id: null, error: { code: -32000, message: "Server not initialized" } });
    }
    if (message.method === "initialize") {
      const session = `session-${++this.made}`;
      this.sessions.add(session);
      const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "web", version: "1" } };
      return json(200, { jsonrpc: "2.0", id: message.id, result }, { "Mcp-Session-Id": session });
    }
    if (!this.sessions.has(request.headers["mcp-session-id"])) return json(404, { error: "no such session" });
    if (message.method === undefined) this.onAnswer?.(message.result);
    if (message.id === undefined || message.method === undefined) return response.writeHead(202).end();
    return this.#answer(message, response, json);
  }

  #answer(message, response, json) {
    const answer = (result) => ({ jsonrpc: "2.0", id: message.id, result });
    if (message.method === "tools/list") {
      return json(200, answer({ tools: [{ name: "work", inputSchema: { type: "object" } }] }));
    }
    const done = answer(text("did work"));
    if (this.how === "long") return json(200, answer(text("x".repeat(20 << 20))));
    if (this.how === "empty") return response.writeHead(200, { "Content-Type": "text/event-stream" }).end();
    if (this.how === "cuts") {
      // A priming event without data, then the stream breaks off; the rest comes to whoever resumes.
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("id: e1\ndata: \n\n");
      this.rest = done;
      return setImmediate(() => response.end());
    }
    if (this.how === "asks") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write(frame({ jsonrpc: "2.0", id: "r1", method: "roots/list" }, "e1"));
      this.onAnswer = (roots) => response.end(frame(answer(text(JSON.stringify(roots))), "e2"));
      return undefined;
    }
    if (this.how === "hangs") return undefined;
    return json(200, done);
  }

  #listen(request, response) {
    if (request.headers["last-event-id"] !== "e1" || !this.rest) return response.writeHead(405).end();
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.end(frame(this.rest, "e2"));
    return undefined;
  }
}
