/** Changes within one process: what is written here is handed on. */
import type { Clock } from "@chepiao/ports/clock";
import type { ChangeFeed, Follower, RunningFollower, RowChange } from "./changeFeed.ts";

export type MemoryChangeFeed = ChangeFeed & { write(...changes: readonly RowChange[]): void };

const againAfterMs = 100;

export function createMemoryChangeFeed(clock: Clock): MemoryChangeFeed {
  const all: (RowChange & { readonly at: number })[] = [];
  /** Of each name, how many of all changes are behind it. */
  const checkpoints = new Map<string, number>();
  const wakers = new Set<() => void>();

  function follow({ name, tables, batchMax, begin, handle }: Follower): RunningFollower {
    let isEnded = false;
    let wake = () => {};
    const somethingNew = () => new Promise<void>((resolve) => (wake = resolve));
    const isFollowed = ({ table }: RowChange) => tables.includes(table);
    const rouse = () => wake();
    wakers.add(rouse);

    async function step() {
      const checkpoint = checkpoints.get(name);
      if (checkpoint === undefined) {
        const end = all.length;
        await begin();
        checkpoints.set(name, end);
        return;
      }
      const batch = all.slice(checkpoint, checkpoint + batchMax);
      const followed = batch.filter(isFollowed);
      if (followed.length > 0) await handle(followed);
      checkpoints.set(name, checkpoint + batch.length);
    }

    async function run() {
      while (!isEnded) {
        const woken = somethingNew();
        if (checkpoints.get(name) === all.length) await woken;
        else await step().catch(() => new Promise<void>((resolve) => clock.after(againAfterMs, resolve)));
      }
    }
    const running = run();
    return {
      lagMs() {
        const oldest = all.slice(checkpoints.get(name) ?? 0).find(isFollowed);
        return oldest ? Math.max(0, clock.now() - oldest.at) : 0;
      },
      async caughtUp() {
        const end = all.length;
        while ((checkpoints.get(name) ?? -1) < end) await new Promise<void>((resolve) => clock.soon(resolve));
      },
      async [Symbol.asyncDispose]() {
        isEnded = true;
        wakers.delete(rouse);
        wake();
        await running;
      },
    };
  }

  return {
    follow,
    write(...changes) {
      all.push(...changes.map((change) => ({ ...change, at: clock.now() })));
      for (const rouse of wakers) rouse();
    },
  };
}
