/**
 * Journeys from one place to another: direct, on one train with another seat half-way, or with a change of trains; none for which there are
 * no seats now, and none that another is as good as. They decide nothing, as all that search says.
 *
 * To find them is the dearest thing that search does, and anybody may ask: an answer is kept for half a second, a question has so much work and
 * then answers what it has found, and all questions of a second together have so much.
 */
import {
  type InventoryClient,
  type JourneySort,
  type Leg,
  type Refusal,
  refusal,
  type Reply,
  type SeatClass,
  type Timetable,
} from "@chepiao/contracts";
import {
  dayNumber,
  type EpochMs,
  formatInZone,
  ok,
  refuse,
  type Result,
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import { createGenerationCache } from "../generationCache.ts";
import { tickOf } from "../pages.ts";
import { createCalls } from "./calls.ts";
import { createNetwork, type Network } from "./network.ts";
import type { Found } from "./plans.ts";
import { createRides, type Runs } from "./rides.ts";
import type { Question } from "./question.ts";
import { findJourneys, type Steps } from "./rounds.ts";
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

/** Of one question. */
export const questionStepsMax = 1_000_000;
/** Of all questions of a second. */
export const secondStepsMax = 10_000_000;
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
  let second = -1;
  let spent = 0;

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
      changesMax,
    };
  }

  async function find(asked: JourneysAsked, now: EpochMs): Promise<Outcome> {
    for (let wave = 0; ; wave++) {
      const isLast = wave === wavesMax;
      const of = networkNow();
      const question = questionOf(asked, of, now);
      const calls = createCalls(of, question);
      const availabilityOf = (leg: Leg) => stock.known(leg, now);
      const rides = createRides(of, calls, question, availabilityOf, wave < hopefulWaves);
      const steps: Steps = { left: questionStepsMax };
      const found = findJourneys(of, calls, question, transferRulesOf(of.timetable.policy.policy), rides, steps);
      spent += questionStepsMax - steps.left;
      const isKnown = rides.unknown.length === 0;
      if (isKnown || isLast) return { found, runs: calls, isComplete: isKnown && steps.left > 0 };
      await stock.ask(rides.unknown, now);
    }
  }

  async function answer(asked: JourneysAsked, now: EpochMs): Promise<Reply> {
    const { date, from, to, passengers, sort } = asked;
    const { found, runs, isComplete } = await find(asked, now);
    const current = timetable();
    const plans = inOrder(found, sort).map((plan) =>
      planOf(plan, runs, passengers, current, (leg) => stock.known(leg, now)),
    );
    const body = { date, from, to, asOf: formatInZone(now, current.zone), passengers, complete: isComplete, plans };
    return { status: 200, raw: "json", body: encoder.encode(JSON.stringify(body)) };
  }

  return async function journeys(asked: JourneysAsked, now: EpochMs): Promise<Result<Reply, Refusal>> {
    const current = timetable();
    if (asked.passengers > current.policy.policy.order.ticketsMax)
      return refuse(refusal("OrderTooLarge", { limit: current.policy.policy.order.ticketsMax }));
    const key = JSON.stringify([current.version, current.cancellations(), asked]);
    const tick = tickOf(now);
    const known = answers.get(key);
    if (known?.tick === tick) return ok(await known.reply);
    const nowSecond = Math.floor(now / secondMs);
    if (nowSecond !== second) [second, spent] = [nowSecond, 0];
    if (spent >= secondStepsMax) return refuse(refusal("Overloaded", { retryAfterSeconds: 1 }));
    const made: Kept = { tick, reply: answer(asked, now) };
    answers.put(key, made, 2_000);
    // The next request tries again.
    made.reply.catch(() => (made.tick = -1));
    const reply = await made.reply;
    answers.put(key, made, (reply.body as Uint8Array).length);
    return ok(reply);
  };
}
