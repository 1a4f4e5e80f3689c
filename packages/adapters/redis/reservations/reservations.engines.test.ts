/** Purchase limits on a real cluster: the port's rules, processes that race, and what one that dies leaves behind. */
import { afterAll, expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, hourMs, type OrderId, serviceDate, slotCount, slotOfUser, type UserId } from "@chepiao/kernel";
import type { Claim, Reservations } from "@chepiao/ports/reservations";
import { reservationsSuite } from "@chepiao/ports/reservations/reservations.suite.ts";
import type { Redis } from "../openRedis.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisReservations } from "./reservations.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

reservationsSuite("Redis", () => createRedisReservations(withFreshPrefix(redis)));

reservationsSuite("Redis, two processes in turn", () => {
  const shared = withFreshPrefix(redis);
  const both = [createRedisReservations(shared), createRedisReservations(shared)] as const;
  let turn = 0;
  const next = () => both[turn++ % 2]!;
  return {
    claim: (claims) => next().claim(claims),
    keep: (claims) => next().keep(claims),
    giveBack: (orderId, ticketNos) => next().giveBack(orderId, ticketNos),
    restore: (claims) => next().restore(claims),
    // The other hears of it within half a minute: asked here, it would be a test of patience.
    async forgetBefore(instant) {
      await Promise.all(both.map((one) => one.forgetBefore(instant)));
    },
  } satisfies Reservations;
});

const departAt = epochMs(Date.UTC(2026, 11, 1, 8));
const userId = 1 as UserId;
const claimOf = (n: number, ...documents: string[]): Claim => ({
  orderId: (n * slotCount + slotOfUser(userId)) as OrderId,
  userId,
  runId: runId("G1", serviceDate("2026-12-01")),
  boardingDate: serviceDate("2026-12-01"),
  departAt,
  arriveAt: epochMs(departAt + hourMs),
  trips: documents.map((documentHash, index) => ({ ticketNo: `${n}-${index}`, documentHash })),
});

test("I2: wherever a process dies while it claims, its claim ends by itself; one that is kept does not", async () => {
  const unwrittenMs = 120;
  for (let steps = 0; steps < 4; steps++) {
    const shared = withFreshPrefix(redis);
    const mortal = createRedisReservations(dyingAfter(shared, steps), { unwrittenMs });
    await mortal.claim([claimOf(1, "a", "b", "c", "d")]).catch(() => {});
    const survivor = createRedisReservations(shared, { unwrittenMs });
    await Bun.sleep(unwrittenMs + 30);
    expect(await survivor.claim([claimOf(2, "a", "b", "c", "d", "e")])).toMatchObject([{ ok: true }]);
    await survivor.keep([claimOf(2, "a", "b", "c", "d", "e")]);
    await Bun.sleep(unwrittenMs + 30);
    expect(await survivor.claim([claimOf(3, "f")])).toMatchObject([{ ok: false, error: { code: "UserRunLimit" } }]);
    expect(await survivor.claim([{ ...claimOf(4, "a"), userId: 2 as UserId }])).toMatchObject([
      { ok: false, error: { code: "TripOverlaps" } },
    ]);
  }
});

test("I6: a claim that had ended by itself counts again once its order is written", async () => {
  const limits = createRedisReservations(withFreshPrefix(redis), { unwrittenMs: 50 });
  const late = claimOf(1, "a", "b", "c", "d", "e");
  await limits.claim([late]);
  await Bun.sleep(80);
  await limits.keep([late]);
  expect(await limits.claim([claimOf(2, "f")])).toMatchObject([{ ok: false, error: { code: "UserRunLimit" } }]);
  await limits.giveBack(late.orderId);
  expect(await limits.claim([claimOf(3, "a", "f")])).toMatchObject([{ ok: true }]);
});

test("a claim that is refused leaves the documents it had passed", async () => {
  const limits = createRedisReservations(withFreshPrefix(redis));
  await limits.claim([claimOf(1, "a")]);
  expect(await limits.claim([claimOf(2, "b", "c", "a")])).toMatchObject([
    { ok: false, error: { code: "TripOverlaps" } },
  ]);
  expect(await limits.claim([claimOf(3, "b", "c", "d", "e")])).toMatchObject([{ ok: true }]);
});

/** The connection of a process that dies after so many more commands. */
function dyingAfter(redisOf: Redis, steps: number): Redis {
  let left = steps;
  return {
    ...redisOf,
    ask: (work) => (left-- > 0 ? redisOf.ask(work) : Promise.reject(new Error("this process is dead"))),
  };
}
