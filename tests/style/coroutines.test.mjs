// Rules 1-3 for coroutines (docs/architecture.md, section 4): each was a crash on g++ 12.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf, sources, withoutCommentsAndStrings } from "./sources.mjs";

// Statements end at ; { } outside of parentheses; { inside of them belongs to an expression.
function* statements(code) {
  let depth = 0;
  let begin = 0;
  for (let i = 0; i < code.length; ++i) {
    if (code[i] === "(" || code[i] === "[") ++depth;
    if (code[i] === ")" || code[i] === "]") --depth;
    if (depth > 0 || !";{}".includes(code[i])) continue;
    const text = code.slice(begin, i);
    yield { text: text.trim(), end: code[i], at: begin + text.search(/\S|$/) };
    begin = i + 1;
    depth = 0;
  }
}

function withoutBalanced(text) {
  const inner = /\([^()[\]]*\)|(?<=[\w)\]])\[[^()[\]]*\]/g;
  for (let next = text; ; text = next) {
    next = text.replace(inner, "");
    if (next === text) return text;
  }
}

// What may stand before a statement: if (…) else for (…) while (…) case x: label:
function withoutHeads(text) {
  const head = /^(else\b|do\b|(if|for|while|switch)\s*(constexpr\s*)?(?=\()|case [\w:]+\s*:(?!:)|default\s*:)\s*/;
  for (;;) {
    const found = head.exec(text);
    if (!found) return text;
    text = text.slice(found[0].length);
    if (found[2]) text = text.slice(closing(text) + 1).trimStart();
  }
}

function closing(text) {
  let depth = 0;
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === "(") ++depth;
    if (text[i] === ")" && --depth === 0) return i;
  }
  return text.length;
}

function faultOf({ text, end }) {
  if (/\[[^\]]*\]\s*(\([^)]*\))?[^{;]*->\s*[\w:]*Task</.test(text)) return "a coroutine lambda";
  if (!/\bco_await\b/.test(text)) return null;
  if (end === "{") return "co_await in a condition or before a brace";
  const body = withoutHeads(text).replace(/\s+/g, " ");
  const [before, ...rest] = body.split(/\bco_await /);
  if (rest.length !== 1) return "two co_await in one statement";
  if (!/^(co_return |[\w:<>,&*.\-[\] ]+ = |)$/.test(before)) return "co_await inside an expression";
  if (/[{]/.test(rest[0])) return "braces among the arguments of an awaited call";
  if (/(^|[^\w)\]])\[/.test(rest[0])) return "a lambda among the arguments of an awaited call";
  if (!/^\*?[\w:.<>, ]+$/.test(withoutBalanced(rest[0]).replace(/->/g, ".")))
    return "co_await inside an expression";
  return null;
}

function faultsOf({ path, text }) {
  const code = withoutCommentsAndStrings(text).replace(/^\s*#[^\n]*/gm, "");
  return [...statements(code)].flatMap((statement) => {
    const fault = faultOf(statement);
    return fault ? [`${path}:${lineOf(code, statement.at)}: ${fault}: ${statement.text}`] : [];
  });
}

test("co_await stands where g++ 12 compiles it correctly", () => {
  assert.deepEqual(sources(/^(server|tests)\/.*\.[ch]pp$/).flatMap(faultsOf), []);
});

test("what g++ 12 miscompiles is found", () => {
  const faults = (code) => faultsOf({ path: "a.cpp", text: code }).length;
  const wrong = [
    "if (co_await ready()) return;",
    "while (co_await next()) { f(); }",
    "f(co_await g());",
    "int x = 1 + co_await g();",
    "int x = co_await g() + 1;",
    "bool x = !co_await g();",
    "co_await send(Message{1, 2});",
    "co_await send({1, 2});",
    "co_await send([&] { return 1; });",
    "auto f = [&]() -> Task<void> { co_return; };",
    "auto f = [x](int) -> async::Task<int> { co_return 1; };",
    "co_return (co_await g()).value;",
    "auto x = co_await g() ? 1 : 2;",
  ];
  for (const code of wrong) assert.equal(faults(code), 1, code);
});

test("what is allowed is not found", () => {
  const faults = (code) => faultsOf({ path: "a.cpp", text: code });
  const right = [
    "co_await g();",
    "Result<int> x = co_await session->send(std::move(request), list[i], name());",
    "state_ = co_await g();",
    "co_return co_await g<int>(a);",
    "if (ready) co_await g();",
    "for (int i = 0; i < 3; ++i) co_await g(i);",
    "else co_await scope.join();",
    "auto [a, b] = co_await g();",
    'f("co_await in(a) {string}"); // if (co_await x)',
    "co_await task;",
  ];
  for (const code of right) assert.deepEqual(faults(code), [], code);
});
