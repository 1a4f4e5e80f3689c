export { openRedis, type Redis, type RedisCounters, type RedisOptions, RedisUnavailable } from "./openRedis.ts";
export { createRedisSeats } from "./seats/seatStore.ts";
