/**
 * Purchase limits on a Redis Cluster (I6). A claim concerns an account and up to five documents, which lie on different nodes,
 * so it is several steps, each indivisible and each harmless when it comes twice: first the account, then its documents; where one
 * of them refuses, the others are given back. Two promises make that hold:
 *
 * - No limit is exceeded by processes that race: an entry is made in the same step that looks whether it may be.
 * - Nothing is left behind: entries end by themselves after the lifetime of a hold unless `keep` has said that their order is
 *   written. Should that be late, the limits are open meanwhile, and hold again once it was said.
 *
 * The price: a claim that is refused in the end stands in the way of others for a moment, so that one that races with it may be
 * refused too. And a failover may lose the last second or so of entries; `keep` and `reload` bring them back.
 */
import { type Refusal, refusal, type RunId, ServiceUnavailable } from "@chepiao/contracts";
import {
  dayMs,
  type EpochMs,
  holdGraceMs,
  linesPerOrderMax,
  ok,
  type OrderId,
  orderNoOf,
  paymentTimeoutMsDefault,
  refuse,
  type Result,
  type ServiceDate,
} from "@chepiao/kernel";
import {
  type Reservation,
  type ClaimName,
  claimText,
  replacedOnRun,
  type PurchaseLimits,
  type Reservations,
  type Trip,
} from "@chepiao/ports/reservations";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { byPart, byPartApart, keyIn, partOfOrder, partOfText, together } from "../parts.ts";
import { createWatermark } from "../watermark.ts";
import functions from "./reservations.lua" with { type: "text" };

const reservationFunctions = {
  name: "reservations",
  files: [functions],
  functions: {
    reserve: "writes",
    keep: "writes",
    release: "writes",
    records: "reads",
    travel: "writes",
    keepTravel: "writes",
    stay: "writes",
    paid: "writes",
    cancelled: "writes",
    endUnpaid: "writes",
  },
} as const;

export type RedisReservationsOptions = {
  /** How long a claim lasts whose order is not written: as long as its seats are held. */
  readonly unwrittenMs?: number;
};

type GivenBack = ClaimName & { readonly ticketNos: readonly string[] | undefined; readonly isUnpaid: boolean };
/** One trip of a claim, as the document's part is asked about it. */
type Travel = { readonly reservation: Reservation; readonly index: number; readonly trip: Trip };
type Known = Pick<Reservation, "userId" | "runId" | "trips"> & {
  /** Not in records of versions before. */
  readonly boughtOn?: ServiceDate;
  readonly isStanding?: boolean;
};

/** A claim that was given back is not kept any more by a late word that its order is written. */
const endedForMs = dayMs;

