// How the process stands. Pure type; the chat's page shows it too.
export type AgentStatus =
  | { state: "stopped" | "starting" }
  | { state: "ready"; version: string }
  | { state: "missing" }
  | { state: "failed"; why: string };
