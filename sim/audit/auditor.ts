/**
 * Looks at a world from outside, in quiet moments, and knows nothing but the words of the invariants. What a failover that forgets
 * acknowledged writes can break, as docs/operations/faults.md says, is told apart from everything else.
 */
import type { OrderStateChanged, Timetable } from "@chepiao/contracts";
import {
  dateIn,
  dayMs,
  type EpochMs,
  epochMs,
  instantOfClock,
  ledgerKeptDays,
  limitsOutliveTripMs,
} from "@chepiao/kernel";
import { settled } from "../core/settled.ts";
import type { Told } from "../people/told.ts";
import { zone } from "../railway.ts";
import type { World } from "../world.ts";
import {
  cancelledRunsGoBackWhole,
  endedForCancelledRuns,
  nobodyIsOnCancelledRuns,
  nobodyWaitsForCancelledRuns,
  prepaymentsAreBack,
} from "./cancelledRuns.ts";
import { passagesAreDecided, passagesAreKept, passagesAreTickets } from "./gates.ts";
import {
  entriesAreOrders,
  entriesAreOver,
  entriesAsTold,
  entriesGoOn,
  linesAreEntries,
  nobodyWaitsForFreeSeats,
  placesArePrepayments,
} from "./entries.ts";
import { everySideAddsUp, paymentFiles } from "./books.ts";
import { moneyAddsUp } from "./money.ts";
import {
  beforeAndAfterChanges,
  cancelsAreOrders,
  everythingAsTold,
  everythingIsOver,
  limitsHold,
  nothingWaits,
  oneValidTicket,
  seatsOnce,
} from "./orders.ts";
import type { Moment } from "./moment.ts";
import { loadSwitchesQueues } from "./load.ts";
import { mailsAreSent, mailsAreWanted, notificationsAreTold } from "./notifications.ts";
import { drawnQueues, drawsAreFair, lotsArePeople, nobodyPassesQueues, placesNeverGrow, queuesOpen } from "./queues.ts";
import { publicIsShownWhatQuotasLeave } from "./quotas.ts";
import { readModelsAreOrders } from "./readModels.ts";
import { statesAreTold } from "./states.ts";
import { nobodySitsInLostCoaches, reseatsAreOwed } from "./reseats.ts";
import { limitsAreTrips, stockIsWhatOrdersLeave } from "./stock.ts";
import { studentTripsAreTickets, studentTripsHold } from "./students.ts";

export type Auditor = {
  audit(moment: Moment): void;
  readonly violations: readonly string[];
  /** Broken by what Redis forgot, which is known to be possible. */
  readonly known: readonly string[];
};

/**
 * A limit that does not know that a ticket was given back, until somebody tells it again; the limits against hoarding, which have no second
 * guard; a key that was lost and used again, or a challenge; and an order on its way from the log to SQL, which its owner does not see until it is a row.
 */
const brokenByForgetting = new RegExp(
  [
    /^I6: limits count \S+, whose order/,
    /^I6: \S+ was bought while \S+ of the same account waited/,
    /^I6: .* counts? as cancelled$/,
    /^I7: key .* (became|was answered)/,
    /^I2: \S+ was accepted, and its owner is told/,
    /^account \d+ (?:answered one challenge twice|solved a slide with a drag of before)/,
    /^one proof let /,
  ]
    .map(({ source }) => source)
    .join("|"),
);

/** Trips of long ago are forgotten there, by whole days and clocks that are off. */
const guardsKeepFrom = (now: EpochMs) => epochMs(now - (ledgerKeptDays - 1) * dayMs);

