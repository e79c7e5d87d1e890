// JSON-RPC 2.0 over lines of text, both ways, with typed tables of methods. Knows nothing of
// processes and nothing of VS Code. A request that the other side takes back is told by its signal.
import type {
  AgentNotifications,
  AgentRequests,
  ClientNotifications,
  ClientRequests,
} from "../protocol";

type Id = number | string;

interface Message {
  id?: Id | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

interface Pending {
  method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

type Handler = (params: never, signal: AbortSignal) => Promise<unknown>;
type Listener = (params: never) => void;

export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = "RpcError";
  }
}

export const methodNotFound = -32601;
export const requestCancelled = -32800;
export const internalError = -32603;

export class Connection {
  private readonly pending = new Map<Id, Pending>();
  private readonly running = new Map<Id, AbortController>();
  private readonly handlers = new Map<string, Handler>();
  private readonly listeners = new Map<string, Listener>();
  private lastId = 0;
  private rest: string[] = [];
  private closed: Error | undefined;

  constructor(
    private readonly write: (line: string) => void,
    private readonly remark: (text: string) => void,
  ) {}

  handle<M extends keyof ClientRequests>(
    method: M,
    handler: (params: ClientRequests[M][0], signal: AbortSignal) => Promise<ClientRequests[M][1]>,
  ): void {
    this.handlers.set(method, handler as Handler);
  }

  listen<M extends keyof ClientNotifications>(
    method: M,
    listener: (params: ClientNotifications[M]) => void,
  ): void {
    this.listeners.set(method, listener as Listener);
  }

  request<M extends keyof AgentRequests>(
    method: M,
    params: AgentRequests[M][0],
  ): Promise<AgentRequests[M][1]> {
    if (this.closed) return Promise.reject(this.closed);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { method, resolve: resolve as (result: unknown) => void, reject });
      this.send({ id, method, params });
    });
  }

  notify<M extends keyof AgentNotifications>(method: M, params: AgentNotifications[M]): void {
    if (!this.closed) this.send({ method, params });
  }

  // Text as it arrives; lines may be cut anywhere.
  receive(text: string): void {
    const lines = text.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      this.rest.push(line);
      const whole = this.rest.join("");
      this.rest = [];
      if (whole.trim()) this.takeLine(whole);
    }
    if (last) this.rest.push(last);
  }

  // The other side is gone: what was asked fails with `why`, what it asked is taken back.
  close(why: Error): void {
    if (this.closed) return;
    this.closed = why;
    for (const { reject } of this.pending.values()) reject(why);
    for (const controller of this.running.values()) controller.abort();
    this.pending.clear();
    this.running.clear();
  }

  private send(message: Message): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  private takeLine(line: string): void {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      this.remark(`not a message: ${line.slice(0, 200)}`);
      return;
    }
    if (message.method === undefined) this.takeAnswer(message);
    else if (message.id === undefined || message.id === null) this.takeNotification(message);
    else void this.answer(message.id, message.method, message.params);
  }

  private takeAnswer({ id, result, error }: Message): void {
    const waiting = id === undefined || id === null ? undefined : this.pending.get(id);
    if (!waiting) {
      this.remark(`an answer to nothing: ${JSON.stringify(error ?? result).slice(0, 200)}`);
      return;
    }
    this.pending.delete(id as Id);
    if (error) waiting.reject(new RpcError(error.code, error.message, error.data));
    else waiting.resolve(result);
  }

  private takeNotification({ method, params }: Message): void {
    if (method === "$/cancel_request") {
      this.running.get((params as { requestId: Id }).requestId)?.abort();
      return;
    }
    const listener = this.listeners.get(method ?? "");
    try {
      listener?.((params ?? {}) as never);
    } catch (error) {
      this.remark(`${method}: ${String(error)}`);
    }
  }

  private async answer(id: Id, method: string, params: unknown): Promise<void> {
    const handler = this.handlers.get(method);
    if (!handler) {
      this.send({ id, error: { code: methodNotFound, message: `no method '${method}'` } });
      return;
    }
    const controller = new AbortController();
    this.running.set(id, controller);
    const message = await outcome(handler, params, controller.signal);
    this.running.delete(id);
    if (!this.closed) this.send({ id, ...message });
  }
}

async function outcome(handler: Handler, params: unknown, signal: AbortSignal): Promise<Message> {
  try {
    const result = await handler((params ?? {}) as never, signal);
    if (signal.aborted) return { error: { code: requestCancelled, message: "taken back" } };
    return { result };
  } catch (error) {
    const code = error instanceof RpcError ? error.code : internalError;
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code, message } };
  }
}
