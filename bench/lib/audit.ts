/** After a round: what the platform left behind is held against the invariants, as after a kill. */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { audit } from "../../apps/server/testing/audit.ts";

/** @param accepted how many purchases were answered with 202 */
export function auditRound(dataDir: string, accepted: number): string[] {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const keys = books.query("select user_id, idempotency_key from t_order").all() as {
    user_id: number;
    idempotency_key: string;
  }[];
  const sent = new Set(keys.map((row) => `${row.user_id} ${row.idempotency_key}`));
  // Nobody pays in a bench, so unpaid orders and held tickets are as they should be.
  const wrong = audit(dataDir, { accepted: new Map(), sent }).filter((each) => !each.startsWith("I4"));
  if (keys.length < accepted) wrong.push(`I2: ${accepted} purchases were accepted, ${keys.length} are known`);
  return wrong;
}

/** From the first purchase that was accepted to the last. */
export function sellingMs(dataDir: string): number {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const sold = books.query("select max(create_time) - min(create_time) as passed_ms from t_order").get();
  return (sold as { passed_ms: number }).passed_ms;
}
