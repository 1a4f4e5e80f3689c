/** The payment room's books on one MariaDB, and on several behind ShardingSphere-Proxy, each of two processes by its own way in. */
import { createMysqlStores } from "@chepiao/adapters/mysql";
import { freshMysql, type Place } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { createSystemClock } from "@chepiao/adapters/system";
import { paymentBooksSuite } from "@chepiao/services/payment/books.suite.ts";

for (const place of ["one MariaDB", "ShardingSphere-Proxy"] as const satisfies Place[]) {
  const mysql = await freshMysql(place);
  const open = () =>
    createMysqlStores({
      database: mysql.open(),
      clock: createSystemClock(),
      report: (message, error) => {
        throw new Error(message, { cause: error });
      },
    });
  paymentBooksSuite(place, async () => {
    await mysql.wipe();
    const [one, other] = [open(), open()];
    return {
      stores: [one.payments, other.payments],
      outbox: one.outbox,
      async close() {
        await Promise.all([one, other].map((stores) => stores[Symbol.asyncDispose]()));
      },
    };
  });
}
