/** What has changed in the rows of orders, told in the order of commits to the followers; each follower's place lies in the database. */
import type { ChangeFeed, Follower, RunningFollower, RowChange } from "@chepiao/ports/change-feed";
import { secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { Life } from "../core/life.ts";
import type { Reach } from "../core/reach.ts";
import type { Engine } from "./engine.ts";

export type Binlog = {
  write(orderId: number, version: number): void;
  portOf(life: Life): ChangeFeed;
  /** Changes that some follower has not handled. */
  behind(): number;
};

const pauseMs = secondMs / 10;

export function createBinlog(reach: Reach, engine: Engine): Binlog {
  const all: RowChange[] = [];
  const places = new Map<string, number>();
  let waiting: (() => void)[] = [];

  function follow(life: Life, { name, batchMax, begin, handle }: Follower): RunningFollower {
    const { clock } = life;
    let stopped = false;
    let stop = () => {};
    const over = new Promise<null>((resolve) => {
      stop = () => resolve(null);
    });
    const running = run();

    /** Waits for news where there are none. */
    const read = (place: number): Promise<readonly RowChange[]> | readonly RowChange[] =>
      all.length > place
        ? all.slice(place, place + batchMax)
        : new Promise((resolve) => waiting.push(() => resolve(read(place))));

    async function step(): Promise<void> {
      const place = await reach(life, engine, `${name} asks where it is`, [], () => places.get(name) ?? null);
      if (place === null) {
        const end = await reach(life, engine, `${name} asks for the end`, [], () => all.length);
        await begin();
        return reach(life, engine, `${name} is at its beginning`, [], () => void places.set(name, end));
      }
      const changes = await Promise.race([reach(life, engine, `${name} follows`, [], () => read(place)), over]);
      if (changes === null) return;
      await handle(changes);
      await reach(life, engine, `${name} is further`, [], () => void places.set(name, place + changes.length));
    }

    async function run() {
      while (!stopped) {
        try {
          await step();
        } catch {
          if (!stopped) await sleep(clock, pauseMs);
        }
      }
    }
    return {
      lagMs: () => 0,
      caughtUp: async () => {},
      async [Symbol.asyncDispose]() {
        stopped = true;
        stop();
        await running;
      },
    };
  }

  return {
    write(orderId, version) {
      all.push({ table: "t_order", row: { id: orderId, version } });
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    portOf: (life) => ({ follow: (follower) => follow(life, follower) }),
    behind: () => [...places.values()].reduce((sum, place) => sum + all.length - place, 0),
  };
}
