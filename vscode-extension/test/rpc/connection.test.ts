import { expect, test } from "vitest";
import { Connection, RpcError } from "../../src/rpc/connection";

function peer() {
  const sent: unknown[] = [];
  const remarks: string[] = [];
  const connection = new Connection(
    (line) => sent.push(JSON.parse(line)),
    (text) => remarks.push(text),
  );
  const take = (message: object) => connection.receive(`${JSON.stringify(message)}\n`);
  return { connection, sent, remarks, take };
}

test("a request is one line, and its answer comes back", async () => {
  const { connection, sent, take } = peer();
  const answer = connection.request("_thole/sync", {});
  expect(sent).toEqual([{ jsonrpc: "2.0", id: 1, method: "_thole/sync", params: {} }]);
  take({ jsonrpc: "2.0", id: 1, result: {} });
  expect(await answer).toEqual({});
});

test("an error answer is an error with its code and data", async () => {
  const { connection, take } = peer();
  const answer = connection.request("_thole/sync", {});
  take({ id: 1, error: { code: -32002, message: "no such session", data: { sessionId: "x" } } });
  await expect(answer).rejects.toEqual(new RpcError(-32002, "no such session", { sessionId: "x" }));
});

test("lines that are cut anywhere are put together", async () => {
  const { connection } = peer();
  const answer = connection.request("_thole/sync", {});
  for (const letter of '{"id":1,"result":{"a":"ü"}}\r\n\n') connection.receive(letter);
  expect(await answer).toEqual({ a: "ü" });
});

test("a request of the agent is answered once, and unknown ones are refused", async () => {
  const { connection, sent, take } = peer();
  connection.handle("fs/read_text_file", async ({ path }) => ({ content: `of ${path}` }));
  take({ id: 7, method: "fs/read_text_file", params: { sessionId: "s", path: "/a" } });
  take({ id: "8", method: "terminal/create", params: {} });
  await Promise.resolve();
  await expect.poll(() => sent.length).toBe(2);
  expect(sent).toContainEqual({ jsonrpc: "2.0", id: 7, result: { content: "of /a" } });
  expect(sent).toContainEqual({
    jsonrpc: "2.0",
    id: "8",
    error: { code: -32601, message: "no method 'terminal/create'" },
  });
});

test("a handler that throws answers with its error", async () => {
  const { connection, sent, take } = peer();
  connection.handle("fs/write_text_file", () => Promise.reject(new RpcError(-32603, "no room")));
  take({ id: 1, method: "fs/write_text_file", params: {} });
  await expect
    .poll(() => sent)
    .toEqual([{ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "no room" } }]);
});

test("a request that is taken back tells its handler", async () => {
  const { connection, sent, take } = peer();
  connection.handle("session/request_permission", (_, signal) => {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve({ outcome: { outcome: "cancelled" } }));
    });
  });
  take({ id: 3, method: "session/request_permission", params: {} });
  take({ method: "$/cancel_request", params: { requestId: 3 } });
  await expect.poll(() => sent).toMatchObject([{ id: 3, error: { code: -32800 } }]);
});

test("when the connection ends all that waits fails, and so does what comes later", async () => {
  const { connection } = peer();
  const early = connection.request("_thole/sync", {});
  connection.close(new Error("thole is not running"));
  await expect(early).rejects.toThrow("not running");
  await expect(connection.request("_thole/sync", {})).rejects.toThrow("not running");
});

test("what is no message is remarked on, and the connection goes on", async () => {
  const { connection, remarks, take } = peer();
  const answer = connection.request("_thole/sync", {});
  connection.receive("hello\n");
  take({ id: 99, result: {} });
  take({ id: 1, result: {} });
  expect(await answer).toEqual({});
  expect(remarks).toHaveLength(2);
});
