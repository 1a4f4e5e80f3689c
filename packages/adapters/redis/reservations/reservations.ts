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
 * refused too. And a failover may lose the last second or so of entries; `keep` and `restore` bring them back.
 */
import { type Refusal, refusal, type RunId } from "@chepiao/contracts";
import {
  dayMs,
  type EpochMs,
  holdGraceMs,
  ok,
  type OrderId,
  paymentTimeoutMsDefault,
  refuse,
  type Result,
  ticketsPerDocumentDayMax,
  ticketsPerUserRunMax,
} from "@chepiao/kernel";
import type { Claim, Reservations, Trip } from "@chepiao/ports/reservations";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import { byPart, keyIn, partOfOrder, partOfText, together } from "../parts.ts";
import { createWatermark } from "../watermark.ts";
import functions from "./reservations.lua" with { type: "text" };

const reservationFunctions = {
  name: "reservations",
  files: [functions],
  functions: {
    claim: "writes",
    keep: "writes",
    giveBack: "writes",
    records: "reads",
    travel: "writes",
    keepTravel: "writes",
    stay: "writes",
  },
} as const;

export type RedisReservationsOptions = {
  /** How long a claim lasts whose order is not written: as long as its seats are held. */
  readonly unwrittenMs?: number;
};

type GivenBack = { readonly orderId: OrderId; readonly ticketNos: readonly string[] | undefined };
/** One trip of a claim, as the document's part is asked about it. */
type Travel = { readonly claim: Claim; readonly index: number; readonly trip: Trip };
type Known = Pick<Claim, "userId" | "runId" | "trips">;

/** A claim that was given back is not kept any more by a late word that its order is written. */
const endedForMs = dayMs;

export function createRedisReservations(redis: Redis, options: RedisReservationsOptions = {}): Reservations {
  const { unwrittenMs = paymentTimeoutMsDefault + holdGraceMs } = options;
  const library = createLibrary(redis, reservationFunctions);
  const forgotten = createWatermark(redis, "limits-forgotten");

  const recordKey = (orderId: OrderId) => redis.key(keyIn(partOfOrder(orderId), "claim", orderId));
  const boughtKey = (orderId: OrderId, { userId, runId }: Pick<Claim, "userId" | "runId">) =>
    redis.key(keyIn(partOfOrder(orderId), "bought", `${userId}:${runId}`));
  const tripsKey = (hash: string) => redis.key(keyIn(partOfText(hash), "trips", hash));
  const keysOf = (claim: Claim) => [recordKey(claim.orderId), boughtKey(claim.orderId, claim)];

  /** Asks the parts of the claims' accounts. */
  const ofAccounts = (name: "claim" | "keep", first: readonly (string | number)[], claims: readonly Claim[]) =>
    byPart(
      claims,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => {
        const args = some.flatMap((claim) => [claim.orderId, claim.arriveAt, claim.trips.length, recordOf(claim)]);
        return (await library.call(name, some.flatMap(keysOf), [...first, ...args])) as string[];
      },
    );

  /** Asks the parts of the documents. */
  const ofDocuments = (
    name: "travel" | "keepTravel" | "stay",
    first: readonly (string | number)[],
    travels: readonly Travel[],
    argsOf: (claim: Claim) => readonly (string | number)[] = travelArgs,
  ) =>
    byPart(
      travels,
      ({ trip }) => partOfText(trip.documentHash),
      async (some) => {
        const keys = some.map(({ trip }) => tripsKey(trip.documentHash));
        const answer = await library.call(name, keys, [...first, ...some.flatMap(({ claim }) => argsOf(claim))]);
        return name === "travel" ? (answer as string[]) : some.map(() => "");
      },
    );
  const stay = (travels: readonly Travel[]) => ofDocuments("stay", [], travels, ({ orderId }) => [orderId]);

  async function claimAll(claims: readonly Claim[]): Promise<Result<void, Refusal>[]> {
    const before = await forgotten.value();
    const accounts = await ofAccounts("claim", [before, unwrittenMs, ticketsPerUserRunMax], claims);
    const travels = claims.flatMap((claim, n) => (accounts[n] === "taken" ? travelsOf(claim) : []));
    const documents = await ofDocuments("travel", [before, unwrittenMs, ticketsPerDocumentDayMax], travels);
    const refusals = new Map<OrderId, Refusal>();
    for (const [n, { claim, index }] of travels.entries()) {
      const why = refusalOf(documents[n]!, index);
      if (why && !refusals.has(claim.orderId)) refusals.set(claim.orderId, why);
    }
    const taken = travels.filter(({ claim }, n) => refusals.has(claim.orderId) && documents[n] === "taken");
    await stay(taken);
    await giveBackAccounts(
      "forgotten",
      claims.filter(({ orderId }) => refusals.has(orderId)).map((claim) => ({ ...claim, given: allTrips(claim) })),
    );
    return claims.map(({ orderId }, n) => {
      if (accounts[n] === "limit") return refuse(refusal("UserRunLimit", { limit: ticketsPerUserRunMax }));
      const why = refusals.get(orderId);
      return why ? refuse(why) : ok(undefined);
    });
  }

  type Given = Pick<Claim, "orderId" | "userId" | "runId"> & { readonly given: number };

  const giveBackAccounts = (leave: "ended" | "forgotten", all: readonly Given[]) =>
    byPart(
      all,
      ({ orderId }) => partOfOrder(orderId),
      async (some) => {
        const keys = some.flatMap((each) => [recordKey(each.orderId), boughtKey(each.orderId, each)]);
        await library.call("giveBack", keys, [
          leave,
          endedForMs,
          ...some.flatMap((each) => [each.orderId, each.given]),
        ]);
        return some;
      },
    );

  /** Documents first: as long as the record is there, another try finds what is left to do. */
  const giveBack = together<GivenBack, unknown>(async (all) => {
    const records = await byPart(
      all,
      ({ orderId }) => partOfOrder(orderId),
      async (some) =>
        (await library.call(
          "records",
          some.map(({ orderId }) => recordKey(orderId)),
          [],
        )) as (string | null)[],
    );
    const known = all.flatMap(({ orderId, ticketNos }, n) => {
      if (!records[n]) return [];
      const claim = { ...(JSON.parse(records[n]) as Known), orderId } as Claim;
      const travels = travelsOf(claim).filter(({ trip }) => ticketNos?.includes(trip.ticketNo) ?? true);
      return [{ ...claim, travels, given: travels.reduce((bits, { index }) => bits | (1 << index), 0) }];
    });
    await stay(known.flatMap(({ travels }) => travels));
    await giveBackAccounts("ended", known);
    return all;
  });

  /** Documents first, and those again that the account says were given back: so that no late word brings back what has ended. */
  async function keep(claims: readonly Claim[]) {
    await ofDocuments("keepTravel", [], claims.flatMap(travelsOf));
    const accounts = await ofAccounts("keep", [], claims);
    await stay(
      claims.flatMap((claim, n) => {
        const live = liveTickets(accounts[n]!);
        return travelsOf(claim).filter(({ trip }) => !live.has(trip.ticketNo));
      }),
    );
  }

  return {
    async claim(claims) {
      const answers = new Map<Claim, Result<void, Refusal>>();
      for (const wave of wavesOf(claims)) {
        const decided = await claimAll(wave);
        wave.forEach((claim, n) => answers.set(claim, decided[n]!));
      }
      return claims.map((claim) => answers.get(claim)!);
    },
    async giveBack(orderId, ticketNos) {
      await giveBack({ orderId, ticketNos });
    },
    keep,
    restore: keep,
    forgetBefore: (instant: EpochMs) => forgotten.raise(instant),
  };
}

