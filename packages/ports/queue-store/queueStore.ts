/** Queues as operators have announced them, how far each has come, and how its lots were drawn: what must outlive a failover and a restart. */
import type { AnnouncedQueue, KeptQueue, QueueMarks, TakenLot } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export const noMarks: QueueMarks = {
  taken: 0,
  served: 0,
  lots: 0,
  root: null,
  rootAt: null,
  chance: null,
  drawn: null,
  seed: null,
};

/** What only grows. */
export type QueueCounts = Pick<QueueMarks, "taken" | "served" | "lots">;

export type QueueStore = {
  /** All that are kept, in order of opening. Few, and asked for every second. */
  all(): Promise<readonly KeptQueue[]>;
  /** False, and nothing changed, where another queue of the same scope has not ended by then. */
  announce(queue: AnnouncedQueue, now: EpochMs): Promise<boolean>;
  /** The first end counts. False where there is no such queue, or it has ended. */
  end(queueId: string, at: EpochMs): Promise<boolean>;
  /** Numbers that are lower than what is noted are left as they are: counts never go back. */
  mark(queueId: string, counts: QueueCounts): Promise<void>;

  /** Lots as they are taken, where the counters are in memory. One that is known is left as it is. */
  putTaken(queueId: string, lots: readonly TakenLot[]): Promise<void>;
  /** Those behind that lot, in order of their letters, so many at most. */
  taken(queueId: string, after: string, max: number): Promise<readonly TakenLot[]>;

  /** A page of the lots that have this root. Written again, it is left as it is: another list has another root. */
  putListed(queueId: string, root: string, page: number, lots: readonly string[]): Promise<void>;
  listed(queueId: string, root: string, page: number): Promise<readonly string[]>;
  /** The first root counts: false where there is one. Its list was written before. */
  publishRoot(queueId: string, root: string, at: EpochMs): Promise<boolean>;
  /** The first chance counts, and none before there is a root: then false. */
  noteChance(queueId: string, chance: string): Promise<boolean>;

  /** Lots of a page, in the order of the draw. Written again, a page is the same. */
  putPage(queueId: string, page: number, lots: readonly string[]): Promise<void>;
  page(queueId: string, page: number): Promise<readonly string[]>;
  /** The draw is made, and its seed is known; once. */
  reveal(queueId: string, drawn: number, seed: string): Promise<void>;

  /** Queues that ended before, with their draws. */
  forget(endedBefore: EpochMs): Promise<void>;
};

/** When it ends, or has ended. */
export const endOf = ({ endedAt, endsAt }: Pick<AnnouncedQueue, "endedAt" | "endsAt">): EpochMs =>
  endedAt !== null && endedAt < endsAt ? endedAt : endsAt;
