// Random texts and edits that a seed repeats.
export class Random {
  constructor(private seed: number) {}

  below(limit: number): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.seed / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  lines(count: number): string[] {
    return Array.from({ length: count }, () => `${this.pick(["oar", "keel", "}", "", "mast"])}\n`);
  }

  // Some lines replaced, taken out or put in, at `places` that do not touch each other.
  edited(lines: readonly string[], isFree: (line: number) => boolean, mark: string): string[] {
    return lines.flatMap((line, at) => {
      if (!isFree(at)) return [line];
      const what = this.below(4);
      if (what === 0) return [];
      if (what === 1) return [line, `${mark}${at}\n`];
      if (what === 2) return [`${mark}${at}\n`];
      return [line];
    });
  }
}