/** Claims of one wave have nothing to do with each other; what has is decided in the order given. */
function wavesOf(claims: readonly Claim[]): Claim[][] {
  const waves: Claim[][] = [];
  const waveAfter = new Map<string, number>();
  for (const claim of claims) {
    const concerns = [
      `order ${claim.orderId}`,
      `account ${claim.userId} ${claim.runId}`,
      ...claim.trips.map(({ documentHash }) => `document ${documentHash}`),
    ];
    const wave = Math.max(...concerns.map((each) => waveAfter.get(each) ?? 0));
    (waves[wave] ??= []).push(claim);
    for (const each of concerns) waveAfter.set(each, wave + 1);
  }
  return waves;
}

const travelsOf = (claim: Claim): Travel[] => claim.trips.map((trip, index) => ({ claim, index, trip }));
const allTrips = (claim: Claim): number => 2 ** claim.trips.length - 1;

// As reservations.lua reads and writes them ----------------------------------------------------------------------------------

const recordOf = ({ userId, runId, trips }: Known): string => JSON.stringify({ userId, runId, trips });

const travelArgs = ({ orderId, userId, runId, boardingDate, departAt, arriveAt }: Claim) => [
  orderId,
  userId,
  runId,
  boardingDate,
  departAt,
  arriveAt,
];

function refusalOf(answer: string, ticket: number): Refusal | null {
  if (answer === "taken") return null;
  if (answer === "day") return refusal("DocumentDayLimit", { ticket, limit: ticketsPerDocumentDayMax });
  const runId = answer.slice("overlap ".length) as RunId | "";
  return refusal("TripOverlaps", { ticket, ...(runId === "" ? {} : { runId }) });
}

/** Ticket numbers of a kept claim's live trips: `3 {"trips":[…]}`. */
function liveTickets(answer: string): Set<string> {
  if (answer === "ended") return new Set();
  const space = answer.indexOf(" ");
  const live = Number(answer.slice(0, space));
  const { trips } = JSON.parse(answer.slice(space + 1)) as Known;
  return new Set(trips.filter((_, index) => (live & (1 << index)) !== 0).map(({ ticketNo }) => ticketNo));
}
