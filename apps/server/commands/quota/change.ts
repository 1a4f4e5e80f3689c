/** Sets, shows and drops quotas, and says before what that would do to runs on sale. */
import type { RecordedHold, Run, RunId, SeatClass, Timetable } from "@chepiao/contracts";
import { formatInZone, secondMs } from "@chepiao/kernel";
import type { ClassQuotas, StationQuota } from "@chepiao/ports/quota-store";
import { type GroupEffect, quotaEffects } from "@chepiao/services/inventory";
import { holdsOfRuns } from "@chepiao/services/order";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { table } from "../table.ts";
import { quotasIn, type QuotaStores, runOf } from "./stores.ts";

type Say = (line: string) => void;

/** A change each, so that a platform which sells beside it writes in between. */
const classesAtOnce = 500;

export async function importQuotas(
  stores: QuotaStores,
  { path, isTrial }: { readonly path: string; readonly isTrial: boolean },
  say: Say,
): Promise<void> {
  const changes = quotasIn(path, stores);
  if (isTrial) return sayEffects(stores, changes, say);
  await write(stores, await stores.quotas.version(), changes, `set from ${path}`);
  say(`${countText(changes)} set. A running platform has taken them over in a second.`);
}

export async function dropQuotas(
  stores: QuotaStores,
  {
    runId,
    seatClass,
    isTrial,
  }: { readonly runId: RunId; readonly seatClass: SeatClass | null; readonly isTrial: boolean },
  say: Say,
): Promise<void> {
  // Before what is dropped is read: who sets other quotas meanwhile was quicker, and nothing of his is dropped.
  const version = await stores.quotas.version();
  const current = (await stores.quotas.ofRun(runId)).filter(
    (each) => seatClass === null || each.seatClass === seatClass,
  );
  if (current.length === 0)
    throw new CommandFailed(`${runId} has no quotas${seatClass === null ? "" : ` in ${seatClass}`}.`);
  const changes = current.map((each) => ({ ...each, quotas: [] }));
  if (isTrial) return sayEffects(stores, changes, say);
  await write(stores, version, changes, `dropped those of ${runId}`);
  say(`${countText(changes)} dropped: what is free is sold to everybody, to who waits for it first.`);
}

async function write(
  { quotas, auditTrail }: QuotaStores,
  after: number,
  changes: readonly ClassQuotas[],
  what: string,
) {
  const note = { action: "changeQuotas", what: `${what}: ${countText(changes)}`, before: `version ${after}` } as const;
  await operatorActs(
    auditTrail,
    note,
    () => writeAll(quotas, after, changes),
    (version) => `version ${version}`,
  );
}

async function writeAll(quotas: QuotaStores["quotas"], after: number, changes: readonly ClassQuotas[]) {
  let version = after;
  for (let done = 0; done < changes.length; done += classesAtOnce) {
    const next = await quotas.set(version, changes.slice(done, done + classesAtOnce));
    if (next === null)
      throw new CommandFailed(
        `Somebody else has changed quotas meanwhile. ${done === 0 ? "Nothing" : `The first ${done} of ${changes.length} classes`} ` +
          "of this was done: look again, and do it again.",
      );
    version = next;
  }
  return version;
}

function countText(changes: readonly ClassQuotas[]): string {
  const runs = new Set(changes.map(({ runId }) => runId)).size;
  const plural = (count: number, word: string, many: string) => `${count} ${count === 1 ? word : many}`;
  return `Quotas of ${plural(changes.length, "class", "classes")} on ${plural(runs, "run", "runs")}`;
}

// What it would do --------------------------------------------------------------------------------------------------------

async function sayEffects(stores: QuotaStores, changes: readonly ClassQuotas[], say: Say): Promise<void> {
  const { timetable, clock, quotas } = stores;
  const onSale = changes.flatMap((change) => {
    const run = runOf(stores, change.runId);
    return isOnSale(run, timetable, clock.now()) ? [{ ...change, run }] : [];
  });
  const held = await holdsBy(stores, new Set(onSale.map(({ runId }) => runId)));
  for (const { run, seatClass, quotas: after } of onSale) {
    const set = (await quotas.ofRun(run.runId)).find((each) => each.seatClass === seatClass);
    const holds = held.get(run.runId) ?? [];
    const effects = await quotaEffects({ run, seatClass, before: set?.quotas ?? [], after, holds }, clock.now());
    say(`${run.runId}, ${seatClass}`);
    for (const line of effectTable(effects, timetable)) say(`  ${line}`);
  }
  const others = changes.length - onSale.length;
  if (others > 0)
    say(`${countText(changes)} would change; of ${others} the run is not on sale now, and nobody notices.`);
  say("Nothing was changed.");
}

const isOnSale = (run: Run, timetable: Timetable, now: number): boolean =>
  run.train.stops.some((_, stop) => timetable.saleOpensAt(run, stop) <= now) &&
  now < run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs;

async function holdsBy(
  { orders, timetable, clock }: QuotaStores,
  runIds: ReadonlySet<RunId>,
): Promise<Map<RunId, RecordedHold[]>> {
  const holds = await holdsOfRuns({ store: orders, timetable: () => timetable, clock }, runIds);
  return Map.groupBy(holds, ({ run }) => run.runId);
}

function effectTable(effects: readonly GroupEffect[], timetable: Timetable): string[] {
  const limitText = (limit: number | null) => (limit === null ? "—" : String(limit));
  const rows = effects.map(({ group, held, before, after }) => [
    groupText(group, timetable),
    String(held),
    `${limitText(before.limit)} → ${limitText(after.limit)}`,
    `${before.sellable} → ${after.sellable}`,
    after.beyond === 0 ? "" : String(after.beyond),
  ]);
  return table([["from → to", "held", "limit now", "may be sold", "beyond it"], ...rows], { numbers: true });
}

const groupText = (group: Omit<StationQuota, "limits">, timetable: Timetable): string =>
  [group.fromStations, group.toStations]
    .map((ids) => ids?.map((id) => timetable.station(id)?.name ?? id).join(" | ") ?? "*")
    .join(" → ");

// What is set -------------------------------------------------------------------------------------------------------------

export async function showQuotas(stores: QuotaStores, runId: RunId, say: Say): Promise<void> {
  const { quotas, timetable, clock } = stores;
  const run = runOf(stores, runId);
  const set = await quotas.ofRun(runId);
  if (set.length === 0) return say(`${runId} has no quotas.`);
  const holds = (await holdsBy(stores, new Set([runId]))).get(runId) ?? [];
  for (const { seatClass, quotas: ofClass } of set) {
    const effects = await quotaEffects({ run, seatClass, before: ofClass, after: ofClass, holds }, clock.now());
    say(`${runId}, ${seatClass}`);
    for (const [n, { limits }] of ofClass.entries()) {
      const { held, after, group } = effects[n]!;
      say(`  ${groupText(group, timetable)}: ${held} held, ${after.sellable} may be sold now`);
      for (const { since, seats } of limits)
        say(`    from ${formatInZone(since, timetable.zone)}  ${seats === null ? "all" : `up to ${seats}`}`);
    }
  }
}