export function createAuditor(world: World, told: Told, timetable: Timetable): Auditor {
  const seen = new Set<string>();
  const violations: string[] = [];
  const known: string[] = [];

  const hasForgotten = () => (world.fired.get("redis: acknowledged writes forgotten") ?? 0) > 0;

  function find(found: readonly string[]) {
    for (const each of found) {
      // One moment's damage is not found again in the next.
      if (seen.has(each)) continue;
      seen.add(each);
      (hasForgotten() && brokenByForgetting.test(each) ? known : violations).push(each);
    }
  }

  return {
    violations,
    known,
    audit(moment) {
      const { sql, bank, cluster, book, withdrawn, cancelled } = world;
      const orders = sql.within.orders.all();
      const entries = sql.within.waitlist.all();
      const entryIds = new Set<number>(entries.map(({ entryId }) => entryId));
      find(told.wrong);
      find(told.judged.wrong);
      find(told.judged.challengesAreAnsweredOnce(world));
      find(told.judged.proofsAreSpentOnce(world));
      find(world.wrong);
      const states = world.recordsOf("order-state-topic").map(({ value }) => value as OrderStateChanged);
      find(statesAreTold(states, orders));
      find(world.internal.map((each) => `an answer of 500: ${each}`));
      find([...(cluster?.log.dead.values() ?? [])].map(({ id, cause }) => `${id} was put aside: ${cause}`));
      find(seatsOnce(orders, sql.within.orders.taken(), world.now()));
      find(everythingAsTold(orders, entryIds, told));
      find(reseatsAreOwed(orders, withdrawn));
      find(entriesAreOrders(entries, orders));
      find(entriesAsTold(entries, told));
      find(placesArePrepayments(entries, bank.trades));
      for (const each of beforeAndAfterChanges(orders)) find([...limitsHold(each), ...studentTripsHold(each)]);
      find(oneValidTicket(orders));
      if (world.options.hoarding.unpaidMax === 1) find(sql.unpaidTwice);
      if (cluster) find(cluster.nodeNumbers.sharedNumbers);
      const files = settled(paymentFiles(bank, sql.within.payments));
      find(moneyAddsUp(bank, files, orders, entries, moment));
      find(everySideAddsUp(bank, files, orders, entries, moment));
      if (cluster) find(settled(readModelsAreOrders(sql.within, orders)));
      find(cancelledRunsGoBackWhole(cancelled, orders, told, bank));
      find(endedForCancelledRuns(cancelled, orders));
      const passages = sql.within.gates.all();
      find(passagesAreKept(told.passages, passages));
      const drawn = settled(drawnQueues(sql.within.queues));
      const queues = drawn.map(({ queue }) => queue);
      find(drawsAreFair(drawn, told));
      const forgets = { lots: hasForgotten(), places: hasForgotten() || world.embedded !== null };
      find(lotsArePeople(drawn, told, forgets));
      find(placesNeverGrow(drawn, told, forgets));
      const cannotRead = world.reports.keys().some((what) => what.startsWith("announced queues could not be read"));
      find(nobodyPassesQueues(queues, orders, entryIds, { told, cannotRead }));
      const areClocksOff = world.fired.has("clock off") || world.fired.has("clocks step");
      const { said } = world.loads;
      if (world.embedded || world.options.hasMails) {
        const notifications = sql.within.notifications.all();
        find(notificationsAreTold(world, notifications));
        if (world.options.hasMails)
          find([...mailsAreSent(world, notifications, moment), ...mailsAreWanted(world, told)]);
      }
      find(loadSwitchesQueues(queues, { said, rules: world.options.byLoad, areClocksOff, forgets: hasForgotten() }));
      if (moment === "rest") return;
      cancelled.settle();
      find(nobodyIsOnCancelledRuns(cancelled, orders));
      find(queuesOpen(queues, world.now()));
      find(passagesAreDecided(passages));
      find(passagesAreTickets(passages, orders, cancelled));
      find(nobodyWaitsForCancelledRuns(cancelled, entries));
      find(prepaymentsAreBack(cancelled, entries, orders, bank));
      find(nothingWaits(orders));
      find(entriesGoOn(entries, world.now()));
      find(settled(linesAreEntries(entries, world.seats(), timetable, world.now())));
      const sold = { timetable, book, withdrawn, now: world.now() };
      find(nobodyWaitsForFreeSeats(entries, orders, sold));
      find(nobodySitsInLostCoaches(orders, { ...sold, isCancelled: cancelled.isOff }));
      find(settled(publicIsShownWhatQuotasLeave(world.seats(), { book, withdrawn }, timetable, orders, world.now())));
      book.settle();
      withdrawn.settle();
      find(settled(stockIsWhatOrdersLeave(world.seats(), timetable, orders, withdrawn, world.now())));
      find(limitsAreTrips("limits", world.reservations(), orders, epochMs(world.now() - limitsOutliveTripMs)));
      const keptFrom = guardsKeepFrom(world.now());
      const counted = sql.within.orders.counted().filter(({ arriveAt }) => arriveAt >= keptFrom);
      find(limitsAreTrips("the guards", counted, orders, keptFrom));
      find(studentTripsAreTickets(sql.within.orders.countedOfStudents(), orders));
      const today = instantOfClock(dateIn(zone, world.now()), 0, zone);
      find(cancelsAreOrders(world.cancels(), orders, today));
      if (moment === "over") find([...everythingIsOver(orders), ...entriesAreOver(entries)]);
    },
  };
}
