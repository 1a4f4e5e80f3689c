export { type FileLog, type FileLogOptions, openFileLog } from "./fileLog.ts";
