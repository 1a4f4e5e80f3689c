/** Why an entry has not been served yet: a pure function of the entry, its places and the seats that came back since it has one. */
import type { PassedOverReason, RefusalCode, SeatClass, WaitedFor } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { ReleasesAsked, WaitlistChoice, WaitlistRecord, WaitlistRelease } from "@chepiao/ports/waitlist-store";
import { choicesLeft } from "./decide.ts";

export type PassedOver = {
  readonly choice: WaitlistChoice;
  readonly at: EpochMs;
  readonly seatClass: SeatClass;
  readonly seats: number;
  readonly fromStop: number;
  readonly toStop: number;
  readonly because: PassedOverReason;
  readonly refusal: RefusalCode | null;
};

/** A train that the railway has added for it. */
export type Added = Pick<PassedOver, "choice" | "at" | "refusal">;

export type Story = {
  readonly places: readonly { readonly choice: number; readonly place: number }[];
  readonly passedOver: readonly PassedOver[];
  readonly added: readonly Added[];
  readonly waitsFor: WaitedFor;
};

/** So many are told, the newest. */
export const passedOverMax = 100;

/** @param ahead how many entries before it could use the same seats, by choice */
export function storyOf(
  entry: WaitlistRecord,
  ahead: ReadonlyMap<number, number>,
  releases: readonly WaitlistRelease[],
): Story {
  const passedOver = releases.flatMap((release) => {
    const choice = entry.choices.find(({ runId }) => runId === release.runId);
    return choice ? passedOverBy(entry, choice, release) : [];
  });
  return {
    places: [...ahead].map(([choice, others]) => ({ choice, place: others + 1 })),
    passedOver: [...passedOver, ...conflictsOf(entry)].sort((a, b) => b.at - a.at).slice(0, passedOverMax),
    added: addedTo(entry),
    waitsFor: waitsFor[entry.state],
  };
}

const addedTo = ({ choices }: WaitlistRecord): Added[] =>
  choices
    .flatMap((choice) =>
      choice.addedAt === null
        ? []
        : [{ choice, at: choice.addedAt, refusal: isDearer(choice) ? choice.endedBecause : null }],
    )
    .sort((a, b) => b.at - a.at);

const isDearer = ({ endedBecause }: WaitlistChoice) => endedBecause === "WaitlistDearer";

const waitsFor = {
  awaitingPrepayment: "prepayment",
  waiting: "seats",
  granted: "order",
  served: "nothing",
  expired: "nothing",
  cancelled: "nothing",
  failed: "nothing",
} as const satisfies Record<WaitlistRecord["state"], WaitedFor>;

/** What may be told of it: busy trains give much back that it never asked for. */
export const releasesAsked = (entry: WaitlistRecord): ReleasesAsked[] =>
  entry.choices.map((choice) => {
    const until = choice.endedAt ?? entry.endedAt;
    return { runId: choice.runId, use: choice, ...(until === null ? {} : { until }) };
  });

/** Nothing where the seats were none that it could use, came before it waited or after it ended, or served it. */
function passedOverBy(entry: WaitlistRecord, choice: WaitlistChoice, release: WaitlistRelease): PassedOver[] {
  const { at, seatClass, seatCount: seats, fromStop, toStop } = release;
  const since = entry.place === null ? Infinity : Math.max(entry.place, choice.addedAt ?? 0);
  const waitedThen = at >= since && at <= (choice.endedAt ?? entry.endedAt ?? Infinity);
  const sharesWay = fromStop < choice.toStop && choice.fromStop < toStop;
  const isServed = release.servedIds.includes(entry.entryId);
  if (!waitedThen || !sharesWay || isServed || !choice.seatClasses.includes(seatClass)) return [];
  const because = reasonOf(entry, choice, release);
  return [{ choice, at, seatClass, seats, fromStop, toStop, because, refusal: null }];
}

function reasonOf(entry: WaitlistRecord, choice: WaitlistChoice, release: WaitlistRelease): PassedOverReason {
  if (release.fromStop > choice.fromStop || release.toStop < choice.toStop) return "partOfWay";
  if (release.seatCount < entry.passengers.length) return "tooFew";
  return release.servedIds.length > 0 ? "ahead" : "keptBack";
}

/** Trains of which it had seats, and which could not be bought all the same. */
const conflictsOf = (entry: WaitlistRecord): PassedOver[] =>
  entry.choices.flatMap((choice) =>
    choice.endedBecause === null || ["WaitlistTooLate", "WaitlistDearer"].includes(choice.endedBecause)
      ? []
      : [
          {
            choice,
            at: choice.endedAt!,
            seatClass: choice.seatClasses[0]!,
            seats: entry.passengers.length,
            fromStop: choice.fromStop,
            toStop: choice.toStop,
            because: "conflict" as const,
            refusal: choice.endedBecause,
          },
        ],
  );

/** Choices whose places are worth asking for: that which it has, or would have. */
export const placedChoices = (entry: WaitlistRecord): WaitlistChoice[] =>
  entry.state === "waiting" || entry.state === "awaitingPrepayment" ? choicesLeft(entry) : [];
