// Makes the picture of the README from a real run: node docs/picture.mjs THOLE [LINES] >docs/demo.svg
import { execFileSync } from "node:child_process";

const [program, count = "62"] = process.argv.slice(2);
const typed = `stty cols 80 rows 50; exec ${program} demo`;
const env = { ...process.env, TERM: "xterm-256color", NO_COLOR: "" };
const run = execFileSync("script", ["-qec", typed, "/dev/null"], { env, stdio: ["ignore", "pipe", "inherit"] });
const lines = run.toString().replaceAll("\r", "").split("\n").slice(0, Number(count));

const inks = { 31: "#f7768e", 32: "#9ece6a", 33: "#e0af68", 36: "#7dcfff" };
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

// What is in force goes on over the end of a line.
let look = {};
function pen(codes) {
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) look = {};
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, dim: true };
    else if (code === 22) look = { ...look, bold: false, dim: false };
    else if (code === 39) look = { ...look, ink: undefined };
    else look = { ...look, ink: inks[code] };
  }
}

function span(text) {
  if (!text) return "";
  const fill = look.ink ?? (look.dim ? "#737aa2" : "#c0caf5");
  return `<tspan fill="${fill}"${look.bold ? ' font-weight="bold"' : ""}>${escaped(text)}</tspan>`;
}

function rendered(line, index) {
  const parts = line.split(/\x1b\[([\d;]*)m/);
  const spans = parts.map((part, i) => {
    if (i % 2 === 0) return span(part);
    pen(part);
    return "";
  });
  return `<text x="16" y="${30 + 18 * index}" xml:space="preserve">${spans.join("")}</text>`;
}

const height = 30 + 18 * lines.length;
console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 ${height}" width="680" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13">
<rect width="680" height="${height}" rx="8" fill="#1a1b26"/>
${lines.map(rendered).join("\n")}
</svg>`);
