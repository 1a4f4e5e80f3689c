export { type BinlogDeps, type BinlogSettings, createBinlogFeed } from "./binlogFeed.ts";
