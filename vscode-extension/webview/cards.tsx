// What waits for the user: approvals, questions, and a plan in review.
import { useState } from "preact/hooks";
import type { ApprovalCard, ChatState, PlanCard, QuestionCard } from "../src/chat/messages";
import type { DiffContent, ToolCall } from "../src/protocol";
import { titleOf } from "../src/session/transcript";
import { Command } from "./call";
import { Diff } from "./diff";
import { Icon } from "./icon";
import { post, run } from "./store";

export function Cards({ state }: { state: ChatState }) {
  const { approvals, questions, plan } = state;
  return (
    <div class="cards" aria-live="assertive">
      {plan?.status === "in_review" && <Plan plan={plan} />}
      {approvals.map((one) => (
        <Approval key={one.id} approval={one} roots={state.roots} />
      ))}
      {questions.map((one) => (
        <Question key={one.id} question={one} />
      ))}
    </div>
  );
}

function Approval({ approval, roots }: { approval: ApprovalCard; roots: string[] }) {
  const { id, call, options, why, closestRule, agent } = approval;
  const [reason, setReason] = useState<string | undefined>(undefined);
  const always = options.find(({ optionId }) => optionId === "allow_always");
  const diffs = (call.content ?? []).filter((one): one is DiffContent => one.type === "diff");
  const decide = (optionId: string, words = "") =>
    post({ type: "decide", id, optionId, reason: words });
  return (
    <section class="card approval" aria-label={`Approval: ${titleOf(call)}`}>
      <h3>
        <Icon name="shield" /> {isCommand(call) ? "Run this command?" : titleOf(call)}
      </h3>
      {agent && <p class="who">asked by the sub-agent “{agent}”</p>}
      <Command input={call.rawInput} />
      {diffs.map((diff, at) => (
        <Diff key={diff.path} diff={diff} callId={call.toolCallId} at={at} roots={roots} />
      ))}
      {why && <p class="why">{why}</p>}
      {closestRule && <p class="why">Closest rule: {closestRule}</p>}
      <div class="buttons">
        <button type="button" class="primary" onClick={() => decide("allow_once")}>
          Allow once
        </button>
        {always && (
          <button type="button" title={always.name} onClick={() => decide("allow_always")}>
            For this session
          </button>
        )}
        <button
          type="button"
          aria-expanded={reason !== undefined}
          onClick={() => setReason(reason === undefined ? "" : undefined)}
        >
          Reject…
        </button>
      </div>
      {always && reason === undefined && <p class="scope">For this session: {always.name}</p>}
      {reason !== undefined && (
        <Reason
          text={reason}
          change={setReason}
          send={() => decide("reject_once", reason.trim())}
        />
      )}
    </section>
  );
}

// Its card shows the whole command.
const isCommand = ({ kind, rawInput }: ToolCall) =>
  kind === "execute" && typeof rawInput?.command === "string";

function Reason(props: { text: string; change: (text: string) => void; send: () => void }) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") props.send();
  };
  return (
    <div class="reason">
      <input
        type="text"
        aria-label="What thole should do instead"
        placeholder="What instead? (may be empty)"
        value={props.text}
        ref={(input) => input?.focus()}
        onInput={(event) => props.change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="button" class="primary" onClick={props.send}>
        Reject
      </button>
    </div>
  );
}

function Question({ question }: { question: QuestionCard }) {
  const [own, setOwn] = useState("");
  const choices = question.fields.choice?.oneOf ?? [];
  const answer = (content: Record<string, string>) =>
    post({ type: "answer", id: question.id, content });
  const sendOwn = () => own.trim() && answer({ answer: own.trim() });
  return (
    <section class="card question" aria-label={`Question: ${question.message}`}>
      <h3>
        <Icon name="question" /> {question.message}
      </h3>
      <div class="buttons">
        {choices.map((choice) => (
          <button type="button" key={choice.const} onClick={() => answer({ choice: choice.const })}>
            {choice.title}
          </button>
        ))}
      </div>
      <div class="reason">
        <input
          type="text"
          aria-label="Your answer"
          placeholder={choices.length > 0 ? "Something else" : "Your answer"}
          value={own}
          onInput={(event) => setOwn(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && sendOwn()}
        />
        <button type="button" class="primary" disabled={!own.trim()} onClick={sendOwn}>
          Answer
        </button>
        <button type="button" onClick={() => post({ type: "answer", id: question.id })}>
          Skip
        </button>
      </div>
    </section>
  );
}

function Plan({ plan }: { plan: PlanCard }) {
  const mustSend = plan.openComments > 0;
  return (
    <section class="card plan" aria-label={`Plan: ${plan.title}`}>
      <h3>
        <Icon name="checklist" /> {plan.title}
      </h3>
      <p class="who">Revision {plan.revision} waits for your review</p>
      {plan.why && <p class="why">{plan.why}</p>}
      <div class="buttons">
        <button type="button" onClick={run("thole.openPlan")}>
          Open
        </button>
        {plan.revision > 1 && (
          <button type="button" onClick={run("thole.comparePlan")}>
            What changed
          </button>
        )}
        <PlanButtons plan={plan} />
      </div>
      {mustSend && (
        <p class="scope">
          {plan.openComments} open comment{plan.openComments > 1 && "s"}: send or resolve before you
          approve.
        </p>
      )}
    </section>
  );
}

function PlanButtons({ plan }: { plan: PlanCard }) {
  const sends = plan.openComments > 0 || plan.hasEdits;
  return (
    <>
      <button
        type="button"
        class={plan.openComments > 0 ? "" : "primary"}
        disabled={plan.openComments > 0}
        onClick={run("thole.approvePlan")}
      >
        {plan.hasEdits ? "Approve as edited" : "Approve"}
      </button>
      <button type="button" class={sends ? "primary" : ""} onClick={run("thole.sendPlanReview")}>
        {sends ? "Send review" : "Feedback…"}
      </button>
      <button type="button" onClick={run("thole.rejectPlan")}>
        Reject
      </button>
    </>
  );
}
