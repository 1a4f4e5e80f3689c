/** Queues as operators have announced them, how far each has come, and how its lots were drawn: what must outlive a failover and a restart. */
import type { AnnouncedQueue, KeptQueue, QueueMarks } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

export const noMarks: QueueMarks = { taken: 0, served: 0, root: null, drawn: null };

export type QueueStore = {
  /** All that are kept, in order of opening. Few, and asked for every second. */
  all(): Promise<readonly KeptQueue[]>;
  /** False, and nothing changed, where another queue of the same scope has not ended by then. */
  announce(queue: AnnouncedQueue, now: EpochMs): Promise<boolean>;
  /** The first end counts. False where there is no such queue, or it has ended. */
  end(queueId: string, at: EpochMs): Promise<boolean>;
  /** Numbers that are lower than what is noted are left as they are: marks never go back. */
  mark(queueId: string, marks: QueueMarks): Promise<void>;
  /** Lots of a page, in the order of the draw. Written again, a page is the same. */
  putPage(queueId: string, page: number, lots: readonly string[]): Promise<void>;
  page(queueId: string, page: number): Promise<readonly string[]>;
  /** Queues that ended before, with their draws. */
  forget(endedBefore: EpochMs): Promise<void>;
};

/** Of two notes the one that has come further, number by number. */
export const furtherOf = (one: QueueMarks, other: QueueMarks): QueueMarks => ({
  taken: Math.max(one.taken, other.taken),
  served: Math.max(one.served, other.served),
  root: other.root ?? one.root,
  drawn: other.drawn ?? one.drawn,
});

/** When it ends, or has ended. */
export const endOf = ({ endedAt, endsAt }: Pick<AnnouncedQueue, "endedAt" | "endsAt">): EpochMs =>
  endedAt !== null && endedAt < endsAt ? endedAt : endsAt;
