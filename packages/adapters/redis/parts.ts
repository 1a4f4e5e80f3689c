/**
 * The part of the key space that belongs to a user, an order or a document. Keys of a part lie on one node, so that what comes
 * together for one part travels in one call, and one step can change several of its keys. A user and the user's orders share a
 * part, because the number of an order ends in the slot of its user.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import { type OrderId, type Slot, slotOfOrder, slotOfUser, type UserId } from "@chepiao/kernel";

/** Hash tags, one for each thirty-second of the cluster's slots: masters that share the slots evenly share the parts evenly. */
export const partTags = "10 6d 21 3 1p 1a b s 11 6a 20 2 1q 1d c r 12 6b 23 1 1r 1c d q 13 6c 22 0 1s 1b a p".split(
  " ",
);

export type Part = number;

export const partOfSlot = (slot: Slot): Part => slot % partTags.length;
export const partOfUser = (userId: UserId): Part => partOfSlot(slotOfUser(userId));
export const partOfOrder = (orderId: OrderId): Part => partOfSlot(slotOfOrder(orderId));
export const partOfText = (text: string): Part => Bun.hash.crc32(text) % partTags.length;

/** The same for every key of a part: `orders:{3}:…`. */
export const keyIn = (part: Part, kind: string, rest: string | number): string => `${kind}:{${partTags[part]}}:${rest}`;

/** Asks for the items of each part together; the answers come in the order of the items. */
export async function byPart<Item, Answer>(
  items: readonly Item[],
  partOf: (item: Item) => Part,
  ask: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const places = Map.groupBy(items.keys(), (place) => partOf(items[place]!));
  await Promise.all(
    [...places.values()].flatMap((all) =>
      chunksOf(all, itemsPerCallMax).map(async (some) => {
        const decided = await ask(some.map((place) => items[place]!));
        some.forEach((place, n) => (answers[place] = decided[n]!));
      }),
    ),
  );
  return answers;
}

/** The same, where a part that is away fails what is of it alone: that is the answer then. */
export const byPartApart = <Item, Answer>(
  items: readonly Item[],
  partOf: (item: Item) => Part,
  ask: (items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<(Answer | ServiceUnavailable)[]> =>
  byPart<Item, Answer | ServiceUnavailable>(items, partOf, (some) => orAway(some, ask(some)));

/** For each of the items its answer, or that who has them is away. */
export async function orAway<Answer>(
  items: readonly unknown[],
  asking: Promise<readonly Answer[]>,
): Promise<readonly (Answer | ServiceUnavailable)[]> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof ServiceUnavailable)) throw error;
    return items.map(() => error);
  }
}

/** A node does nothing else during a call, so calls are kept short. */
export const itemsPerCallMax = 64;

export function chunksOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length <= size) return [items];
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** Collects what is asked for one by one within a turn, and asks for it together. Where the answer to one is that somebody is away, it alone is thrown that. */
export function together<Item, Answer>(
  ask: (items: readonly Item[]) => Promise<readonly (Answer | ServiceUnavailable)[]>,
): (item: Item) => Promise<Answer> {
  let gathered: Item[] = [];
  let asking: Promise<readonly (Answer | ServiceUnavailable)[]> | null = null;
  return async (item) => {
    const place = gathered.push(item) - 1;
    asking ??= Promise.resolve().then(() => {
      const items = gathered;
      gathered = [];
      asking = null;
      return ask(items);
    });
    const answer = (await asking)[place]!;
    if (answer instanceof ServiceUnavailable) throw answer;
    return answer;
  };
}

/** Collects for so long, and asks for all of it in one go: for what nobody waits for. */
export function gathering<Item>(forMs: number, ask: (items: readonly Item[]) => Promise<unknown>) {
  let gathered: Item[] = [];
  let asking: Promise<void> | null = null;
  let askNow = () => {};

  async function askLater() {
    await new Promise<void>((resolve) => {
      askNow = resolve;
      setTimeout(resolve, forMs);
    });
    const items = gathered;
    gathered = [];
    asking = null;
    await ask(items);
  }

  return {
    /** Resolves once it was asked for. */
    add(items: readonly Item[]): Promise<void> {
      for (const item of items) gathered.push(item);
      return (asking ??= askLater());
    },
    async end() {
      const last = asking;
      askNow();
      await last?.catch(() => {});
    },
  };
}
