export { openSqliteOrderSearch, type SqliteOrderSearch } from "./orderSearch/orderSearch.ts";
export { openSqlite, openSqliteToRead, type ReadableSqlite, type SqliteDatabase } from "./database.ts";
export { type OpenStores, openStores, openStoresOn } from "./openStores.ts";
export { createSqliteOrderReader } from "./orderReader.ts";
export { createOrderWriter } from "./orderWriter.ts";
export { damageOf, openToPin, type PinnedSqlite, watchSqlite } from "./pinned.ts";
export { createStores } from "./stores.ts";
