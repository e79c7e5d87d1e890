// Finds a session by its words and opens it: a native list that searches all that was said and done.
import * as vscode from "vscode";
import type { SessionRow } from "../protocol";
import type { Sessions } from "../session/sessions";
import { age } from "../trees/sessions";

const pause = 150; // ms without a key before a search

interface Pick extends vscode.QuickPickItem {
  row: SessionRow;
}

export async function pickSession(
  sessions: Sessions,
  text: string,
): Promise<SessionRow | undefined> {
  const box = vscode.window.createQuickPick<Pick>();
  box.title = "Resume a session";
  box.placeholder = "Title, or any words that were said or done in it";
  box.matchOnDescription = true;
  const current = sessions.current?.id;
  const known = sessions.list().then((rows) => rows.map((row) => itemOf(row, current)));
  const search = searchOf(sessions, box, known, current);
  box.onDidChangeValue(search.later);
  box.value = text === "latest" ? "" : text;
  void search.now(box.value);
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]?.row);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      search.stop();
      box.dispose();
    });
    box.show();
  });
}

// Those with a fitting title are there at once; what a search finds comes below them.
function searchOf(
  sessions: Sessions,
  box: vscode.QuickPick<Pick>,
  known: Promise<Pick[]>,
  current: string | undefined,
) {
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const now = async (text: string) => {
    const mine = ++last;
    box.busy = true;
    try {
      const rows = text.trim() ? await sessions.search(text.trim()) : [];
      const found = rows.map((row) => ({ ...itemOf(row, current), alwaysShow: true }));
      const ids = new Set(rows.map(({ sessionId }) => sessionId));
      const others = (await known).filter(({ row }) => !ids.has(row.sessionId));
      if (mine === last) box.items = [...found, ...others];
    } catch (error) {
      if (mine === last) box.title = `Resume a session (${String(error)})`;
    } finally {
      if (mine === last) box.busy = false;
    }
  };
  const stop = () => clearTimeout(timer);
  const later = (text: string) => {
    stop();
    timer = setTimeout(() => void now(text), pause);
  };
  return { now, later, stop };
}

export function itemOf(row: SessionRow, current: string | undefined): Pick {
  const { state, hits } = row._meta?.thole ?? {};
  const facts = [
    row.sessionId === current ? "in the chat" : "",
    state === "running" ? "running" : "",
    age(row.updatedAt, Date.now()),
  ];
  const snippet = hits?.[0]?.snippet.replace(/\s+/g, " ");
  return {
    row,
    label: `$(${state === "running" ? "broadcast" : "comment"}) ${row.title || "(no title)"}`,
    description: facts.filter(Boolean).join(" · "),
    ...(snippet ? { detail: snippet } : {}),
  };
}
