// Where the user writes: a text with mentions and slash commands, completed as they are typed; below
// it mode, model, context and cost.
import { useEffect, useRef, useState } from "preact/hooks";
import { mentionBeingTyped } from "../src/chat/mention_text";
import type { ChatState, Completion } from "../src/chat/messages";
import { Icon } from "./icon";
import { keepDraft, post, run, view } from "./store";

let requests = 0;

interface Popup {
  entries: Completion[];
  at: number;
}

export function Composer({ state, prompts }: { state: ChatState; prompts: string[] }) {
  const [draft, setDraft] = useState(view.draft);
  const [isClosed, close] = useState(false);
  const [at, setAt] = useState(0);
  const area = useRef<HTMLTextAreaElement>(null);
  const change = (text: string) => {
    setDraft(text);
    keepDraft(text);
    close(false);
    setAt(0);
    const query = mentionBeingTyped(textBeforeCursor(area.current, text));
    if (query !== undefined) post({ type: "complete", request: ++requests, query });
  };
  useInsertions(area, draft, change);
  const entries = isClosed ? [] : entriesFor(state, textBeforeCursor(area.current, draft));
  const typed = tokenBefore(textBeforeCursor(area.current, draft));
  const popup: Popup = { entries, at: Math.min(at, Math.max(0, entries.length - 1)) };
  const take = (entry: Completion) => complete(area.current, draft, entry, change);
  const send = () => {
    if (!draft.trim()) return;
    post({ type: "prompt", text: draft.trim() });
    change("");
  };
  const onKeyDown = keysOf({
    popup,
    typed,
    move: setAt,
    take,
    close: () => close(true),
    send,
    recall: () => draft === "" && prompts.length > 0 && change(prompts.at(-1) ?? ""),
  });
  return (
    <div class="composer">
      <PopupList popup={popup} take={take} />
      <textarea
        ref={area}
        rows={1}
        value={draft}
        placeholder={placeholderOf(state)}
        aria-label="Message to thole"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls="completions"
        aria-activedescendant={entries.length > 0 ? `completion-${popup.at}` : undefined}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="bar">
        <Pickers state={state} />
        <span class="space" />
        <SendOrStop state={state} draft={draft} send={send} />
      </div>
    </div>
  );
}

function placeholderOf(state: ChatState): string {
  if (state.isChild) return "Tell this sub-agent something";
  return state.isBusy ? "Comes after this turn" : "Ask, or say what to change";
}

function textBeforeCursor(area: HTMLTextAreaElement | null, text: string): string {
  return text.slice(0, area?.selectionStart ?? text.length);
}

// The mention or command that is being typed.
function tokenBefore(before: string): string {
  return /[@/]"?[^\s"]*$/.exec(before)?.[0] ?? "";
}

