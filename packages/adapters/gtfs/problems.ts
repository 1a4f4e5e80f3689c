/** What is wrong with a feed: errors with their place, all of them up to a bound, and warnings counted by kind. */
export type FeedError = {
  readonly file: string;
  /** Of the record's first line, the header being 1; null where the file as a whole is meant. */
  readonly line: number | null;
  readonly message: string;
};
export type FeedWarning = { readonly kind: string; readonly count: number; readonly example: string };

/** Reading goes on to this many errors, so that a feed is not mended one error at a time. */
const errorsMax = 1_000;

export class TooManyErrors extends Error {
  override readonly name = "TooManyErrors";
}

export type Problems = {
  readonly errors: readonly FeedError[];
  warnings(): readonly FeedWarning[];
  error(file: string, line: number | null, message: string): void;
  warn(kind: string, example: string): void;
};

export function createProblems(): Problems {
  const errors: FeedError[] = [];
  const warnings = new Map<string, { count: number; example: string }>();
  return {
    errors,
    warnings: () => [...warnings].map(([kind, { count, example }]) => ({ kind, count, example })),
    error(file, line, message) {
      errors.push({ file, line, message });
      if (errors.length >= errorsMax) throw new TooManyErrors();
    },
    warn(kind, example) {
      const known = warnings.get(kind);
      if (known) known.count++;
      else warnings.set(kind, { count: 1, example });
    },
  };
}
