// The chat's page: a function of what the extension sends.
import { render } from "preact";
import "./chat.css";
import type { ChatState, ToPage } from "../src/chat/messages";
import { Cards } from "./cards";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { Empty, Stopped } from "./empty";
import { Icon } from "./icon";
import { post, receive, run, view } from "./store";

function Chat() {
  const { state, items } = view;
  if (!state) return <div class="empty" />;
  const prompts = items.flatMap((item) => (item.kind === "user" ? [item.text] : []));
  const canTalk = state.hasFolder && state.agent.state !== "missing";
  return (
    <main class="chat">
      {items.length > 0 ? <Conversation state={state} items={items} /> : <Empty state={state} />}
      {items.length > 0 && state.agent.state === "failed" && <Stopped why={state.agent.why} />}
      <Cards state={state} />
      <Strip state={state} />
      {canTalk && <Composer state={state} prompts={prompts} />}
    </main>
  );
}

const planWords: Record<string, string> = { drafting: "in the making" };

// What else is going on, one line.
function Strip({ state }: { state: ChatState }) {
  const { tasks, changedFiles, usage, plan } = state;
  const showsPlan = plan && plan.status !== "in_review";
  if (!tasks && changedFiles === 0 && !usage && !showsPlan) return null;
  return (
    <div class="strip">
      {showsPlan && (
        <button type="button" class="fixed" onClick={run("thole.openPlan")} title={plan.title}>
          <Icon name="checklist" /> plan {planWords[plan.status] ?? plan.status}
        </button>
      )}
      {tasks && (
        <button type="button" onClick={run("thole.tasks.focus")} title="Show the tasks">
          <Icon name="tasklist" /> {tasks.done}/{tasks.total}
          <span class="clip">{tasks.current}</span>
        </button>
      )}
      {changedFiles > 0 && (
        <button
          type="button"
          class="changes"
          onClick={run("thole.reviewChanges")}
          title="Review the changes"
        >
          <Icon name="diff-multiple" /> {changedFiles} to review
        </button>
      )}
      <Usage state={state} />
    </div>
  );
}

function Usage({ state }: { state: ChatState }) {
  const { usage } = state;
  if (!usage || usage.size <= 0) return null;
  const part = Math.round((100 * usage.used) / usage.size);
  const cost = usage.cost ? `$${usage.cost.amount.toFixed(usage.cost.amount < 1 ? 3 : 2)}` : "";
  const said = `${usage.used.toLocaleString("en")} of ${usage.size.toLocaleString("en")} tokens of context`;
  return (
    <span class="usage" role="img" title={said} aria-label={`${said}${cost && `; cost ${cost}`}`}>
      {part}%{cost && ` · ${cost}`}
    </span>
  );
}

const root = document.getElementById("chat");
const draw = () => root && render(<Chat />, root);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  receive(data);
  draw();
});
draw();
post({ type: "ready" });