// Text that commands put in, the focus, and the height.
function useInsertions(
  area: { current: HTMLTextAreaElement | null },
  draft: string,
  change: (text: string) => void,
): void {
  const { count, text } = view.composed;
  const seen = useRef(0);
  useEffect(() => {
    if (count === seen.current) return;
    seen.current = count;
    change(draft === "" || /\s$/.test(draft) ? draft + text : `${draft} ${text}`);
  }, [count]);
  useEffect(() => {
    if (view.focused > 0) area.current?.focus();
  }, [view.focused]);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(240, element.scrollHeight)}px`;
  }, [draft]);
}

function entriesFor(state: ChatState, before: string): Completion[] {
  const slash = /^\/(\S*)$/.exec(before)?.[1];
  if (slash !== undefined) {
    return state.commands
      .filter(({ name }) => name.startsWith(slash))
      .map(({ name, description, input }) => ({
        label: `/${name}`,
        detail: input ? `${input.hint} · ${description}` : description,
        insert: `/${name}`,
        icon: "terminal",
      }));
  }
  if (mentionBeingTyped(before) === undefined) return [];
  return view.completions.request === requests ? view.completions.completions : [];
}

function complete(
  area: HTMLTextAreaElement | null,
  draft: string,
  entry: Completion,
  change: (text: string) => void,
): void {
  const before = textBeforeCursor(area, draft);
  const begin = before.length - tokenBefore(before).length;
  const text = `${draft.slice(0, begin)}${entry.insert} `;
  const after = draft.slice(before.length).replace(/^ /, "");
  if (area) area.value = text + after;
  area?.setSelectionRange(text.length, text.length);
  area?.focus();
  change(text + after);
}

interface Keys {
  popup: Popup;
  typed: string;
  move(at: number): void;
  take(entry: Completion): void;
  close(): void;
  send(): void;
  recall(): void;
}

function keysOf({ popup, typed, move, take, close, send, recall }: Keys) {
  const { entries, at } = popup;
  const takeOrSend = (entry: Completion) => (entry.insert === typed ? send() : take(entry));
  const inPopup: Record<string, () => void> = {
    ArrowDown: () => move((at + 1) % entries.length),
    ArrowUp: () => move((at + entries.length - 1) % entries.length),
    Enter: () => entries[at] && takeOrSend(entries[at]), // what stands there already is no choice
    Tab: () => entries[at] && take(entries[at]),
    Escape: close,
  };
  const outside: Record<string, () => void> = { Enter: send };
  return (event: KeyboardEvent) => {
    if (event.isComposing || event.shiftKey || event.altKey) return;
    if (event.key === "ArrowUp" && entries.length === 0) recall();
    const act = (entries.length > 0 ? inPopup : outside)[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function PopupList({ popup, take }: { popup: Popup; take: (entry: Completion) => void }) {
  if (popup.entries.length === 0) return null;
  return (
    <div id="completions" class="popup" role="listbox" aria-label="Completions">
      {popup.entries.map((entry, at) => (
        <div
          id={`completion-${at}`}
          key={entry.insert}
          role="option"
          tabIndex={-1}
          aria-selected={at === popup.at}
          class={at === popup.at ? "chosen" : ""}
          ref={(element) => {
            if (at === popup.at) element?.scrollIntoView({ block: "nearest" });
          }}
          onMouseDown={(event) => {
            event.preventDefault();
            take(entry);
          }}
        >
          <Icon name={entry.icon} />
          <span class="label">{entry.label}</span>
          <span class="detail">{entry.detail}</span>
        </div>
      ))}
    </div>
  );
}

function Pickers({ state }: { state: ChatState }) {
  const model = state.model.slice(state.model.indexOf("/") + 1) || "no model";
  return (
    <>
      {state.mode && (
        <button
          type="button"
          class="pick"
          title={`Permission mode: ${state.mode}`}
          aria-label={`Permission mode: ${state.mode}`}
          onClick={run("thole.pickMode")}
        >
          <span class="clip">{state.mode}</span>
          <Icon name="chevron-down" />
        </button>
      )}
      <button
        type="button"
        class="pick"
        title={`Model: ${state.model}`}
        aria-label={`Model: ${model}`}
        onClick={run("thole.pickModel")}
      >
        <span class="clip">{model}</span>
        <Icon name="chevron-down" />
      </button>
      {state.thoughtLevel && (
        <button
          type="button"
          class="pick fixed"
          title={`Thinking: ${state.thoughtLevel}`}
          aria-label={`Thinking: ${state.thoughtLevel}`}
          onClick={run("thole.pickThoughtLevel")}
        >
          <Icon name="lightbulb" />
          {state.thoughtLevel === "off" ? "" : state.thoughtLevel}
        </button>
      )}
    </>
  );
}

function SendOrStop({ state, draft, send }: { state: ChatState; draft: string; send: () => void }) {
  const isEmpty = !draft.trim();
  return (
    <>
      {state.isBusy && (
        <button
          type="button"
          class="send stop"
          title="Stop"
          aria-label="Stop"
          onClick={() => post({ type: "stop" })}
        >
          <Icon name="debug-stop" />
        </button>
      )}
      {!(state.isBusy && isEmpty) && (
        <button
          type="button"
          class="send"
          title="Send"
          aria-label="Send"
          disabled={isEmpty}
          onClick={send}
        >
          <Icon name="send" />
        </button>
      )}
    </>
  );
}
