// Mode, model and thinking, chosen from native lists.
import * as vscode from "vscode";
import type { ConfigOption } from "../protocol";
import type { Session } from "../session/session";
import type { Sessions } from "../session/sessions";

interface Pick extends vscode.QuickPickItem {
  value: string;
}

export async function pickMode(sessions: Sessions): Promise<void> {
  const session = await sessions.ensure();
  const items = (session.modes?.availableModes ?? []).map(({ id, name, description }) =>
    itemOf({ value: id, name, ...(description ? { description } : {}) }, session.mode),
  );
  const picked = await vscode.window.showQuickPick(items, { title: "What thole may do unasked" });
  if (picked) await sessions.setMode(session, picked.value);
}

export async function pickOption(sessions: Sessions, id: string, title: string): Promise<void> {
  const session = await sessions.ensure();
  const option = session.option(id);
  if (!option) {
    void vscode.window.showInformationMessage(
      `There is nothing to choose: ${title.toLowerCase()}.`,
    );
    return;
  }
  const value = await choose(option, title, id === "model");
  if (value) await set(sessions, session, id, value);
}

// Any `provider/model` is taken, not only those in the list.
function choose(option: ConfigOption, title: string, isOpen: boolean): Promise<string | undefined> {
  const known = option.options.map((choice) => itemOf(choice, option.currentValue));
  const box = vscode.window.createQuickPick<Pick>();
  box.title = title;
  box.placeholder = isOpen ? "Choose, or type provider/model" : "";
  box.matchOnDescription = true;
  box.items = known;
  box.onDidChangeValue((text) => {
    const isNew =
      isOpen && /^[^/\s]+\/\S+$/.test(text) && !known.some(({ value }) => value === text);
    box.items = isNew ? [...known, { label: text, value: text, alwaysShow: true }] : known;
  });
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]?.value);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function itemOf(
  { value, name, description }: { value: string; name: string; description?: string },
  current: string,
): Pick {
  const isCurrent = value === current;
  return {
    value,
    label: isCurrent ? `$(check) ${name}` : name,
    description: name === value ? "" : value,
    detail: description ?? "",
  };
}

async function set(sessions: Sessions, session: Session, id: string, value: string): Promise<void> {
  await sessions.setOption(session, id, value);
}
