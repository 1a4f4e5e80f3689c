/** Which accounts have money or a trip here, and are neither deleted nor lapse. */
import { expect, test } from "bun:test";
import type { OrderState } from "@chepiao/contracts";
import { dayMs, epochMs, type UserId } from "@chepiao/kernel";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import { createMemoryUserStore } from "@chepiao/ports/user-store";
import { standingBy } from "./standing.ts";
import { codeOf, createProcess, registration } from "./user.suite.ts";

const userId = 7 as UserId;

/** Of an account with orders in these states. */
const standingOf = (
  states: readonly OrderState[],
  entries = { isPending: false, isPrepaid: false },
  served: { readonly isWritten: boolean; readonly agoMs: number } | null = null,
) =>
  standingBy({
    clock: { now: () => epochMs(3 * dayMs) },
    orders: {
      load: async () => (served?.isWritten ? ({} as OrderRecord) : null),
      ofUser: async (_, { state }) =>
        states.filter((each) => each === state).map((each) => ({ state: each, tickets: [] }) as unknown as OrderRecord),
    },
    waitlist: {
      hasPending: async () => entries.isPending,
      hasPrepaid: async () => entries.isPrepaid,
      ofUser: async (_, { before }) =>
        served && before === undefined
          ? [{ entryId: 9, state: "served", endedAt: 3 * dayMs - served.agoMs } as unknown as WaitlistRecord]
          : [],
    },
  });

test("what is to be paid, is to be travelled or waits for seats is under way; what was paid once keeps an account", async () => {
  const says = async (...given: Parameters<typeof standingOf>) => {
    const { hasBought, ordersUnderWay, waitsForSeats } = standingOf(...given);
    return [await hasBought(userId), await ordersUnderWay(userId), await waitsForSeats(userId)];
  };
  expect(await says([])).toEqual([false, false, false]);
  expect(await says(["rejected", "expired"])).toEqual([false, false, false]);
  expect(await says(["ticketed"])).toEqual([true, true, false]);
  expect(await says([], { isPending: true, isPrepaid: false })).toEqual([true, false, true]);
  expect(await says([], { isPending: true, isPrepaid: true })).toEqual([true, false, true]);
  // Its money went back, and the books name the account.
  expect(await says([], { isPending: false, isPrepaid: true })).toEqual([true, false, false]);
});

test("an entry that was just served is under way until its order is written", async () => {
  const waits = (isWritten: boolean, agoMs: number) =>
    standingOf([], undefined, { isWritten, agoMs }).waitsForSeats(userId);
  expect(await waits(false, 5)).toBe(true);
  expect(await waits(true, 5)).toBe(false);
  // Its order was kept for its time, and is gone.
  expect(await waits(false, 2 * dayMs)).toBe(false);
});

test("an account that proved nothing does not lapse while it waits for seats, or once it has prepaid", async () => {
  for (const [isPending, isPrepaid, isThere] of [
    [false, false, false],
    [true, false, true],
    [true, true, true],
    [false, true, true],
  ] as const) {
    const stores = {
      users: createMemoryUserStore(),
      sessions: createMemorySessionStore(),
      codes: createMemoryOneTimeCodes(),
    };
    const here = createProcess(stores, {
      identityVerifier: createMemoryIdentityVerifier([], "notCovered"),
      ...standingOf([], { isPending, isPrepaid }),
    });
    await here.call("register", { body: registration(1) });
    await here.clock.advance(181 * dayMs);
    const job = here.room.work.find(({ name }) => name === "accounts that never proved who they are");
    while (job?.kind === "job" && (await job.pass()));
    expect([isPending, isPrepaid, codeOf(await here.logIn(1)) === "ok"]).toEqual([isPending, isPrepaid, isThere]);
    await here.room.close();
  }
});
