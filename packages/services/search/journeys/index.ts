/**
 * Journeys from one place to another: direct, on one train with another seat half-way, or with a change of trains; none for which there are
 * no seats now, and none that another is as good as. They decide nothing, as all that search says.
 *
 * To find them is the dearest thing that search does, and anybody may ask: an answer is kept for half a second, a question has so much work and
 * then answers what it has found, and so have all questions of a second, and those of one network.
 */
import {
  type InventoryClient,
  type JourneySort,
  orderTicketsMax,
  type Refusal,
  refusal,
  type Reply,
  type SeatClass,
  type Timetable,
} from "@chepiao/contracts";
import { dayNumber, type EpochMs, formatInZone, ok, refuse, type Result, type ServiceDate } from "@chepiao/kernel";
import { createGenerationCache } from "../generationCache.ts";
import { tickOf } from "../pages.ts";
import { createBudget, questionStepsMax, type Steps, type Turn } from "./budget.ts";
import { createCalls } from "./calls.ts";
import { createNetwork, type Network } from "./network.ts";
import type { Found } from "./plans.ts";
import { createRides, type Runs } from "./rides.ts";
import type { Question } from "./question.ts";
import { findJourneys } from "./rounds.ts";
import { transferRulesOf } from "./rules.ts";
import { createStock } from "./stock.ts";
import { inOrder, planOf } from "./view.ts";

export type JourneysAsked = {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly date: ServiceDate;
  readonly passengers: number;
  readonly seatClass: SeatClass | null;
  readonly changesMax: number;
  readonly sort: JourneySort;
};

export type JourneysDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available" | "availableNow" | "changes">;
};

/** Of a question's work, what is kept for the time that hopes nothing. */
const lastWaveSteps = questionStepsMax / 4;
/** Rides of one question of which the seats are asked for in another process. */
export const unknownMax = 1_000;
/** Times that seats are asked for in another process; the first of them with the hope that there are any. */
const wavesMax = 6;
const hopefulWaves = 2;
const answersBytesMax = 16 * 2 ** 20;

type Kept = { tick: number; readonly reply: Promise<Reply> };
/** What was found, and whether that is all. */
type Outcome = { readonly found: readonly Found[]; readonly runs: Runs; readonly isComplete: boolean };

const encoder = new TextEncoder();

export function createJourneys({ timetable, inventory }: JourneysDeps) {
  const stock = createStock(inventory);
  const answers = createGenerationCache<Kept>(answersBytesMax);
  let network: Network | null = null;
  let networkVersion = -1;
  const begin = createBudget();

  /** Of the timetable that holds now. */
  function networkNow(): Network {
    const current = timetable();
    if (network === null || current.version !== networkVersion) network = createNetwork(current);
    networkVersion = current.version;
    return network;
  }

  function questionOf(asked: JourneysAsked, of: Network, now: EpochMs): Question {
    const { passengers, seatClass, changesMax } = asked;
    const numbers = (ids: readonly string[]) => new Set(ids.map(of.station));
    return {
      passengers,
      seatClass,
      now,
      from: numbers(asked.from),
      to: numbers(asked.to),
      dayNumber: dayNumber(asked.date),
      changesMax: Math.min(changesMax, Math.floor(orderTicketsMax(timetable().policy.policy.order) / passengers) - 1),
    };
  }

  /** Hopes go out for the first times only, and what was hoped is never told: the last time has its own part of the work. */
  async function find(asked: JourneysAsked, now: EpochMs, turn: Turn): Promise<Outcome> {
    let ownLeft = questionStepsMax;
    let unknownLeft = unknownMax;
    for (let [wave, isLast] = [0, stock.isHere]; ; wave++) {
      const of = networkNow();
      const question = questionOf(asked, of, now);
      const calls = createCalls(of, question);
      const isHopeful = wave < hopefulWaves && !isLast;
      const rides = createRides(of, calls, question, (leg) => stock.known(leg, now), isHopeful, unknownLeft);
      const stepsMax = isLast ? ownLeft : ownLeft - lastWaveSteps;
      const steps: Steps = { left: stepsMax };
      const found = findJourneys(of, calls, question, transferRulesOf(of.timetable.policy.policy), rides, steps);
      const took = stepsMax - steps.left;
      turn.charge(took);
      ownLeft -= took;
      const isKnown = rides.unknown.length === 0;
      const isComplete = isKnown && steps.left > 0 && !rides.isCut();
      if (isKnown || isLast) return { found, runs: calls, isComplete };
      if (!turn.isSecondSpent()) await stock.ask(rides.unknown, now);
      unknownLeft -= rides.unknown.length;
      isLast = wave === wavesMax - 1 || steps.left <= 0 || turn.isSecondSpent();
    }
  }

  async function answer(asked: JourneysAsked, now: EpochMs, turn: Turn): Promise<Reply> {
    const { date, from, to, passengers, sort } = asked;
    const { found, runs, isComplete } = await find(asked, now, turn);
    const current = timetable();
    const plans = inOrder(found, sort).map((plan) =>
      planOf(plan, runs, passengers, current, (leg) => stock.known(leg, now)),
    );
    const body = { date, from, to, asOf: formatInZone(now, current.zone), passengers, complete: isComplete, plans };
    return { status: 200, raw: "json", body: encoder.encode(JSON.stringify(body)) };
  }

  return async function journeys(
    asked: JourneysAsked,
    now: EpochMs,
    clientAddress: string,
  ): Promise<Result<Reply, Refusal>> {
    const current = timetable();
    if (asked.passengers > current.policy.policy.order.ticketsMax)
      return refuse(refusal("OrderTooLarge", { limit: current.policy.policy.order.ticketsMax }));
    const key = JSON.stringify([current.version, current.cancellations(), asked]);
    const tick = tickOf(now);
    const known = answers.get(key);
    if (known?.tick === tick) return ok(await known.reply);
    const turn = begin(clientAddress, now);
    if (!turn) return refuse(refusal("Overloaded", { retryAfterSeconds: 1 }));
    const made: Kept = { tick, reply: answer(asked, now, turn).finally(() => turn.end()) };
    answers.put(key, made, 2_000);
    // The next request tries again.
    made.reply.catch(() => (made.tick = -1));
    const reply = await made.reply;
    answers.put(key, made, (reply.body as Uint8Array).length);
    return ok(reply);
  };
}
