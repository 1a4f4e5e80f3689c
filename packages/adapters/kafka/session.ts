/**
 * What a member does between two rebalances: reads its partitions and hands one batch at a time to the handler. What was fetched
 * and not handled when the session ends is dropped: the member that has the partition next reads it again.
 */
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { createDelivery, decodeRecord, type Consumer as Handler } from "@chepiao/ports/log";
import type { Fetched, Place, Reader } from "./reader.ts";

/** A partition that is ours for now. */
export type Share = Place & {
  /** Behind the last record that was handled or put aside. */
  finishedAt: bigint;
  /** As far as the broker was told. */
  committedAt: bigint;
};
export type Waiting = Fetched<Share>;

export type Session = {
  readonly shares: readonly Share[];
  /** Resolves when the handler is through with the batch it has. Nothing is begun any more. */
  end(): Promise<void>;
};

export type SessionDeps = {
  readonly clock: Clock;
  readonly reader: Reader;
  readonly handler: Handler;
  readonly report: (message: string, error?: unknown) => void;
  readonly park: (waiting: Waiting, cause: unknown) => Promise<void>;
  /** Some share is finished a little further. */
  readonly finished: () => void;
  readonly topicOf: (place: Place) => string;
};

const pauseMs = secondMs / 2;
/** Fetched and not yet handled; beyond that nothing more is asked for. */
const waitingBatchesMax = 4;

export function beginSession(shares: readonly Share[], deps: SessionDeps): Session {
  const { clock, reader, handler, report } = deps;
  const delivery = createDelivery<Waiting>({
    clock,
    handle: (batch) =>
      handler.handle(batch.map(({ place, key, text }) => decodeRecord(deps.topicOf(place), key, text ?? "null"))),
    failed: (error, attempt) => report(`a batch failed (attempt ${attempt + 1}) and will come again`, error),
    park: deps.park,
  });
  let waiting: Waiting[] = [];
  let handling: Promise<void> | null = null;
  let ended = false;
  let makeRoom = () => {};
  if (shares.length > 0) void keepFetching();

  /** One request at a time to each broker; none while too much is waiting. */
  async function keepFetching() {
    const onTheWay = new Map<number, Promise<unknown>>();
    while (!ended) {
      try {
        for (const [broker, places] of await reader.byLeader(shares)) {
          if (onTheWay.has(broker)) continue;
          onTheWay.set(
            broker,
            fetchFrom(broker, places).finally(() => onTheWay.delete(broker)),
          );
        }
        await Promise.race(onTheWay.values());
      } catch (error) {
        await pauseAfter("its brokers are not known", error);
      }
      if (waiting.length > waitingBatchesMax * handler.batchMax) {
        await new Promise<void>((resolve) => (makeRoom = resolve));
      }
    }
  }

  /** Never rejects: a broker that fails is left alone for a moment, while others are read. */
  async function fetchFrom(broker: number, places: readonly Share[]) {
    try {
      const fetched = await reader.fetch(broker, places);
      if (ended || fetched.length === 0) return;
      waiting = waiting.concat(fetched);
      handling ??= handleAll();
    } catch (error) {
      await pauseAfter(`broker ${broker} could not be read`, error);
    }
  }

  async function pauseAfter(what: string, error: unknown) {
    if (ended) return;
    report(`${what}; trying again`, error);
    await sleep(clock, pauseMs);
  }

  async function handleAll() {
    while (!ended && waiting.length > 0) {
      const batch = waiting.splice(0, handler.batchMax);
      if (!(await delivery.deliver(batch))) break;
      for (const { place, offset } of batch) place.finishedAt = offset + 1n;
      deps.finished();
      makeRoom();
      const some = waiting.length > 0 && waiting.length < handler.batchMax;
      if (some && handler.gatherMs) await delivery.rest(handler.gatherMs);
    }
    handling = null;
  }

  return {
    shares,
    async end() {
      ended = true;
      delivery.stop();
      makeRoom();
      await handling;
    },
  };
}
