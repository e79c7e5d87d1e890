// The problems that the editor's language servers have found, for the agent: no second server needs
// to run.
import * as vscode from "vscode";
import type { EditorDiagnostic } from "../protocol";
import type { Connection } from "../rpc/connection";

const most = 500;
const severities = ["error", "warning", "info", "hint"] as const; // by vscode.DiagnosticSeverity

export function bindDiagnostics(connection: Connection): void {
  connection.handle("_thole/editor/diagnostics", async ({ path }) => ({
    diagnostics: diagnosticsOf(path),
  }));
}

export function diagnosticsOf(path: string | undefined): EditorDiagnostic[] {
  return vscode.languages
    .getDiagnostics()
    .filter(([uri]) => uri.scheme === "file" && (path === undefined || uri.fsPath === path))
    .flatMap(([uri, found]) => found.map((one) => described(uri.fsPath, one)))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
    .slice(0, most);
}

function described(path: string, one: vscode.Diagnostic): EditorDiagnostic {
  const code = typeof one.code === "object" ? one.code.value : one.code;
  return {
    path,
    line: one.range.start.line + 1,
    column: one.range.start.character + 1,
    endLine: one.range.end.line + 1,
    endColumn: one.range.end.character + 1,
    severity: severities[one.severity] ?? "info",
    message: one.message,
    ...(one.source ? { source: one.source } : {}),
    ...(code === undefined ? {} : { code: String(code) }),
  };
}
