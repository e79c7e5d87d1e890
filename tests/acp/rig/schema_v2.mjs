// Validators made from the SDK's schemas of the v2 draft. Its enumerations are open; here they are
// closed, and unknown members are faults, because thole means nothing by them.
import { acpV2Schema, Ajv, unstableAcpV2Schema } from "../../node/peers.mjs";

const composites = ["oneOf", "anyOf", "allOf"];
const isObject = (value) => typeof value === "object" && value !== null;

// "Custom or future": what a schema leaves open for others.
const isFuture = (node) => node.title === "other" || node.additionalProperties === true;

function withoutFutures(node) {
  if (Array.isArray(node)) return node.map(withoutFutures);
  if (!isObject(node)) return node;
  const entries = Object.entries(node).map(([key, value]) => {
    const isList = Array.isArray(value) && ["anyOf", "oneOf"].includes(key);
    const isChoice = isList && value.some((one) => !isFuture(one));
    return [key, withoutFutures(isChoice ? value.filter((one) => !isFuture(one)) : value)];
  });
  return Object.fromEntries(entries);
}

// Definitions that others extend by allOf: members of the extending node are legal there.
function extended(node, found = new Set(), inside = false) {
  if (!isObject(node)) return found;
  if (inside && typeof node.$ref === "string") found.add(node.$ref.split("/").at(-1));
  for (const [key, value] of Object.entries(node)) {
    const extends_ = composites.includes(key) && (inside || Boolean(node.properties));
    if (Array.isArray(value)) value.forEach((one) => extended(one, found, extends_));
    else extended(value, found, false);
  }
  return found;
}

function close(node, isExtended) {
  if (!isObject(node)) return;
  if (node.properties && !isExtended) node.unevaluatedProperties = false;
  for (const [key, value] of Object.entries(node)) {
    if (composites.includes(key))
      value.forEach((one) => close(one, isExtended || Boolean(node.properties)));
    else if (key === "properties") Object.values(value).forEach((one) => close(one, false));
    else if (key === "items") close(value, false);
  }
}

function closed(id, open) {
  const schema = withoutFutures(structuredClone(open));
  const names = extended(schema.$defs);
  for (const [name, definition] of Object.entries(schema.$defs)) close(definition, names.has(name));
  return { $id: id, $defs: schema.$defs };
}

const ajv = new Ajv({ strict: false, discriminator: false, validateFormats: false });
ajv.addSchema(closed("v2", acpV2Schema));
ajv.addSchema(closed("v2-unstable", unstableAcpV2Schema));
const validators = new Map();

export function faultsOf(name, value, of = "v2") {
  const ref = `${of}#/$defs/${name}`;
  if (!validators.has(ref)) validators.set(ref, ajv.compile({ $ref: ref }));
  const validate = validators.get(ref);
  if (validate(value)) return [];
  // The deepest come from the variant that was meant.
  const deepest = validate.errors
    .filter((e) => !composites.includes(e.keyword))
    .sort((a, b) => b.instancePath.length - a.instancePath.length);
  const shown = deepest.slice(0, 4);
  return shown.map((e) => `${name}${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`);
}

const named = (side, suffix) =>
  new Map(
    Object.entries(unstableAcpV2Schema.$defs)
      .filter(([name, d]) => d["x-side"] === side && name.endsWith(suffix))
      .map(([name, d]) => [d["x-method"], name]),
  );
const responses = named("agent", "Response");
const requests = named("client", "Request");
const notifications = named("client", "Notification");

// Faults of all that thole wrote on a connection of version 2.
export function faultsOfTraffic(records, of = "v2") {
  const asked = new Map();
  const faults = [];
  const check = (name, value, message) => {
    if (!name) faults.push(`unknown: ${JSON.stringify(message).slice(0, 400)}`);
    else faultsOf(name, value, of).forEach((f) => faults.push(`${f}\n    ${JSON.stringify(message).slice(0, 600)}`));
  };
  for (const { from, message } of records) {
    if (!message || (from === "client" && message.method === undefined)) continue;
    if (from === "client") asked.set(JSON.stringify(message.id), message.method);
    else if (message.error) check("Error", message.error, message);
    else if (message.method === undefined) {
      const method = asked.get(JSON.stringify(message.id));
      if (!method.startsWith("_")) check(responses.get(method), message.result, message);
    } else if (message.method === "$/cancel_request") check("CancelRequestNotification", message.params, message);
    else if (message.id === undefined) check(notifications.get(message.method), message.params, message);
    else check(requests.get(message.method), message.params, message);
  }
  return faults;
}
