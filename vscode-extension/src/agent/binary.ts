// Where the thole program may be, in order: the setting, THOLE_BINARY, beside the extension, PATH.
// Pure but for the look at the disk that the caller lends.
import { delimiter, isAbsolute, join } from "node:path";

export interface Places {
  setting: string; // "" when not set
  workspace: string | undefined; // relative settings start here
  extension: string;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

// A setting that is given is the only candidate: a wrong one must not be silently passed over.
export function candidates(places: Places): string[] {
  const { setting, env } = places;
  if (setting) return [resolved(setting, places)];
  const onPath = (env.PATH ?? "").split(delimiter).filter(Boolean);
  return [
    ...(env.THOLE_BINARY ? [env.THOLE_BINARY] : []),
    join(places.extension, "bin", "thole"),
    ...onPath.map((folder) => join(folder, "thole")),
    join(places.home, ".local", "bin", "thole"),
  ];
}

function resolved(setting: string, { workspace, home }: Places): string {
  const path = setting
    .replace(/^~(?=\/|$)/, home)
    .replaceAll("${workspaceFolder}", workspace ?? ".")
    .replaceAll("${userHome}", home);
  return isAbsolute(path) || !workspace ? path : join(workspace, path);
}

export function findBinary(
  places: Places,
  isProgram: (path: string) => boolean,
): string | undefined {
  return candidates(places).find(isProgram);
}
