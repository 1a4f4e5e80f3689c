/** What is wrong with a feed: errors with their place, all of them up to a bound, and warnings, counted by kind or with their place. */
export type FeedError = {
  readonly file: string;
  /** Of the record's first line, the header being 1; null where the file as a whole is meant. */
  readonly line: number | null;
  readonly message: string;
};
export type FeedWarning = { readonly kind: string; readonly count: number; readonly example: string };

/** Reading goes on to this many errors, so that a feed is not corrected one error at a time. */
const errorsMax = 1_000;

/** Reading ends here; what was found so far is in the errors. */
export class ReadingEnded extends Error {
  override readonly name = "ReadingEnded";
}

export type Problems = {
  readonly errors: readonly FeedError[];
  warnings(): readonly FeedWarning[];
  error(file: string, line: number | null, message: string): void;
  /** The same again is not told. */
  errorOnce(file: string, line: number | null, message: string): void;
  /** Rows of the file are missing, and what names them is not at fault: a file with errors, or whose rows hang on such a one. */
  spoil(file: string): void;
  isSpoilt(file: string): boolean;
  /** The file is damaged: what was found in it says nothing. Nothing more is read. */
  damaged(file: string, message: string): never;
  /** An error after which nothing more is read. */
  end(file: string, line: number | null, message: string): never;
  warn(kind: string, example: string): void;
  /** A warning of one row. */
  warnAt(file: string, line: number, message: string): void;
  /** Those of single rows, in the order in which they were found. */
  readonly rowWarnings: readonly FeedError[];
};

export function createProblems(): Problems {
  let errors: FeedError[] = [];
  const spoilt = new Set<string>();
  const rowWarnings: FeedError[] = [];
  const warnings = new Map<string, { count: number; example: string }>();
  return {
    get errors() {
      return errors;
    },
    rowWarnings,
    warnings: () => [...warnings].map(([kind, { count, example }]) => ({ kind, count, example })),
    spoil: (file) => void spoilt.add(file),
    isSpoilt: (file) => spoilt.has(file),
    damaged(file, message) {
      errors = [...errors.filter((error) => error.file !== file), { file, line: null, message }];
      throw new ReadingEnded();
    },
    error(file, line, message) {
      spoilt.add(file);
      errors.push({ file, line, message });
      if (errors.length >= errorsMax) throw new ReadingEnded();
    },
    errorOnce(file, line, message) {
      if (!errors.some((known) => known.file === file && known.line === line)) this.error(file, line, message);
    },
    end(file, line, message) {
      errors.push({ file, line, message });
      throw new ReadingEnded();
    },
    warn(kind, example) {
      const known = warnings.get(kind);
      if (known) known.count++;
      else warnings.set(kind, { count: 1, example });
    },
    warnAt: (file, line, message) => void rowWarnings.push({ file, line, message }),
  };
}
