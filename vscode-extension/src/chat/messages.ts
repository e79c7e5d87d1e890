// What the chat's page and the extension say to each other. Pure types; used on both sides.
import type { AgentStatus } from "../agent/status";
import type { FormField, PermissionOption, SlashCommand, ToolCall } from "../protocol";
import type { UsageOfContext } from "../session/session";
import type { Item } from "../session/transcript";

export interface ApprovalCard {
  id: number;
  call: ToolCall;
  options: PermissionOption[];
  why: string;
  closestRule: string;
  agent: string; // the task of the sub-agent that asks; "" for the session's own
}

export interface QuestionCard {
  id: number;
  message: string;
  fields: Record<string, FormField>;
}

export interface PlanCard {
  status: string;
  revision: number;
  title: string;
  why: string;
  openComments: number;
  hasEdits: boolean;
}

export interface ChatState {
  agent: AgentStatus;
  hasFolder: boolean;
  sessionId: string;
  title: string;
  roots: string[]; // folders that paths are shown without
  isChild: boolean;
  isBusy: boolean;
  mode: string;
  model: string;
  thoughtLevel: string;
  usage?: UsageOfContext;
  commands: SlashCommand[];
  approvals: ApprovalCard[];
  questions: QuestionCard[];
  plan?: PlanCard;
  tasks?: { done: number; total: number; current: string };
  changedFiles: number;
  selection: string; // "oar.c:3-5", what @selection would stand for; "" when nothing is selected
}

export interface Completion {
  label: string;
  detail: string;
  insert: string;
  icon: string;
}

export type ToPage =
  | { type: "state"; state: ChatState }
  | { type: "items"; reset: boolean; items: [number, Item][] }
  | { type: "completions"; request: number; completions: Completion[] }
  | { type: "compose"; text: string }
  | { type: "draft"; text: string } // what was begun and not sent
  | { type: "focus" };

export const pageCommands = [
  "thole.newSession",
  "thole.pickMode",
  "thole.pickModel",
  "thole.pickThoughtLevel",
  "thole.openPlan",
  "thole.approvePlan",
  "thole.rejectPlan",
  "thole.sendPlanReview",
  "thole.comparePlan",
  "thole.reviewChanges",
  "thole.findProgram",
  "thole.doctor",
  "thole.restart",
  "thole.setApiKey",
  "thole.showLog",
  "thole.sessions.focus",
  "thole.tasks.focus",
  "vscode.openFolder",
] as const;
export type PageCommand = (typeof pageCommands)[number];

export type ToHost =
  | { type: "ready" }
  | { type: "draft"; text: string }
  | { type: "prompt"; text: string }
  | { type: "stop" }
  | { type: "decide"; id: number; optionId: string; reason: string }
  | { type: "answer"; id: number; content?: Record<string, string> }
  | { type: "openDiff"; callId: string; at: number }
  | { type: "openFile"; path: string; line: number }
  | { type: "openLink"; href: string }
  | { type: "copy"; text: string }
  | { type: "insert"; text: string }
  | { type: "complete"; request: number; query: string }
  | { type: "command"; command: PageCommand };
