// The thole program on this machine: where it is, with which environment it runs, and what the user
// is told when it is missing.
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { findBinary } from "../agent/binary";
import type { Folders } from "../session/sessions";
import type { Keys } from "./keys";
import { settings } from "./settings";

export function findProgram(extension: vscode.Uri): string | undefined {
  return findBinary(
    {
      setting: settings.path(),
      workspace: folders()?.cwd,
      extension: extension.fsPath,
      home: homedir(),
      env: process.env,
    },
    isProgram,
  );
}

export async function environmentOf(keys: Keys): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, ...(await keys.environment()), ...settings.environment() };
}

export function folders(): Folders | undefined {
  const all = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
  const [cwd, ...others] = all;
  return cwd === undefined ? undefined : { cwd, others };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const find = "Find it…";
const guide = "How to get it";

export async function tellMissing(): Promise<void> {
  const setting = settings.path();
  const text = setting
    ? `There is no program at “${setting}” (setting thole.path).`
    : "The thole program was not found: neither beside this extension nor on your PATH.";
  const choice = await vscode.window.showErrorMessage(text, find, "Open the setting", guide);
  if (choice === find) await vscode.commands.executeCommand("thole.findProgram");
  else if (choice === guide) await vscode.commands.executeCommand("thole.openWalkthrough");
  else if (choice)
    await vscode.commands.executeCommand("workbench.action.openSettings", "thole.path");
}

export async function chooseProgram(): Promise<boolean> {
  const chosen = await vscode.window.showOpenDialog({
    title: "The thole program",
    openLabel: "Use this program",
    canSelectMany: false,
  });
  const path = chosen?.[0]?.fsPath;
  if (!path) return false;
  const section = vscode.workspace.getConfiguration("thole");
  await section.update("path", path, vscode.ConfigurationTarget.Global);
  return true;
}
