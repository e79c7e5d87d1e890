// What there is to see when there is no conversation yet, and when there cannot be one.
import type { ChatState } from "../src/chat/messages";
import { Icon } from "./icon";
import { run } from "./store";

export function Empty({ state }: { state: ChatState }) {
  if (!state.hasFolder) return <NoFolder />;
  if (state.agent.state === "missing") return <NoProgram />;
  if (state.agent.state === "failed") return <Stopped why={state.agent.why} />;
  if (!state.sessionId) return <div class="empty" />;
  if (!state.model) return <NoModel />;
  return (
    <div class="empty">
      <h2>What shall we do?</h2>
      <p>
        thole reads freely and asks before it changes or runs anything. Type <kbd>@</kbd> to mention
        a file, <kbd>/plan</kbd> to see a plan first.
      </p>
    </div>
  );
}

function NoFolder() {
  return (
    <div class="empty">
      <h2>No folder is open</h2>
      <p>thole works in a folder.</p>
      <button type="button" class="primary" onClick={run("vscode.openFolder")}>
        Open a folder
      </button>
    </div>
  );
}

function NoProgram() {
  return (
    <div class="empty" role="alert">
      <h2>The thole program is missing</h2>
      <p>It is looked for in the setting thole.path, beside this extension, and on your PATH.</p>
      <button type="button" class="primary" onClick={run("thole.findProgram")}>
        Find it…
      </button>
      <button type="button" onClick={run("thole.restart")}>
        Look again
      </button>
    </div>
  );
}

function NoModel() {
  return (
    <div class="empty">
      <h2>No model yet</h2>
      <p>Give thole a key of a provider, or run a local server such as Ollama.</p>
      <button type="button" class="primary" onClick={run("thole.setApiKey")}>
        Set a key…
      </button>
      <button type="button" onClick={run("thole.pickModel")}>
        Choose a model…
      </button>
    </div>
  );
}

export function Stopped({ why }: { why: string }) {
  return (
    <div class="stopped" role="alert">
      <p>
        <Icon name="error" /> thole is not running: {why}. The session is on disk.
      </p>
      <button type="button" class="primary" onClick={run("thole.restart")}>
        Start again
      </button>
      <button type="button" onClick={run("thole.showLog")}>
        Show the log
      </button>
    </div>
  );
}
