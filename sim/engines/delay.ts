/** Hints that an order's time to pay is over: shared by all who listen, and nothing to rely on, since they may be lost or doubled. */
import { type OrderId, secondMs } from "@chepiao/kernel";
import type { Delay } from "@chepiao/ports/delay";
import { ServiceUnavailable } from "@chepiao/contracts";
import type { Life } from "../core/life.ts";
import type { Scheduler } from "../core/scheduler.ts";
import type { Chance } from "../core/chance.ts";
import { createEngine, type Engine } from "./engine.ts";

export type DelayEngine = {
  readonly engine: Engine;
  /** Shares of hints that are lost, and that come twice. */
  readonly weather: { lost: number; doubled: number };
  portOf(life: Life): Delay;
};

type Listener = { readonly life: Life; readonly handle: (orderIds: readonly OrderId[]) => Promise<void> };

export type DelayDeps = {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly delayMs: number;
  readonly fired: (fault: "hint lost" | "hint doubled") => void;
};

const againUs = secondMs * 1_000;

export function createDelayEngine({ scheduler, chance, delayMs, fired }: DelayDeps): DelayEngine {
  const engine = createEngine({
    name: "delay",
    wayUs: 1_000,
    timeoutUs: 5_000_000,
    unavailable: (why) => new ServiceUnavailable("the delay queue", why),
  });
  const weather = { lost: 0, doubled: 0 };
  const listeners = new Set<Listener>();

  /** To one of those who listen; to another one, where it says nothing. */
  function hand(orderIds: readonly OrderId[]) {
    for (const listener of listeners) if (!listener.life.isAlive()) listeners.delete(listener);
    const awake = [...listeners];
    const listener = awake[chance.below(Math.max(1, awake.length))];
    if (!listener || engine.presence() !== "there") {
      scheduler.after(againUs, engine.name, "waits for listeners", () => hand(orderIds));
      return;
    }
    let isTaken = false;
    listener.life.after(engine.wayUs, "hears that time is over", () => {
      listener.handle(orderIds).then(
        () => (isTaken = true),
        () => {},
      );
    });
    scheduler.after(10 * againUs, engine.name, "looks whether it was taken", () => isTaken || hand(orderIds));
  }

  return {
    engine,
    weather,
    portOf: (life) => ({
      counters: { scheduled: 0, dropped: 0, due: 0 },
      schedule(orderIds) {
        if (engine.presence() !== "there" || chance.chance(weather.lost)) return fired("hint lost");
        scheduler.after(delayMs * 1_000, engine.name, "time is over", () => hand(orderIds));
        if (!chance.chance(weather.doubled)) return;
        fired("hint doubled");
        scheduler.after(delayMs * 1_000 + chance.below(againUs), engine.name, "time is over", () => hand(orderIds));
      },
      listen(handle) {
        const listener = { life, handle };
        listeners.add(listener);
        return {
          async [Symbol.asyncDispose]() {
            listeners.delete(listener);
          },
        };
      },
      async [Symbol.asyncDispose]() {},
    }),
  };
}
