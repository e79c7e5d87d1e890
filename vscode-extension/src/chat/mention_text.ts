// Mentions in the text of a prompt: @path, @"path with blanks", each with an optional #L3 or #L3-10,
// and the words @selection, @problems and @open. Pure.
export interface MentionInText {
  name: string; // a path or one of the words
  lines?: { begin: number; end: number }; // 1-based, inclusive
}

const mention = /(?<=^|[\s(])@(?:"([^"\n]+)"|([^\s"#]*[^\s"#.,;:!?)]))(?:#L(\d+)(?:-L?(\d+))?)?/g;

export function mentionsIn(text: string): MentionInText[] {
  const found = new Map<string, MentionInText>();
  for (const [, quoted, plain, begin, end] of text.matchAll(mention)) {
    const name = quoted ?? plain ?? "";
    const lines = begin ? { lines: { begin: Number(begin), end: Number(end ?? begin) } } : {};
    found.set(`${name}#${begin}-${end}`, { name, ...lines });
  }
  return [...found.values()];
}

export function mentionOf(path: string, lines?: { begin: number; end: number }): string {
  const name = /[\s"#]/.test(path) ? `"${path}"` : path;
  if (!lines) return `@${name}`;
  const range = lines.begin === lines.end ? `${lines.begin}` : `${lines.begin}-${lines.end}`;
  return `@${name}#L${range}`;
}

// The mention that is being typed at the end of `text`, without its @.
export function mentionBeingTyped(text: string): string | undefined {
  return /(?:^|[\s(])@"?([^\s"#]*)$/.exec(text)?.[1];
}
