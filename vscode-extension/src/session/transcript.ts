// The conversation of a session as a list of items, grown by updates. Items are changed in place and
// noted in `changed`, so that a view sends only these. Pure.
import type { ContentBlock, SessionUpdate, ToolCall } from "../protocol";

export interface Mention {
  name: string;
  uri: string;
}

export type Item =
  | { kind: "user"; id: string; text: string; mentions: Mention[]; images: number }
  | { kind: "agent"; id: string; text: string }
  | { kind: "thought"; id: string; text: string }
  | { kind: "call"; id: string; call: ToolCall }
  | { kind: "notice"; id: string; severity: string; text: string };

export class Transcript {
  readonly items: Item[] = [];
  readonly changed = new Set<number>(); // indices; whoever shows them clears it
  private readonly places = new Map<string, number>();
  private made = 0;

  // Whether the update belongs to the conversation.
  apply(update: SessionUpdate): boolean {
    switch (update.sessionUpdate) {
      case "user_message_chunk":
        this.addToUser(update.messageId, update.content);
        return true;
      case "agent_message_chunk":
        this.addText("agent", update.messageId, textOf(update.content));
        return true;
      case "agent_thought_chunk":
        this.addText("thought", update.messageId, textOf(update.content));
        return true;
      case "tool_call":
      case "tool_call_update":
        this.foldCall(update);
        return true;
      case "notice":
        this.addNotice(update.severity, update.title);
        return true;
      default:
        return false;
    }
  }

  // A prompt of this editor, which the server does not echo.
  addPrompt(blocks: readonly ContentBlock[]): void {
    const id = this.newId();
    for (const block of blocks) this.addToUser(id, block);
  }

  addNotice(severity: string, text: string): void {
    this.add({ kind: "notice", id: this.newId(), severity, text });
  }

  // Calls without an end have none any more: the server is gone.
  interruptCalls(): void {
    this.items.forEach((item, at) => {
      if (item.kind !== "call" || !isOpen(item.call)) return;
      item.call.status = "failed";
      item.call._meta = { thole: { ...item.call._meta?.thole, status: "interrupted" } };
      this.changed.add(at);
    });
  }

  get hasOpenCall(): boolean {
    return this.items.some((item) => item.kind === "call" && isOpen(item.call));
  }

  callOf(id: string): ToolCall | undefined {
    const item = this.items[this.places.get(`call:${id}`) ?? -1];
    return item?.kind === "call" ? item.call : undefined;
  }

  private newId(): string {
    return `own-${++this.made}`;
  }

  private add(item: Item): number {
    const at = this.items.push(item) - 1;
    this.places.set(`${item.kind}:${item.id}`, at);
    this.changed.add(at);
    return at;
  }

  private addText(kind: "agent" | "thought", id: string | undefined, text: string): void {
    const at = this.placeOfMessage(kind, id);
    const item = this.items[at];
    if (item?.kind === kind) {
      item.text += text;
      this.changed.add(at);
    } else {
      this.add({ kind, id: id ?? this.newId(), text });
    }
  }

  private addToUser(id: string | undefined, block: ContentBlock): void {
    const at = this.placeOfMessage("user", id);
    let item = this.items[at];
    if (item?.kind !== "user") {
      item = { kind: "user", id: id ?? this.newId(), text: "", mentions: [], images: 0 };
      this.add(item);
    } else {
      this.changed.add(at);
    }
    if (block.type === "text") item.text += (item.text ? "\n" : "") + block.text;
    else if (block.type === "image") item.images += 1;
    else item.mentions.push(mentionOf(block));
  }

  // Pieces without an id go on with the last item when it is of their kind.
  private placeOfMessage(kind: Item["kind"], id: string | undefined): number {
    if (id !== undefined) return this.places.get(`${kind}:${id}`) ?? -1;
    const last = this.items.length - 1;
    return this.items[last]?.kind === kind ? last : -1;
  }

  private foldCall(update: ToolCall & { sessionUpdate: string }): void {
    const { sessionUpdate: _, ...fields } = update;
    const at = this.places.get(`call:${fields.toolCallId}`);
    const item = at === undefined ? undefined : this.items[at];
    if (at === undefined || item?.kind !== "call") {
      this.add({ kind: "call", id: fields.toolCallId, call: fields });
      return;
    }
    const about = { ...item.call._meta?.thole, ...fields._meta?.thole };
    Object.assign(item.call, fields, { _meta: { thole: about } });
    this.changed.add(at);
  }
}

export function isOpen(call: ToolCall): boolean {
  return call.status === "pending" || call.status === "in_progress";
}

// Its title without the Markdown of it, for places that show none.
export function titleOf(call: ToolCall): string {
  return (call.title ?? call.name ?? "Tool call").replaceAll("`", "");
}

export function textOf(block: ContentBlock): string {
  return block.type === "text" ? block.text : `[${block.type}]`;
}

function mentionOf(block: Exclude<ContentBlock, { type: "text" } | { type: "image" }>): Mention {
  if (block.type === "resource_link") return { name: block.name || block.uri, uri: block.uri };
  const uri = block.resource.uri;
  return { name: decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)), uri };
}
