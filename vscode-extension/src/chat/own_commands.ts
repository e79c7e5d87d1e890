// Slash commands that are the editor's: those that change what the chat shows. All others go to the
// server. Pure.
export function ownCommand(text: string): { command: string; argument: string } | undefined {
  const [, name, argument = ""] = /^\/(new|resume)(?:\s+(\S+))?$/.exec(text.trim()) ?? [];
  if (name === "new" && !argument) return { command: "thole.newSession", argument };
  return name === "resume" ? { command: "thole.resumeSession", argument } : undefined;
}
