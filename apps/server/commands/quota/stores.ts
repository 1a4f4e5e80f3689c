/** What commands about quotas work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import { trainAndDateOf, type Run, type RunId, type Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { ClassQuotas } from "@chepiao/ports/quota-store";
import { readQuotas } from "@chepiao/services/inventory";
import type { Config } from "../../config.ts";
import { CommandFailed } from "../command.ts";
import { csvRowsIn, faultTexts } from "../csvFile.ts";
import type { OperatorTrail } from "../operator.ts";
import { openStoresBeside } from "../stores.ts";

export type QuotaStores = Pick<Stores, "orders" | "quotas"> & {
  readonly auditTrail: OperatorTrail;
  readonly timetable: Timetable;
  readonly clock: Pick<Clock, "now">;
};

export async function openQuotaStores(config: Config): Promise<QuotaStores & AsyncDisposable> {
  const { stores, ...beside } = await openStoresBeside(config);
  return { orders: stores.orders, quotas: stores.quotas, ...beside };
}

export function runOf({ timetable }: Pick<QuotaStores, "timetable">, runId: RunId): Run {
  const run = timetable.run(...trainAndDateOf(runId));
  if (!run) throw new CommandFailed(`The timetable does not know ${runId}.`);
  return run;
}

/** @throws CommandFailed with everything that is wrong with the file */
export function quotasIn(path: string, { timetable, clock }: Pick<QuotaStores, "timetable" | "clock">): ClassQuotas[] {
  const quotas = readQuotas(csvRowsIn(path), timetable, clock.now());
  if (!quotas.ok) throw new CommandFailed([`${path}: nothing was set.`, ...faultTexts(quotas.error)].join("\n"));
  return quotas.value;
}
