/** The rules of purchase limits (I6). */
import { expect, test } from "bun:test";
import { type RunId, runId } from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  hourMs,
  type OrderId,
  serviceDate,
  slotCount,
  slotOfUser,
  ticketsPerUserRunMax,
  type UserId,
} from "@chepiao/kernel";
import type { Claim, Reservations } from "./reservations.ts";

const date = serviceDate("2026-12-01");
const start = Date.UTC(2026, 11, 1);
let orderCount = 0;

function claimOf(options: {
  user?: number;
  run?: RunId;
  documents: string[];
  hour?: number;
  hours?: number;
  day?: string;
}): Claim {
  const userId = (options.user ?? 1) as UserId;
  const orderId = (++orderCount * slotCount + slotOfUser(userId)) as OrderId;
  const departAt = epochMs(start + (options.hour ?? 8) * hourMs);
  return {
    orderId,
    userId,
    runId: options.run ?? runId("G1", date),
    boardingDate: options.day ? serviceDate(options.day) : date,
    departAt,
    arriveAt: epochMs(departAt + (options.hours ?? 4) * hourMs),
    trips: options.documents.map((documentHash, n) => ({ ticketNo: `${orderId}-${n}`, documentHash })),
  };
}
const codes = (answers: Awaited<ReturnType<Reservations["claim"]>>) =>
  answers.map((answer) => (answer.ok ? "ok" : answer.error.code));

