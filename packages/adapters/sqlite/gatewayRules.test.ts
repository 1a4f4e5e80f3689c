/** The SQL store of gateway rules on SQLite keeps the rules of the port. */
import { createSqlGatewayStore } from "@chepiao/adapters/sql";
import { gatewayStoreSuite } from "@chepiao/ports/gateway-store/gatewayStore.suite.ts";
import { openSqlite } from "./index.ts";

gatewayStoreSuite("SQLite", async () => createSqlGatewayStore((await openSqlite(":memory:")).sql));
