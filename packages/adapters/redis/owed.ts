/** What could not be done because its node was away, and matters enough to be done once it is back: tried again until it is, or is of no use any more. */
import { ServiceUnavailable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";

export type Owed<Item> = Disposable & {
  /** Does it, and throws as `act` does; where the node was away, it is owed from then on. */
  act(item: Item): Promise<void>;
  readonly count: () => number;
};

export type OwedOptions = {
  /** After so long it is of no use. */
  readonly forMs: number;
  readonly everyMs?: number;
  /** More are not remembered. */
  readonly max?: number;
  readonly nowMs?: () => number;
};

/** @param act doing it twice is doing it once */
export function createOwed<Item>(
  act: (item: Item) => Promise<unknown>,
  { forMs, everyMs = secondMs, max = 100_000, nowMs = () => performance.now() }: OwedOptions,
): Owed<Item> {
  const owed = new Map<Item, number>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function note(item: Item) {
    if (owed.size >= max) return;
    owed.set(item, nowMs() + forMs);
    timer ??= later();
  }

  function later() {
    const set = setTimeout(() => void pass(), everyMs);
    set.unref();
    return set;
  }

  /** One after the other: where the node is still away each fails at once. */
  async function pass() {
    for (const [item, untilMs] of owed) {
      const isDone = nowMs() > untilMs || (await succeeds(item));
      if (isDone) owed.delete(item);
    }
    timer = owed.size > 0 ? later() : null;
  }

  const succeeds = (item: Item) =>
    act(item).then(
      () => true,
      (error: unknown) => !(error instanceof ServiceUnavailable),
    );

  return {
    async act(item) {
      try {
        await act(item);
      } catch (error) {
        if (error instanceof ServiceUnavailable) note(item);
        throw error;
      }
    },
    count: () => owed.size,
    [Symbol.dispose]() {
      if (timer) clearTimeout(timer);
      owed.clear();
    },
  };
}
