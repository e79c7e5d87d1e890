// Which files a few typed letters mean. Pure.
export function score(path: string, query: string): number {
  if (query === "") return 1;
  const where = path.toLowerCase();
  const what = query.toLowerCase();
  const name = where.slice(where.lastIndexOf("/") + 1);
  if (name.startsWith(what)) return 1000 - name.length;
  if (name.includes(what)) return 800 - name.length;
  if (where.includes(what)) return 600 - where.length / 10;
  return hasLetters(where, what) ? 300 - where.length / 10 : 0;
}

function hasLetters(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

export function bestMatches(paths: readonly string[], query: string, most: number): string[] {
  return paths
    .map((path) => ({ path, points: score(path, query) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.path.localeCompare(b.path))
    .slice(0, most)
    .map(({ path }) => path);
}
