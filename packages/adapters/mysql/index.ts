export { mysqlConnection } from "./address.ts";
export { type MysqlDatabase, type MysqlOptions, openMysql } from "./database.ts";
export { migrateMysql, mysqlReady } from "./migrate.ts";
export { createMysqlOrderIndex, createMysqlOrderList } from "./orderLists.ts";
export { createOrderReader, type OrderReader } from "./orderReader.ts";
export { createMysqlCheckpoints } from "./checkpoints.ts";
export { createMysqlStores, type MysqlStores } from "./stores.ts";
export { ask, makeDatabase, makeDatabaseBehindProxy, type OwnDatabase } from "./ownDatabase.ts";
