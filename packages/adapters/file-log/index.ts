export { readDeadLetters } from "./deadLetters.ts";
export { type FileLog, type FileLogOptions, openFileLog } from "./fileLog.ts";
