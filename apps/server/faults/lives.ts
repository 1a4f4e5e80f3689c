/**
 * Lives of entries of the waitlist, on a train that is sold out: one is prepaid and served by a ticket that comes back, a second one, whom
 * a single seat is no help, reaches its latest time of decision and has the money back, a third one is cancelled. Looked at from outside, in SQL, Redis and the
 * bank's books: to ask the role would be a call of its own.
 */
import { mysqlConnection } from "@chepiao/adapters/mysql";
import type { Order } from "@chepiao/contracts";
import { minuteMs, type OrderId, secondMs, slotOfOrder, waitlistIdOf } from "@chepiao/kernel";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { judge, type Records } from "../testing/audit.ts";
import { buy, call, type Crowd } from "../testing/passengers.ts";
import type { TestUser } from "../testing/world.ts";
import { createAuditor, settled } from "./auditor.ts";
import { holdsOn } from "./holds.ts";
import { crowdOf, openEntry, prepay, reached, returnTicket, sellOut, type Sold } from "./line.ts";
import { type Day, hopS, seatsOfClass, sellers, type Stage } from "./stage.ts";

export type Lives = AsyncDisposable & {
  /** One of each; `begin` is called once the second and the third are in line. Answers what is wrong in the end. */
  play(begin: () => void): Promise<string[]>;
};

type Entry = { readonly user: TestUser; readonly path: string; readonly entryId: OrderId };

/** As numbered in SQL. */
const states = { served: 3, expired: 4, cancelled: 5 } as const;
const buyEveryMs = 200;
const restMs = 90_000;
const endsInMs = 4 * secondMs;

