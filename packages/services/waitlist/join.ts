/** A new entry: may it be, and what is it prepaid with? It takes nothing and has no place before that. */
import { hash } from "node:crypto";
import {
  type InventoryClient,
  type LinesClient,
  type OrderClient,
  type Refusal,
  refusal,
  presentSeatsOf,
  type Timetable,
  type UserClient,
  type WaitlistRequest,
} from "@chepiao/contracts";
import {
  epochMs,
  fen,
  type IdSource,
  minuteMs,
  ok,
  refuse,
  type Result,
  type UserId,
  waitlistPrepayGraceMs,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import { decideByOf, endByOf } from "./decide.ts";
import { type PlannedEntry, planEntry } from "./plan.ts";
import type { WaitlistRules } from "./rules.ts";

export type JoinDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: Pick<InventoryClient, "available"> & Pick<LinesClient, "groups">;
  readonly orders: Pick<OrderClient, "studentTrips">;
  readonly store: Pick<WaitlistStore, "add" | "ofKey" | "stopped">;
};

export type Join = (userId: UserId, key: string, request: WaitlistRequest) => Promise<Result<WaitlistRecord, Refusal>>;

export function createJoin({ clock, ids, timetable, users, inventory, orders, store }: JoinDeps): Join {
  /** Seats that can be had at once are bought, and not waited for. */
  async function notNeeded({ choices, legs, passengers }: PlannedEntry): Promise<Refusal | null> {
    const stocks = await inventory.available(legs);
    for (const [n, { seatClasses, trainNumber, originDate }] of choices.entries())
      for (const seatClass of seatClasses) {
        const stock = stocks[n]!.get(seatClass);
        if (stock?.refusal === null && stock.sellable >= passengers.length)
          return refusal("WaitlistNotNeeded", { trainNumber, originDate, seatClass, choice: n });
      }
    return null;
  }

  /** So many wait for a class already that another would hardly be served. */
  async function crowded(
    { choices, legs, passengers }: PlannedEntry,
    { crowdingRatio }: WaitlistRules,
  ): Promise<Refusal | null> {
    if (crowdingRatio === 0) return null;
    for (const [n, { run }] of legs.entries()) {
      const groups = await inventory.groups(run);
      for (const seatClass of choices[n]!.seatClasses) {
        const waiting = groups
          .filter((group) => group.seatClasses.includes(seatClass))
          .reduce((sum, { partySize, needs }) => sum + partySize * needs, 0);
        const seatCount = presentSeatsOf(run.train.composition).get(seatClass)!.length;
        if (waiting + passengers.length > crowdingRatio * seatCount)
          return refusal("WaitlistCrowded", { trainNumber: run.train.trainNumber, seatClass, choice: n });
      }
    }
    return null;
  }

  /** Whoever waits at the student fare has a trip left for each of the days; who has one no more when seats come is refused then. */
  async function withoutTrips(userId: UserId, { choices, passengers }: PlannedEntry): Promise<Refusal | null> {
    if (!timetable().policy.policy.fares.studentTrips) return null;
    const isStudent = passengers.map(({ ticketType }) => ticketType === "student");
    if (!isStudent.includes(true)) return null;
    for (const [boardingDate, [first]] of Map.groupBy(choices, (each) => each.boardingDate)) {
      const { perYear, from, passengers: known } = await orders.studentTrips(userId, boardingDate);
      const hasNone = new Set(known.filter(({ left }) => left === 0).map(({ passengerId }) => passengerId));
      const ticket = passengers.findIndex(({ passengerId }, n) => isStudent[n] && hasNone.has(passengerId));
      if (ticket >= 0)
        return refusal("StudentTripsUsed", { ticket, limit: perYear!, from: from!, choice: first!.choice });
    }
    return null;
  }

  async function stopped({ choices }: PlannedEntry): Promise<Refusal | null> {
    const runs = await store.stopped(choices.map(({ runId }) => runId));
    const choice = choices.findIndex(({ runId }) => runs.has(runId));
    return choice < 0 ? null : refusal("WaitlistStopped", { trainNumber: choices[choice]!.trainNumber, choice });
  }

  return async (userId, key, request) => {
    const requestHash = hash("sha256", JSON.stringify(request), "base64url");
    const asBefore = (known: WaitlistRecord) =>
      known.requestHash === requestHash ? ok(known) : refuse(refusal("IdempotencyKeyReused"));
    const known = await store.ofKey(userId, key);
    if (known) return asBefore(known);

    const now = clock.now();
    const saved = await users.passengers(userId);
    const trains = timetable();
    const { version: policyVersion, policy } = trains.policy;
    const rules = policy.waitlist;
    const planned = planEntry({ request, saved, timetable: trains, now });
    if (!planned.ok) return planned;
    const why =
      (await withoutTrips(userId, planned.value)) ??
      (await stopped(planned.value)) ??
      (await notNeeded(planned.value)) ??
      (await crowded(planned.value, rules));
    if (why) return refuse(why);

    const { choices, passengers, acceptsStanding, addedTrains, deadlineMinutes, prepayFen } = planned.value;
    const endBy = endByOf(rules, now);
    const decideBy = Math.max(...choices.map((choice) => decideByOf(choice, { deadlineMinutes, endBy })));
    const prepayBy = epochMs(Math.min(now + rules.prepayMinutes * minuteMs, decideBy));
    const entry: WaitlistRecord = {
      entryId: ids.orderId(userId, now),
      userId,
      state: "awaitingPrepayment",
      version: 0,
      passengers,
      choices,
      acceptsStanding,
      addedTrains,
      policyVersion,
      endBy,
      deadlineMinutes,
      prepayFen: fen(prepayFen),
      prepayBy,
      captured: null,
      place: null,
      granted: null,
      grantCount: 0,
      idempotencyKey: key,
      requestHash,
      createdAt: now,
      endedBecause: null,
      endedAt: null,
      nextAt: epochMs(prepayBy + waitlistPrepayGraceMs),
    };
    const { pendingMax } = rules;
    const added = await store.add(entry, pendingMax);
    if (added.kind === "full") return refuse(refusal("WaitlistEntriesFull", { pendingMax }));
    return added.kind === "known" ? asBefore(added.entry) : ok(entry);
  };
}
