/**
 * The seat ledger, the last guard of I1, where a run's seats and an order's row may lie on different servers.
 *
 * Seats are claimed for an order and committed before its row is written, and given back after a change of its row was committed.
 * So there is a moment in which a crash leaves a claim without its order, or a freed seat that is still taken; never a
 * ticket whose seat is free. Both heal, because a claim knows its order: claiming again for the same order gives the first
 * decision again (I7), and releasing again releases nothing.
 *
 * `t_seat_ledger` is the guard: a row a seat, a bit a segment. `t_seat_claim` says whose the bits are, and keeps what was decided
 * also after a seat was given back or lost: a late copy of the order must not take it anew. Both lie where their run does.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { isDuplicateKey, seatMask, slotOfText } from "@chepiao/adapters/sql";
import { codeOf, type OrderAccepted, type RunId, seatClasses } from "@chepiao/contracts";
import { type EpochMs, type OrderId, type ServiceDate, slotOfOrder } from "@chepiao/kernel";
import { inLockingOrder, inParts, insertRows, padded, pagesOf } from "./batches.ts";
import { isGuardError } from "./errors.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

/** Stored by place: grows at its end only. */
const claimStatuses = ["lost", "held", "released"] as const;
const lost = codeOf(claimStatuses, "lost");
const held = codeOf(claimStatuses, "held");
const released = codeOf(claimStatuses, "released");

/** Seats that an order has given up. */
export type Release = { readonly orderId: OrderId; readonly runId: RunId; readonly seats: readonly number[] };

export type SeatLedger = {
  /** Tells for each order, in the order given, whether all of its seats are now its own. Durable on return. */
  claim(orders: readonly OrderAccepted[]): Promise<boolean[]>;
  /** To be written with the change that frees the seats, on the server of the order. */
  note(trx: Transaction<MysqlTables>, releases: readonly Release[], now: EpochMs): Promise<void>;
  /** Carries out what was noted. */
  release(releases: readonly Release[]): Promise<void>;
  /** Carries out what was noted by then and is still there: whoever noted it has died. How many seats that were. */
  finish(notedBy: EpochMs): Promise<number>;
  /** Forgets runs that began before that day; of how many. */
  forget(before: ServiceDate, limit: number): Promise<number>;
};

/** What orders hold on the run. */
export const seatClaimsOf = (db: Kysely<MysqlTables>, runId: RunId) =>
  db
    .selectFrom("t_seat_claim")
    .where("slot", "=", slotOfText(runId))
    .where("run_id", "=", runId)
    .where("claim_status", "=", held);

const finishedAtOnce = 500;
/** More than the releases that can be on their way at once. Bits that still stand then are nobody's, and are for the audit to find. */
const triesMax = 5;

