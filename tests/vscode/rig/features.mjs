// What the server that is tested says it can do.
import { Wire } from "../../acp/rig/wire.mjs";
import { Workspace } from "../../acp/rig/workspace.mjs";

export async function features() {
  const workspace = new Workspace();
  const wire = new Wire({ env: workspace.environment(), cwd: workspace.root });
  const params = { protocolVersion: 1, clientCapabilities: {} };
  const { result } = await wire.request("initialize", params, "init");
  await wire.quit();
  workspace.remove();
  return result.agentCapabilities._meta.thole.features;
}