export function createRedisReservations(redis: Redis, options: RedisReservationsOptions = {}): Reservations {
  const { unwrittenMs = paymentTimeoutMsDefault + holdGraceMs } = options;
  const library = createLibrary(redis, reservationFunctions);
  const forgotten = createWatermark(redis, "limits-forgotten");

  const recordKey = (name: ClaimName) => redis.key(keyIn(partOfOrder(name.orderId), "reserve", claimText(name)));
  const boughtKey = (orderId: OrderId, { userId, runId }: Pick<Reservation, "userId" | "runId">) =>
    redis.key(keyIn(partOfOrder(orderId), "bought", `${userId}:${runId}`));
  const tripsKey = (hash: string) => redis.key(keyIn(partOfText(hash), "trips", hash));
  const unpaidKey = (orderId: OrderId, { userId }: Pick<Reservation, "userId">) =>
    redis.key(keyIn(partOfOrder(orderId), "unpaid", userId));
  const cancelsKey = (hash: string) => redis.key(keyIn(partOfText(hash), "cancels", hash));
  const keysOf = (reservation: Pick<Reservation, "orderId" | "line" | "userId" | "runId">) => [
    recordKey(reservation),
    boughtKey(reservation.orderId, reservation),
    unpaidKey(reservation.orderId, reservation),
  ];

  /** Asks the parts of the claims' accounts. */
  const ofAccounts = (
    name: "reserve" | "keep",
    first: readonly (string | number)[],
    reservations: readonly Reservation[],
  ) =>
    byPartApart(
      reservations,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => {
        const args = some.flatMap((reservation) => [
          claimText(reservation),
          reservation.arriveAt,
          reservation.trips.length,
          recordOf(reservation),
          ...(name === "reserve" ? [reservation.boughtAt, replacedOnRun(reservation)] : []),
          ...unpaidArgs(reservation),
        ]);
        return (await library.call(name, some.flatMap(keysOf), [...first, ...args])) as string[];
      },
    );

  /** Asks the parts of the documents. */
  const ofDocuments = (
    name: "travel" | "keepTravel" | "stay" | "endUnpaid",
    first: readonly (string | number)[],
    travels: readonly Travel[],
    argsOf: (reservation: Reservation) => readonly (string | number)[] = travelArgs,
  ) =>
    byPartApart(
      travels,
      ({ trip }) => partOfText(trip.documentHash),
      async (some) => {
        const keys = some.flatMap(({ trip: { documentHash } }) =>
          name === "travel" || name === "endUnpaid"
            ? [tripsKey(documentHash), cancelsKey(documentHash)]
            : [tripsKey(documentHash)],
        );
        const answer = await library.call(name, keys, [
          ...first,
          ...some.flatMap(({ reservation }) => argsOf(reservation)),
        ]);
        return name === "travel" ? (answer as string[]) : some.map(() => "");
      },
    );
  const stay = (travels: readonly Travel[]) =>
    ofDocuments("stay", [], travels, (reservation) => [claimText(reservation)]);

  const endUnpaid = (travels: readonly Travel[]) =>
    ofDocuments("endUnpaid", [], travels, (reservation) => [claimText(reservation), ...dayAndKind(reservation)]);

  /** How orders stand in the part of their account, whatever it knew of them. */
  const standAs = (state: "paid" | "cancelled", reservations: readonly Unpaid[]) =>
    byPart(
      reservations,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => {
        const keys = some.map((reservation) => unpaidKey(reservation.orderId, reservation));
        await library.call(
          state,
          keys,
          some.flatMap((reservation) => [reservation.orderId, ...unpaidArgs(reservation)]),
        );
        return some;
      },
    );

  async function reserveAll(
    reservations: readonly Reservation[],
    limits: PurchaseLimits,
  ): Promise<Result<void, Refusal>[]> {
    const before = await forgotten.value();
    const { unpaidMax, cancelsPerDay, standingCancelsPerOne, ticketsPerUserRun, ticketsPerDocumentDay } = limits;
    const { gapMs, otherStationGapMs } = limits;
    const accounts = await ofAccounts(
      "reserve",
      [before, unwrittenMs, ticketsPerUserRun, unpaidMax, cancelsPerDay, standingCancelsPerOne],
      reservations,
    );
    const travels = reservations.flatMap((reservation, n) => (accounts[n] === "taken" ? travelsOf(reservation) : []));
    const documents = await ofDocuments(
      "travel",
      [before, unwrittenMs, ticketsPerDocumentDay, cancelsPerDay, standingCancelsPerOne, gapMs, otherStationGapMs],
      travels,
      (reservation) => [
        ...travelArgs(reservation),
        reservation.replaces ? claimText(reservation.replaces) : "",
        reservation.boughtOn,
      ],
    );
    const refusals = new Map<Reservation, Refusal>();
    for (const [n, { reservation, index }] of travels.entries()) {
      const answer = documents[n]!;
      const why = answer instanceof ServiceUnavailable ? answer.refusal : refusalOf(answer, index, limits);
      if (why && !refusals.has(reservation)) refusals.set(reservation, why);
    }
    const taken = travels.filter(({ reservation }, n) => refusals.has(reservation) && documents[n] === "taken");
    const given = [...refusals.keys()].map((reservation) => ({ ...reservation, given: allTrips(reservation) }));
    const [staying, leaving] = [await stay(taken), await releaseAccounts("forgotten", given)];
    // What could not be given back is no refusal: whoever asked gives it back once more, or it ends by itself.
    for (const [n, { reservation }] of taken.entries()) noteAway(refusals, reservation, staying[n]);
    for (const [n, reservation] of [...refusals.keys()].entries()) noteAway(refusals, reservation, leaving[n]);
    return reservations.map((reservation, n) => {
      const account = accounts[n]!;
      if (account instanceof ServiceUnavailable) return refuse(account.refusal);
      const why = refusalOfAccount(account, limits) ?? refusals.get(reservation);
      return why ? refuse(why) : ok(undefined);
    });
  }

  type Given = Known & ClaimName & { readonly given: number; readonly isUnpaid?: boolean };

  const releaseAccounts = (leave: "ended" | "forgotten", all: readonly Given[]) =>
    byPartApart(
      all,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => {
        await library.call("release", some.flatMap(keysOf), [
          leave,
          endedForMs,
          ...some.flatMap((each) => [
            claimText(each),
            each.given,
            ...(each.isUnpaid && each.boughtOn ? dayAndKind(each) : ["-", "-"]),
          ]),
        ]);
        return some;
      },
    );

  /** Documents first: as long as the record is there, another try finds what is left to do. */
  const release = together<GivenBack, unknown>(async (all) => {
    const records = await byPartApart(
      all,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => (await library.call("records", some.map(recordKey), [])) as (string | null)[],
    );
    /** What went wrong with each, by its place. */
    const away = new Map<number, ServiceUnavailable>();
    const known = all.flatMap(({ orderId, line, ticketNos, isUnpaid }, place) => {
      const record = records[place];
      if (record instanceof ServiceUnavailable) away.set(place, record);
      if (!record || record instanceof ServiceUnavailable) return [];
      const reservation = { ...(JSON.parse(record) as Known), orderId, line } as Reservation;
      const travels = travelsOf(reservation).filter(({ trip }) => ticketNos?.includes(trip.ticketNo) ?? true);
      const given = travels.reduce((bits, { index }) => bits | (1 << index), 0);
      return [{ ...reservation, place, travels, isUnpaid, given }];
    });
    type One = (typeof known)[number];
    const counts = ({ isUnpaid, boughtOn }: One) => isUnpaid && boughtOn !== undefined;

    async function leave(some: readonly One[], step: typeof stay) {
      const answers = await step(some.flatMap(({ travels }) => travels));
      const places = some.flatMap(({ place, travels }) => travels.map(() => place));
      for (const [n, answer] of answers.entries())
        if (answer instanceof ServiceUnavailable) away.set(places[n]!, answer);
    }

    await leave(
      known.filter((each) => !counts(each)),
      stay,
    );
    await leave(known.filter(counts), endUnpaid);
    const left = known.filter(({ place }) => !away.has(place));
    for (const [n, answer] of (await releaseAccounts("ended", left)).entries())
      if (answer instanceof ServiceUnavailable) away.set(left[n]!.place, answer);
    return all.map((each, place) => away.get(place) ?? each);
  });

  /** Documents first, and those again that the account says were given back: so that no late word brings back what has ended. */
  async function keep(reservations: readonly Reservation[]) {
    allThere(await ofDocuments("keepTravel", [], reservations.flatMap(travelsOf)));
    const accounts = allThere(await ofAccounts("keep", [], reservations));
    allThere(
      await stay(
        reservations.flatMap((reservation, n) => {
          const live = liveTickets(accounts[n]!);
          return travelsOf(reservation).filter(({ trip }) => !live.has(trip.ticketNo));
        }),
      ),
    );
  }

  return {
    async reserve(reservations, limits) {
      const answers = new Map<Reservation, Result<void, Refusal>>();
      for (const wave of wavesOf(reservations)) {
        const decided = await reserveAll(wave, limits);
        wave.forEach((reservation, n) => answers.set(reservation, decided[n]!));
      }
      return reservations.map((reservation) => answers.get(reservation)!);
    },
    async release({ orderId, line }, ticketNos) {
      await release({ orderId, line, ticketNos, isUnpaid: false });
    },
    async endUnpaid(orderId) {
      await Promise.all(
        Array.from({ length: linesPerOrderMax }, (_, line) =>
          release({ orderId, line, ticketNos: undefined, isUnpaid: true }),
        ),
      );
    },
    async paid(orders) {
      await standAs(
        "paid",
        orders.map(({ orderId, userId, unpaidUntil }) => ({ orderId, userId, unpaidUntil })),
      );
    },
    async restoreUnpaid(reservations) {
      allThere(await endUnpaid(reservations.flatMap(travelsOf)));
      await standAs("cancelled", reservations);
    },
    keep,
    reload: keep,
    forgetBefore: (instant: EpochMs) => forgotten.raise(instant),
  };
}

