export { readDeadLetters } from "./deadLetters.ts";
export { type FileLog, type FileLogOptions, openFileLog, readUnfinished } from "./fileLog.ts";
export { type CutFile, cutLog, type LogCut } from "./logCut.ts";
