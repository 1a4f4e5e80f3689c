/** Seats on a real cluster: the port's rules, the slow twin seat for seat, and what only stores shared by processes meet. */
import { afterAll, expect, test } from "bun:test";
import { epochMs, hourMs, minuteMs, secondMs } from "@chepiao/kernel";
import { seatStoreLives } from "@chepiao/ports/seat-store/seatStore.lives.suite.ts";
import { coachesOf, command, eve, refOf, seatStoreSuite, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import type { Redis } from "../openRedis.ts";
import { partTags } from "../parts.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSeats } from "./seatStore.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));
const create = async () => ({ seats: createRedisSeats(withFreshPrefix(redis)) });

seatStoreSuite("seats on Redis", create);
seatStoreLives("Redis", create, { small: 60, large: 8 });

test("I1: processes that race for a run hold each seat once", async () => {
  const shared = withFreshPrefix(redis);
  const processes = Array.from({ length: 4 }, () => createRedisSeats(shared));
  const run = testRun(coachesOf(["second", 20]), 40);
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, n) => processes[n % 4]!.hold([command(run), command(run)], eve)),
  );
  const seats = answers.flat().flatMap((answer) => (answer.ok ? answer.value.seatIndexes : []));
  expect([seats.length, new Set(seats).size]).toEqual([100, 100]);
});

test("holds that another process made are found overdue, and in the end no list speaks of them", async () => {
  const shared = withFreshPrefix(redis);
  const [seller, sweeper] = [createRedisSeats(shared), createRedisSeats(shared)];
  const runs = Array.from({ length: 40 }, (_, n) => testRun(coachesOf(["second", 1]), 2, `G${n}`));
  const commands = runs.flatMap((run, n) => [
    command(run, { deadline: epochMs(eve + n * secondMs + 1) }),
    command(run, { deadline: epochMs(eve + 10 * minuteMs) }),
  ]);
  await seller.hold(commands, eve);

  const found = new Set<number>();
  for (let now = eve; now < eve + 15 * minuteMs; now = epochMs(now + 5 * secondMs)) {
    for (const hold of await sweeper.overdue(now, 7, epochMs(now + minuteMs))) {
      expect(commands.find(({ holdId }) => holdId === hold.holdId)!.deadline).toBeLessThanOrEqual(now);
      found.add(hold.holdId);
      await sweeper.release(hold);
    }
  }
  expect(found.size).toBe(commands.length);
  expect(await membersOfLists(shared, "due")).toEqual([]);
  expect(await sweeper.retire(epochMs(runs[0]!.dayStart + 48 * hourMs))).toBe(runs.length);
  expect(await membersOfLists(shared, "runs")).toEqual([]);
}, 60_000);

test("how seats lie may change while none is taken, and not after", async () => {
  const shared = withFreshPrefix(redis);
  const [before, after] = [testRun(coachesOf(["second", 1]), 2), testRun(coachesOf(["second", 2]), 2)];
  const [first, second] = [createRedisSeats(shared), createRedisSeats(shared)];
  const early = command(before);
  await first.hold([early], eve);
  await first.release(refOf(early));
  const sold = command(after);
  expect(await second.hold([sold], eve)).toMatchObject([{ ok: true }]);
  const mistaken = await first.hold([command(before)], eve).catch((error: unknown) => error);
  expect((mistaken as Error).message).toContain("its composition must not change once it is sold");
  const looking = await first.available([{ run: before, fromStop: 0, toStop: 1 }]).catch((error: unknown) => error);
  expect(looking).toBeInstanceOf(Error);
  expect(await second.freeSeats({ run: after, fromStop: 0, toStop: 1 }, "second")).toHaveLength(10);
});

async function membersOfLists(of: Redis, list: "due" | "runs"): Promise<string[]> {
  const parts = await Promise.all(
    partTags.map((_, part) => of.ask((cluster) => cluster.zrange(of.key(`${list}:{index${part}}`), "0", "-1"))),
  );
  return parts.flat();
}
