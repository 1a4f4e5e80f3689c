/** GTFS-Realtime: what becomes of trains on the day. */
export { NoTrainMessages } from "./decode.ts";
export { openMessageSource } from "./source.ts";
