/**
 * What has changed in the rows of a database. From it read models and caches are kept true; it says which row has changed, and
 * the follower reads the row itself. That may be newer by then, or, for a moment, still older: a server may tell of a commit
 * while it waits for a replica, before a reader can see what was committed.
 */
export type Row = Readonly<Record<string, unknown>>;

export type RowChange = {
  /** The table's name in the schema, wherever its parts lie. */
  readonly table: string;
  /** As the change left it; of a row that was deleted, as it was. */
  readonly row: Row;
  readonly isDeleted?: true;
};

export type ChangeFeed = {
  /**
   * Hands the follower every committed change of its tables, one batch at a time, each server's in the order of its commits. A batch
   * is behind it when `handle` resolves; when it throws, the same changes come again after a pause, without end. The place is
   * remembered under the follower's name, so that it goes on there after a restart; the last changes may then come once more (I7).
   * Under one name there is one follower at a time.
   */
  follow(follower: Follower): RunningFollower;
};

export type Follower = {
  readonly name: string;
  readonly tables: readonly string[];
  /** At most so many changes in a batch, unless one transaction made more. */
  readonly batchMax: number;
  /**
   * Earlier changes are not known: there is no place to go on from, or the database keeps no changes of so long ago. Makes good for
   * that by reading the rows themselves. Whatever is committed after it was called is handed to `handle`, once this has resolved.
   */
  begin(): Promise<void>;
  handle(changes: readonly RowChange[]): Promise<void>;
};

export type RunningFollower = AsyncDisposable & {
  /** Age of the oldest change that may not have been handled yet; 0 where there is none. */
  lagMs(): number;
  /** Resolves when everything that was committed before this call has been handled. */
  caughtUp(): Promise<void>;
};

/** Where followers are, by the names of follower and server. */
export type Checkpoints = {
  load(name: string): Promise<string | null>;
  save(name: string, checkpoint: string): Promise<void>;
};

export function createMemoryCheckpoints(): Checkpoints {
  const checkpoints = new Map<string, string>();
  return {
    load: async (name) => checkpoints.get(name) ?? null,
    async save(name, checkpoint) {
      checkpoints.set(name, checkpoint);
    },
  };
}
