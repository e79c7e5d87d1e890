// MCP servers that others wrote, of both eras, over pipes and HTTP, through a whole turn.
import { readFileSync, readdirSync } from "node:fs";
import { assert, call, calls, choose, say, scenario, scenarios } from "./rig.mjs";
import { ofUser } from "./rig/extensions.mjs";
import { everything, everythingHttp, filesystem, foreign, memory, modern, modernHttp, patient, untilTrue } from "./rig/servers.mjs";

const long = { timeout: 60_000 };
const forms = { elicitation: { form: {} } };

// A session with these servers, whose tool calls are allowed once.
async function boat(rig, mcpServers, options = {}) {
  rig.workspace.configure(patient);
  return rig.session({ permission: choose("allow_once"), params: { mcpServers }, ...options });
}

const output = (session, at = 0) =>
  session
    .calls()
    [at].content.map((one) => one.content?.text ?? one.content?.type)
    .join("\n");

scenarios("a tool of a server is offered, asked for, shown and run like any other", long, async (rig) => {
  rig.model.script(calls(call("mcp__everything__echo", { message: "ahoy" })), say("It echoes."));
  const session = await boat(rig, [everything()]);
  assert.equal((await session.prompt("Echo")).stopReason, "end_turn");

  const offered = rig.model.requests[0].tools.find((tool) => tool.function.name === "mcp__everything__echo");
  assert.equal(offered.function.description, "Echoes back the input string");
  assert.deepEqual(offered.function.parameters.required, ["message"]);
  const [asked] = session.editor.permissions;
  assert.match(asked.toolCall.title, /^everything: Echo/);
  assert.deepEqual(asked.toolCall.rawInput, { message: "ahoy" });
  assert.equal(asked.options[1].name, "every call of mcp__everything__echo, for the rest of this session");
  assert.deepEqual(session.calls()[0].statuses, ["pending", "in_progress", "completed"]);
  assert.equal(output(session), "Echo: ahoy");
  assert.deepEqual(rig.model.toolResults, ["Echo: ahoy"]);
});

scenario("skills stay beside the tools of servers", long, async (rig) => {
  ofUser(rig, "skills/sew/SKILL.md", "---\nname: sew\ndescription: Sews sails\n---\nUse a needle.\n");
  rig.model.script(calls(call("skill", { name: "sew" })), say("Sewn."));
  const session = await boat(rig, [everything()]);
  await session.prompt("Mend the sail");
  assert.ok(foreign(rig.model.requests[0]).includes("mcp__everything__echo"));
  assert.match(rig.model.toolResults[0], /^Use a needle\./);
});

scenario("what was allowed always covers this tool and no other of the server", long, async (rig) => {
  rig.model.script(
    calls(call("mcp__everything__echo", { message: "1" })),
    calls(call("mcp__everything__echo", { message: "2" })),
    calls(call("mcp__everything__get-sum", { a: 1, b: 2 })),
    say("Done."),
  );
  const session = await boat(rig, [everything()], { permission: choose("allow_always") });
  await session.prompt("Go");
  assert.deepEqual(
    session.editor.permissions.map((asked) => asked.toolCall.rawInput),
    [{ message: "1" }, { a: 1, b: 2 }],
  );
});

scenario("images, links and resources of a result reach the model and the editor", long, async (rig) => {
  rig.model.script(
    calls(
      call("mcp__everything__get-tiny-image", {}),
      call("mcp__everything__get-resource-links", { count: 2 }),
      call("mcp__everything__get-structured-content", { location: "Chicago" }),
    ),
    say("Seen."),
  );
  const session = await boat(rig, [everything()]);
  await session.prompt("Show");
  const [image, links, weather] = session.calls();
  assert.ok(image.content.some((one) => one.content.type === "image" && one.content.mimeType === "image/png"));
  assert.ok(links.content.some((one) => one.content.type === "resource_link"));
  assert.match(weather.rawOutput.output, /temperature/);
  assert.ok(rig.model.posts.some((post) => post.body.includes("iVBORw0KGgo")), "the model sees the image");
});

