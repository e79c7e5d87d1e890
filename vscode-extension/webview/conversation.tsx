// The conversation. Stays at its end while the reader is there.
import { useEffect, useRef } from "preact/hooks";
import type { ChatState } from "../src/chat/messages";
import type { Item } from "../src/session/transcript";
import { Call } from "./call";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { post } from "./store";

const nearEnd = 60; // px

export function Conversation({ state, items }: { state: ChatState; items: Item[] }) {
  const list = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (follows.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  });
  const onScroll = () => {
    const element = list.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
  };
  return (
    <div
      class="conversation"
      ref={list}
      onScroll={onScroll}
      role="log"
      aria-label="Conversation"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
      tabIndex={0}
    >
      {items.map((item) => (
        <One
          key={`${item.kind}:${item.id}`}
          item={item}
          roots={state.roots}
          isLast={item === items.at(-1)}
        />
      ))}
      {state.isBusy && !waitsForUser(state) && <Working items={items} />}
    </div>
  );
}

function One({ item, roots, isLast }: { item: Item; roots: string[]; isLast: boolean }) {
  switch (item.kind) {
    case "user":
      return <User item={item} />;
    case "agent":
      return (
        <article class="agent" aria-label="thole">
          <Markdown text={item.text} />
        </article>
      );
    case "thought":
      return (
        <details class="thought">
          <summary>
            <Icon name="lightbulb" /> {isLast ? "Thinking…" : "Thought"}{" "}
            <Icon name="chevron-right" />
          </summary>
          <Markdown text={item.text} />
        </details>
      );
    case "call":
      return <Call call={item.call} roots={roots} />;
    case "notice":
      return <Notice severity={item.severity} text={item.text} />;
  }
}

function User({ item }: { item: Extract<Item, { kind: "user" }> }) {
  return (
    <article class="user" aria-label="You">
      <p>{item.text}</p>
      {item.mentions.map(({ name, uri }) => (
        <button
          type="button"
          class="mention"
          key={uri}
          onClick={() => post({ type: "openLink", href: uri })}
        >
          <Icon name="file" /> {name}
        </button>
      ))}
      {item.images > 0 && <span class="mention">{item.images} image(s)</span>}
    </article>
  );
}

const noticeIcons: Record<string, string> = { error: "error", warning: "warning" };

function Notice({ severity, text }: { severity: string; text: string }) {
  return (
    <p class={`notice ${severity}`} role={severity === "error" ? "alert" : "note"}>
      <Icon name={noticeIcons[severity] ?? "info"} />
      <span>{text}</span>
    </p>
  );
}

const waitsForUser = ({ approvals, questions, plan }: ChatState) =>
  approvals.length + questions.length > 0 || plan?.status === "in_review";

function Working({ items }: { items: Item[] }) {
  const last = items.at(-1);
  if (last?.kind === "call" && last.call.status === "in_progress") return null; // it shows that
  const streams = last?.kind === "agent";
  return (
    <p class={`working ${streams ? "quiet" : ""}`} role="status">
      <Icon name="loading" spin /> <span>working</span>
    </p>
  );
}
