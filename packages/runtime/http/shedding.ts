/**
 * What is not answered while a process has more to do than it can: the least needed first, so that whoever buys or pays is served. Routes say
 * by their declaration when they are given up (`shed`).
 *
 * How busy a process is shows in how late its timers are: for so long whatever comes in waits before anybody looks at it. Two late timers one
 * after the other count, because one long step (a timetable is read, memory is collected) is no overload. From the second on more is given up
 * by the time that has passed, so that it is no slower where timers are later. It is less again with each half second that is calm, and slowly
 * where timers are neither late nor calm: nothing comes and goes, and nothing stays shut for good.
 */
import { type Refusal, refusal, type RouteSpec, ruleNameOf } from "@chepiao/contracts";
import type { Observe, RouteFunction, RouteTable } from "./bind.ts";
import { isSecure, refusedTo, type Trust } from "./exchange.ts";

export type Priority = NonNullable<RouteSpec["shed"]> | "last";

/** Given up in this order, and the rest never. */
const order = ["first", "next", "last"] as const satisfies readonly Priority[];

export type SheddingSettings = {
  /** Timers that are later than this are too late; calm is a quarter of it. */
  readonly lateMs: number;
};

const sampleEveryMs = 100;
const windowMs = 500;
/** Of one kind of route: so much more with a window's time of late timers. */
const stepUp = 0.5;
/** So much less with the first calm window, and with those that follow on it. */
const [firstStepDown, stepDown] = [0.25, 0.5] as const;
/** So much less where no timer was late for so long, though none was calm. */
const [slowStepDown, slowStepDownMs] = [0.25, 5_000] as const;
/** Of what goes last some are answered in the worst of it: somebody buys, and it shows whether that can be borne. */
const shareOfLastMax = 0.9;

export type LoadLevel = {
  /** A timer came so late. */
  observe(lateMs: number, now: number): void;
  /** 0: everything is answered; 1: nothing of the first kind; 3: hardly anything but what is always answered. */
  level(): number;
};

/** Pure: time is told by whoever observes. */
export function createLoadLevel({ lateMs: limit }: SheddingSettings): LoadLevel {
  let level = 0;
  /** From before the timer that came last until it came; 0 where it was not late. */
  let lateForMs = 0;
  let window = { since: 0, leastMs: Infinity };
  let calmWindows = 0;
  /** When the level last changed, or would have but for a late timer. */
  let heldSince = 0;

  function goDown(step: number, now: number): void {
    level = Math.max(0, level - step);
    heldSince = now;
  }
  function endWindow(now: number): void {
    const isCalm = window.leastMs <= limit / 4;
    calmWindows = isCalm ? calmWindows + 1 : 0;
    if (isCalm) goDown(calmWindows === 1 ? firstStepDown : stepDown, now);
    else if (now - heldSince >= slowStepDownMs) goDown(slowStepDown, now);
    window = { since: now, leastMs: Infinity };
  }
  return {
    observe(lateMs, now) {
      const isLate = lateMs > limit;
      const before = lateForMs;
      lateForMs = isLate ? sampleEveryMs + lateMs : 0;
      if (isLate) heldSince = now;
      // One that is short and one that is long are as much as two that are short: a process that once stood still is not busy for as long.
      level = Math.min(order.length, level + (stepUp * Math.min(lateForMs, before)) / windowMs);
      window.leastMs = Math.min(window.leastMs, lateMs);
      if (now - window.since >= windowMs) endWindow(now);
    },
    level: () => level,
  };
}

export type SheddingTimer = {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Calls once; the returned function takes it back. */
  after(ms: number, call: () => void): () => void;
};

export type SheddingDeps = SheddingSettings & {
  readonly observe: Observe;
  readonly timer?: SheddingTimer;
};

export type Shedding = Disposable & {
  /** Every way of a table that may be given up. */
  around(table: RouteTable, deps: { readonly trustProxy: Trust; readonly declared: DeclaredRoutes }): RouteTable;
};

/** By `GET /api/order`: what rules call it, and when it is given up. */
export type DeclaredRoutes = ReadonlyMap<string, { readonly name: string; readonly shed: Priority }>;

export const declaredRoutes = (
  described: readonly Readonly<Record<string, Pick<RouteSpec, "method" | "path" | "room" | "shed">>>[],
): DeclaredRoutes =>
  new Map(
    described.flatMap((routes) =>
      Object.entries(routes).map(([name, spec]) => [
        `${spec.method} ${spec.path}`,
        { name: ruleNameOf(name, spec), shed: spec.shed ?? "last" },
      ]),
    ),
  );

const realTimer: SheddingTimer = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export function createShedding({ observe, timer = realTimer, ...settings }: SheddingDeps): Shedding {
  const { logger, metrics } = observe;
  const load = createLoadLevel(settings);
  const counter = metrics.counter(
    "requests_shed_total",
    "Requests that were not answered because the process was too busy, by route and why.",
    ["route", "reason"],
  );
  metrics.gauge(
    "shedding_level",
    "0: all is answered; 3: besides what is always answered, one in ten of what goes last.",
    [],
    () => [{ value: load.level() }],
  );

  let told = false;
  function tell(lateMs: number): void {
    const isShedding = load.level() > 0;
    if (isShedding === told) return;
    told = isShedding;
    const message = isShedding
      ? `too busy: what is asked waits ${Math.round(lateMs)} ms; what is least needed is not answered`
      : "everything is answered again";
    logger[isShedding ? "warn" : "info"]({ service: "gateway-service", action: "shed", message });
  }

  let takeBack = next();
  function next(): () => void {
    const due = timer.now() + sampleEveryMs;
    return timer.after(sampleEveryMs, () => {
      const now = timer.now();
      load.observe(now - due, now);
      tell(now - due);
      takeBack = next();
    });
  }

  let turns = 0;
  /** Not all at one moment: those who are turned away come again over some seconds. */
  const why = (): Refusal => refusal("Overloaded", { retryAfterSeconds: 2 + (turns++ % 5) });

  function guarded(answer: RouteFunction, name: string, rank: number, trustProxy: Trust): RouteFunction {
    const shareMax = rank === order.length - 1 ? shareOfLastMax : 1;
    // Of each kind the share that is given up, spread evenly over its requests.
    let owed = 0;
    return (request, server) => {
      const share = load.level() - rank;
      if (share <= 0) return answer(request, server);
      owed += Math.min(shareMax, share);
      if (owed < 1) return answer(request, server);
      owed--;
      counter.add(1, { route: name, reason: "busy" });
      return refusedTo(request, why(), isSecure(request, trustProxy));
    };
  }

  return {
    around: (table, { trustProxy, declared }) =>
      Object.fromEntries(
        Object.entries(table).map(([path, methods]) => [
          path,
          Object.fromEntries(
            Object.entries(methods).map(([method, answer]): [string, RouteFunction] => {
              const route = declared.get(`${method} ${path}`);
              if (!route || route.shed === "never") return [method, answer];
              return [method, guarded(answer, route.name, order.indexOf(route.shed), trustProxy)];
            }),
          ),
        ]),
      ),
    [Symbol.dispose]: () => takeBack(),
  };
}
