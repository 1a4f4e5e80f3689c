export { openSqlite, type SqliteDatabase } from "./database.ts";
export { createOrderWriter } from "./orderWriter.ts";
