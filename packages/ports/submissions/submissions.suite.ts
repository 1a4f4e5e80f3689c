/** The rules of idempotency keys and of orders between log and SQL. */
import { expect, test } from "bun:test";
import { type OrderAccepted, refusal } from "@chepiao/contracts";
import { epochMs, hourMs, type OrderId, slotCount, slotOfUser, type UserId } from "@chepiao/kernel";
import type { Submission, Submissions } from "./submissions.ts";

const start = Date.UTC(2026, 11, 1);
/** An order's id leads to the slot of its user. */
const idOf = (n: number, userId = 1) => (n * slotCount + slotOfUser(userId as UserId)) as OrderId;
const submission = (n: number, key: string, requestHash = "body", userId = 1, hour = 0): Submission => ({
  userId: userId as UserId,
  key,
  requestHash,
  orderId: idOf(n, userId),
  at: epochMs(start + hour * hourMs),
});
const order = (n: number, userId: number, idempotencyKey = `key of ${n}`) =>
  ({ orderId: idOf(n, userId), userId, idempotencyKey, requestHash: "body" }) as unknown as OrderAccepted;

export function submissionsSuite(adapter: string, create: () => Promise<Submissions> | Submissions): void {
  test(`I7 ${adapter}: the same key with the same body leads to the first order, with another body to none`, async () => {
    const submissions = await create();
    expect(await submissions.enter([submission(1, "k"), submission(2, "k"), submission(3, "k", "other body")])).toEqual(
      [{ kind: "new" }, { kind: "same", orderId: idOf(1) }, { kind: "other" }],
    );
  });

  test(`${adapter}: who only looks hears what is known of a key, and takes none`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k"), submission(2, "refused")]);
    await submissions.refused(1 as UserId, "refused", refusal("SoldOut"));
    const asked = [
      submission(3, "k"),
      submission(4, "k", "other body"),
      submission(5, "refused"),
      submission(6, "free"),
      submission(7, "k", "body", 2),
    ];
    for (const _ of [1, 2])
      expect(await submissions.findKeys(asked)).toEqual([
        { kind: "same", orderId: idOf(1) },
        { kind: "other" },
        { kind: "refused", refusal: refusal("SoldOut") },
        { kind: "new" },
        { kind: "new" },
      ]);
    expect(await submissions.findKeys([])).toEqual([]);
    expect(await submissions.enter([submission(6, "free")])).toEqual([{ kind: "new" }]);
  });

  test(`${adapter}: accounts do not share keys`, async () => {
    const submissions = await create();
    const entries = await submissions.enter([submission(1, "k", "body", 1), submission(2, "k", "body", 2)]);
    expect(entries).toEqual([{ kind: "new" }, { kind: "new" }]);
  });

  test(`${adapter}: a refusal is repeated, a withdrawn key is free again`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "refused"), submission(2, "withdrawn")]);
    await submissions.refused(1 as UserId, "refused", refusal("SoldOut"));
    await submissions.withdrawn(1 as UserId, "withdrawn", idOf(2));
    expect(await submissions.enter([submission(3, "refused"), submission(4, "withdrawn")])).toEqual([
      { kind: "refused", refusal: refusal("SoldOut") },
      { kind: "new" },
    ]);
  });

  test(`I7 ${adapter}: only the order that has a key can free it`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k"), submission(2, "k"), submission(3, "refused")]);
    await submissions.refused(1 as UserId, "refused", refusal("SoldOut"));
    await submissions.withdrawn(1 as UserId, "k", idOf(2));
    await submissions.withdrawn(1 as UserId, "refused", idOf(4));
    await submissions.withdrawn(1 as UserId, "unknown", idOf(5));
    expect(await submissions.enter([submission(6, "k"), submission(7, "refused")])).toEqual([
      { kind: "same", orderId: idOf(1) },
      { kind: "refused", refusal: refusal("SoldOut") },
    ]);
  });

  test(`${adapter}: a key is kept for a day`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k")]);
    expect(await submissions.enter([submission(2, "k", "body", 1, 23)])).toEqual([{ kind: "same", orderId: idOf(1) }]);
  });

  test(`${adapter}: reloaded keys answer like those that came`, async () => {
    const submissions = await create();
    await submissions.reload([submission(1, "k")]);
    expect(await submissions.enter([submission(2, "k")])).toEqual([{ kind: "same", orderId: idOf(1) }]);
  });

  test(`${adapter}: an accepted order is found until it is written`, async () => {
    const submissions = await create();
    await submissions.accepted([order(1, 7), order(2, 8), order(3, 7)]);
    expect(await submissions.find(idOf(1, 7))).toEqual(order(1, 7));
    expect(await submissions.ofUser(7 as UserId)).toEqual([order(3, 7), order(1, 7)]);
    await submissions.logged([order(1, 7), order(2, 8)]);
    expect(await submissions.ofUser(7 as UserId)).toEqual([order(3, 7), order(1, 7)]);
    await submissions.written([order(1, 7), order(1, 7), order(99, 9)]);
    expect(await submissions.find(idOf(1, 7))).toBeNull();
    expect(await submissions.ofUser(7 as UserId)).toEqual([order(3, 7)]);
  });

  test(`I2 ${adapter}: an accepted order is known to be in the log once somebody has said so, and not before`, async () => {
    const submissions = await create();
    await submissions.accepted([order(1, 7), order(2, 7)]);
    expect(await Promise.all([1, 2, 3].map((n) => submissions.isLogged(idOf(n, 7))))).toEqual([false, false, false]);
    await submissions.logged([order(1, 7)]);
    expect(await Promise.all([1, 2].map((n) => submissions.isLogged(idOf(n, 7))))).toEqual([true, false]);
    await submissions.written([order(1, 7)]);
    expect(await submissions.isLogged(idOf(1, 7))).toBe(false);
  });

  test(`I7 ${adapter}: the key of an order leads to it before and after it is written`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k")]);
    for (const step of ["accepted", "logged", "written"] as const) {
      await submissions[step]([order(1, 1, "k")]);
      expect(await submissions.enter([submission(2, "k")])).toEqual([{ kind: "same", orderId: idOf(1) }]);
    }
  });

  test(`${adapter}: an accepted order that is withdrawn is not found any more`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k"), submission(2, "other")]);
    await submissions.accepted([order(1, 1, "k"), order(2, 1, "other")]);
    await submissions.withdrawn(1 as UserId, "k", idOf(1));
    expect(await submissions.find(idOf(1))).toBeNull();
    expect(await submissions.ofUser(1 as UserId)).toEqual([order(2, 1, "other")]);
    expect(await submissions.enter([submission(3, "k")])).toEqual([{ kind: "new" }]);
  });
}
