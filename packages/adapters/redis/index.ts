export { createRedisOrderFeed } from "./feed/orderFeed.ts";
export { createRedisSessionFeed } from "./session-feed/sessionFeed.ts";
export { createRedisLeases } from "./leases/leases.ts";
export { openRedis, type Redis, type RedisCounters, type RedisOptions } from "./openRedis.ts";
export { createRedisRateLimiter } from "./rate-limiter/rateLimiter.ts";
export { createRedisReservations, type RedisReservationsOptions } from "./reservations/reservations.ts";
export { createRedisSeats } from "./seats/seatStore.ts";
export { createRedisSessionStore } from "./sessions/sessionStore.ts";
export { createRedisSubmissions, type RedisSubmissionsOptions } from "./submissions/submissions.ts";
