/** When the last request is answered: does what the platform wrote down keep the invariants, I1 to I4 and I6 to I8? */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { audit, recordsOfFolder, seatsAreFreeBut, type Told } from "../../apps/server/testing/audit.ts";
import type { Ledger } from "./ledger.ts";
import type { Place } from "./platform.ts";

const restMs = 120_000;

/** Expiry, refunds and the bank's late notices take their time; when nothing is left to do, nothing is wrong. */
export async function auditPlace(place: Place, url: string, ledger: Ledger): Promise<string[]> {
  const until = performance.now() + restMs;
  let wrong = audit(place.dataDir, toldBy(ledger, place.dataDir));
  while (wrong.length > 0 && performance.now() < until) {
    await Bun.sleep(1_000);
    wrong = audit(place.dataDir, toldBy(ledger, place.dataDir));
  }
  const records = recordsOfFolder(place.dataDir);
  for (const { trainNumber, stations, seatsOfClass } of place.trains) {
    for (const date of place.dates) {
      wrong.push(...(await seatsAreFreeBut(records, url, seatsOfClass, { trains: [trainNumber], stations, date })));
    }
  }
  return wrong;
}

/** A key may have been sent by the account that was drawn, or by bytes that were changed on their way: that it was sent is what counts. */
function toldBy({ keys, accepted }: Ledger, dataDir: string): Told {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const rows = books.query("select user_id, idempotency_key from t_order").all() as {
    user_id: number;
    idempotency_key: string;
  }[];
  const sent = rows
    .filter((row) => keys.has(row.idempotency_key))
    .map((row) => `${row.user_id} ${row.idempotency_key}`);
  return { accepted, sent: new Set(sent) };
}
