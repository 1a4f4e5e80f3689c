/**
 * Ends what takes too long. One timer looks at everything some times a second, because a timer for each request costs the gateway a
 * tenth of its time; so an end may come a little late.
 */
export type Deadlines = {
  /** Calls `end` soon after that moment of `performance.now()`, unless the returned function was called before. */
  at(momentMs: number, end: () => void): () => void;
};

export function createDeadlines(checkEveryMs: number): Deadlines {
  const waiting = new Set<{ readonly momentMs: number; readonly end: () => void }>();
  let isSet = false;

  function schedule() {
    isSet = waiting.size > 0;
    if (isSet) setTimeout(endOverdue, checkEveryMs);
  }

  function endOverdue() {
    const now = performance.now();
    for (const each of waiting) {
      if (each.momentMs > now) continue;
      waiting.delete(each);
      each.end();
    }
    schedule();
  }

  return {
    at(momentMs, end) {
      const each = { momentMs, end };
      waiting.add(each);
      if (!isSet) schedule();
      return () => void waiting.delete(each);
    },
  };
}
