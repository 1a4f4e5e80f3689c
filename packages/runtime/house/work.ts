/** Begins what rooms do by themselves: at once where no other process could, and otherwise where this process is elected for it. */
import type { Clock } from "@chepiao/ports/clock";
import type { Leases } from "@chepiao/ports/lease";
import { beginWork, type End } from "@chepiao/room";
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

/** Disposing ends all of it, after the passes under way. */
export function beginHouseWork(
  { work: all }: Pick<House, "work">,
  { clock, logger, leases, report }: WorkOptions,
): AsyncDisposable {
  const ends: End[] = [];
  const groups = Map.groupBy(all, ({ work }) => (leases ? (work.electedAs ?? null) : null));
  const begin = (works: typeof all) =>
    works.map(({ service, work }) => beginWork(work, { clock, report: report(service) }));
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
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(ends.map((end) => end()))) };
}
