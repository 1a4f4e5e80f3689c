/** Keys of which each ends at a time of its own: what is over is taken out without a look at the others. */
export type Expiring<Key> = {
  readonly size: number;
  keys(): Iterable<Key>;
  has(key: Key): boolean;
  /** A key that is there ends then instead. */
  set(key: Key, until: number): void;
  delete(key: Key): boolean;
  /** Takes out what has ended by now. */
  purge(now: number): void;
};

type End<Key> = { readonly key: Key; readonly until: number };

export function createExpiring<Key>(): Expiring<Key> {
  const untilOf = new Map<Key, number>();
  /** A binary heap, the soonest first. One whose key was set again or deleted since stays until its time comes, and is passed over then. */
  const ends: End<Key>[] = [];

  function add(end: End<Key>) {
    let at = ends.push(end) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (ends[above]!.until <= end.until) break;
      ends[at] = ends[above]!;
      at = above;
    }
    ends[at] = end;
  }

  function takeFirst(): End<Key> {
    const first = ends[0]!;
    const end = ends.pop()!;
    if (ends.length > 0) sink(end);
    return first;
  }

  /** From the top down to where nothing below it is sooner. */
  function sink(end: End<Key>) {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= ends.length) break;
      if (below + 1 < ends.length && ends[below + 1]!.until < ends[below]!.until) below++;
      if (ends[below]!.until >= end.until) break;
      ends[at] = ends[below]!;
      at = below;
    }
    ends[at] = end;
  }

  return {
    get size() {
      return untilOf.size;
    },
    keys: () => untilOf.keys(),
    has: (key) => untilOf.has(key),
    set(key, until) {
      untilOf.set(key, until);
      add({ key, until });
    },
    delete: (key) => untilOf.delete(key),
    purge(now) {
      while (ends.length > 0 && ends[0]!.until <= now) {
        const { key, until } = takeFirst();
        if (untilOf.get(key) === until) untilOf.delete(key);
      }
    },
  };
}
