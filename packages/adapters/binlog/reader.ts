/** Reads one server's binlog for one follower, from the place where it was, through restarts of either side. */
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import { type EpochMs, secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Follower, RunningFollower, Checkpoints } from "@chepiao/ports/change-feed";
import { type BinlogConnection, connectBinlog } from "./connection.ts";
import { isAtOrPast, parsePosition, type Position, printPosition } from "./position.ts";

export type ReaderDeps = {
  readonly url: string;
  readonly identity: TlsIdentity | undefined;
  /** Under which the place is remembered. */
  readonly name: string;
  readonly follower: Pick<Follower, "tables" | "batchMax" | "handle">;
  /** Makes good for changes that are not known; ours begin where the binlog ended before it was called. */
  readonly begin: () => Promise<void>;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
};

const pauseMinMs = 100;
const pauseMaxMs = 5 * secondMs;
/** A place that is older than that costs changes that come once more, and nothing else. */
const saveEveryMs = secondMs;
const pollEveryMs = 20;

export function createReader({
  url,
  identity,
  name,
  follower,
  begin,
  checkpoints,
  clock,
  report,
}: ReaderDeps): RunningFollower {
  let isEnded = false;
  let endPause = () => {};
  let connection: BinlogConnection | null = null;
  /** Everything before it is handled; null until that is known in this life. */
  let handled: Position | null = null;
  let saved: Position | null = null;
  let savedAt = 0;
  /** When the oldest of what is being handled was committed. */
  let handlingAt: EpochMs | null = null;
  /** Up to then everything is handled. */
  let seenUntil = clock.now();
  let isReading = false;

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });

  /** Again and again until it is done, or we are to end. */
  async function insist(what: string, work: () => Promise<void>): Promise<void> {
    for (let pauseMs = pauseMinMs; !isEnded; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
      try {
        return await work();
      } catch (error) {
        if (isEnded) return;
        report(`${name}: ${what}, trying again`, error);
        await pause(pauseMs);
      }
    }
  }

  async function save() {
    if (!handled || handled === saved) return;
    await checkpoints.save(name, printPosition(handled));
    saved = handled;
    savedAt = clock.now();
  }

  async function startingPosition(server: BinlogConnection): Promise<Position> {
    const place = handled ?? parsePosition((await checkpoints.load(name)) ?? "");
    if (place && (await server.has(place))) return place;
    handled = null;
    const since = clock.now();
    const settled = await server.settled();
    await begin();
    handled = settled;
    seenUntil = since;
    await save();
    return settled;
  }

  /** One connection's life; ends with its trouble. */
  async function read(progressed: () => void) {
    const server = connectBinlog(url, follower.tables, clock, identity);
    connection = server;
    try {
      const place = await startingPosition(server);
      handled = saved = place;
      server.start(place);
      while (!isEnded) {
        const { changes, position, at } = await server.take(follower.batchMax);
        isReading = true;
        progressed();
        handlingAt = at;
        if (changes.length > 0) await insist("changes were not taken", () => follower.handle(changes));
        if (isEnded) return;
        handlingAt = null;
        handled = position;
        seenUntil = clock.now();
        if (seenUntil - savedAt >= saveEveryMs) await save();
      }
    } finally {
      isReading = false;
      handlingAt = null;
      connection = null;
      server.close();
    }
  }

  async function run() {
    let pauseMs = pauseMinMs;
    while (!isEnded) {
      try {
        await read(() => (pauseMs = pauseMinMs));
      } catch (error) {
        if (isEnded) return;
        report(`${name}: the binlog cannot be read, trying again`, error);
        await pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, pauseMaxMs);
      }
    }
  }
  const running = run();

  return {
    lagMs() {
      const oldest = handlingAt ?? connection?.oldestAt() ?? (isReading ? null : seenUntil);
      return oldest === null ? 0 : Math.max(0, clock.now() - oldest);
    },
    async caughtUp() {
      const end = await endOf(() => connection);
      while (!handled || handled.serverId !== end.serverId || !isAtOrPast(handled, end))
        await sleep(clock, pollEveryMs);
    },
    async [Symbol.asyncDispose]() {
      isEnded = true;
      endPause();
      connection?.close();
      await running;
      await save().catch((error: unknown) => report(`${name}: the place is not remembered`, error));
    },
  };

  async function endOf(server: () => BinlogConnection | null): Promise<Position> {
    for (;;) {
      try {
        const now = server();
        if (now) return await now.end();
      } catch {
        // The reader meets the same trouble and tells of it.
      }
      if (isEnded) throw new Error(`${name} was ended before it had caught up`);
      await sleep(clock, pollEveryMs);
    }
  }
}
