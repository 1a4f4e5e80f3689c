/** How long an outage lasts, as a row of purchases tells it. */
import { expect, test } from "bun:test";
import { type Attempt, isOver as isOverAt, promptOf, recoveryOf as recoveryAt } from "./recovery.ts";

const struckAt = 10_000;
const promptMs = 2_000;
const recoveryOf = (attempts: Attempt[], at: number) => recoveryAt(attempts, at, promptMs);
const isOver = (attempts: Attempt[], now: number) => isOverAt(attempts, now, promptMs);

/** One purchase each 200 ms from a second before the strike on: answered after 20 ms, a row 100 ms later, unless `how` says otherwise. */
function purchases(count: number, how: (sinceMs: number) => Partial<Attempt> = () => ({})): Attempt[] {
  return Array.from({ length: count }, (_, n) => {
    const sentAt = struckAt - 1_000 + n * 200;
    return { sentAt, answeredAt: sentAt + 20, status: 202, writtenAt: sentAt + 120, ...how(sentAt - struckAt) };
  });
}
const away = { status: 503, writtenAt: null };

test("where nobody noticed anything the outage is nothing", () => {
  expect(recoveryOf(purchases(50), struckAt)).toMatchObject({ answeredAfterMs: 0, writtenAfterMs: 0 });
});

test("an outage ends with the first good purchase after the last bad one", () => {
  const attempts = purchases(50, (since) => (since >= 0 && since < 3_000 && since !== 1_000 ? away : {}));
  const recovery = recoveryOf(attempts, struckAt);
  expect(recovery).toMatchObject({ answeredAfterMs: 3_020, writtenAfterMs: 3_120 });
  expect(recovery.answers).toEqual(
    new Map([
      [503, 14],
      [202, 31],
    ]),
  );
});

test("a purchase that is answered and not yet a row is an outage of rows alone", () => {
  const attempts = purchases(60, (since) => (since >= 0 && since < 5_000 ? { writtenAt: struckAt + 7_100 } : {}));
  // Those sent within the last two seconds before rows were written again did not wait too long.
  expect(recoveryOf(attempts, struckAt)).toMatchObject({ answeredAfterMs: 0, writtenAfterMs: 5_120 });
});

test("an answer that came too late counts from when it came, as does one on its way when the fault began", () => {
  const attempts = purchases(50, (since) => (since === -200 ? { answeredAt: struckAt + 6_000, writtenAt: null } : {}));
  expect(recoveryOf(attempts, struckAt)).toMatchObject({ answeredAfterMs: 20, slowestAnswerMs: 6_200 });
});

test("a refusal is an answer, and no row is missing", () => {
  const attempts = purchases(50, () => ({ status: 409, writtenAt: null }));
  expect(recoveryOf(attempts, struckAt)).toMatchObject({ answeredAfterMs: 0, writtenAfterMs: 0 });
});

test("it is over once enough in a row were served in time, and not while somebody waits too long", () => {
  const broken = purchases(10, () => away);
  expect(isOver(broken, struckAt + 20_000)).toBe(false);
  const healed = purchases(20, (since) => (since < 400 ? away : {}));
  expect(isOver(healed, struckAt + 3_000)).toBe(true);
  const hanging = purchases(20, (since) =>
    since === 2_000 ? { answeredAt: null, status: null, writtenAt: null } : {},
  );
  expect(isOver(hanging, struckAt + 4_500)).toBe(false);
});

test("refusals do not end an outage of rows", () => {
  const full = purchases(20, (since) => (since < 1_000 ? { writtenAt: null } : { status: 409, writtenAt: null }));
  expect(isOver(full, struckAt + 20_000)).toBe(false);
});

test("what never ends is endless", () => {
  expect(
    recoveryOf(
      purchases(50, (since) => (since > 0 ? away : {})),
      struckAt,
    ).answeredAfterMs,
  ).toBe(Infinity);
});

test("in time is two seconds, or three times what it took before where that is more", () => {
  expect(promptOf([])).toBe(2_000);
  expect(promptOf(purchases(5))).toBe(2_000);
  expect(promptOf([{ sentAt: 0, answeredAt: 500, status: 202, writtenAt: 1_700 }])).toBe(3_600);
});
