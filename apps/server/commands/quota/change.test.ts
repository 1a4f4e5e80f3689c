/** Of two operators who change quotas at once, the second hears of the first. */
import { expect, test } from "bun:test";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { epochMs } from "@chepiao/kernel";
import { createMemoryQuotaStore, type StationQuota } from "@chepiao/ports/quota-store";
import { idOf } from "@chepiao/services/inventory/quotas.suite.ts";
import { dropQuotas } from "./change.ts";
import type { QuotaStores } from "./stores.ts";

test("quotas that somebody sets while others are dropped stay", async () => {
  const store = createMemoryQuotaStore();
  const quota = (seats: number): StationQuota => ({
    fromStations: null,
    toStations: null,
    limits: [{ since: epochMs(0), seats }],
  });
  const second = (seats: number) => ({ runId: idOf(0), seatClass: "second" as const, quotas: [quota(seats)] });
  await store.set(0, [second(1)]);
  const quotas = {
    ...store,
    async ofRun(...asked: Parameters<typeof store.ofRun>) {
      const found = await store.ofRun(...asked);
      await store.set(1, [second(2)]);
      return found;
    },
  };
  const stores = { quotas, auditTrail: createMemoryAuditTrail() } as unknown as QuotaStores;
  const dropped = dropQuotas(stores, { runId: idOf(0), seatClass: null, isTrial: false }, () => {});
  expect(await dropped.catch((error: Error) => error.message)).toContain("Somebody else has changed quotas meanwhile");
  expect(await store.ofRun(idOf(0))).toEqual([second(2)]);
});
