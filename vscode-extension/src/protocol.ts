// Mirrors server/acp and docs/protocol.md, name by name: change both together. Line numbers are
// 1-based and inclusive.

export interface TextBlock {
  type: "text";
  text: string;
}
export interface ResourceLink {
  type: "resource_link";
  uri: string;
  name: string;
}
export interface EmbeddedResource {
  type: "resource";
  resource: { uri: string; text?: string; mimeType?: string };
}
export interface ImageBlock {
  type: "image";
  data: string;
  mimeType: string;
}
export type ContentBlock = TextBlock | ResourceLink | EmbeddedResource | ImageBlock;

export interface DiffContent {
  type: "diff";
  path: string;
  oldText?: string;
  newText: string;
}
export type ToolContent = DiffContent | { type: "content"; content: ContentBlock };

export interface Location {
  path: string;
  line?: number;
}

export type CallStatus = "pending" | "in_progress" | "completed" | "failed";

export interface ToolCall {
  toolCallId: string;
  title?: string;
  name?: string;
  kind?: string;
  status?: CallStatus;
  rawInput?: Record<string, unknown>;
  rawOutput?: Record<string, unknown>;
  content?: ToolContent[];
  locations?: Location[];
  _meta?: { thole?: { effect?: string; status?: string; durationMs?: number } };
}

export interface PlanEntry {
  content: string;
  priority: string;
  status: string;
  _meta?: { thole?: { task?: { id: string; state: string } } };
}

export type TaskStatus = "pending" | "in_progress" | "completed" | "cancelled";

export interface Task {
  number: number;
  id: string;
  content: string;
  status: TaskStatus;
  priority: string;
  reason?: string;
  createdAt?: string;
  updatedAt?: string;
  startedAt?: string;
  completedAt?: string;
  files?: string[];
  workers?: string[];
}

export interface SlashCommand {
  name: string;
  description: string;
  input?: { hint: string };
}

export interface Choice {
  value: string;
  name: string;
  description?: string;
}

export interface ConfigOption {
  id: string;
  name: string;
  type: string;
  category?: string;
  description?: string;
  currentValue: string;
  options: Choice[];
}

export interface ModeState {
  currentModeId: string;
  availableModes: { id: string; name: string; description?: string }[];
}

export interface Cost {
  amount: number;
  currency: string;
}

interface Chunk<Kind extends string> {
  sessionUpdate: Kind;
  content: ContentBlock;
  messageId?: string;
}

export type SessionUpdate =
  | Chunk<"user_message_chunk">
  | Chunk<"agent_message_chunk">
  | Chunk<"agent_thought_chunk">
  | ({ sessionUpdate: "tool_call" } & ToolCall)
  | ({ sessionUpdate: "tool_call_update" } & ToolCall)
  | { sessionUpdate: "plan"; entries: PlanEntry[]; _meta?: { thole?: { tasks?: Task[] } } }
  | { sessionUpdate: "available_commands_update"; availableCommands: SlashCommand[] }
  | { sessionUpdate: "current_mode_update"; currentModeId: string }
  | { sessionUpdate: "config_option_update"; configOptions: ConfigOption[] }
  | {
      sessionUpdate: "session_info_update";
      title?: string | null;
      updatedAt?: string;
      _meta?: { thole?: { busy?: boolean } };
    }
  | { sessionUpdate: "usage_update"; used: number; size: number; cost?: Cost }
  | { sessionUpdate: "notice"; severity: string; title: string };

export interface SessionOptions {
  modes?: ModeState;
  configOptions?: ConfigOption[];
}

export interface SearchHit {
  eventId: number;
  kind: string;
  snippet: string;
}

export interface SessionRow {
  sessionId: string;
  cwd: string;
  title?: string;
  updatedAt?: string;
  _meta?: {
    thole?: {
      state?: string;
      model?: string;
      mode?: string;
      prompts?: number;
      damage?: string;
      hits?: SearchHit[];
    };
  };
}

export type StopReason = "end_turn" | "max_tokens" | "max_turn_requests" | "refusal" | "cancelled";

export type PlanStatus = "none" | "drafting" | "in_review" | "approved" | "rejected" | "done";

export interface PlanView {
  sessionId: string;
  status: PlanStatus;
  revision: number;
  sha256: string;
  path: string;
  content: string;
  agent?: string;
  previous?: string;
  approvedSha256?: string;
  why?: string;
}

export interface PlanComment {
  startLine: number;
  endLine: number;
  text: string;
}

export interface PlanReview {
  sessionId: string;
  decision: "approved" | "rejected" | "feedback";
  revision?: number;
  edits?: string;
  feedback?: string;
  comments?: PlanComment[];
}

export type AgentState = "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled";

export interface AgentNode {
  agentId: string;
  parentId: string;
  callId?: string;
  task: string;
  agent?: string;
  state: AgentState;
  background: boolean;
  branch?: string;
  worktree?: string;
  diffstat?: { files: number; insertions: number; deletions: number };
  costUsd: number;
  tokens: number;
  toolCalls: number;
  startedAt: string;
  endedAt?: string;
  result: "none" | "changes" | "merged" | "branch" | "discarded";
  activity: string;
  pendingApprovals: number;
}

