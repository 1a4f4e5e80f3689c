/**
 * A call from a life to something outside of it, an engine or another process: the request travels, is carried out in one step, and
 * its answer travels back. On the way either may be lost, and what is called may be away, or silent: then the caller is told that
 * nobody answered, and does not know whether it was done.
 */
import type { Life } from "./life.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Chance } from "./chance.ts";

export type Weather = {
  /** Shares of calls whose request, or whose answer, is lost. */
  lostRequests: number;
  lostAnswers: number;
  /** Share of calls that take fifty times as long. */
  slow: number;
};

export const fairWeather = (): Weather => ({ lostRequests: 0, lostAnswers: 0, slow: 0 });

export type Presence =
  | "there"
  /** Refuses connections: its callers know at once. */
  | "away"
  /** Takes nothing up and says nothing; what has come meanwhile is carried out when it goes on, also where no caller waits for it any more. */
  | "silent";

export type Outside = {
  readonly name: string;
  readonly weather: Weather;
  /** Typical time of one way, in microseconds. */
  readonly wayUs: number;
  /** How long callers wait for an answer. */
  readonly timeoutUs: number;
  /** Is made of processes, which may die over a call: then callers count the time themselves. */
  readonly mayHang?: true;
  /** What a caller is told: that nothing is known about what it asked. */
  unavailable(why: string, mayBeDone: boolean): Error;
  /** Of a part of it, or all of it where no part is named. */
  presence(part?: number): Presence;
  /** Calls once a silent one goes on. */
  whenBack(run: () => void): void;
};

export type Fault = "request lost" | "answer lost" | "slow" | "executed after its caller died" | "executed late";

export type ReachDeps = {
  readonly scheduler: Scheduler;
  /** Of the world: whether a request of a caller that has died still arrives. */
  readonly chance: Chance;
  readonly fired: (outside: string, fault: Fault) => void;
};

/** Carries out the call and says what came of it; runs at the engine, in one step. */
type Execute<T> = () => Promise<T> | T;

export type Reach = ReturnType<typeof createReach>;

export function createReach({ scheduler, chance, fired }: ReachDeps) {
  function wayUs(life: Life, { name, wayUs: typical, weather }: Outside): number {
    const way = typical * (0.25 + 2 * life.chance.next() ** 2);
    if (weather.slow === 0 || !life.chance.chance(weather.slow)) return way;
    fired(name, "slow");
    return 50 * way;
  }

  /**
   * @param what names the call in the history
   * @param part of the outside, which may be away by itself
   */
  return function reach<T>(
    life: Life,
    outside: Outside,
    what: string,
    args: readonly unknown[],
    execute: Execute<T>,
    part?: number,
  ): Promise<T> {
    const { weather, name } = outside;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let isOver = false;
    let stopWaiting = () => {};
    const refuse = (error: Error) => {
      if (isOver) return;
      isOver = true;
      stopWaiting();
      scheduler.note(life.name, what, String(error));
      reject(error);
    };
    const fail = (why: string, afterUs: number, mayBeDone = true) =>
      life.after(afterUs, `${what} fails`, () => refuse(outside.unavailable(why, mayBeDone)));
    const succeed = (answer: T) =>
      life.after(wayUs(life, outside), `${what} answered`, () => {
        if (isOver) return;
        life.called(what);
        if (!life.isAlive()) return;
        isOver = true;
        stopWaiting();
        scheduler.note(life.name, what, digestOf(answer));
        resolve(answer);
      });

    life.called(what);
    // Killed on the way to the network.
    if (!life.isAlive()) return promise;
    if (weather.lostRequests > 0 && life.chance.chance(weather.lostRequests)) {
      fired(name, "request lost");
      fail("it did not answer in time", outside.timeoutUs);
      return promise;
    }

    function arrive() {
      const presence = outside.presence(part);
      if (presence === "away") return void fail("it refuses connections", wayUs(life, outside), false);
      if (presence === "silent") {
        fail("it did not answer in time", outside.timeoutUs);
        outside.whenBack(() => {
          if (isOver) fired(name, "executed late");
          carryOut();
        });
        return undefined;
      }
      return carryOut();
    }

    function carryOut() {
      if (!life.isAlive()) {
        if (chance.chance(0.5)) return;
        fired(name, "executed after its caller died");
      }
      const isLost = weather.lostAnswers > 0 && life.chance.chance(weather.lostAnswers);
      if (isLost) {
        fired(name, "answer lost");
        fail("it did not answer in time", outside.timeoutUs);
      }
      scheduler.tell(name, `${life.name} ${what}`, () => digestOf(args));
      let outcome: Promise<T> | T;
      try {
        outcome = execute();
      } catch (error) {
        outcome = Promise.reject(error);
      }
      if (!(outcome instanceof Promise)) {
        if (!isLost) succeed(outcome);
        return;
      }
      outcome.then(
        (answer) => void (isLost || succeed(answer)),
        (error: Error) => void (isLost || life.after(wayUs(life, outside), `${what} refused`, () => refuse(error))),
      );
    }

    if (outside.mayHang) stopWaiting = fail("it did not answer in time", outside.timeoutUs);
    scheduler.after(wayUs(life, outside), name, what, arrive);
    return promise;
  };
}

/** Enough of an answer that two histories which differ in it have two hashes. */
function digestOf(answer: unknown): string {
  if (answer === undefined || answer === null || typeof answer === "boolean" || typeof answer === "number")
    return String(answer);
  if (answer instanceof Map) return JSON.stringify([...answer]);
  return JSON.stringify(answer) ?? "";
}