/** Claims of one wave have nothing to do with each other; what has is decided in the order given. */
function wavesOf(reservations: readonly Reservation[]): Reservation[][] {
  const waves: Reservation[][] = [];
  const waveAfter = new Map<string, number>();
  for (const reservation of reservations) {
    const concerns = [
      `order ${claimText(reservation)}`,
      `account ${reservation.userId}`,
      ...reservation.trips.map(({ documentHash }) => `document ${documentHash}`),
    ];
    const wave = Math.max(...concerns.map((each) => waveAfter.get(each) ?? 0));
    (waves[wave] ??= []).push(reservation);
    for (const each of concerns) waveAfter.set(each, wave + 1);
  }
  return waves;
}

/** For steps that are done as a whole, or again. */
function allThere<Answer>(answers: readonly (Answer | ServiceUnavailable)[]): readonly Answer[] {
  const away = answers.find((answer) => answer instanceof ServiceUnavailable);
  if (away) throw away;
  return answers as readonly Answer[];
}

function noteAway(refusals: Map<Reservation, Refusal>, reservation: Reservation, answer: unknown): void {
  if (answer instanceof ServiceUnavailable) refusals.set(reservation, answer.refusal);
}

const travelsOf = (reservation: Reservation): Travel[] =>
  reservation.trips.map((trip, index) => ({ reservation, index, trip }));
