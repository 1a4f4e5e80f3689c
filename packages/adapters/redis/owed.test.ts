/** What is owed is done once its node is back, and forgotten when it is of no use any more. */
import { expect, test } from "bun:test";
import { ServiceUnavailable } from "@chepiao/contracts";
import { createOwed } from "./owed.ts";

const away = () => Promise.reject(new ServiceUnavailable("Redis", "its master says nothing"));

async function until(holds: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 5_000; !holds() && performance.now() < endMs;) await Bun.sleep(5);
  expect(holds()).toBe(true);
}

test("who asks hears that it could not be done, and it is done once the node is back", async () => {
  const done: string[] = [];
  let isAway = true;
  using owed = createOwed<string>(async (item) => (isAway ? away() : void done.push(item)), {
    forMs: 60_000,
    everyMs: 10,
  });
  expect(await owed.act("a").catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
  await owed.act("b").catch(() => {});
  expect(owed.count()).toBe(2);
  isAway = false;
  await until(() => owed.count() === 0);
  expect(done).toEqual(["a", "b"]);
});

test("what is done at once, or goes wrong for another reason, is not owed", async () => {
  let tries = 0;
  using owed = createOwed<string>(
    async (item) => {
      tries++;
      if (item === "wrong") throw new Error("WRONGTYPE");
    },
    { forMs: 60_000, everyMs: 5 },
  );
  await owed.act("right");
  expect(await owed.act("wrong").catch(String)).toContain("WRONGTYPE");
  await Bun.sleep(30);
  expect([owed.count(), tries]).toEqual([0, 2]);
});

test("after its time it is of no use, and more than so many are not remembered", async () => {
  using owed = createOwed<number>(away, { forMs: 30, everyMs: 5, max: 2 });
  for (const item of [1, 2, 3]) await owed.act(item).catch(() => {});
  expect(owed.count()).toBe(2);
  await until(() => owed.count() === 0);
});
