// Validators made from the SDK's schema.json, closed (unknown members are faults), and the zod
// schemas of the oldest SDK still in use.
import { acpSchema, acpUnstableSchema, Ajv, oldSchema } from "../../node/peers.mjs";

const composites = ["oneOf", "anyOf", "allOf"];

// Definitions that other nodes extend by allOf; members of the extending node are legal there.
function extendedDefinitions(node, found = new Set(), extended = false) {
  if (!node || typeof node !== "object") return found;
  if (extended && typeof node.$ref === "string") found.add(node.$ref.split("/").at(-1));
  for (const [key, value] of Object.entries(node)) {
    const extends_ = composites.includes(key) && (extended || Boolean(node.properties));
    if (Array.isArray(value)) value.forEach((v) => extendedDefinitions(v, found, extends_));
    else if (value && typeof value === "object") extendedDefinitions(value, found, false);
  }
  return found;
}

function close(node, extended) {
  if (!node || typeof node !== "object") return;
  if (node.properties && !extended) node.unevaluatedProperties = false;
  for (const [key, value] of Object.entries(node)) {
    if (composites.includes(key))
      value.forEach((v) => close(v, extended || Boolean(node.properties)));
    else if (key === "properties") Object.values(value).forEach((v) => close(v, false));
    else if (key === "items") close(value, false);
  }
}

function closedSchema(id, open) {
  const schema = structuredClone(open);
  const extended = extendedDefinitions(schema.$defs);
  schema.$defs.PromptResponse.properties.usage = { type: "object" }; // unstable, but harmless
  for (const [name, definition] of Object.entries(schema.$defs))
    close(definition, extended.has(name));
  return { $id: id, $defs: schema.$defs };
}

const ajv = new Ajv({
  strict: false,
  allErrors: false,
  discriminator: false,
  validateFormats: false,
});
ajv.addSchema(closedSchema("acp", acpSchema));
ajv.addSchema(closedSchema("acp-unstable", acpUnstableSchema));
const validators = new Map();

// Faults of `value` as the definition `name`, [] when it conforms. `of`: "acp-unstable" for clients
// that have said that they know what is not settled yet.
export function faultsOf(name, value, of = "acp") {
  const ref = `${of}#/$defs/${name}`;
  if (!validators.has(ref)) validators.set(ref, ajv.compile({ $ref: ref }));
  const validate = validators.get(ref);
  if (validate(value)) return [];
  return validate.errors
    .filter((e) => !composites.includes(e.keyword))
    .slice(0, 4)
    .map((e) => `${name}${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`);
}

function named(side, suffix) {
  const all = Object.entries(acpSchema.$defs);
  const ours = all.filter(([name, d]) => d["x-side"] === side && name.endsWith(suffix));
  return new Map(ours.map(([name, d]) => [d["x-method"], name]));
}

export const responses = named("agent", "Response");
export const clientRequests = named("client", "Request");
export const clientNotifications = named("client", "Notification");

export const oldUpdates = new Set([
  "user_message_chunk",
  "agent_message_chunk",
  "agent_thought_chunk",
  "tool_call",
  "tool_call_update",
  "plan",
  "available_commands_update",
  "current_mode_update",
]);

const oldResponses = {
  initialize: oldSchema.initializeResponseSchema,
  "session/new": oldSchema.newSessionResponseSchema,
  "session/load": oldSchema.loadSessionResponseSchema,
  "session/prompt": oldSchema.promptResponseSchema,
  "session/set_mode": oldSchema.setSessionModeResponseSchema,
};

function oldFaults(schema, value) {
  const outcome = schema.safeParse(value);
  return outcome.success ? [] : [`0.4.5: ${JSON.stringify(outcome.error.issues).slice(0, 600)}`];
}

// What SDK 0.4.5 says of a message that it knows; variants that came later are not judged.
export function oldFaultsOf(message, requestMethod) {
  if (message.method === "session/update") {
    const known = oldUpdates.has(message.params?.update?.sessionUpdate);
    return known ? oldFaults(oldSchema.sessionNotificationSchema, message.params) : [];
  }
  if (message.method === "session/request_permission") {
    return oldFaults(oldSchema.requestPermissionRequestSchema, message.params);
  }
  if (message.result !== undefined && oldResponses[requestMethod]) {
    return oldFaults(oldResponses[requestMethod], message.result);
  }
  return [];
}
