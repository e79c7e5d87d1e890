// One session as this editor knows it: what the server told, and nothing that it did not. Pure.
import type {
  ConfigOption,
  Cost,
  ModeState,
  PlanEntry,
  SessionOptions,
  SessionUpdate,
  SlashCommand,
  Task,
  TaskStatus,
} from "../protocol";
import { Transcript } from "./transcript";

export interface UsageOfContext {
  used: number;
  size: number;
  cost?: Cost;
}

export class Session {
  transcript = new Transcript();
  title = "";
  modes: ModeState | undefined;
  options: ConfigOption[] = [];
  commands: SlashCommand[] = [];
  usage: UsageOfContext | undefined;
  tasks: Task[] = [];
  ownTurns = 0; // prompts of this editor that are not answered yet
  busyElsewhere = false; // the server says that a turn runs, whoever began it

  constructor(
    readonly id: string,
    readonly cwd: string,
  ) {}

  get isBusy(): boolean {
    return this.ownTurns > 0 || this.busyElsewhere;
  }

  // Nothing that letting go of it could stop.
  get isIdle(): boolean {
    return !this.isBusy && !this.transcript.hasOpenCall;
  }

  get mode(): string {
    return this.modes?.currentModeId ?? "";
  }

  option(id: string): ConfigOption | undefined {
    return this.options.find((option) => option.id === id);
  }

  get model(): string {
    return this.option("model")?.currentValue ?? "";
  }

  take(answer: SessionOptions | undefined): void {
    if (answer?.modes) this.modes = answer.modes;
    if (answer?.configOptions) this.options = answer.configOptions;
  }

  // What a replay shows again is forgotten.
  forget(): void {
    this.transcript = new Transcript();
    this.tasks = [];
    this.ownTurns = 0;
    this.busyElsewhere = false;
  }

  apply(update: SessionUpdate): void {
    if (this.transcript.apply(update)) return;
    switch (update.sessionUpdate) {
      case "plan":
        this.tasks = update._meta?.thole?.tasks ?? update.entries.map(taskOf);
        break;
      case "available_commands_update":
        this.commands = update.availableCommands;
        break;
      case "current_mode_update":
        if (this.modes) this.modes = { ...this.modes, currentModeId: update.currentModeId };
        break;
      case "config_option_update":
        this.options = update.configOptions;
        break;
      case "session_info_update":
        if (update.title !== undefined) this.title = update.title ?? "";
        this.busyElsewhere = update._meta?.thole?.busy ?? this.busyElsewhere;
        break;
      case "usage_update":
        this.usage = usageOf(update);
        break;
    }
  }
}

function usageOf({ used, size, cost }: UsageOfContext): UsageOfContext {
  return { used, size, ...(cost ? { cost } : {}) };
}

// Of a server that does not send the whole list.
function taskOf(entry: PlanEntry, at: number): Task {
  return {
    number: at + 1,
    id: entry._meta?.thole?.task?.id ?? String(at + 1),
    content: entry.content,
    status: (entry._meta?.thole?.task?.state ?? entry.status) as TaskStatus,
    priority: entry.priority,
  };
}
