// Markdown of models, as HTML that is safe to show: no HTML of theirs, no images, links by message.
import hljs from "highlight.js/lib/common";
import MarkdownIt from "markdown-it";
import { post } from "./store";

const longestHighlighted = 20_000;
const mostKept = 300;

const highlighted = new Map<string, string>();

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false });
const escaped = markdown.utils.escapeHtml;

markdown.renderer.rules.fence = (tokens, at) => {
  const { content, info } = tokens[at] ?? { content: "", info: "" };
  return codeBlock(content, info.trim().split(/\s+/)[0] ?? "");
};
markdown.renderer.rules.code_block = (tokens, at) => codeBlock(tokens[at]?.content ?? "", "");
markdown.renderer.rules.image = (tokens, at) => {
  const token = tokens[at];
  const source = String(token?.attrGet("src") ?? "");
  return `<a href="${escaped(source)}">${escaped(token?.content || source)}</a>`;
};
markdown.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>';
markdown.renderer.rules.table_close = () => "</table></div>";

function codeBlock(code: string, language: string): string {
  const button = (act: string, icon: string, label: string) =>
    `<button type="button" data-act="${act}" title="${label}" aria-label="${label}">` +
    `<i class="codicon codicon-${icon}" aria-hidden="true"></i></button>`;
  return (
    `<div class="code"><div class="code-head"><span>${escaped(language)}</span>` +
    button("copy", "copy", "Copy this code") +
    button("insert", "insert", "Insert this code at the cursor") +
    `</div><pre tabindex="0"><code>${colours(code, language)}</code></pre></div>`
  );
}

export function colours(code: string, language: string): string {
  if (!hljs.getLanguage(language) || code.length > longestHighlighted) return escaped(code);
  const key = `${language}\n${code}`;
  let html = highlighted.get(key);
  if (html === undefined) {
    html = hljs.highlight(code, { language, ignoreIllegals: true }).value;
    highlighted.set(key, html);
    const oldest = highlighted.keys().next().value;
    if (highlighted.size > mostKept && oldest !== undefined) highlighted.delete(oldest);
  }
  return html;
}

function onClick(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const link = target.closest("a");
  const button = target.closest<HTMLElement>("button[data-act]");
  if (link) {
    event.preventDefault();
    post({ type: "openLink", href: link.getAttribute("href") ?? "" });
  } else if (button) {
    const text = button.closest(".code")?.querySelector("code")?.textContent ?? "";
    post({ type: button.dataset.act === "insert" ? "insert" : "copy", text });
    confirm(button);
  }
}

function confirm(button: HTMLElement): void {
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1200);
}

export function Markdown({ text }: { text: string }) {
  const html = markdown.render(text);
  // biome-ignore lint/a11y/noStaticElementInteractions: the links and buttons inside are interactive
  // biome-ignore lint/a11y/useKeyWithClickEvents: and get a click by key, too
  return <div class="markdown" onClick={onClick} dangerouslySetInnerHTML={{ __html: html }} />;
}
