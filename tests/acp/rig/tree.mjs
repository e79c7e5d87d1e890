// All that folders hold, in a form that can be compared: kinds, modes, owners, sizes, times of the
// last change of data, contents, and where links lead.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

function contentOf(path, status) {
  if (status.isSymbolicLink()) return readlinkSync(path);
  if (!status.isFile()) return "";
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

// One line for each path below `top`, sorted; what `leftOut` names is not looked at.
export function treeOf(top, leftOut = []) {
  const lines = [];
  const visit = (path) => {
    if (leftOut.includes(path)) return;
    const status = lstatSync(path, { bigint: true });
    const { mode, uid, gid, nlink, size, mtimeNs } = status;
    const facts = [mode.toString(8), uid, gid, nlink, size, mtimeNs, contentOf(path, status)];
    lines.push(`${path} ${facts.join(" ")}`);
    if (status.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  visit(top);
  return lines;
}
