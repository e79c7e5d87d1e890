// Builds everything once for the window and ties it together. The only place that does.
import * as vscode from "vscode";
import { Agent } from "./agent/agent";
import { Approvals } from "./approvals/approvals";
import { watchApprovals } from "./approvals/notifications";
import { actionsOf } from "./chat/actions";
import { Chat } from "./chat/chat";
import { Completions } from "./chat/completions";
import { selectedLines } from "./chat/prompt";
import { chatState } from "./chat/state";
import { bindDiagnostics } from "./documents/diagnostics";
import { Files } from "./documents/files";
import { VirtualDocuments } from "./documents/virtual";
import { Keys } from "./host/keys";
import { environmentOf, findProgram, folders, tellMissing } from "./host/program";
import { settings } from "./host/settings";
import { StatusBar } from "./host/status_bar";
import { PlanComments } from "./plan/comments";
import { PlanDocuments, planScheme } from "./plan/plan_documents";
import { PlanStore } from "./plan/plan_store";
import { PlanReviews } from "./plan/review";
import { ReviewActions } from "./review/actions";
import { Changes } from "./review/changes";
import { ReviewMarks } from "./review/marks";
import { ChangeTree } from "./review/tree";
import type { Connection } from "./rpc/connection";
import type { Session } from "./session/session";
import { Sessions } from "./session/sessions";
import { AgentActions } from "./trees/agent_actions";
import { AgentTree } from "./trees/agents";
import { SessionTree } from "./trees/sessions";
import { TaskTree } from "./trees/tasks";

export type Graph = ReturnType<typeof build>;

export function build(context: vscode.ExtensionContext) {
  const log = vscode.window.createOutputChannel("thole", { log: true });
  const texts = new VirtualDocuments();
  const keys = new Keys(context.secrets);
  const approvals = new Approvals();
  const files = new Files(settings.save);
  const bound: { bind(connection: Connection): void }[] = [approvals, files];
  const agent = new Agent({
    findProgram: () => findProgram(context.extensionUri),
    environment: () => environmentOf(keys),
    workingDirectory: () => folders()?.cwd,
    prepare: (connection) => {
      bindDiagnostics(connection);
      for (const one of bound) one.bind(connection);
    },
    log,
  });
  const sessions = new Sessions(agent, context.workspaceState, folders);
  const plans = new PlanStore(agent, context.workspaceState, () => sessions.ensure());
  const changes = new Changes(agent, sessions);
  const agentTree = new AgentTree(agent, sessions);
  bound.push(sessions, plans, changes, agentTree);
  const base = { context, log, texts, keys, approvals, agent, sessions, plans, changes, agentTree };
  return { ...base, ...views(base) };
}

interface Base {
  context: vscode.ExtensionContext;
  log: vscode.LogOutputChannel;
  texts: VirtualDocuments;
  keys: Keys;
  approvals: Approvals;
  agent: Agent;
  sessions: Sessions;
  plans: PlanStore;
  changes: Changes;
  agentTree: AgentTree;
}