const allTrips = (reservation: Reservation): number => 2 ** reservation.trips.length - 1;

// As reservations.lua reads and writes them ----------------------------------------------------------------------------------

const recordOf = ({ userId, runId, trips, boughtOn, isStanding }: Known): string =>
  JSON.stringify({ userId, runId, trips, boughtOn, isStanding });

type Unpaid = Pick<Reservation, "orderId" | "userId" | "unpaidUntil"> & Pick<Known, "boughtOn" | "isStanding">;

const dayAndKind = ({ boughtOn, isStanding }: Pick<Known, "boughtOn" | "isStanding">) => [
  boughtOn ?? "-",
  isStanding ? "standing" : "seated",
];
const unpaidArgs = (reservation: Omit<Unpaid, "orderId" | "userId">) => [
  reservation.unpaidUntil ?? 0,
  ...dayAndKind(reservation),
];

const travelArgs = (reservation: Reservation) => [
  claimText(reservation),
  reservation.userId,
  reservation.runId,
  reservation.boardingDate,
  reservation.departAt,
  reservation.arriveAt,
  reservation.stations ? `${reservation.stations.from}\t${reservation.stations.to}` : "",
];

function refusalOfAccount(answer: string, { ticketsPerUserRun: limit }: PurchaseLimits): Refusal | null {
  if (answer === "limit") return refusal("UserRunLimit", { limit });
  if (answer === "cancelled") return refusal("CancelledTooOften");
  if (!answer.startsWith("open ")) return null;
  return refusal("UnpaidOrderOpen", { orderNo: orderNoOf(Number(answer.slice("open ".length)) as OrderId) });
}

function refusalOf(answer: string, ticket: number, { ticketsPerDocumentDay: limit }: PurchaseLimits): Refusal | null {
  if (answer === "taken") return null;
  if (answer === "cancelled") return refusal("CancelledTooOften", { ticket });
  if (answer === "day") return refusal("DocumentDayLimit", { ticket, limit });
  const isOverlap = answer.startsWith("overlap ");
  const runId = answer.slice(answer.indexOf(" ") + 1) as RunId | "";
  return refusal(isOverlap ? "TripOverlaps" : "TripsTooClose", { ticket, ...(runId === "" ? {} : { runId }) });
}

/** Ticket numbers of a kept claim's live trips: `3 {"trips":[…]}`. */
function liveTickets(answer: string): Set<string> {
  if (answer === "ended") return new Set();
  const space = answer.indexOf(" ");
  const live = Number(answer.slice(0, space));
  const { trips } = JSON.parse(answer.slice(space + 1)) as Known;
  return new Set(trips.filter((_, index) => (live & (1 << index)) !== 0).map(({ ticketNo }) => ticketNo));
}
