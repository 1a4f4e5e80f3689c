/** The reconciliation room, as it declares itself. */
import { orderStorePort } from "@chepiao/ports/order-store";
import { paymentProvidersPort } from "@chepiao/ports/payment-provider";
import { paymentStorePort } from "@chepiao/ports/payment-store";
import { reconciliationStorePort } from "@chepiao/ports/reconciliation-store";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { defineRoom, gaugeOf } from "@chepiao/room";
import { createReconciliation } from "./index.ts";
import { createJobs } from "./jobs.ts";
import { confirmAfterMs, reconcileAtMinute, watermarkMs } from "./settings.ts";

/** More of them need no exact number. */
const casesCountedMax = 10_000;

export const reconciliationRoom = defineRoom({
  name: "reconciliation",
  about: "holds tickets, payments and providers' statements against each other",
  needs: {
    store: reconciliationStorePort,
    orders: orderStorePort,
    payments: paymentStorePort,
    waitlist: waitlistStorePort,
    providers: paymentProvidersPort,
  },
  settings: { atMinute: reconcileAtMinute, watermarkMs, confirmAfterMs },
  async open({ clock, ports, settings, zone, log }) {
    const deps = { clock, log, zone: await zone(), ...ports, ...settings };
    const { reconcileInPasses: reconcile } = createReconciliation(deps);
    const { work, reconcileNightly } = createJobs({ ...deps, reconcile });
    return {
      work,
      reconcileNightly,
      metrics: [
        gaugeOf(
          "reconciliation_open_cases",
          "Differences between tickets, payments and statements that somebody has to look at.",
          async () => (await ports.store.open(casesCountedMax)).length,
        ),
      ],
    };
  },
});
