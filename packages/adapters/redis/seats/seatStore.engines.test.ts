/** Seats on a real cluster: the port's rules, and the slow twin seat for seat. */
import { afterAll } from "bun:test";
import { seatStoreLives } from "@chepiao/ports/seat-store/seatStore.lives.suite.ts";
import { seatStoreSuite } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSeats } from "./seatStore.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));
const create = async () => ({ seats: createRedisSeats(withFreshPrefix(redis)) });

seatStoreSuite("seats on Redis", create);
seatStoreLives("Redis", create, { small: 60, large: 8 });
