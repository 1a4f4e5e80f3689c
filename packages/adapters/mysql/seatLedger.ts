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
 *
 * Lines of one order may be of different runs, and so on different servers. Each has a claim of its own; where one is lost, what the others
 * have got is given back. Should a crash come between, the order is not written, and claiming it again leads to the same end. Of two
 * orders that two processes claim at once, and that each have a line which the other one lacks, both may be lost.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { isDuplicateKey, seatMask, slotOfText } from "@chepiao/adapters/sql";
import { codeOf, type OrderAccepted, type OrderLine, type RunId, seatClasses, ticketsOf } from "@chepiao/contracts";
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

/** Seats that an order has given up on one of its lines. */
export type Release = {
  readonly orderId: OrderId;
  readonly line: number;
  readonly runId: RunId;
  readonly seats: readonly number[];
};

/** What one line of an order wants. */
type Wanted = Pick<OrderLine, "fromStop" | "runId" | "seatClass" | "toStop"> & Release;

export type SeatLedger = {
  /** Tells for each order, in the order given, whether all of its seats are now its own. Durable on return. */
  claim(orders: readonly OrderAccepted[]): Promise<boolean[]>;
  /** To be written with the change that frees the seats, on the server of the order. */
  note(trx: Transaction<MysqlTables>, releases: readonly Release[], now: EpochMs): Promise<void>;
  /** Carries out what was noted. */
  release(releases: readonly Release[]): Promise<void>;
  /** Carries out what was noted by then and is still there: the process that noted it has died. How many seats that were. */
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

  /** False where a line was decided before or a seat is taken: which one, the database does not say. */
  async function take(lines: readonly Wanted[]): Promise<boolean> {
    try {
      await inTransaction((trx) => takeSeats(trx, lines));
      return true;
    } catch (error) {
      if (!isDuplicateKey(error) && !isGuardError(error)) throw error;
      return false;
    }
  }

  async function decideOne(order: OrderAccepted): Promise<boolean> {
    let open: readonly Wanted[] = wantedBy(order);
    for (let tries = 0; tries < triesMax; tries++) {
      if (await take(open)) return true;
      const decided = await decisionsOnLines(wantedBy(order));
      if (decided.includes(false)) break;
      // Some may be decided and others not: whoever was at it has died between two servers.
      open = wantedBy(order).filter((_, n) => decided[n] === null);
      if (open.length === 0) return true;
      if (!(await makeWay(open))) break;
    }
    return lose(order);
  }

  /**
   * A seat that a committed change has freed is free, also where its release was not carried out yet. True where the seats may be
   * free now; false where another order has one of them.
   */
  async function makeWay(lines: readonly Wanted[]): Promise<boolean> {
    const inTheWay = (await Promise.all(lines.map(claimsInTheWay))).flat();
    const noted = await notesOf(inTheWay.map(({ order_id }) => order_id as OrderId));
    const isNoted = (claim: (typeof inTheWay)[number]) =>
      noted.some(
        ({ orderId, line, seats }) =>
          orderId === claim.order_id && line === claim.line_index && seats.includes(claim.seat_index),
      );
    if (!inTheWay.every(isNoted)) return false;
    await release(noted);
    return true;
  }

  /** What of it is not decided is lost, and what it has got on other lines is given back. */
  async function lose(order: OrderAccepted): Promise<boolean> {
    const lines = wantedBy(order);
    const decided = await decisionsOnLines(lines);
    const open = lines.filter((_, n) => decided[n] === null);
    if (open.length === 0 && !decided.includes(false)) return true;
    try {
      const rows = open.flatMap((line) => claimRows(line, lost));
      await inTransaction((trx) => insertRows(trx, "t_seat_claim", rows));
    } catch (error) {
      // A copy of the order was decided at the same moment.
      if (!isDuplicateKey(error)) throw error;
      return decideOne(order);
    }
    await giveUp(order);
    return false;
  }

  /** Of an order that was lost: whoever lost it may have died before he gave back the rest. */
  async function giveUp(order: OrderAccepted) {
    if (order.lines.length > 1) await release(wantedBy(order));
  }

  /** Null for each order that was not decided yet, or not whole. */
  async function decisionsOn(orders: readonly OrderAccepted[]): Promise<(boolean | null)[]> {
    const byLine = await decisionsOnLines(orders.flatMap(wantedBy));
    let next = 0;
    return orders.map(({ lines }) => {
      const decided = byLine.slice(next, (next += lines.length));
      return decided.includes(null) ? null : !decided.includes(false);
    });
  }

  /** Null for each line that was not decided yet. */
  const decisionsOnLines = (lines: readonly Wanted[]) =>
    inTransaction(async (trx) => {
      const decided = new Map<string, boolean>();
      for (const page of pagesOf(lines)) {
        for (const row of await decisionRows(trx, page))
          decided.set(`${row.order_id} ${row.line_index}`, row.claim_status !== lost);
      }
      return lines.map(({ orderId, line }) => decided.get(`${orderId} ${line}`) ?? null);
    });

  const claimsInTheWay = (line: Wanted) =>
    seatClaimsOf(db, line.runId)
      .select(["order_id", "line_index", "seat_index"])
      .where("seat_type", "=", codeOf(seatClasses, line.seatClass))
      .where("seat_index", "in", line.seats)
      .where("from_stop", "<", line.toStop)
      .where("to_stop", ">", line.fromStop)
      .execute();

  async function notesOf(orderIds: readonly OrderId[]): Promise<Release[]> {
    const notes: Release[] = [];
    for (const orderId of new Set(orderIds)) {
      const rows = await db
        .selectFrom("t_seat_release")
        .select(["order_id", "line_index", "run_id", "seat_index"])
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
    await inTransaction((trx) => releaseClaims(trx, byRun));
    const byOrder = inLockingOrder(releases, ({ orderId }) => slotOfOrder(orderId));
    await inTransaction((trx) =>
      trx
        .deleteFrom("t_seat_release")
        .where((the) =>
          the.or(
            padded(byOrder).map(({ orderId, line, seats }) =>
              the
                .and({ slot: slotOfOrder(orderId), order_id: orderId, line_index: line })
                .and("seat_index", "in", seats),
            ),
          ),
        )
        .execute(),
    );
  }

  return {
    async claim(orders) {
      const claimed = await inParts(
        orders,
        async (some) => {
          if (some.length === 1) return [await decideOne(some[0]!)];
          return (await take(some.flatMap(wantedBy))) ? some.map(() => true) : null;
        },
        decisionsOn,
      );
      for (const [n, order] of orders.entries()) if (!claimed[n]) await giveUp(order);
      return claimed;
    },
    note: (trx, releases, now) =>
      insertRows(
        trx,
        "t_seat_release",
        releases.flatMap(({ orderId, line, runId, seats }) =>
          seats.map((seat) => ({
            order_id: orderId,
            line_index: line,
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
          .select(["order_id", "line_index", "run_id", "seat_index"])
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
          // Counts lie with their accounts, so each database is asked.
          await sql`delete from t_account_run where run_id = ${run.run_id}`.execute(trx);
        });
      }
      return runs.length;
    },
  };
}

/** A line has lost all of its seats or none. */
const decisionRows = (trx: Transaction<MysqlTables>, lines: readonly Wanted[]) =>
  trx
    .selectFrom("t_seat_claim")
    .select(["order_id", "line_index", "claim_status"])
    .where((the) =>
      the.or(
        padded(lines).map(({ runId, orderId, line }) =>
          the.and({ slot: slotOfText(runId), run_id: runId, order_id: orderId, line_index: line }),
        ),
      ),
    )
    .execute();

const wantedBy = (order: OrderAccepted): Wanted[] =>
  order.lines.map(({ line, runId, seatClass, fromStop, toStop }) => {
    const seats = ticketsOf(order, { line }).map(({ seatIndex }) => seatIndex);
    return { orderId: order.orderId, line, runId, seatClass, fromStop, toStop, seats };
  });

const claimRows = ({ orderId, line, runId, seatClass, fromStop, toStop, seats }: Wanted, status: number) =>
  [...new Set(seats)].map((seat) => ({
    slot: slotOfText(runId),
    run_id: runId,
    order_id: orderId,
    line_index: line,
    seat_index: seat,
    seat_type: codeOf(seatClasses, seatClass),
    from_stop: fromStop,
    to_stop: toStop,
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

async function takeSeats(trx: Transaction<MysqlTables>, lines: readonly Wanted[]): Promise<void> {
  const inOrder = inLockingOrder(lines, ({ runId }) => slotOfText(runId));
  await insertRows(
    trx,
    "t_seat_claim",
    inOrder.flatMap((line) => claimRows(line, held)),
  );
  const bits = inOrder.flatMap(({ runId, seatClass, fromStop, toStop, seats }) => {
    const [taken0, taken1, taken2, taken3] = seatMask(fromStop, toStop);
    return seats.map((seat) => ({
      slot: slotOfText(runId),
      run_id: runId,
      seat_type: codeOf(seatClasses, seatClass),
      seat_index: seat,
      taken0,
      taken1,
      taken2,
      taken3,
    }));
  });
  await insertRows(trx, "t_seat_ledger", bits, setFreeBits);
}

/** Frees the bits of those seats that their orders still hold. */
async function releaseClaims(trx: Transaction<MysqlTables>, releases: readonly Release[]): Promise<void> {
  const claims = await trx
    .selectFrom("t_seat_claim")
    .select(["slot", "run_id", "order_id", "line_index", "seat_index", "seat_type", "from_stop", "to_stop"])
    .where("claim_status", "=", held)
    .where((the) =>
      the.or(
        padded(releases).map(({ runId, orderId, line, seats }) =>
          the
            .and({ slot: slotOfText(runId), run_id: runId, order_id: orderId, line_index: line })
            .and("seat_index", "in", seats),
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
        padded(inLockingOrder(claims, ({ slot }) => slot)).map(({ slot, run_id, order_id, line_index, seat_index }) =>
          the.and({ slot, run_id, order_id, line_index, seat_index }),
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

type ReleaseRow = Pick<MysqlTables["t_seat_release"], "line_index" | "order_id" | "run_id" | "seat_index">;

function releasesOf(rows: readonly ReleaseRow[]): Release[] {
  return [...Map.groupBy(rows, (row) => `${row.order_id} ${row.line_index}`).values()].map((ofLine) => ({
    orderId: ofLine[0]!.order_id as OrderId,
    line: ofLine[0]!.line_index,
    runId: ofLine[0]!.run_id as RunId,
    seats: ofLine.map((row) => row.seat_index),
  }));
}
