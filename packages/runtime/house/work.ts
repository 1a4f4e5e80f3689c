/**
 * Begins what rooms do by themselves: at once where no other process could, and otherwise where this process is elected for it. What is done
 * here tells how late it is.
 */
import { secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Leases } from "@chepiao/ports/lease";
import { beginWork, type End, type MetricSpec, type Job, type Work, type WorkDeps } from "@chepiao/room";
import { doWhileElected } from "../elected/index.ts";
import type { Logger } from "../observe/index.ts";
import type { House } from "./openHouse.ts";

export type WorkOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null where no other process could do it. */
  readonly leases: Leases | null;
  readonly report: (service: string) => (message: string, error?: unknown) => void;
};

export type HouseWork = AsyncDisposable & { readonly metrics: readonly MetricSpec[] };

/** Disposing ends all of it, after the passes under way. */
export function beginHouseWork(
  { work: all }: Pick<House, "work">,
  { clock, logger, leases, report }: WorkOptions,
): HouseWork {
  const ends: End[] = [];
  const lateness = createLateness(clock);
  const groups = Map.groupBy(all, ({ work }) => (leases ? (work.electedAs ?? null) : null));
  const begin = (works: typeof all) =>
    works.map(({ service, work }) => lateness.begin(service, work, { clock, report: report(service) }));
  for (const [name, works] of groups) {
    if (name === null) {
      ends.push(...begin(works));
      continue;
    }
    const elected = doWhileElected({
      name,
      leases: leases!,
      clock,
      logger,
      begin() {
        const begun = begin(works);
        return async () => void (await Promise.all(begun.map((end) => end())));
      },
    });
    ends.push(() => elected[Symbol.asyncDispose]());
  }
  return {
    metrics: [lateness.gauge],
    [Symbol.asyncDispose]: async () => void (await Promise.all(ends.map((end) => end()))),
  };
}

/** A job is late while its passes fail, or one does not end: what becomes of the reports of it, Prometheus hears of. */
function createLateness(clock: Clock) {
  const due = new Map<Job, { readonly service: string; readonly at: number }>();

  function begin(service: string, work: Work, deps: WorkDeps): End {
    if (work.kind === "follower") return beginWork(work, deps);
    const pass = async () => {
      const isMore = await work.pass();
      // One that ends after its election is somebody else's already.
      if (due.has(work)) due.set(work, { service, at: clock.now() + work.everyMs });
      return isMore;
    };
    due.set(work, { service, at: clock.now() + (work.firstMs ?? work.everyMs) });
    const end = beginWork({ ...work, pass }, deps);
    return () => {
      due.delete(work);
      return end();
    };
  }

  const gauge: MetricSpec = {
    kind: "gauge",
    name: "job_late_seconds",
    help: "How long ago a job that is done here should have been through again.",
    labels: ["service", "work"],
    read: () =>
      [...due].map(([{ name }, { service, at }]) => ({
        value: Math.max(0, clock.now() - at) / secondMs,
        labels: { service, work: name },
      })),
  };
  return { begin, gauge };
}