export async function openLives(stage: Stage, day: Day): Promise<Lives> {
  await using cleanUp = new AsyncDisposableStack();
  const { record, redis, platform } = stage;
  const { line: world } = day;
  const crowd = crowdOf(stage, day);
  const runId = `${world.trains[0]}/${world.date}`;
  const { records } = createAuditor(stage);
  const sql = await createConnection({ ...mysqlConnection(platform.settings["MYSQL_URL"]!).options });
  cleanUp.defer(() => sql.end());
  const sold = await sellOut(crowd);
  const departsAt = await firstDeparture(crowd, sold[0]!);
  const departureOf = (stop: number) => departsAt + stop * hopS * secondMs;
  const [buyer, ...waiters] = world.users.slice(sellers) as [TestUser, ...TestUser[]];
  /** Who has the ticket that comes back next. */
  let holder: Sold = sold[0]!;
  let turn = 0;
  const nextUser = () => waiters[turn++ % waiters.length]!;

  async function enter(partySize: number, fromStop = 0): Promise<Entry> {
    const user = nextUser();
    const from = world.stations[fromStop]!;
    const waitlistNo = await openEntry(crowd, user, `life-${world.date}-${turn}`, { from, partySize });
    await prepay(crowd, user, waitlistNo);
    const entryId = waitlistIdOf(waitlistNo)!;
    const needs = redis.key(`needs:{${runId}}`);
    await reached(async () => {
      const text = await redis.ask((cluster) => cluster.hget(needs, String(entryId)));
      return text ? true : null;
    }, "it is in line");
    return { user, path: `/api/waitlist/${waitlistNo}`, entryId };
  }

  /** The stop from which the train is a number of whole minutes away soonest, but not at once. */
  function stopThatIsSoon(): number {
    const leftMs = (stop: number) => (departureOf(stop) - Date.now() - 2 * endsInMs) % minuteMs;
    return world.stations.slice(0, -1).reduce((best, _, stop) => (leftMs(stop) < leftMs(best) ? stop : best), 0);
  }

  /** Its latest time of decision is a few seconds from now. */
  async function endSoon({ user, path }: Entry, stop: number): Promise<void> {
    await reached(async () => {
      const deadlineMinutes = Math.floor((departureOf(stop) - Date.now() - endsInMs) / minuteMs);
      const answer = await call(crowd, user, "PUT", `${path}/deadline`, { deadlineMinutes });
      return answer?.status === 200 ? true : null;
    }, "its deadline is changed");
  }

  async function stateOf({ entryId }: Entry): Promise<number | undefined> {
    const statement = "select status from t_waitlist_order where slot = ? and id = ?";
    const [rows] = await sql.query<RowDataPacket[]>(statement, [slotOfOrder(entryId), entryId]);
    return (rows[0] as { status: number } | undefined)?.status;
  }

  const becomes = (entry: Entry, state: keyof typeof states) =>
    reached(async () => ((await stateOf(entry)) === states[state] ? true : null), `it is ${state}`);

  async function cancel(entry: Entry): Promise<void> {
    await reached(async () => {
      await call(crowd, entry.user, "POST", `${entry.path}/cancel`);
      return (await stateOf(entry)) === states.cancelled ? true : null;
    }, "it is cancelled");
  }

  /** The public, which would be glad of the seat. How often it got one. */
  async function buyWhile(goOn: () => boolean): Promise<number> {
    let bought = 0;
    for (let n = 0; goOn(); n++) {
      const { stations, trains, date } = world;
      const accepted = await buy(crowd, buyer, `public-${date}-${turn}-${n}`, {
        trainNumber: trains[0]!,
        originDate: date,
        from: stations[0]!,
        to: stations.at(-1)!,
        seatClass: crowd.seatClass,
        passengers: [{ passengerId: buyer.passengerIds[0]! }],
      });
      if (accepted) bought++;
      await Bun.sleep(buyEveryMs);
    }
    return bought;
  }

  async function ticketOf({ user, path }: Entry): Promise<Sold> {
    const orderNo = path.replace("/api/waitlist/W", "E");
    return reached(async () => {
      const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
      const ticket = order?.body.tickets?.find(({ state }) => state === "issued");
      return ticket ? { user, orderNo, ticketNo: ticket.ticketNo } : null;
    }, "it has its ticket");
  }

  /** Once all has come to rest: orders, tickets, ledger and money of this run, and that nothing of it is free, or held for nobody. */
  /** Who has ended otherwise may stand in line until something comes back that he could have: what he is given goes to the next. */
  async function wrongIn(served: Entry): Promise<string[]> {
    const holds = await holdsOn(redis, runId);
    const held = holds.reduce((sum, { seats }) => sum + seats.length, 0);
    const inLine = await redis.ask((cluster) => cluster.hget(redis.key(`needs:{${runId}}`), String(served.entryId)));
    return [
      ...judge(ofRun(await records(), runId), { accepted: new Map(), sent: record.sent }),
      ...(held === seatsOfClass.second ? [] : [`I1: ${held} seats of ${runId} are held, of ${seatsOfClass.second}`]),
      ...(inLine ? [`I5: ${served.path} is served, and is in line`] : []),
    ];
  }

  async function play(begin: () => void): Promise<string[]> {
    const stop = stopThatIsSoon();
    const [late, unwilling] = await Promise.all([enter(2, stop), enter(2)]);
    begin();
    let goOn = true;
    const bought = buyWhile(() => goOn);
    let first: Entry;
    try {
      await endSoon(late, stop);
      first = await enter(1);
      await returnTicket(crowd, holder);
      await becomes(first, "served");
      await cancel(unwilling);
      await becomes(late, "expired");
      holder = await ticketOf(first);
    } finally {
      goOn = false;
      await bought;
    }
    const wrong = await settled(restMs, () => wrongIn(first));
    const sales = await bought;
    return sales === 0 ? wrong : [...wrong, `I5: the public bought ${sales} times on ${runId} while it was waited for`];
  }

  const kept = cleanUp.move();
  return { play, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const firstDeparture = (crowd: Crowd, { user, orderNo }: Sold): Promise<number> =>
  reached(async () => {
    const order = await call<Order>(crowd, user, "GET", `/api/order/${orderNo}`);
    return order?.status === 200 ? Date.parse(order.body.departAt) : null;
  }, "its departure is known");

/** What concerns that run alone, of which all entries name no other. */
function ofRun(records: Records, runId: string): Records {
  const isHere = (row: { readonly run_id: string }) => row.run_id === runId;
  const orders = records.orders.filter(isHere);
  const items = records.items.filter(isHere);
  const entryIds = new Set(items.map(({ entry_id: id }) => id));
  const entries = records.entries.filter(({ id }) => entryIds.has(id));
  const numbers = new Set([
    ...orders.map(({ order_no: no }) => no),
    ...entries.map(({ waitlist_no: no }) => `E${no.slice(1)}`),
  ]);
  const payments = records.payments.filter(({ order_no: no }) => numbers.has(no));
  const paid = new Set(payments.map(({ payment_no: no }) => no));
  const isPaid = (row: { readonly payment_no: string }) => paid.has(row.payment_no);
  return {
    ...records,
    strays: [],
    orders,
    items,
    entries,
    payments,
    tickets: records.tickets.filter(isHere),
    ledger: records.ledger.filter(isHere),
    accountRuns: records.accountRuns.filter(isHere),
    trades: records.trades.filter(isPaid),
    refunds: records.refunds.filter(isPaid),
  };
}
