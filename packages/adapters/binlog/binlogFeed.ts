/**
 * Changes of rows, from the binlogs of MariaDB primaries. The account needs `REPLICATION SLAVE` and `BINLOG MONITOR`, the servers
 * `binlog_format=ROW`.
 */
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import type { Clock } from "@chepiao/ports/clock";
import type { ChangeFeed, Checkpoints } from "@chepiao/ports/change-feed";
import { createReader } from "./reader.ts";

export type BinlogSettings = {
  /** `mysql://user:password@host:port/database` of each primary; behind a proxy the database has another name than before it. */
  readonly primaries: readonly string[];
  /** Over TLS, where an address says nothing of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
};

export type BinlogDeps = {
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
};

export const createBinlogFeed = ({ primaries, identity }: BinlogSettings, deps: BinlogDeps): ChangeFeed => ({
  follow(follower) {
    const begin = together(() => follower.begin());
    const handle = oneAtATime(follower.handle);
    const readers = primaries.map((url, n) =>
      createReader({ ...deps, url, identity, name: `${follower.name}/${n}`, begin, follower: { ...follower, handle } }),
    );
    return {
      lagMs: () => Math.max(...readers.map((reader) => reader.lagMs())),
      async caughtUp() {
        await Promise.all(readers.map((reader) => reader.caughtUp()));
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(readers.map((reader) => reader[Symbol.asyncDispose]()));
      },
    };
  },
});

/** A caller that asks while it has not begun shares it: servers that begin at the same time need one reading of all rows, or two. */
function together(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= running.then(() => {
      next = null;
      const begun = work();
      running = begun.catch(() => {});
      return begun;
    });
    return next;
  };
}

function oneAtATime<T>(work: (input: T) => Promise<void>): (input: T) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (input) => {
    const mine = last.then(() => work(input));
    last = mine.catch(() => {});
    return mine;
  };
}