scenario("progress shows while a call runs, and a cancel ends it at once", long, async (rig) => {
  rig.model.script(calls(call("mcp__everything__trigger-long-running-operation", { duration: 600, steps: 3000 })), say("Never."));
  const session = await boat(rig, [everything()]);
  const end = session.prompt("Take long");
  await untilTrue(() => session.calls()[0]?.content?.some((one) => /of 3000/.test(one.content?.text ?? "")), "progress", 40_000);
  const start = performance.now();
  session.cancel();
  assert.equal((await end).stopReason, "cancelled");
  assert.ok(performance.now() - start < 1500);
});

scenario("a server's questions are put to the user, one field after the other", long, async (rig) => {
  rig.model.script(calls(call("mcp__modern__steer", { boat: "Ann" })), say("Steered."));
  const session = await boat(rig, [modern()], { capabilities: forms });
  session.editor.elicit = (params) => {
    assert.match(params.message, /MCP server 'modern' asks: Where does Ann go\?/);
    assert.equal(params.toolCallId, session.calls()[0].toolCallId);
    return { action: "accept", content: { answer: "Cadiz" } };
  };
  await session.prompt("Steer");
  assert.equal(output(session), "Ann: accept Cadiz");
});

scenario("every kind of field of the older era's forms can be answered, and a wrong answer is asked for again", long, async (rig) => {
  rig.model.script(calls(call("mcp__everything__trigger-elicitation-request", {})), say("Filled in."));
  const session = await boat(rig, [everything()], { capabilities: forms });
  const answers = {
    String: ["Ann"],
    Boolean: ["no"],
    Integer: ["forty", "40"],
    "Number in range 1-1000": ["2.5"],
    "Untitled Single Select Enum": ["Joey"],
    "Untitled Multiple Select Enum": ["Piano, Kazoo", "Piano, Drums"],
    "Titled Single Select Enum": ["Wonder Woman"],
    "Titled Multiple Select Enum": ["Tuna"],
    "Legacy Titled Single Select Enum": ["Birds"],
  };
  const asked = [];
  session.editor.elicit = ({ message }) => {
    const [, title] = /fields:\n\n([^:]+): /.exec(message);
    asked.push(message);
    return { action: "accept", content: { answer: answers[title]?.shift() ?? "(leave it out)" } };
  };
  await session.prompt("Fill it in");
  const raw = JSON.parse(/Raw result: ([^]*?\n})/.exec(output(session))[1]);
  assert.deepEqual(raw, {
    action: "accept",
    content: {
      name: "Ann",
      check: false,
      integer: 40,
      number: 2.5,
      untitledSingleSelectEnum: "Joey",
      untitledMultipleSelectEnum: ["Piano", "Drums"],
      titledSingleSelectEnum: "hero-3",
      titledMultipleSelectEnum: ["fish-1"],
      legacyTitledEnum: "pet-3",
    },
  });
  assert.equal(asked.length, 15);
  assert.ok(asked.some((message) => /\('Integer' must be a whole number\)$/.test(message)));
});

scenario("a resource that a result points at can be read by the model", long, async (rig) => {
  rig.model.script(
    calls(call("mcp__read_resource", { server: "everything" }), call("mcp__read_resource", { server: "everything", uri: "demo://resource/dynamic/text/7" })),
    say("Read."),
  );
  const session = await boat(rig, [everything()]);
  await session.prompt("Read");
  assert.equal(session.editor.permissions.length, 2, "asked like any other tool");
  assert.match(output(session, 0), /demo:\/\/resource\/dynamic\/text\/{resourceId}/);
  assert.match(output(session, 1), /Resource 7: This is a plaintext resource/);
});

scenario("the tools of a server are in the same order in each request", long, async (rig) => {
  rig.model.script(calls(call("mcp__everything__echo", { message: "1" })), say("One."), say("Two."));
  const session = await boat(rig, [everything(), modern()]);
  await session.prompt("Hi");
  await session.prompt("Again");
  const [first, second, third] = rig.model.requests.map(foreign);
  assert.deepEqual(second, first);
  assert.deepEqual(third, first);
});

