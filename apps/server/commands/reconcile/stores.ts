/** What reconciliation works on: the database, beside a platform that may be running on it, and providers to ask for statements. */
import { createSandboxBank } from "@chepiao/adapters/sandbox-pay";
import { createSystemRandom } from "@chepiao/adapters/system";
import type { ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import {
  confirmAfterMs,
  createReconciliation,
  type Reconciliation,
  watermarkMs,
} from "@chepiao/services/reconciliation";
import { type Config, settingIn } from "../../config.ts";
import { addressesOf } from "../../requirements.ts";
import { merchantOf } from "../../rooms/bank.ts";
import { openProviders, type ProviderDeps } from "../../wiring/world.ts";
import { CommandFailed } from "../command.ts";
import { readFolder } from "../folder.ts";
import type { OperatorTrail } from "../operator.ts";
import { openStoresBeside } from "../stores.ts";

export type ReconciledStores = AsyncDisposable & {
  readonly reconciliation: Reconciliation;
  readonly cases: ReconciliationStore;
  readonly auditTrail: OperatorTrail;
  readonly clock: Clock;
  readonly zone: ZoneName;
};

export async function openReconciled(config: Config): Promise<ReconciledStores> {
  await using cleanUp = new AsyncDisposableStack();
  const { stores, auditTrail, vault, timetable, clock } = cleanUp.use(await openStoresBeside(config));
  const { zone } = timetable;
  const random = createSystemRandom();
  const keys = await vault();
  const bank = await bankOf(config, { clock, random, vault: keys, zone }, cleanUp);
  const providers = openProviders({ clock, random, vault: keys, bank });
  const setting = settingIn(config);
  const reconciliation = createReconciliation({
    clock,
    zone,
    providers,
    store: stores.reconciliation,
    orders: stores.orders,
    payments: stores.payments,
    waitlist: stores.waitlist,
    watermarkMs: setting(watermarkMs),
    confirmAfterMs: setting(confirmAfterMs),
    log: (message) => console.error(message),
  });
  const kept = cleanUp.move();
  return {
    reconciliation,
    cases: stores.reconciliation,
    auditTrail,
    clock,
    zone,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type BankDeps = Pick<ProviderDeps, "clock" | "random" | "vault"> & { readonly zone: ZoneName };

/** The practice bank of a folder answers from its file, whether or not the platform runs; on a cluster it is a role that is asked. */
async function bankOf(config: Config, deps: BankDeps, cleanUp: AsyncDisposableStack): Promise<ProviderDeps["bank"]> {
  if (config.engines === "cluster") {
    const [url] = addressesOf(config, "bank");
    if (url === undefined)
      throw new CommandFailed("BANK_URL is not set: where the practice bank is asked for its statement.");
    return { url: () => url, ask: (request) => fetch(request) };
  }
  const { vault, ...around } = deps;
  const bank = createSandboxBank({
    ...around,
    path: readFolder(config).sandboxBank,
    merchant: merchantOf(vault),
    log: () => {},
    isBeside: true,
  });
  cleanUp.use(bank);
  return { url: () => "http://bank.invalid", ask: bank.fetch };
}
