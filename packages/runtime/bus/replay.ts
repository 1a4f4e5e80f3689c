/**
 * Which numbered calls were here before. A caller counts its calls; for each of them the last so many numbers are remembered, as bits that
 * move along (as IPsec does, RFC 4303 3.4.3). A number that has fallen out counts as seen. So what is remembered does not grow with what
 * is called, and what stands here is older than the time for which a call is believed before it is forgotten.
 */

/** Calls of one caller that may overtake each other. At 8 KiB a caller: more than can be on their way at a time. */
export const numbersKept = 65_536;

type Window = { readonly bits: Uint32Array; highest: number; lastAt: number };

export type Replays = {
  /** False for what was here before, or is too old to know. Afterwards it was here. */
  take(caller: string, number: number, now: number): boolean;
  /** Callers remembered. */
  readonly size: number;
};

/** @param keptMs after so long without a call a caller is forgotten: nothing that it had signed before is believed any more */
export function createReplays(keptMs: number): Replays {
  const windows = new Map<string, Window>();
  let sweptAt = Number.NEGATIVE_INFINITY;

  function sweep(now: number) {
    if (now - sweptAt < keptMs) return;
    sweptAt = now;
    for (const [caller, { lastAt }] of windows) if (now - lastAt > keptMs) windows.delete(caller);
  }

  return {
    take(caller, number, now) {
      sweep(now);
      let window = windows.get(caller);
      if (!window) {
        window = { bits: new Uint32Array(numbersKept / 32), highest: number, lastAt: now };
        windows.set(caller, window);
      }
      window.lastAt = Math.max(window.lastAt, now);
      if (number > window.highest) moveTo(window, number);
      if (number <= window.highest - numbersKept) return false;
      const at = number % numbersKept;
      const [word, bit] = [at >>> 5, 1 << (at & 31)];
      if ((window.bits[word]! & bit) !== 0) return false;
      window.bits[word]! |= bit;
      return true;
    },
    get size() {
      return windows.size;
    },
  };
}

/** Numbers that come into the window were not seen; those whose bits they take over have fallen out. */
function moveTo(window: Window, number: number): void {
  const { bits, highest } = window;
  if (number - highest >= numbersKept) bits.fill(0);
  else {
    for (let n = highest + 1; n <= number; n++) {
      const at = n % numbersKept;
      bits[at >>> 5]! &= ~(1 << (at & 31));
    }
  }
  window.highest = number;
}