export function createSeatLedger(db: Kysely<MysqlTables>): SeatLedger {
  const inTransaction = transactionsOn(db);

  /** Null where an order was decided before or a seat is taken: which one, the database does not say. */
  async function take(orders: readonly OrderAccepted[]): Promise<true[] | null> {
    try {
      await inTransaction((trx) => takeSeats(trx, orders));
      return orders.map(() => true);
    } catch (error) {
      if (!isDuplicateKey(error) && !isGuardError(error)) throw error;
      return null;
    }
  }

  async function decideAlone(order: OrderAccepted): Promise<boolean> {
    for (let tries = 0; tries < triesMax; tries++) {
      if (await take([order])) return true;
      const before = await decisionOn(order);
      if (before !== null) return before;
      if (!(await makeWay(order))) break;
    }
    return lose(order);
  }

  /**
   * A seat that a committed change has freed is free, also where its release was not carried out yet. True where the seats may be
   * free now; false where somebody has one of them.
   */
  async function makeWay(order: OrderAccepted): Promise<boolean> {
    const inTheWay = await claimsInTheWay(order);
    const noted = await notesOf(inTheWay.map(({ order_id }) => order_id as OrderId));
    const isNoted = ({ order_id, seat_index }: (typeof inTheWay)[number]) =>
      noted.some(({ orderId, seats }) => orderId === order_id && seats.includes(seat_index));
    if (!inTheWay.every(isNoted)) return false;
    await release(noted);
    return true;
  }

  async function lose(order: OrderAccepted): Promise<boolean> {
    try {
      await inTransaction((trx) => insertRows(trx, "t_seat_claim", claimRows(order, lost)));
      return false;
    } catch (error) {
      // A copy of the order was decided at the same moment.
      if (!isDuplicateKey(error)) throw error;
      return (await decisionOn(order))!;
    }
  }

  const decisionOn = async (order: OrderAccepted) => (await decisionsOn([order]))[0] ?? null;

  /** Null for each order that was not decided yet. */
  const decisionsOn = (orders: readonly OrderAccepted[]) =>
    inTransaction(async (trx) => {
      const decided = new Map<number, boolean>();
      for (const page of pagesOf(orders)) {
        for (const row of await decisionRows(trx, page)) decided.set(row.order_id, row.claim_status !== lost);
      }
      return orders.map(({ orderId }) => decided.get(orderId) ?? null);
    });

  const claimsInTheWay = (order: OrderAccepted) =>
    seatClaimsOf(db, order.runId)
      .select(["order_id", "seat_index"])
      .where("seat_type", "=", codeOf(seatClasses, order.seatClass))
      .where("seat_index", "in", seatsOf(order))
      .where("from_stop", "<", order.toStop)
      .where("to_stop", ">", order.fromStop)
      .execute();

  async function notesOf(orderIds: readonly OrderId[]): Promise<Release[]> {
    const notes: Release[] = [];
    for (const orderId of new Set(orderIds)) {
      const rows = await db
        .selectFrom("t_seat_release")
        .select(["order_id", "run_id", "seat_index"])
        .where("slot", "=", slotOfOrder(orderId))
        .where("order_id", "=", orderId)
        .execute();
      notes.push(...releasesOf(rows));
    }
    return notes;
  }

  async function release(releases: readonly Release[]): Promise<void> {
    if (releases.length === 0) return;
    const byRun = inLockingOrder(releases, ({ runId }) => slotOfText(runId));
    await inTransaction((trx) => giveBack(trx, byRun));
    const byOrder = inLockingOrder(releases, ({ orderId }) => slotOfOrder(orderId));
    await inTransaction((trx) =>
      trx
        .deleteFrom("t_seat_release")
        .where((the) =>
          the.or(
            padded(byOrder).map(({ orderId, seats }) =>
              the.and({ slot: slotOfOrder(orderId), order_id: orderId }).and("seat_index", "in", seats),
            ),
          ),
        )
        .execute(),
    );
  }

  return {
    claim: (orders) =>
      inParts(
        orders,
        async (some) => (await take(some)) ?? (some.length > 1 ? null : [await decideAlone(some[0]!)]),
        decisionsOn,
      ),
    note: (trx, releases, now) =>
      insertRows(
        trx,
        "t_seat_release",
        releases.flatMap(({ orderId, runId, seats }) =>
          seats.map((seat) => ({
            order_id: orderId,
            seat_index: seat,
            slot: slotOfOrder(orderId),
            run_id: runId,
            create_time: now,
          })),
        ),
      ),
    release,
    async finish(notedBy) {
      const noted = await inTransaction((trx) =>
        trx
          .selectFrom("t_seat_release")
          .select(["order_id", "run_id", "seat_index"])
          .where("create_time", "<=", notedBy)
          .limit(finishedAtOnce)
          .execute(),
      );
      await release(releasesOf(noted));
      return noted.length;
    },
    async forget(before, limit) {
      const runs = await inTransaction((trx) =>
        trx
          .selectFrom("t_seat_ledger")
          .select(["slot", "run_id"])
          .where(sql<string>`substring_index(run_id, '/', -1)`, "<", before)
          // From run to run by the key, without its thousands of rows.
          .groupBy(["slot", "run_id"])
          .limit(limit)
          .execute(),
      );
      for (const run of runs) {
        await inTransaction(async (trx) => {
          // In the order in which seats are taken.
          for (const table of ["t_seat_claim", "t_seat_ledger"] as const)
            await trx
              .deleteFrom(table)
              .where((the) => the.and(run))
              .execute();
        });
      }
      return runs.length;
    },
  };
}

/** An order has lost all of its seats or none. */
const decisionRows = (trx: Transaction<MysqlTables>, orders: readonly OrderAccepted[]) =>
  trx
    .selectFrom("t_seat_claim")
    .select(["order_id", "claim_status"])
    .where((the) =>
      the.or(
        padded(orders).map(({ runId, orderId }) =>
          the.and({ slot: slotOfText(runId), run_id: runId, order_id: orderId }),
        ),
      ),
    )
    .execute();

const seatsOf = (order: OrderAccepted): number[] => [...new Set(order.tickets.map(({ seatIndex }) => seatIndex))];