scenario("a question that the user closes is a refusal for the server", long, async (rig) => {
  rig.model.script(calls(call("mcp__modern__steer", { boat: "Ann" })), say("Not steered."));
  const session = await boat(rig, [modern()], { capabilities: forms });
  session.editor.elicit = () => ({ action: "cancel" });
  await session.prompt("Steer");
  assert.equal(output(session), "Ann: cancel");
});

scenario("an editor without forms has no server that asks", long, async (rig) => {
  rig.model.script(say("Hm."));
  const session = await boat(rig, [everything()]);
  await session.prompt("Hi");
  assert.ok(!foreign(rig.model.requests[0]).includes("mcp__everything__trigger-elicitation-request"));
  assert.ok(!foreign(rig.model.requests[0]).includes("mcp__everything__trigger-sampling-request"));
  assert.ok(foreign(rig.model.requests[0]).includes("mcp__everything__get-roots-list"));
});

scenario("servers know the roots of the session", long, async (rig) => {
  rig.model.script(calls(call("mcp__files__list_allowed_directories", {})), say("There."));
  const session = await boat(rig, [filesystem("/tmp")]);
  await session.prompt("Where?");
  assert.match(output(session), new RegExp(rig.workspace.root));
  assert.doesNotMatch(output(session), /\/tmp$/m);
});

scenario("a server keeps its state for the session, and two servers work side by side", long, async (rig) => {
  const entities = [{ name: "Ann", entityType: "boat", observations: ["leaks"] }];
  const file = rig.workspace.outside("memory.jsonl");
  rig.model.script(
    calls(call("mcp__memory__create_entities", { entities }), call("mcp__everything__echo", { message: "x" })),
    calls(call("mcp__memory__read_graph", {})),
    say("Remembered."),
  );
  const session = await boat(rig, [memory({ MEMORY_FILE_PATH: file }), everything()]);
  await session.prompt("Remember");
  assert.match(output(session, 2), /leaks/);
});

scenario("a tool that comes up later is offered with the next request", long, async (rig) => {
  rig.model.script(calls(call("mcp__modern__hoist", {})), calls(call("mcp__modern__flag", {})), say("Red."));
  const session = await boat(rig, [modern()]);
  await session.prompt("Hoist");
  assert.ok(!foreign(rig.model.requests[0]).includes("mcp__modern__flag"));
  assert.ok(foreign(rig.model.requests[1]).includes("mcp__modern__flag"));
  assert.equal(output(session, 1), "a red flag");
});

