export { type BinlogDeps, type BinlogSettings, createBinlogFeed } from "./binlogFeed.ts";
export { binlogsReadable } from "./readable.ts";
