/** A part of a shared store that is away fails the purchases that lie on it, and no others of their batch. */
import { expect, test } from "bun:test";
import { refusal } from "@chepiao/contracts";
import { refuse, type UserId } from "@chepiao/kernel";
import type { Entry, Submissions } from "@chepiao/ports/submissions";
import { createWorld, quiet, requestOf, sold } from "../order.twin.ts";

const away = refusal("ServiceUnavailable", { retryAfterSeconds: 1 });
const struck = 2 as UserId;

/** Each store in turn says of one account that who keeps its part is away, as long as it is. */
const stores = {
  keys: (isAway: () => boolean) => (own: Submissions) => ({
    ...own,
    enter: async (all: Parameters<Submissions["enter"]>[0]) => {
      const entries = await own.enter(all);
      return entries.map((entry, n): Entry =>
        isAway() && all[n]!.userId === struck ? { kind: "away", refusal: away } : entry,
      );
    },
  }),
  orders: (isAway: () => boolean) => (own: Submissions) => ({
    ...own,
    accepted: async (orders: Parameters<Submissions["accepted"]>[0]) => {
      await own.accepted(orders);
      return orders.map(({ userId }) => (isAway() && userId === struck ? away : null));
    },
  }),
} as const;

for (const [name, of] of Object.entries(stores)) {
  test(`${name}: who has his part elsewhere buys, who has it there hears 503 and buys under the same key once it is back`, async () => {
    let isAway = true;
    const over = of(() => isAway);
    const world = await createWorld({
      shared: ({ submissions, ...own }) => ({ ...own, submissions: over(submissions) }),
    });
    const answers = await Promise.all([1, 2, 3].map((user) => world.submit(user, requestOf(user), "first")));
    expect(answers[1]).toBe("ServiceUnavailable");
    const [one, three] = [sold(answers[0]!), sold(answers[2]!)];
    isAway = false;
    const two = sold(await world.submit(struck, requestOf(struck), "first"));
    await world.rest();
    expect(new Set([one, two, three].map(({ orderNo }) => orderNo)).size).toBe(3);
    for (const [user, { orderNo }] of [
      [1, one],
      [2, two],
      [3, three],
    ] as const)
      expect(await world.get(user, orderNo)).toMatchObject({ orderNo, state: "pendingPayment" });
    expect((await world.list(struck)).orders.length).toBe(1);
  });
}

test("limits: what the struck claim may have taken is given back, and the others have theirs", async () => {
  let isAway = true;
  const released: number[] = [];
  const world = await createWorld({
    shared: (own) => ({
      ...own,
      reservations: {
        ...own.reservations,
        reserve: async (claims, limits) => {
          const decided = await own.reservations.reserve(claims, limits);
          return decided.map((each, n) => (isAway && claims[n]!.userId === struck ? refuse(away) : each));
        },
        release: async (claim, ticketNos) => {
          released.push(claim.orderId);
          await own.reservations.release(claim, ticketNos);
        },
      },
    }),
  });
  const [one, two] = await Promise.all([1, 2].map((user) => world.submit(user, requestOf(user))));
  sold(one!);
  expect(two).toBe("ServiceUnavailable");
  await quiet();
  expect(released.length).toBe(1);
  isAway = false;
  // Its document is free: the claim was made, although nobody heard so.
  sold(await world.submit(struck, requestOf(struck)));
});
