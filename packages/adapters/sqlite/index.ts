export { openSqlite, type SqliteDatabase } from "./database.ts";
