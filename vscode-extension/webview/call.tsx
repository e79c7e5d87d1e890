// A tool call: what it is, how it goes, its diffs and its output.
import { useState } from "preact/hooks";
import type { ToolCall, ToolContent } from "../src/protocol";
import { titleOf } from "../src/session/transcript";
import { Diff } from "./diff";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { post, shortPath } from "./store";

const icons: Record<string, string> = {
  read: "file",
  edit: "edit",
  delete: "trash",
  move: "arrow-right",
  search: "search",
  execute: "terminal",
  think: "lightbulb",
  fetch: "globe",
  switch_mode: "settings",
};

const ends: Record<string, { icon: string; label: string }> = {
  pending: { icon: "circle-outline", label: "waiting" },
  in_progress: { icon: "loading", label: "running" },
  completed: { icon: "check", label: "done" },
  failed: { icon: "error", label: "failed" },
  denied: { icon: "circle-slash", label: "not allowed" },
  cancelled: { icon: "circle-slash", label: "stopped" },
  interrupted: { icon: "warning", label: "interrupted" },
};

// One that waits is shown in the approval's card, a question in its own.
const opens = new Set(["in_progress", "failed", "interrupted"]);

export function Call({ call, roots }: { call: ToolCall; roots: string[] }) {
  const content = call.content ?? [];
  const status = call._meta?.thole?.status ?? call.status ?? "pending";
  const hasDiff = content.some(({ type }) => type === "diff");
  const [wish, setWish] = useState<boolean | undefined>(undefined);
  const shows = opens.has(status) && call.name !== "ask_user";
  const isOpen = wish ?? (shows || (hasDiff && status === "completed"));
  const end = ends[status] ?? { icon: "circle-outline", label: status };
  const hasBody = content.length > 0 || call.rawInput !== undefined;
  return (
    <article class={`call ${status}`} aria-label={`${titleOf(call)}: ${end.label}`}>
      <div class="call-head">
        <button
          type="button"
          class="fold"
          aria-expanded={isOpen}
          disabled={!hasBody}
          onClick={() => setWish(!isOpen)}
        >
          <Icon name={icons[call.kind ?? ""] ?? "tools"} />
          <span class="title">{titleOf(call)}</span>
        </button>
        <Duration call={call} />
        <span class="end" title={end.label}>
          <Icon name={end.icon} spin={status === "in_progress"} />
        </span>
      </div>
      {isOpen && <Body call={call} content={content} roots={roots} />}
    </article>
  );
}

// The head shows the whole command.
const saysAll = ({ rawInput }: ToolCall) =>
  typeof rawInput?.command === "string" && !/\n|.{30}/.test(rawInput.command);

function Body({
  call,
  content,
  roots,
}: {
  call: ToolCall;
  content: ToolContent[];
  roots: string[];
}) {
  let diffs = 0;
  const isDone = call.status === "completed" && content.some(({ type }) => type === "diff");
  return (
    <div class="call-body">
      {call.kind === "execute" && !saysAll(call) && <Command input={call.rawInput} />}
      {content.map((one, key) =>
        one.type === "diff" ? (
          <Diff key={key} diff={one} callId={call.toolCallId} at={diffs++} roots={roots} />
        ) : isDone ? null : (
          <Output
            key={key}
            text={one.content.type === "text" ? one.content.text : `[${one.content.type}]`}
          />
        ),
      )}
      {content.length === 0 && call.kind !== "execute" && <Input input={call.rawInput} />}
      <Locations call={call} roots={roots} />
    </div>
  );
}

export function Command({ input }: { input: Record<string, unknown> | undefined }) {
  const command = input?.command;
  if (typeof command !== "string") return null;
  return (
    <pre class="command">
      <code>{command}</code>
    </pre>
  );
}

function Input({ input }: { input: Record<string, unknown> | undefined }) {
  if (!input || Object.keys(input).length === 0) return null;
  return (
    <pre class="input">
      <code>{JSON.stringify(input, undefined, 2)}</code>
    </pre>
  );
}

function Output({ text }: { text: string }) {
  return (
    <div class="output">
      <Markdown text={text} />
    </div>
  );
}

function Locations({ call, roots }: { call: ToolCall; roots: string[] }) {
  if ((call.content ?? []).some(({ type }) => type === "diff")) return null;
  return (
    <>
      {(call.locations ?? []).map(({ path, line = 0 }) => (
        <button
          type="button"
          class="location"
          key={`${path}:${line}`}
          onClick={() => post({ type: "openFile", path, line })}
        >
          {shortPath(path, roots)}
          {line > 0 && `:${line}`}
        </button>
      ))}
    </>
  );
}

function Duration({ call }: { call: ToolCall }) {
  const ms = call._meta?.thole?.durationMs ?? 0;
  if (ms < 1000) return null;
  return <span class="duration">{(ms / 1000).toFixed(1)} s</span>;
}
