/**
 * The log as a process has it: appends go one after the other, each waiting to be acknowledged; what is read is handed out in
 * batches by the delivery that all logs of ours share.
 */
import type { LogRecord } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import {
  type Consumer,
  type Consumption,
  createDelivery,
  createDeadLetterStore,
  deadLetterOf,
  type DeadLetter,
  type Log,
  LogUnavailable,
  textOf,
} from "@chepiao/ports/log";
import type { Life } from "../../core/life.ts";
import type { Reach } from "../../core/reach.ts";
import type { Scheduler } from "../../core/scheduler.ts";
import { createEngine, type Engine } from "../engine.ts";
import { type Assignment, type Broker, createBroker, type Fetched, type Member, type Share } from "./broker.ts";

export type AppendFault = "acknowledged too late" | "appended in part";

export type LogEngine = {
  readonly engine: Engine;
  readonly broker: Broker;
  readonly dead: ReadonlyMap<string, DeadLetter>;
  /** Shares of appends that are refused and arrive all the same, and of those of which only a part arrives. */
  readonly weather: { lateAppends: number; partialAppends: number };
  /** Appends that will still arrive, also where no caller waits for them. */
  underWay(): number;
  portOf(life: Life): Log & { readonly counters: { readonly syncs: number; readonly appended: number } };
};

export type LogDeps = {
  readonly reach: Reach;
  readonly scheduler: Scheduler;
  readonly fired: (fault: AppendFault) => void;
};

const timeoutUs = 5_000_000;
const lateUsMax = 20_000_000;
const pauseMs = secondMs / 2;

export function createLogEngine({ reach, scheduler, fired }: LogDeps): LogEngine {
  const engine = createEngine({
    name: "log",
    wayUs: 2_000,
    timeoutUs,
    unavailable: (why, mayArrive) => new LogUnavailable(why, { mayArrive }),
  });
  const broker = createBroker(scheduler, engine);
  const dead = new Map<string, DeadLetter>();
  const weather = { lateAppends: 0, partialAppends: 0 };
  let late = 0;

  function portOf(life: Life): ReturnType<LogEngine["portOf"]> {
    let last: Promise<unknown> = Promise.resolve();
    const counters = { syncs: 0, appended: 0 };
    const deadLetterStore = createDeadLetterStore(dead, append);

    /** One on its way at a time, so that records of a key keep their order. */
    function append(records: readonly LogRecord[]): Promise<void> {
      if (records.length === 0) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      last = last.then(() =>
        send(records, reject).then(() => {
          counters.appended += records.length;
          return resolve();
        }, reject),
      );
      return promise;
    }

    async function send(records: readonly LogRecord[], reject: (error: Error) => void): Promise<void> {
      counters.syncs++;
      if (weather.lateAppends > 0 && life.chance.chance(weather.lateAppends)) {
        fired("acknowledged too late");
        // The caller is told no; what is on its way arrives nevertheless, also after the death of who sent it.
        life.after(timeoutUs, "log.append fails", () =>
          reject(engine.unavailable("it did not acknowledge in time", true)),
        );
        late++;
        return new Promise((resolve) => {
          scheduler.after(timeoutUs + life.chance.below(lateUsMax), engine.name, "log.append arrives late", () => {
            late--;
            broker.append(records);
            life.after(engine.wayUs, "log.append answered", resolve);
          });
        });
      }
      const isPartial = weather.partialAppends > 0 && records.length > 1 && life.chance.chance(weather.partialAppends);
      if (isPartial) fired("appended in part");
      const arriving = isPartial ? records.filter(({ key }) => key === records[0]!.key) : records;
      await reach(life, engine, "log.append", arriving, () => broker.append(arriving));
      if (isPartial) throw engine.unavailable("some partitions have no leader", true);
    }

    return {
      counters,
      append,
      deadLetters: deadLetterStore,
      consume: (consumer) =>
        consumeFrom({
          life,
          reach,
          engine,
          broker,
          consumer,
          park: (item, cause) => park(consumer.group, item, cause),
        }),
      async [Symbol.asyncDispose]() {},
    };

    function park(group: string, { topic, index, offset, record }: Fetched, cause: unknown): Promise<void> {
      const fate = { group, origin: `${topic}/${index}/${offset}`, cause, buriedAt: life.clock.now() };
      return deadLetterStore.park(deadLetterOf(textOf(record), fate));
    }
  }

  return { engine, broker, dead, weather, underWay: () => late, portOf };
}

type ConsumeDeps = {
  readonly life: Life;
  readonly reach: Reach;
  readonly engine: Engine;
  readonly broker: Broker;
  readonly consumer: Consumer;
  readonly park: (item: Fetched, cause: unknown) => Promise<void>;
};

/** One member of a group: joins, reads what is its part, hands it over, says how far it is; and anew when parts move. */
function consumeFrom({ life, reach, engine, broker, consumer, park }: ConsumeDeps): Consumption {
  const { group } = consumer;
  const { clock } = life;
  let stopped = false;
  let end = () => {};
  let current = 0;
  let waiting: Fetched[] = [];
  const member: Member = { life, topics: consumer.topics, moved: (generation) => generation >= current && end() };
  const running = run();

  async function run() {
    while (!stopped) {
      try {
        const assignment = await reach(life, engine, `${group} joins`, [], () => broker.join(group, member));
        await session(assignment);
      } catch {
        if (!stopped) await sleep(clock, pauseMs);
      }
    }
    await reach(life, engine, `${group} leaves`, [], () => broker.leave(group, member)).catch(() => {});
  }

  /** Until parts move: then the batch at hand is still finished, and what was read and not begun is left to the member that has it next. */
  async function session({ generation, shares }: Assignment): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<null>();
    let ended = false;
    current = generation;
    const delivery = createDelivery<Fetched>({
      clock,
      handle: (batch) => consumer.handle(batch.map(({ record }) => record)),
      failed: () => {},
      park,
    });
    end = () => {
      ended = true;
      delivery.stop();
      resolve(null);
    };
    if (stopped) end();
    /** Said again until it is heard: nothing may come after the last batch that would carry it along. */
    async function commit(done: readonly Share[]) {
      while (!ended) {
        try {
          await reach(life, engine, `${group} commits`, [], () => broker.commit(group, member, generation, done));
          return;
        } catch {
          await sleep(clock, pauseMs);
        }
      }
    }
    let places: readonly Share[] = shares;
    waiting = [];
    while (!ended) {
      if (waiting.length === 0) {
        const asked = places;
        const fetching = reach(life, engine, `${group} reads`, [], () =>
          broker.fetch(group, member, generation, asked, consumer.batchMax),
        ).catch(() => sleep(clock, pauseMs).then((): readonly Fetched[] => []));
        const fetched = await Promise.race([fetching, over]);
        if (fetched === null) return;
        waiting = [...fetched];
        continue;
      }
      const batch = waiting.splice(0, consumer.batchMax);
      if (!(await delivery.deliver(batch))) return;
      places = behind(places, batch);
      const done = places;
      await commit(done);
    }
  }

  return {
    lag: () => waiting.length,
    async caughtUp() {
      while (!stopped && broker.behind() > 0) await sleep(clock, 50);
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      end();
      await running;
    },
  };
}

/** The same places, behind what was finished of them. */
const behind = (places: readonly Share[], batch: readonly Fetched[]): readonly Share[] =>
  places.map((place) => {
    const last = batch.findLast(({ topic, index }) => topic === place.topic && index === place.index);
    return last ? { ...place, from: last.offset + 1 } : place;
  });
