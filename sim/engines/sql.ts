/**
 * The database: memory stores outside of every process. A call is one transaction, carried out or not; a caller that gets no answer does
 * not know which, and of a batch of orders on several servers some may be committed and others not. What changes in the rows of orders
 * is told to those who follow them, as a binlog tells it.
 */
import { type RunId, ServiceUnavailable } from "@chepiao/contracts";
import {
  createMemoryOrderIndex,
  createMemoryOrderList,
  type OrderIndex,
  type OrderList,
} from "@chepiao/ports/order-lists";
import { createMemoryOrderSearch, type OrderSearch } from "@chepiao/ports/order-search";
import { createMemoryLeases, type Leases } from "@chepiao/ports/lease";
import { createMemoryOrderStore, type MemoryOrderStore, type OrderStore } from "@chepiao/ports/order-store";
import { createMemoryOutbox, type MemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPaymentStore, type PaymentStore } from "@chepiao/ports/payment-store";
import { createMemorySessionStore, type SessionStore } from "@chepiao/ports/session-store";
import { createMemoryTimetableStore, type TimetableStore } from "@chepiao/ports/timetable-store";
import { createMemoryUserStore, type UserStore } from "@chepiao/ports/user-store";
import { createMemoryWaitlistStore, type MemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import type { EpochMs, OrderId } from "@chepiao/kernel";
import { type AddedBook, createAddedBook } from "../audit/added.ts";
import { changedWrongly } from "../audit/entries.ts";
import { askAgainMs } from "@chepiao/services/waitlist";
import { twoUnpaid } from "../audit/orders.ts";
import type { CancelledBook } from "../audit/cancelledBook.ts";
import type { QuotaBook } from "../audit/quotas.ts";
import type { WithdrawnBook } from "../audit/withdrawn.ts";
import type { Life } from "../core/life.ts";
import type { Reach } from "../core/reach.ts";
import { type Binlog, createBinlog } from "./binlog.ts";
import { atEngine, createEngine, type Engine } from "./engine.ts";
import type { Mails } from "./mails.ts";
import { createMemoryRunStateStore, type RunStateStore } from "@chepiao/ports/run-states";
import { createMemoryPolicyStore, type PolicyStore } from "@chepiao/ports/policy-store";
import { createMemoryGateStore, type MemoryGateStore } from "@chepiao/ports/gate-store";
import { createMemoryDeliveries, type Deliveries } from "@chepiao/ports/deliveries";
import { createMemoryNotificationStore, type MemoryNotificationStore } from "@chepiao/ports/notification-store";
import { createMemoryQueueStore, type QueueStore } from "@chepiao/ports/queue-store";
import { type AuditTrail, createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createMemoryReconciliationStore, type ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import { createMemoryRiskStore, type RiskStore } from "@chepiao/ports/risk-store";
import { createMemoryQuotaStore, type QuotaStore } from "@chepiao/ports/quota-store";
import { createMemoryWithdrawnCoachStore, type WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";

export type SqlPorts = {
  /** Of node numbers. */
  readonly leases: Leases;
  readonly orders: MemoryOrderStore;
  readonly outbox: MemoryOutbox;
  readonly payments: PaymentStore;
  readonly waitlist: MemoryWaitlistStore;
  readonly users: UserStore;
  readonly timetable: TimetableStore;
  readonly policies: PolicyStore;
  readonly notifications: MemoryNotificationStore;
  readonly deliveries: Deliveries;
  readonly queues: QueueStore;
  readonly quotas: QuotaStore;
  readonly auditTrail: AuditTrail;
  readonly reconciliation: ReconciliationStore;
  readonly risk: RiskStore;
  readonly withdrawnCoaches: WithdrawnCoachStore;
  readonly runStates: RunStateStore;
  readonly gates: MemoryGateStore;
  /** Of a platform in one process. */
  readonly sessions: SessionStore;
  /** Read models. */
  readonly index: OrderIndex;
  readonly list: OrderList;
  readonly search: OrderSearch;
};

export type Sql = {
  readonly engine: Engine;
  /** Share of batches of orders of which only some are committed, because a server among several failed. */
  readonly weather: { partialCommits: number };
  /** As they are, for audits and for what was there before the world began. */
  readonly within: SqlPorts;
  /** Accounts that had a second order to pay while their first waited for its money. */
  readonly unpaidTwice: readonly string[];
  /** As one life has them. */
  portsOf(life: Life): SqlPorts;
  readonly binlog: Binlog;
  /** Trains that were added, and who waited for them. */
  readonly added: AddedBook;
  /** Runs that hold seats, or held some; for the repair. */
  runsInLedger(): Promise<ReadonlySet<RunId>>;
};

/** Who is told of what was done wrongly, and what it is held to. */
export type SqlWatch = {
  readonly found: (violation: string) => void;
  readonly book: QuotaBook;
  readonly withdrawn: WithdrawnBook;
  readonly cancelled: CancelledBook;
  readonly mails: Pick<Mails, "kept">;
};

const timeoutUs = 5_000_000;

export function createSql(
  reach: Reach,
  engineNow: () => EpochMs,
  fired: (fault: "committed in part") => void,
  { found, book, withdrawn, cancelled, mails }: SqlWatch,
): Sql {
  const engine = createEngine({
    name: "sql",
    wayUs: 1_500,
    timeoutUs,
    unavailable: (why) => new ServiceUnavailable("the database", why),
  });
  const outbox = createMemoryOutbox();
  const orders = createMemoryOrderStore(outbox);
  const binlog = createBinlog(reach, engine);
  const told = toldToTheBinlog(orders, binlog.write);
  const unpaidTwice: string[] = [];
  const waitlist = createMemoryWaitlistStore(outbox);
  const added = createAddedBook(() => waitlist.all());
  const within: SqlPorts = {
    leases: createMemoryLeases({ now: engineNow }),
    outbox,
    orders: watched(told, unpaidTwice, (orderId) => waitlist.all().some(({ entryId }) => entryId === orderId)),
    payments: createMemoryPaymentStore(outbox),
    waitlist: watchedEntries(waitlist, found),
    users: createMemoryUserStore(),
    timetable: added.kept(createMemoryTimetableStore()),
    sessions: createMemorySessionStore(),
    policies: createMemoryPolicyStore(),
    notifications: createMemoryNotificationStore(),
    deliveries: mails.kept(createMemoryDeliveries()),
    queues: createMemoryQueueStore(),
    auditTrail: createMemoryAuditTrail(),
    reconciliation: createMemoryReconciliationStore(),
    risk: createMemoryRiskStore(),
    quotas: book.kept(createMemoryQuotaStore()),
    withdrawnCoaches: withdrawn.kept(createMemoryWithdrawnCoachStore()),
    runStates: cancelled.kept(createMemoryRunStateStore()),
    gates: createMemoryGateStore(),
    index: createMemoryOrderIndex(),
    list: createMemoryOrderList(),
    search: createMemoryOrderSearch(),
  };
  const weather = { partialCommits: 0 };

  /** A batch may lie on several servers, which commit one after the other. */
  function inParts<Item, Answer, Rest extends readonly unknown[]>(
    life: Life,
    commit: (items: readonly Item[], now: EpochMs, ...rest: Rest) => Promise<Answer[]>,
  ) {
    return async (items: readonly Item[], now: EpochMs, ...rest: Rest): Promise<Answer[]> => {
      const isPartial = items.length > 1 && weather.partialCommits > 0 && life.chance.chance(weather.partialCommits);
      if (!isPartial) return commit(items, now, ...rest);
      fired("committed in part");
      await commit(
        items.filter(() => life.chance.chance(0.5)),
        now,
        ...rest,
      );
      throw engine.unavailable("a server behind it was lost", true);
    };
  }

  return {
    engine,
    weather,
    within,
    unpaidTwice,
    binlog,
    added,
    runsInLedger: () => within.orders.runsInLedger(),
    portsOf(life) {
      const at = <P extends object>(name: string, port: P, pages: Parameters<typeof atEngine<P>>[5] = []) =>
        atEngine(reach, life, engine, name, port, pages);
      const ofLife = at("orders", within.orders, ["live", "unpaidSince", "createdSince"]);
      return {
        leases: at("leases", within.leases),
        outbox: at("outbox", within.outbox),
        orders: cancelled.changedBy(life, {
          ...ofLife,
          accept: inParts(life, ofLife.accept),
          change: inParts(life, ofLife.change),
        }),
        payments: at("payments", within.payments, ["moved", "overdue"]),
        waitlist: at("waitlist", within.waitlist),
        users: at("users", within.users),
        timetable: at("timetable", within.timetable),
        sessions: at("sessions", within.sessions),
        policies: at("policies", within.policies),
        notifications: at("notifications", within.notifications),
        deliveries: at("deliveries", within.deliveries),
        queues: at("queues", within.queues),
        auditTrail: at("auditTrail", within.auditTrail),
        reconciliation: at("reconciliation", within.reconciliation),
        risk: at("risk", within.risk),
        quotas: at("quotas", within.quotas),
        withdrawnCoaches: at("withdrawnCoaches", within.withdrawnCoaches),
        runStates: cancelled.heardBy(life, at("runStates", within.runStates)),
        gates: at("gates", within.gates),
        index: at("index", within.index),
        list: at("list", within.list),
        search: at("search", within.search),
      };
    },
  };
}

function toldToTheBinlog(store: MemoryOrderStore, tell: (orderId: number, version: number) => void): MemoryOrderStore {
  const accept: OrderStore["accept"] = async (accepted, now, limits) => {
    const outcomes = await store.accept(accepted, now, limits);
    accepted.forEach(({ orderId }, n) => outcomes[n] === "known" || tell(orderId, 0));
    return outcomes;
  };
  const change: OrderStore["change"] = async (changes, now) => {
    const made = await store.change(changes, now);
    changes.forEach(({ order }, n) => made[n] && tell(order.orderId, order.version + 1));
    return made;
  };
  const changeBoth: OrderStore["changeBoth"] = async (changes, now) => {
    const isMade = await store.changeBoth(changes, now);
    if (isMade) for (const { order } of changes) tell(order.orderId, order.version + 1);
    return isMade;
  };
  return { ...store, accept, change, changeBoth };
}

function watchedEntries(store: MemoryWaitlistStore, found: (violation: string) => void): MemoryWaitlistStore {
  return {
    ...store,
    async change(change, now) {
      const before = store.all().find(({ entryId }) => entryId === change.entry.entryId);
      const isMade = await store.change(change, now);
      if (isMade && before) changedWrongly(before, change.entry, askAgainMs).forEach(found);
      return isMade;
    },
  };
}

/** Who has waited hoards nothing, so those orders are none of it. Writes down whose new order meets another one that waits for its money: also for a moment that no auditor looks at. */
function watched(
  store: MemoryOrderStore,
  found: string[],
  isOfWaitlist: (orderId: OrderId) => boolean,
): MemoryOrderStore {
  const accept: OrderStore["accept"] = async (accepted, now, limits) => {
    const outcomes = await store.accept(accepted, now, limits);
    const buyers = new Set(accepted.map(({ userId }) => userId));
    found.push(...twoUnpaid(store.all().filter(({ userId, orderId }) => buyers.has(userId) && !isOfWaitlist(orderId))));
    return outcomes;
  };
  return { ...store, accept };
}