function views(base: Base) {
  const { context, texts, approvals, agent, sessions, plans, changes, log } = base;
  const comments = new PlanComments(
    context.workspaceState,
    (id) => plans.get(id)?.status === "in_review",
  );
  const planDocuments = new PlanDocuments(plans);
  const reviews = new PlanReviews({
    plans,
    comments,
    texts,
    currentSession: () => sessions.current?.id,
    opensForReview: settings.opensPlans,
  });
  const state = (session: Session | undefined, isChild: boolean) => {
    const plan = plans.get(session?.id);
    return chatState({
      agent: agent.status,
      hasFolder: folders() !== undefined,
      session,
      isChild,
      approvals: approvals.approvals,
      questions: approvals.questions,
      plan,
      openComments: plan ? comments.open(plan.sessionId).length : 0,
      hasPlanEdits: plan ? reviews.editsOf(plan) !== undefined : false,
      changedFiles: isChild ? 0 : changes.all.length,
      selection: selectionInShort(),
      worktrees: base.agentTree.all.flatMap(({ worktree }) => worktree ?? []),
    });
  };
  const completions = new Completions();
  const chat = new Chat({
    sessions,
    assets: vscode.Uri.joinPath(context.extensionUri, "dist"),
    icon: vscode.Uri.joinPath(context.extensionUri, "media", "thole.svg"),
    state,
    act: actionsOf({
      sessions,
      approvals,
      texts,
      completions,
      agents: {
        live: (id) => base.agentTree.live(id),
        tell: (node, text) => agentActions.tell(node, text),
        cancel: (node) => agentActions.cancel(node),
      },
    }),
    whenShown: () => void begin(base),
    memory: context.workspaceState,
    log,
  });
  const agentActions = new AgentActions({ agent, tree: base.agentTree, chat, texts });
  return {
    comments,
    planDocuments,
    reviews,
    state,
    chat,
    statusBar: new StatusBar(),
    marks: new ReviewMarks(changes),
    changeTree: new ChangeTree(changes),
    reviewActions: new ReviewActions(changes, texts),
    taskTree: new TaskTree(sessions),
    sessionTree: new SessionTree(sessions, () => agent.status.state === "ready"),
    agentActions,
  };
}

// The chat is in sight: have a session ready, the one of the last time if there is one.
async function begin({ sessions, agent, log }: Base): Promise<void> {
  if (!folders()) return;
  try {
    await sessions.ensure();
  } catch (error) {
    log.error(String(error));
    if (agent.status.state === "missing") void tellMissing();
  }
}

// Settings may come after the start (they do in a browser), and change later.
async function followSettings(graph: Graph, event: vscode.ConfigurationChangeEvent): Promise<void> {
  const { agent, sessions } = graph;
  const isOurs =
    event.affectsConfiguration("thole.path") || event.affectsConfiguration("thole.environment");
  if (!isOurs || agent.status.state === "stopped") return;
  const { current } = sessions;
  if (current && current.transcript.items.length > 0) {
    const text = "The settings of thole hold from its next start on.";
    const choice = await vscode.window.showInformationMessage(text, "Start again now");
    if (choice) await vscode.commands.executeCommand("thole.restart");
    return;
  }
  sessions.leave();
  agent.stop();
  if (graph.chat.isInSight) await begin(graph);
}

function selectionInShort(): string {
  const selected = selectedLines();
  if (!selected) return "";
  const name = vscode.workspace.asRelativePath(selected.document.uri);
  return `${name}:${selected.begin}-${selected.end}`;
}

// What happens when something has changed.
export function connectEvents(graph: Graph): vscode.Disposable[] {
  const { agent, sessions, approvals, plans, comments, changes, chat } = graph;
  const refresh = () => {
    graph.taskTree.refresh();
    graph.chat.refresh();
    graph.statusBar.show(graph.state(sessions.current, false));
    void vscode.commands.executeCommand("setContext", "thole.asks", approvals.approvals.length > 0);
    void vscode.commands.executeCommand(
      "setContext",
      "thole.busy",
      sessions.current?.isBusy ?? false,
    );
  };
  const aroundSession = () => {
    refresh();
    void graph.sessionTree.refresh();
    void graph.agentTree.refresh().catch((error) => graph.log.warn(String(error)));
    void changes.refresh().catch((error) => graph.log.warn(String(error)));
  };
  refresh();
  if (sessions.wasBusy) void begin(graph);
  return [
    agent.onStatus(refresh),
    sessions.onChange(refresh),
    sessions.onSwitch(aroundSession),
    sessions.onTurnEnd(aroundSession),
    approvals.onChange(refresh),
    plans.onChange(refresh),
    plans.onDraft(refresh),
    comments.onChange(refresh),
    changes.onChange(refresh),
    vscode.window.onDidChangeTextEditorSelection(refresh),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.scheme === planScheme) refresh();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => void followSettings(graph, event)),
    watchApprovals({
      approvals,
      texts: graph.texts,
      isChatInSight: () =>
        settings.notify() !== "always" && (settings.notify() === "never" || chat.isInSight),
      onChatHidden: chat.onHidden,
      opensDiffs: settings.opensDiffs,
    }),
  ];
}
