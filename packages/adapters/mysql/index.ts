export { type MysqlDatabase, type MysqlOptions, openMysql } from "./database.ts";
export { migrateMysql, mysqlReady } from "./migrate.ts";
export { createMysqlStores, type MysqlStores } from "./stores.ts";