scenario("a prompt of a server is a slash command", long, async (rig) => {
  rig.model.script(say("Rainy."), say("Ahoy."));
  const session = await boat(rig, [everything(), modern()]);
  await session.prompt('/everything:args-prompt "New York" NY');
  const last = (request) => JSON.stringify(request.messages.findLast((m) => m.role === "user").content);
  assert.match(last(rig.model.requests[0]), /What's weather in New York, NY\?/);
  const offered = session.updates("available_commands_update").at(-1).availableCommands;
  assert.deepEqual(
    offered.find((one) => one.name === "everything:args-prompt"),
    {
      name: "everything:args-prompt",
      description: "A prompt with two arguments, one required and one optional",
      input: { hint: "<city> [state]" },
    },
  );
  await session.prompt("/mcp");
  assert.match(session.text(), /`everything`: ready, \d+ tools/);
  await session.prompt("/modern:greet");
  assert.match(last(rig.model.requests[1]), /Ahoy from the modern server/);
  await assert.rejects(session.prompt("/everything:args-prompt"), /needs 'city'/);
  await assert.rejects(session.prompt("/everything:nonsense"), /has no prompt 'nonsense'; it has/);
});

scenario("a resource that the user mentions is read for the model", long, async (rig) => {
  rig.model.script(say("First."), say("Second."));
  const session = await boat(rig, [everything()]);
  const uri = "demo://resource/dynamic/text/1";
  await session.prompt([
    { type: "text", text: "Look at this" },
    { type: "resource_link", uri, name: "one" },
  ]);
  assert.match(JSON.stringify(rig.model.requests[0].messages), /Resource 1: This is a plaintext resource/);
  await session.prompt(`And @everything:${uri.replace("/1", "/2")} too`);
  assert.match(JSON.stringify(rig.model.requests[1].messages), /Resource 2: This is a plaintext resource/);
});

scenario("plan mode refuses what a server may do", long, async (rig) => {
  rig.model.script(calls(call("mcp__everything__echo", { message: "x" })), say("Refused."));
  const session = await boat(rig, [everything()]);
  await session.setMode("plan");
  await session.prompt("Echo");
  assert.deepEqual(session.editor.permissions, []);
  assert.equal(session.calls()[0].status, "failed");
  assert.match(rig.model.toolResults[0], /mode plan refuses/);
});

for (const [era, legacy] of [["modern", "reject"], ["both", "serve"]]) {
  scenario(`HTTP, a server that speaks ${era}: tools and questions`, long, async (rig, t) => {
    const server = await modernHttp(t, legacy);
    rig.model.script(
      calls(call("mcp__modern__shout", { words: "zürich" })),
      calls(call("mcp__modern__steer", { boat: "Ann" })),
      say("Done."),
    );
    const session = await boat(rig, [server], { capabilities: forms });
    session.editor.elicit = () => ({ action: "accept", content: { answer: "Cadiz" } });
    await session.prompt("Go");
    assert.equal(output(session, 0), "ZÜRICH");
    assert.equal(output(session, 1), "Ann: accept Cadiz");
  });
}

scenario("HTTP, the older era: a session of its own, progress, and a new one when it is forgotten", long, async (rig, t) => {
  const port = 20_000 + (process.pid % 20_000);
  const { child, server } = await everythingHttp(t, port);
  rig.model.script(
    calls(call("mcp__everything__echo", { message: "one" })),
    calls(call("mcp__everything__trigger-long-running-operation", { duration: 0.5, steps: 4 })),
    say("First."),
    calls(call("mcp__everything__echo", { message: "two" })),
    say("Second."),
  );
  const session = await boat(rig, [server]);
  await session.prompt("Go");
  assert.equal(output(session, 0), "Echo: one");
  assert.match(output(session, 1), /completed/);
  child.kill("SIGKILL");
  await new Promise((gone) => child.once("close", gone));
  await everythingHttp(t, port);
  await session.prompt("Again");
  assert.equal(output(session, 2), "Echo: two");
});

scenario("HTTP, nobody listens: the session works, and says so", long, async (rig) => {
  rig.model.script(say("Alone."));
  const session = await boat(rig, [{ type: "http", name: "gone", url: "http://127.0.0.1:9/mcp", headers: [] }]);
  assert.equal((await session.prompt("Hi")).stopReason, "end_turn");
  assert.match(session.text("agent_thought_chunk"), /MCP server 'gone': cannot reach http:\/\/127.0.0.1:9/);
});

scenario("nothing is started before a model is asked, and nothing runs after the session", long, async (rig) => {
  rig.model.script(say("Up."));
  const session = await boat(rig, [everything()]);
  assert.deepEqual(childrenOf(rig), []);
  await session.prompt("Hi");
  assert.equal(childrenOf(rig).length, 1);
  await session.close();
  assert.deepEqual(childrenOf(rig), []);
});

// Programs with the path of the "everything" server below the rig's thole.
function childrenOf(rig) {
  const read = (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  };
  const parent = (pid) => Number(read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ")[1] ?? 0);
  const top = rig.wires[0].child.pid;
  const isBelow = (pid) => pid > 1 && (pid === top || isBelow(parent(pid)));
  return readdirSync("/proc").filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      /^[^\0]*node[^\0]*\0[^\0]*server-everything/.test(read(`/proc/${pid}/cmdline`)) &&
      isBelow(Number(pid)),
  );
}
