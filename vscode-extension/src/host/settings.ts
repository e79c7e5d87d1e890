// The settings of package.json, typed.
import * as vscode from "vscode";
import type { SavePolicy } from "../documents/files";

const section = () => vscode.workspace.getConfiguration("thole");

export const settings = {
  path: () => section().get<string>("path", ""),
  environment: () => section().get<Record<string, string>>("environment", {}),
  notify: () => section().get<"whenHidden" | "always" | "never">("approvals.notify", "whenHidden"),
  opensDiffs: () => section().get<boolean>("approvals.openDiff", true),
  opensPlans: () => section().get<boolean>("plan.openForReview", true),
  save: () => section().get<SavePolicy>("edits.save", "clean"),
};
