/** The rules of idempotency keys and of orders between log and SQL. */
import { expect, test } from "bun:test";
import { type OrderAccepted, refusal } from "@chepiao/contracts";
import { epochMs, hourMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { Submission, Submissions } from "./submissions.ts";

const start = Date.UTC(2026, 11, 1);
const submission = (orderId: number, key: string, requestHash = "body", userId = 1, hour = 0): Submission => ({
  userId: userId as UserId,
  key,
  requestHash,
  orderId: orderId as OrderId,
  at: epochMs(start + hour * hourMs),
});
const order = (orderId: number, userId: number) => ({ orderId, userId }) as unknown as OrderAccepted;

export function submissionsSuite(adapter: string, create: () => Promise<Submissions> | Submissions): void {
  test(`I7 ${adapter}: the same key with the same body leads to the first order, with another body to none`, async () => {
    const submissions = await create();
    expect(await submissions.enter([submission(1, "k"), submission(2, "k"), submission(3, "k", "other body")])).toEqual(
      [{ kind: "new" }, { kind: "same", orderId: 1 as OrderId }, { kind: "other" }],
    );
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
    await submissions.withdrawn(1 as UserId, "withdrawn", 2 as OrderId);
    expect(await submissions.enter([submission(3, "refused"), submission(4, "withdrawn")])).toEqual([
      { kind: "refused", refusal: refusal("SoldOut") },
      { kind: "new" },
    ]);
  });

  test(`I7 ${adapter}: only the order that has a key can free it`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k"), submission(2, "k"), submission(3, "refused")]);
    await submissions.refused(1 as UserId, "refused", refusal("SoldOut"));
    await submissions.withdrawn(1 as UserId, "k", 2 as OrderId);
    await submissions.withdrawn(1 as UserId, "refused", 4 as OrderId);
    await submissions.withdrawn(1 as UserId, "unknown", 5 as OrderId);
    expect(await submissions.enter([submission(6, "k"), submission(7, "refused")])).toEqual([
      { kind: "same", orderId: 1 as OrderId },
      { kind: "refused", refusal: refusal("SoldOut") },
    ]);
  });

  test(`${adapter}: a key is kept for a day`, async () => {
    const submissions = await create();
    await submissions.enter([submission(1, "k")]);
    expect(await submissions.enter([submission(2, "k", "body", 1, 23)])).toEqual([
      { kind: "same", orderId: 1 as OrderId },
    ]);
  });

  test(`${adapter}: restored keys answer like those that came`, async () => {
    const submissions = await create();
    await submissions.restore([submission(1, "k")]);
    expect(await submissions.enter([submission(2, "k")])).toEqual([{ kind: "same", orderId: 1 as OrderId }]);
  });

  test(`${adapter}: an accepted order is found until it is written`, async () => {
    const submissions = await create();
    await submissions.accepted([order(1, 7), order(2, 8), order(3, 7)]);
    expect(await submissions.find(1 as OrderId)).toEqual(order(1, 7));
    expect(await submissions.ofUser(7 as UserId)).toEqual([order(3, 7), order(1, 7)]);
    await submissions.written([1 as OrderId, 1 as OrderId, 99 as OrderId]);
    expect(await submissions.find(1 as OrderId)).toBeNull();
    expect(await submissions.ofUser(7 as UserId)).toEqual([order(3, 7)]);
  });
}