const claimRows = (order: OrderAccepted, status: number) =>
  seatsOf(order).map((seat) => ({
    slot: slotOfText(order.runId),
    run_id: order.runId,
    order_id: order.orderId,
    seat_index: seat,
    seat_type: codeOf(seatClasses, order.seatClass),
    from_stop: order.fromStop,
    to_stop: order.toStop,
    claim_status: status,
  }));

/**
 * The guard: sets the bits of each wanted seat, or, where one of them is set, adds up to more than a number can be. That is an error
 * in every mode of every server; a null, which columns refuse, would only be a warning and a zero in some.
 */
const setFreeBits = `on duplicate key update
  taken0 = if(taken0 & values(taken0) = 0 and taken1 & values(taken1) = 0
          and taken2 & values(taken2) = 0 and taken3 & values(taken3) = 0,
      taken0 | values(taken0), values(seat_index) + 1 + 18446744073709551615),
  taken1 = taken1 | values(taken1), taken2 = taken2 | values(taken2), taken3 = taken3 | values(taken3)`;

async function takeSeats(trx: Transaction<MysqlTables>, orders: readonly OrderAccepted[]): Promise<void> {
  const inOrder = inLockingOrder(orders, ({ runId }) => slotOfText(runId));
  await insertRows(
    trx,
    "t_seat_claim",
    inOrder.flatMap((order) => claimRows(order, held)),
  );
  const bits = inOrder.flatMap((order) => {
    const [taken0, taken1, taken2, taken3] = seatMask(order.fromStop, order.toStop);
    return order.tickets.map(({ seatIndex }) => ({
      slot: slotOfText(order.runId),
      run_id: order.runId,
      seat_type: codeOf(seatClasses, order.seatClass),
      seat_index: seatIndex,
      taken0,
      taken1,
      taken2,
      taken3,
    }));
  });
  await insertRows(trx, "t_seat_ledger", bits, setFreeBits);
}

/** Frees the bits of those seats that their orders still hold. */
async function giveBack(trx: Transaction<MysqlTables>, releases: readonly Release[]): Promise<void> {
  const claims = await trx
    .selectFrom("t_seat_claim")
    .select(["slot", "run_id", "order_id", "seat_index", "seat_type", "from_stop", "to_stop"])
    .where("claim_status", "=", held)
    .where((the) =>
      the.or(
        padded(releases).map(({ runId, orderId, seats }) =>
          the.and({ slot: slotOfText(runId), run_id: runId, order_id: orderId }).and("seat_index", "in", seats),
        ),
      ),
    )
    .forUpdate()
    .execute();
  if (claims.length === 0) return;
  await trx
    .updateTable("t_seat_claim")
    .set({ claim_status: released })
    .where((the) =>
      the.or(
        padded(inLockingOrder(claims, ({ slot }) => slot)).map(({ slot, run_id, order_id, seat_index }) =>
          the.and({ slot, run_id, order_id, seat_index }),
        ),
      ),
    )
    .execute();
  const alike = Map.groupBy(
    inLockingOrder(claims, ({ slot }) => slot),
    (claim) => `${claim.run_id} ${claim.seat_type} ${claim.from_stop} ${claim.to_stop}`,
  );
  for (const [first, ...others] of alike.values()) await clearBits(trx, first!, [first!, ...others]);
}

type ClaimedWay = Pick<MysqlTables["t_seat_claim"], "slot" | "run_id" | "seat_type" | "from_stop" | "to_stop">;

async function clearBits(trx: Transaction<MysqlTables>, way: ClaimedWay, seats: readonly { seat_index: number }[]) {
  const { slot, run_id, seat_type } = way;
  const [word0, word1, word2, word3] = seatMask(way.from_stop, way.to_stop);
  await trx
    .updateTable("t_seat_ledger")
    .set({
      taken0: sql`taken0 & ~${word0}`,
      taken1: sql`taken1 & ~${word1}`,
      taken2: sql`taken2 & ~${word2}`,
      taken3: sql`taken3 & ~${word3}`,
    })
    .where((the) => the.and({ slot, run_id, seat_type }))
    .where(
      "seat_index",
      "in",
      seats.map(({ seat_index }) => seat_index),
    )
    .execute();
}

function releasesOf(rows: readonly { order_id: number; run_id: string; seat_index: number }[]): Release[] {
  return [...Map.groupBy(rows, (row) => row.order_id)].map(([orderId, ofOrder]) => ({
    orderId: orderId as OrderId,
    runId: ofOrder[0]!.run_id as RunId,
    seats: ofOrder.map((row) => row.seat_index),
  }));
}
