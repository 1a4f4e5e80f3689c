/** `t_trade_owner`: which payment a provider's trade belongs to, on the server that the trade's own number leads to. */
import type { Kysely } from "kysely";
import { againIfUndone, inserted, type OwnTrade, slotOfText } from "@chepiao/adapters/sql";
import type { MysqlTables } from "./tables.ts";

export function createTradeOwners(db: Kysely<MysqlTables>): OwnTrade {
  return async (channel, tradeNo, paymentNo, now) => {
    const slot = slotOfText(`${channel} ${tradeNo}`);
    const row = { channel, trade_no: tradeNo, slot, payment_no: paymentNo, create_time: now };
    if (await inserted(againIfUndone(() => db.insertInto("t_trade_owner").values(row).execute()))) return true;
    const owner = await db
      .selectFrom("t_trade_owner")
      .select("payment_no")
      .where("slot", "=", slot)
      .where("channel", "=", channel)
      .where("trade_no", "=", tradeNo)
      .executeTakeFirst();
    return owner?.payment_no === paymentNo;
  };
}