export interface MergeFile {
  path: string;
  status: string;
  verdict: "applies" | "same" | "both_clean" | "conflict" | "obstructed";
  insertions?: number;
  deletions?: number;
  why?: string;
  conflict?: string;
}

export interface MergeResult {
  status: "clean" | "conflict" | "overlap" | "nothing";
  applied: boolean;
  branch?: string;
  files?: MergeFile[];
  diff?: string;
  why?: string;
}

// As the server lists it: a text that is absent is a file that is not there.
export interface ListedFile {
  path: string;
  baseline?: string;
  latest?: string;
  eventId: number;
  redacted?: boolean;
}

// `redacted`: "[redacted …]" stands in a text in place of a secret; it must not be written to the file.
export interface ChangedFile {
  path: string;
  baseline: string | null;
  latest: string | null;
  eventId: number;
  redacted?: boolean;
}

export interface EditorDiagnostic {
  path: string;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
  severity: "error" | "warning" | "info" | "hint";
  message: string;
  source?: string;
  code?: string;
}

export interface PermissionOption {
  optionId: string;
  name: string;
  kind: string;
}

export interface PermissionRequest {
  sessionId: string;
  toolCall: ToolCall;
  options: PermissionOption[];
  _meta?: {
    thole?: {
      why?: string;
      alwaysRules?: string[];
      closestRule?: string;
      agent?: { agentId: string; task: string };
    };
  };
}

export interface PermissionAnswer {
  outcome:
    | { outcome: "selected"; optionId: string; _meta?: { thole: { reason: string } } }
    | { outcome: "cancelled" };
}

export interface FormField {
  type: string;
  title?: string;
  oneOf?: { const: string; title: string }[];
}

export interface QuestionRequest {
  sessionId: string;
  toolCallId?: string;
  mode: string;
  message: string;
  requestedSchema: { properties?: Record<string, FormField>; required?: string[] };
}

export type QuestionAnswer =
  | { action: "accept"; content: Record<string, string> }
  | { action: "decline" }
  | { action: "cancel" };

type Named = { sessionId: string };
type Place = { cwd: string; mcpServers: []; additionalDirectories?: string[] };
type Empty = Record<string, never>;

export interface InitializeResult {
  protocolVersion: number;
  agentInfo?: { name: string; title?: string; version: string };
  agentCapabilities?: {
    _meta?: { thole?: { version: number; features?: Record<string, unknown> } };
  };
}

// Requests to the agent: [params, result].
export interface AgentRequests {
  initialize: [Record<string, unknown>, InitializeResult];
  "session/new": [Place, Named & SessionOptions];
  "session/load": [Named & Place, SessionOptions];
  "session/resume": [Named & Place, SessionOptions];
  "session/list": [
    { cwd?: string; cursor?: string },
    { sessions: SessionRow[]; nextCursor?: string },
  ];
  "session/close": [Named, Empty];
  "session/delete": [Named, Empty];
  "session/prompt": [Named & { prompt: ContentBlock[] }, { stopReason: StopReason }];
  "session/set_mode": [Named & { modeId: string }, Empty];
  "session/set_config_option": [
    Named & { configId: string; value: string },
    { configOptions: ConfigOption[] },
  ];
  "_thole/sync": [Empty, Empty];
  "_thole/sessions/search": [
    { text: string; cwd?: string; limit?: number },
    { sessions: SessionRow[] },
  ];
  "_thole/plan/get": [Named, PlanView];
  "_thole/plan/review": [PlanReview, Empty];
  "_thole/tasks/get": [Named & { number?: number }, { tasks: Task[]; detail?: string }];
  "_thole/agents/tree": [Named, { agents: AgentNode[] }];
  "_thole/agents/cancel": [Named & { agentId: string }, Empty];
  "_thole/agents/message": [Named & { agentId: string; text: string }, Empty];
  "_thole/agents/merge": [
    Named & { agentId: string; preview?: boolean; as?: "changes" | "branch"; branch?: string },
    MergeResult,
  ];
  "_thole/agents/discard": [Named & { agentId: string }, { rescue: string }];
  "_thole/changes/list": [Named, { files: ListedFile[]; leftOut?: number }];
  "_thole/changes/review": [
    Named & { path: string; baseline: string | null; latest: string | null; eventId: number },
    Empty,
  ];
}

// Notifications to the agent.
export interface AgentNotifications {
  "session/cancel": Named;
  "$/cancel_request": { requestId: number | string };
}

// Requests of the agent: [params, result].
export interface ClientRequests {
  "session/request_permission": [PermissionRequest, PermissionAnswer];
  "elicitation/create": [QuestionRequest, QuestionAnswer];
  "fs/read_text_file": [
    Named & { path: string; line?: number; limit?: number },
    { content: string },
  ];
  "fs/write_text_file": [Named & { path: string; content: string }, Empty];
  "_thole/editor/diagnostics": [Named & { path?: string }, { diagnostics: EditorDiagnostic[] }];
}

// Notifications of the agent.
export interface ClientNotifications {
  "session/update": Named & { update: SessionUpdate };
  "_thole/plan/changed": PlanView;
  "_thole/agents/changed": Named & { agents: AgentNode[] };
  "_thole/changes/changed": Named & { paths: string[] };
}

export type Feature = "plan" | "tasks" | "agents" | "changes" | "search";
