// Registers what the extension offers; everything else is elsewhere.
import * as vscode from "vscode";
import { viewId } from "./chat/chat";
import { registerCommands } from "./commands";
import { build, connectEvents, type Graph } from "./graph";

let graph: Graph | undefined;

export function activate(context: vscode.ExtensionContext): void {
  graph = build(context);
  const { subscriptions } = context;
  const { chat, taskTree, agentTree, sessionTree, changeTree } = graph;
  sessionTree.view = vscode.window.createTreeView("thole.sessions", {
    treeDataProvider: sessionTree,
  });
  changeTree.view = vscode.window.createTreeView("thole.changes", { treeDataProvider: changeTree });
  subscriptions.push(
    vscode.window.registerWebviewViewProvider(viewId, chat),
    vscode.window.registerTreeDataProvider("thole.tasks", taskTree),
    vscode.window.registerTreeDataProvider("thole.agents", agentTree),
    sessionTree.view,
    changeTree.view,
    ...registerCommands(graph),
    ...connectEvents(graph),
    graph.statusBar,
    graph.marks,
    graph.reviews,
    graph.planDocuments,
    graph.comments,
    graph.plans,
    graph.changes,
    chat,
    graph.sessions,
    graph.approvals,
    graph.texts,
    graph.agent,
    graph.log,
  );
}

// A turn that runs goes on without this window.
export function deactivate(): void {
  graph?.agent.stop();
}
