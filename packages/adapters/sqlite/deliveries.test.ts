/** The SQL store of deliveries on SQLite keeps the rules of the port. */
import { createSqlDeliveries } from "@chepiao/adapters/sql";
import { deliveriesSuite } from "@chepiao/ports/deliveries/deliveries.suite.ts";
import { openSqlite } from "./index.ts";

deliveriesSuite("SQLite", async () => createSqlDeliveries((await openSqlite(":memory:")).sql));