export function reservationsSuite(adapter: string, create: () => Promise<Reservations> | Reservations): void {
  test(`I6 ${adapter}: an account buys at most five tickets of one run, however the orders come`, async () => {
    const limits = await create();
    const claims = Array.from({ length: 8 }, (_, n) => claimOf({ documents: [`person ${n}`] }));
    expect(codes(await limits.claim(claims))).toEqual([...Array(5).fill("ok"), ...Array(3).fill("UserRunLimit")]);
    expect(codes(await limits.claim([claimOf({ user: 2, documents: ["somebody"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: a claim is taken whole or not at all`, async () => {
    const limits = await create();
    await limits.claim([claimOf({ documents: ["a", "b", "c"] })]);
    expect(codes(await limits.claim([claimOf({ documents: ["d", "e", "f"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await limits.claim([claimOf({ documents: ["d", "e"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: one document, one place at a time; the end of one trip may be the start of the next`, async () => {
    const limits = await create();
    const other = runId("G2", date);
    await limits.claim([claimOf({ documents: ["a"], hour: 8, hours: 4 })]);
    expect(codes(await limits.claim([claimOf({ user: 2, run: other, documents: ["a"], hour: 11 })]))).toEqual([
      "TripOverlaps",
    ]);
    expect(codes(await limits.claim([claimOf({ user: 2, run: other, documents: ["a"], hour: 12 })]))).toEqual(["ok"]);
    expect(codes(await limits.claim([claimOf({ user: 3, run: other, documents: ["a"], hour: 4, hours: 4 })]))).toEqual([
      "ok",
    ]);
  });

  test(`${adapter}: which trip is in the way is said to the account that bought it, and to no other`, async () => {
    const limits = await create();
    const run = runId("G2", date);
    await limits.claim([claimOf({ documents: ["a"] })]);
    const facts = async (user: number) => {
      const [answer] = await limits.claim([claimOf({ user, run, documents: ["b", "a"] })]);
      return answer!.ok ? null : answer!.error.facts;
    };
    expect(await facts(1)).toEqual({ ticket: 1, runId: runId("G1", date) });
    expect(await facts(2)).toEqual({ ticket: 1 });
  });

  test(`I6 ${adapter}: at most ten tickets per document and boarding day`, async () => {
    const limits = await create();
    const hop = (n: number, day?: string) =>
      claimOf({ user: n, run: runId(`G${n}`, date), documents: ["a"], hour: n, hours: 1, ...(day ? { day } : {}) });
    const answers = await limits.claim(Array.from({ length: 11 }, (_, n) => hop(n)));
    expect(codes(answers)).toEqual([...Array(10).fill("ok"), "DocumentDayLimit"]);
    expect(codes(await limits.claim([hop(30, "2026-12-02")]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: what ends gives its share back, ticket by ticket, once`, async () => {
    const limits = await create();
    const five = claimOf({ documents: ["a", "b", "c", "d", "e"] });
    await limits.claim([five]);
    await limits.giveBack(five.orderId, [five.trips[0]!.ticketNo]);
    await limits.giveBack(five.orderId, [five.trips[0]!.ticketNo]);
    expect(codes(await limits.claim([claimOf({ documents: ["f", "g"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await limits.claim([claimOf({ documents: ["a"] })]))).toEqual(["ok"]);
    await limits.giveBack(five.orderId);
    await limits.giveBack(five.orderId);
    expect(codes(await limits.claim([claimOf({ documents: ["b", "c", "d", "e"] })]))).toEqual(["ok"]);
  });

  test(`I7 ${adapter}: claiming twice under one order id counts once`, async () => {
    const limits = await create();
    const claim = claimOf({ documents: ["a", "b"] });
    expect(codes(await limits.claim([claim, claim]))).toEqual(["ok", "ok"]);
    expect(codes(await limits.claim([claimOf({ documents: ["c", "d", "e"] })]))).toEqual(["ok"]);
  });

  test(`${adapter}: restored trips count, and past ones are forgotten`, async () => {
    const limits = await create();
    const sold = claimOf({ documents: ["a", "b", "c", "d", "e"] });
    await limits.restore([sold]);
    expect(codes(await limits.claim([claimOf({ documents: ["f"] })]))).toEqual(["UserRunLimit"]);
    await limits.forgetBefore(epochMs(sold.arriveAt + 1));
    expect(codes(await limits.claim([claimOf({ documents: ["f"] })]))).toEqual(["ok"]);
  });

  test(`I7 ${adapter}: a claim is kept as often as one likes, and not once it was given back`, async () => {
    const limits = await create();
    const five = claimOf({ documents: ["a", "b", "c", "d", "e"] });
    await limits.claim([five]);
    await limits.keep([five]);
    await limits.giveBack(five.orderId, [five.trips[0]!.ticketNo]);
    await limits.keep([five]);
    expect(codes(await limits.claim([claimOf({ documents: ["f", "g"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await limits.claim([claimOf({ user: 2, documents: ["a"] })]))).toEqual(["ok"]);
    await limits.giveBack(five.orderId);
    await limits.keep([five]);
    expect(codes(await limits.claim([claimOf({ documents: ["b", "c", "d", "e", "f"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: however claims race, no limit is exceeded, and all is free again in the end`, async () => {
    const limits = await create();
    const random = createPrng(Number(process.env["SEED"] ?? 6));
    const people = ["a", "b", "c", "d", "e", "f"];
    const anyClaim = () => {
      const first = random.below(people.length);
      return claimOf({
        user: 1 + random.below(3),
        run: runId(`G${random.below(3)}`, date),
        documents: Array.from({ length: 1 + random.below(3) }, (_, n) => people[(first + n) % people.length]!),
        hour: 6 + random.below(10),
        hours: 1 + random.below(3),
      });
    };
    const standing = new Map<OrderId, Claim>();
    for (let round = 0; round < 12; round++) {
      const claims = Array.from({ length: 12 }, anyClaim);
      const answers = await Promise.all(claims.map((claim) => limits.claim([claim])));
      claims.forEach((claim, n) => answers[n]![0]!.ok && standing.set(claim.orderId, claim));
      expect(excesses([...standing.values()])).toEqual([]);
      const leaving = [...standing.values()].filter(() => random.chance(0.4));
      await Promise.all(leaving.map(({ orderId }) => limits.giveBack(orderId)));
      for (const { orderId } of leaving) standing.delete(orderId);
    }
    await Promise.all([...standing.keys()].map((orderId) => limits.giveBack(orderId)));
    const whole = people.slice(0, 5);
    expect(
      codes(await limits.claim([claimOf({ run: runId("G0", date), documents: whole, hour: 0, hours: 24 })])),
    ).toEqual(["ok"]);
  });
}

/** Limits that these claims together exceed. */
function excesses(claims: readonly Claim[]): string[] {
  const found: string[] = [];
  for (const [account, own] of Map.groupBy(claims, ({ userId, runId: run }) => `${userId} ${run}`)) {
    const tickets = own.reduce((sum, { trips }) => sum + trips.length, 0);
    if (tickets > ticketsPerUserRunMax) found.push(`${account}: ${tickets} tickets`);
  }
  const travels = claims.flatMap((claim) => claim.trips.map(({ documentHash }) => ({ claim, documentHash })));
  for (const [document, own] of Map.groupBy(travels, ({ documentHash }) => documentHash)) {
    const inOrder = own.map(({ claim }) => claim).sort((a, b) => a.departAt - b.departAt);
    for (const [n, { departAt }] of inOrder.entries()) {
      if (n > 0 && departAt < inOrder[n - 1]!.arriveAt) found.push(`${document} is on two trains`);
    }
  }
  return found;
}
