/** No two processes make ids with one node number at one time: whoever made some is not heard again in the minute after another did. */
import { epochMs, type EpochMs, type IdSource, nodeCount, orderIdFloor, secondMs, slotCount } from "@chepiao/kernel";

export type NodeNumbers = {
  readonly sharedNumbers: readonly string[];
  /** The ids of one life, watched. */
  watched(ids: IdSource, life: string, now: () => EpochMs): IdSource;
};

/** Longer than a lease: who lost a number may have it again after that. */
const againAfterMs = 62 * secondMs;
const sequenceCount = orderIdFloor(epochMs(Date.UTC(2025, 0, 1, 0, 0, 1))) / nodeCount / slotCount;

export function createNodeNumbers(): NodeNumbers {
  const sharedNumbers: string[] = [];
  /** Of each number, when each life made its last id with it; the newest life last. */
  const usersOf = new Map<number, Map<string, number>>();

  function made(node: number, life: string, now: number) {
    const users = usersOf.get(node) ?? new Map<string, number>();
    usersOf.set(node, users);
    const newest = [...users.keys()].at(-1);
    const before = users.get(life);
    if (newest !== life && before !== undefined && now - before < againAfterMs)
      sharedNumbers.push(`node number ${node} is ${life}'s and ${newest}'s at one time`);
    users.delete(life);
    users.set(life, now);
  }

  return {
    sharedNumbers,
    watched: (ids, life, now) => ({
      skipPast: ids.skipPast,
      orderId(userId, at) {
        const id = ids.orderId(userId, at);
        made(Math.floor(id / slotCount / sequenceCount) % nodeCount, life, now());
        return id;
      },
      rowId(at) {
        const id = ids.rowId(at);
        made(id % nodeCount, life, now());
        return id;
      },
    }),
  };
}
