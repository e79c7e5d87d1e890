// What a page of the chat shows around the conversation, from what is known. Pure.
import type { AgentStatus } from "../agent/status";
import type { Approval, Question } from "../approvals/approvals";
import type { PlanView, Task } from "../protocol";
import type { Session } from "../session/session";
import type { ApprovalCard, ChatState, PlanCard, QuestionCard } from "./messages";

export interface Known {
  agent: AgentStatus;
  hasFolder: boolean;
  session: Session | undefined;
  isChild: boolean;
  approvals: Approval[];
  questions: Question[];
  plan: PlanView | undefined;
  openComments: number;
  hasPlanEdits: boolean;
  changedFiles: number;
  selection: string;
  worktrees: string[]; // of sub-agents
}

export function chatState(known: Known): ChatState {
  const { session, agent, hasFolder, isChild, changedFiles, selection } = known;
  const plan = planCard(known);
  const tasks = tasksInShort(session?.tasks ?? []);
  return {
    agent,
    hasFolder,
    isChild,
    changedFiles,
    selection,
    sessionId: session?.id ?? "",
    title: session?.title ?? "",
    roots: session ? [...known.worktrees, session.cwd] : [],
    isBusy: session?.isBusy ?? false,
    mode: nameOfMode(session),
    model: session?.model ?? "",
    thoughtLevel: session?.option("thought_level")?.currentValue ?? "",
    commands: session?.commands ?? [],
    approvals: known.approvals.filter(isOf(session)).map(approvalCard),
    questions: known.questions.filter(isOf(session)).map(questionCard),
    ...(session?.usage ? { usage: session.usage } : {}),
    ...(plan ? { plan } : {}),
    ...(tasks ? { tasks } : {}),
  };
}

function nameOfMode(session: Session | undefined): string {
  const mode = session?.modes?.availableModes.find(({ id }) => id === session.mode);
  return mode?.name ?? session?.mode ?? "";
}

const isOf = (session: Session | undefined) => (one: { request: { sessionId: string } }) =>
  one.request.sessionId === session?.id;

function approvalCard({ id, request }: Approval): ApprovalCard {
  const about = request._meta?.thole;
  return {
    id,
    call: request.toolCall,
    options: request.options,
    why: about?.why ?? "",
    closestRule: about?.closestRule ?? "",
    agent: about?.agent?.task ?? "",
  };
}

function questionCard({ id, request }: Question): QuestionCard {
  return { id, message: request.message, fields: request.requestedSchema.properties ?? {} };
}

function planCard({ plan, session, openComments, hasPlanEdits }: Known): PlanCard | undefined {
  if (!plan || plan.status === "none" || plan.sessionId !== session?.id) return undefined;
  const { status, revision, why } = plan;
  const heading = /^#{1,6}\s+(.+)$/m.exec(plan.content)?.[1] ?? "Plan";
  return {
    status,
    revision,
    title: heading.trim(),
    why: why ?? "",
    openComments,
    hasEdits: hasPlanEdits,
  };
}

function tasksInShort(tasks: readonly Task[]) {
  const counted = tasks.filter(({ status }) => status !== "cancelled");
  if (counted.length === 0) return undefined;
  return {
    done: counted.filter(({ status }) => status === "completed").length,
    total: counted.length,
    current: counted.find(({ status }) => status === "in_progress")?.content ?? "",
  };
}
