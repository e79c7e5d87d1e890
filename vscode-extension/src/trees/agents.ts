// The sub-agents of the current session as a tree that follows what they do.
import * as vscode from "vscode";
import type { Agent } from "../agent/agent";
import type { AgentNode, AgentState } from "../protocol";
import type { Connection } from "../rpc/connection";
import type { Sessions } from "../session/sessions";

const icons: Record<AgentState, [string, string?]> = {
  queued: ["watch"],
  running: ["loading~spin"],
  waiting: ["question", "charts.yellow"],
  completed: ["pass", "testing.iconPassed"],
  failed: ["error", "testing.iconFailed"],
  cancelled: ["circle-slash", "disabledForeground"],
};

export class AgentTree implements vscode.TreeDataProvider<AgentNode> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly nodes = new Map<string, Map<string, AgentNode>>(); // by root session

  constructor(
    private readonly agent: Agent,
    private readonly sessions: Sessions,
  ) {}

  bind(connection: Connection): void {
    connection.listen("_thole/agents/changed", ({ sessionId, agents }) => {
      this.take(sessionId, agents);
    });
  }

  // Asks for the whole tree of the current session.
  async refresh(): Promise<void> {
    const id = this.sessions.current?.id;
    if (id && this.agent.has("agents")) {
      const connection = await this.agent.connect();
      const { agents } = await connection.request("_thole/agents/tree", { sessionId: id });
      this.nodes.set(id, new Map());
      this.take(id, agents);
    }
    this.changed.fire(undefined);
  }

  get(agentId: string): AgentNode | undefined {
    return this.nodes.get(this.rootOf(agentId))?.get(agentId);
  }

  // The session at the root of the tree that it belongs to; "" when it is not known.
  rootOf(agentId: string): string {
    for (const [root, nodes] of this.nodes) if (nodes.has(agentId)) return root;
    return "";
  }

  // The sub-agent that works on this session, if one does now.
  live(sessionId: string): AgentNode | undefined {
    const node = this.get(sessionId);
    return node && !isOver(node) ? node : undefined;
  }

  get all(): AgentNode[] {
    return [...this.current.values()];
  }

  getChildren(node?: AgentNode): AgentNode[] {
    const parent = node?.agentId ?? this.sessions.current?.id;
    return this.all.filter(({ parentId }) => parentId === parent);
  }

  getParent(node: AgentNode): AgentNode | undefined {
    return this.get(node.parentId);
  }

  getTreeItem(node: AgentNode): vscode.TreeItem {
    const hasChildren = this.getChildren(node).length > 0;
    const item = new vscode.TreeItem(
      node.task,
      hasChildren ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
    );
    const [icon, colour] = icons[node.state];
    item.id = node.agentId;
    item.iconPath = new vscode.ThemeIcon(icon, colour ? new vscode.ThemeColor(colour) : undefined);
    item.description = describe(node);
    item.tooltip = tooltipOf(node);
    item.contextValue = contextOf(node);
    item.accessibilityInformation = { label: `${node.task}, ${node.state}, ${describe(node)}` };
    item.command = { command: "thole.openAgent", title: "Open output", arguments: [node] };
    return item;
  }

  private get current(): Map<string, AgentNode> {
    return this.nodes.get(this.sessions.current?.id ?? "") ?? new Map();
  }

  private take(sessionId: string, agents: readonly AgentNode[]): void {
    const known = this.nodes.get(sessionId) ?? new Map<string, AgentNode>();
    for (const node of agents) known.set(node.agentId, node);
    this.nodes.set(sessionId, known);
    this.changed.fire(undefined);
  }
}

export const isOver = ({ state }: AgentNode) =>
  state === "completed" || state === "failed" || state === "cancelled";

// What can be done with it: the menus look for these words.
export function contextOf(node: AgentNode): string {
  const words = ["agent"];
  if (!isOver(node)) words.push("live");
  if (isOver(node) && node.result === "changes") words.push("mergeable");
  return words.join(" ");
}

const results: Record<AgentNode["result"], string> = {
  none: "",
  changes: "to merge",
  merged: "merged",
  branch: "on its branch",
  discarded: "discarded",
};

export function describe(node: AgentNode): string {
  const { diffstat } = node;
  const parts = isOver(node)
    ? [
        results[node.result],
        diffstat && diffstat.files > 0
          ? `${diffstat.files} file(s) +${diffstat.insertions} −${diffstat.deletions}`
          : "",
        node.state === "completed" ? "" : node.state,
      ]
    : [node.pendingApprovals > 0 ? "waits for you" : "", node.activity || node.state];
  return parts.filter(Boolean).join(" · ");
}

function tooltipOf(node: AgentNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(node.task);
  const facts = [
    node.state,
    node.agent ?? "",
    `${node.toolCalls} tool call(s)`,
    `${node.tokens.toLocaleString("en")} tokens`,
    node.costUsd > 0 ? `$${node.costUsd.toFixed(3)}` : "",
  ];
  text.appendMarkdown("\n\n").appendText(facts.filter(Boolean).join(" · "));
  if (node.branch) text.appendMarkdown(`\n\nBranch \`${node.branch}\``);
  if (node.worktree) text.appendMarkdown(`\n\nWorktree \`${node.worktree}\``);
  return text;
}
