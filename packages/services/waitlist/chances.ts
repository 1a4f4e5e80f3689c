/** How likely entries are to be served, and such as nobody has opened yet: what is known is read anew now and then. */
import {
  type LinesClient,
  type Refusal,
  refusal,
  type RunId,
  type SeatClass,
  type Timetable,
  type WaitlistChance,
  type WaitlistChanceAnswer,
  type WaitlistChanceRequest,
  type WaitingPlace,
} from "@chepiao/contracts";
import { type EpochMs, hourMs, minuteMs, ok, refuse, type Result, secondMs, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { WaitlistChoice, WaitlistOutcomes, WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import { bandOf, chanceOfAny } from "./chance/bands.ts";
import { type ChanceModel, chanceModel } from "./chance/model.ts";
import { hoursBefore, isNew, partyOf, wayLengthOf } from "./chance/spans.ts";
import { choicesLeft, decideByOf, endByOf } from "./decide.ts";
import { type PlannedChoices, planChoices } from "./plan.ts";

export type ChancesDeps = {
  readonly clock: Pick<Clock, "now" | "soon">;
  readonly timetable: () => Timetable;
  readonly store: Pick<WaitlistStore, "outcomes">;
  readonly inventory: Pick<LinesClient, "ahead">;
  readonly limiter: Pick<RateLimiter, "take">;
  readonly chancesPerAccountMinute: number;
};

/** What became of those who waited is counted once an hour. */
const knownForMs = hourMs;
/** Some ten kilobytes each to be read and parsed. */
const runsAtOnce = 20;

type Waiting = {
  readonly choice: WaitlistChoice;
  readonly seatClasses: readonly SeatClass[];
  readonly deadlineMinutes: number;
  readonly endBy: EpochMs | null;
  readonly passengerCount: number;
  /** Null before it has one. */
  readonly place: number | null;
  /** Null where that is not known: then nothing is. */
  readonly ahead: number | null;
};

export function createChances(deps: ChancesDeps) {
  const { clock, timetable, store, inventory, limiter, chancesPerAccountMinute } = deps;
  let latest: { readonly since: EpochMs; readonly model: Promise<ChanceModel> } | null = null;

  function model(): Promise<ChanceModel> {
    const now = clock.now();
    if (latest && now - latest.since < knownForMs) return latest.model;
    const read = { since: now, model: readModel() };
    latest = read;
    // Whoever asks next tries again.
    read.model.catch(() => {
      if (latest === read) latest = null;
    });
    return read.model;
  }

  /** On the thread that also sells, where there is one process: whatever else has come in has its turn between two pieces of it. */
  async function readModel(): Promise<ChanceModel> {
    const pause = () => new Promise<void>((resolve) => clock.soon(resolve));
    const outcomes: WaitlistOutcomes[] = [];
    for (let last: RunId | null = null; ;) {
      const page: readonly WaitlistOutcomes[] = await store.outcomes(last, runsAtOnce);
      outcomes.push(...page);
      if (page.length < runsAtOnce) return chanceModel(outcomes, pause);
      last = page.at(-1)!.runId;
      await pause();
    }
  }

  /** Before anything is looked up: a request names up to 60 trains, in several classes each. */
  async function tooOften(userId: UserId): Promise<Refusal | null> {
    const allowance = { triesMax: chancesPerAccountMinute, windowMs: minuteMs };
    const waitMs = await limiter.take(`waitlist chances of ${userId}`, allowance);
    return waitMs > 0 ? refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / secondMs) }) : null;
  }

  function chanceOf(known: ChanceModel, waiting: Waiting): number | null {
    const { choice, seatClasses, passengerCount, place, ahead } = waiting;
    if (ahead === null) return null;
    const now = clock.now();
    const decideBy = decideByOf(choice, waiting);
    return known.chanceOf({
      trainNumber: choice.trainNumber,
      seatClasses,
      wayLength: wayLengthOf(choice),
      partySize: partyOf(passengerCount),
      isNew: isNew(place ?? now, now, decideBy),
      fromHours: hoursBefore(choice.departAt, now),
      untilHours: hoursBefore(choice.departAt, decideBy),
      ahead,
    });
  }

  return {
    /** @param ahead how many are before it, by choice; of one that is not prepaid, how many would be */
    async ofEntry(entry: WaitlistRecord, ahead: ReadonlyMap<number, number>): Promise<WaitlistChance | null> {
      if (entry.state !== "awaitingPrepayment" && entry.state !== "waiting") return null;
      const { deadlineMinutes, endBy, place } = entry;
      const known = await model();
      const chances = choicesLeft(entry).map((choice) => ({
        choice: choice.choice,
        chance: chanceOf(known, {
          choice,
          seatClasses: choice.seatClasses,
          deadlineMinutes,
          endBy,
          passengerCount: entry.passengers.length,
          place,
          ahead: ahead.get(choice.choice) ?? null,
        }),
      }));
      return {
        band: bandOf(chanceOfAny(chances.map(({ chance }) => chance))),
        choices: chances.map(({ choice, chance }) => ({ choice, band: bandOf(chance) })),
      };
    },

    async asked(
      userId: UserId,
      { passengerCount, ...request }: WaitlistChanceRequest,
    ): Promise<Result<WaitlistChanceAnswer, Refusal>> {
      const refused = await tooOften(userId);
      if (refused) return refuse(refused);
      const planned = planChoices({ request, timetable: timetable(), now: clock.now() });
      if (!planned.ok) return planned;
      const { choices, deadlineMinutes } = planned.value;
      const endBy = endByOf(timetable().policy.policy.waitlist, clock.now());
      const places = placesAsked(planned.value, clock.now());
      const [known, ahead] = await Promise.all([model(), inventory.ahead(places)]);
      let next = 0;
      const told = choices.map((choice) => {
        const waiting = { choice, deadlineMinutes, endBy, passengerCount, place: null };
        const all = chanceOf(known, { ...waiting, seatClasses: choice.seatClasses, ahead: ahead[next++]! });
        const seatClasses = classesAsked(choice).flatMap((seatClass) => {
          const own = ahead[next++]!;
          if (own === null) return [];
          const chance = chanceOf(known, { ...waiting, seatClasses: [seatClass], ahead: own });
          return [{ seatClass, band: bandOf(chance), ahead: own }];
        });
        return { chance: all, answer: { choice: choice.choice, band: bandOf(all), seatClasses } };
      });
      return ok({
        band: bandOf(chanceOfAny(told.map(({ chance }) => chance))),
        choices: told.map(({ answer }) => answer),
      });
    },
  };
}

/** Each is a look into the seats: of so many trains, the first, every class is asked about by itself. */
const trainsByClassMax = 6;
const classesAsked = ({ choice, seatClasses }: Pick<WaitlistChoice, "choice" | "seatClasses">) =>
  choice < trainsByClassMax ? seatClasses : [];

/** Of each train one in all of its classes, then one in each that is asked about, as though they joined now. */
function placesAsked({ choices, legs }: PlannedChoices, now: EpochMs): WaitingPlace[] {
  return choices.flatMap((each, n) =>
    [each.seatClasses, ...classesAsked(each).map((seatClass) => [seatClass])].map((asked) => ({
      run: legs[n]!.run,
      seatClasses: asked,
      fromStop: each.fromStop,
      toStop: each.toStop,
      place: now,
    })),
  );
}

export type Chances = ReturnType<typeof createChances>;
