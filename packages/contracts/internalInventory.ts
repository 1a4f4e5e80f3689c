/** What other rooms ask of the inventory room: to hold, count and give back seats, and who waits for them. */
import Type, { type Static } from "typebox";
import { type EpochMs, passengersPerOrderMax, refuse, type Result, secondMs } from "@chepiao/kernel";
import { type AnsweringContext, as, clientSpec, eachOrAway, listMethod, listOf, plainMethod } from "./calls.ts";
import type {
  Availability,
  ChangedRuns,
  ClassAvailability,
  Held,
  HoldCommand,
  InventoryClient,
  Leg,
  Run,
} from "./clients.ts";
import {
  instant,
  line,
  nameOf,
  orderId,
  questionsMax,
  runId,
  seatIndexes,
  serviceDay,
  stop,
  WireName,
} from "./internalFields.ts";
import type { HoldName } from "./lines.ts";
import type { LinesClient } from "./linesClient.ts";
import type { Grant, Need, NeedGroup, WaitingPlace } from "./need.ts";
import { type Refusal, refusal, type SaleRefusal, saleRefusals } from "./refusals.ts";
import { SaleChannel, SeatClass, SeatPreference, Togetherness, TrainNumber } from "./vocabulary.ts";
import { resultOf, WireRefusal } from "./wireResults.ts";

/** The version is that of the caller's timetable: stops are counted, and must be the same stops on both sides. */
const WireRun = Type.Object({ trainNumber: TrainNumber, originDate: serviceDay, trainVersionId: Type.Integer() });
export type WireRun = Static<typeof WireRun>;

const WireLeg = Type.Object({ run: WireRun, fromStop: stop, toStop: stop });
export type WireLeg = Static<typeof WireLeg>;

const WireHold = Type.Object({
  holdId: orderId,
  line,
  run: WireRun,
  seatClass: SeatClass,
  fromStop: stop,
  toStop: stop,
  preferences: listOf(Type.Union([SeatPreference, Type.Null()]), { maxItems: passengersPerOrderMax }),
  deadline: instant,
  channel: Type.Optional(SaleChannel),
});
export type WireHold = Static<typeof WireHold>;

const WireHeld = Type.Object({ seatIndexes, together: Togetherness, granted: listOf(Type.Boolean()) });
const FreeByClass = as<Readonly<Partial<Record<SeatClass, number>>>>(
  Type.Partial(Type.Record(SeatClass, Type.Integer({ minimum: 0 }))),
);
const WireNeed = Type.Object({
  holdId: orderId,
  line,
  run: WireRun,
  seatClasses: listOf(SeatClass),
  fromStop: stop,
  toStop: stop,
  preferences: listOf(Type.Union([SeatPreference, Type.Null()]), { maxItems: passengersPerOrderMax }),
  place: Type.Integer({ minimum: 0 }),
});
type WireNeed = Static<typeof WireNeed>;
const WirePlace = Type.Pick(WireNeed, ["run", "seatClasses", "fromStop", "toStop", "place"]);
type WirePlace = Static<typeof WirePlace>;
const WireGrant = as<Grant>(
  Type.Object({
    holdId: orderId,
    line: Type.Integer({ minimum: 0 }),
    seatClass: SeatClass,
    fromStop: stop,
    toStop: stop,
    seatIndexes,
  }),
);
const WireGroup = as<NeedGroup>(
  Type.Object({
    seatClasses: listOf(SeatClass),
    fromStop: stop,
    toStop: stop,
    partySize: Type.Integer({ minimum: 1 }),
    needs: Type.Integer({ minimum: 0 }),
  }),
);
/** Of a class of the leg with that number, what its count of seats does not say by itself. */
const SaleNote = Type.Object({
  leg: Type.Integer({ minimum: 0 }),
  seatClass: SeatClass,
  refusal: as<SaleRefusal | null>(Type.Union([...saleRefusals.map((code) => Type.Literal(code)), Type.Null()])),
  changesAt: as<EpochMs | null>(Type.Union([instant, Type.Null()])),
});
type SaleNote = Static<typeof SaleNote>;
/** Processes take over a newer timetable within this time. */
export const timetableFreshMs = 5 * secondMs;

const wireRun = ({ train, originDate }: Run): WireRun => ({
  trainNumber: train.trainNumber,
  originDate,
  trainVersionId: train.trainVersionId,
});
const wireLeg = ({ run, fromStop, toStop }: Leg): WireLeg => ({ run: wireRun(run), fromStop, toStop });

const runOf = (named: WireRun, { timetable }: AnsweringContext): Run | null =>
  timetable().run(named.trainNumber, named.originDate);

/** The run, while both sides count the same stops and seats. */
function sameRunOf(named: WireRun, context: AnsweringContext): Run | null {
  const run = runOf(named, context);
  return run?.train.trainVersionId === named.trainVersionId ? run : null;
}

/** Reading: what the run has, whatever version of it the caller knows. */
function legOf({ run: named, fromStop, toStop }: WireLeg, context: AnsweringContext): Leg | null {
  const run = runOf(named, context);
  return run && fromStop < toStop && toStop < run.train.stops.length ? { run, fromStop, toStop } : null;
}

/** Selling: only while both sides count the same stops and seats. */
function commandOf(command: WireHold, context: AnsweringContext): HoldCommand | null {
  const run = sameRunOf(command.run, context);
  return run && { ...command, line: command.line ?? 0, run };
}

const wireNeed = (need: Need): WireNeed => ({ ...need, run: wireRun(need.run) });

const wirePlace = ({ run, seatClasses, fromStop, toStop, place }: WaitingPlace): WirePlace => ({
  run: wireRun(run),
  seatClasses,
  fromStop,
  toStop,
  place,
});

/** Waiting: only while both sides count the same stops, as with a hold. */
function needOf(need: WireNeed, context: AnsweringContext): Need | null {
  const run = sameRunOf(need.run, context);
  return run && { ...need, line: need.line ?? 0, run };
}
/** Reading, as with a leg: nobody is told that he is first while one side has a newer timetable. */
function placeOf(place: WirePlace, context: AnsweringContext): WaitingPlace | null {
  const known = legOf(place, context);
  return known && { ...place, run: known.run };
}
const needsOf = (needs: readonly WireNeed[], context: AnsweringContext): Need[] =>
  needs.map((need) => needOf(need, context)).filter((need) => need !== null);

/** The compiler narrows a constant to what it holds. */
const undecided = (): Result<Held, Refusal> =>
  refuse(refusal("Overloaded", { retryAfterSeconds: timetableFreshMs / secondMs }));

const notJoined = (): Refusal | null => refusal("Overloaded", { retryAfterSeconds: timetableFreshMs / secondMs });

const inventory = { room: "inventory", timeoutMs: 2 * secondMs } as const;
/** A page of offers asks for some thirty legs at once. With more in a call, the inventory room would do nothing else for too long. */
const legsMax = 500;

/** What a class's number of seats says by itself. */
const plainly = (sellable: number): ClassAvailability => ({
  sellable,
  refusal: sellable > 0 ? null : "SoldOut",
  changesAt: null,
});

const countsOf = (stock: Availability): Static<typeof FreeByClass> =>
  Object.fromEntries([...stock].map(([seatClass, { sellable }]) => [seatClass, sellable]));

/** Of the classes that are not what their number says. */
const notesOf = (stocks: readonly Availability[]) => ({
  answers: stocks.map(countsOf),
  notes: stocks.flatMap((stock, leg) =>
    [...stock].flatMap(([seatClass, { sellable, refusal: why, changesAt }]): SaleNote[] =>
      changesAt === null && why === plainly(sellable).refusal ? [] : [{ leg, seatClass, refusal: why, changesAt }],
    ),
  ),
});

function withNotes(counts: readonly Static<typeof FreeByClass>[], notes: readonly SaleNote[]): Availability[] {
  const stocks = counts.map((free) => {
    const classes = Object.entries(free) as [SeatClass, number][];
    return new Map(classes.map(([seatClass, sellable]) => [seatClass, plainly(sellable)]));
  });
  for (const { leg, seatClass, ...note } of notes) {
    const plain = stocks[leg]?.get(seatClass);
    if (plain) stocks[leg]!.set(seatClass, { ...plain, ...note });
  }
  return stocks;
}

export const inventoryClient = clientSpec<InventoryClient & LinesClient>({
  room: "inventory",
  changesBy: "changedRuns",
  methods: {
    // By the hold's id: the second time it answers what it answered first. In order: each purchase is decided after those before it.
    hold: listMethod({
      ...inventory,
      path: "/internal/inventory/hold",
      asks: { commands: WireHold },
      answers: { answers: resultOf(WireHeld) },
      sizeMax: questionsMax,
      inTurn: true,
      questions: (commands: readonly HoldCommand[]) =>
        commands.map((command): WireHold => ({ ...command, run: wireRun(command.run) })),
      result: (answers) => [...answers],
      understand: commandOf,
      unknown: undecided(),
      serve: (client: InventoryClient, commands) => client.hold(commands),
    }),
    confirm: listMethod({
      ...inventory,
      path: "/internal/inventory/confirm",
      asks: { holds: WireName },
      answers: null,
      sizeMax: questionsMax,
      inTurn: true,
      questions: (holds: readonly HoldName[]) => holds,
      result: () => undefined,
      serve: (client: InventoryClient, holds) => client.confirm(holds.map(nameOf)),
    }),
    release: listMethod({
      ...inventory,
      path: "/internal/inventory/release",
      asks: { releases: Type.Object({ hold: WireName, seatIndexes: Type.Optional(seatIndexes) }) },
      answers: null,
      sizeMax: questionsMax,
      questions: (hold: HoldName, seats?: readonly number[]) => [
        seats === undefined ? { hold } : { hold, seatIndexes: seats },
      ],
      result: () => undefined,
      serve: (client: InventoryClient, releases) =>
        eachOrAway(releases.map(({ hold, seatIndexes: seats }) => client.release(nameOf(hold), seats))),
    }),
    available: listMethod({
      ...inventory,
      path: "/internal/inventory/available",
      asks: { legs: WireLeg },
      // Seats that may be sold. A class with seats can be bought, one without is sold out, and neither changes by time alone; notes
      // are for classes of which that is not so.
      answers: { free: FreeByClass },
      notes: { in: "notes", note: SaleNote, of: notesOf, join: withNotes },
      sizeMax: legsMax,
      questions: (legs: readonly Leg[]) => legs.map(wireLeg),
      result: (stock) => [...stock],
      understand: legOf,
      unknown: new Map(),
      serve: (client: InventoryClient, legs) => client.available(legs),
    }),
    changedRuns: plainMethod({
      ...inventory,
      path: "/internal/inventory/changed",
      ask: Type.Object({ since: Type.Union([Type.String(), Type.Null()]) }),
      answer: as<ChangedRuns>(
        Type.Object({ place: Type.String(), runIds: Type.Union([Type.Array(runId), Type.Null()]) }),
      ),
      question: (since: string | null) => ({ since }),
      result: (changed) => changed,
      serve: async (client: InventoryClient, { since }) =>
        (await client.changedRuns?.(since)) ?? { place: "", runIds: null },
    }),
    join: listMethod({
      ...inventory,
      path: "/internal/inventory/join",
      asks: { needs: WireNeed },
      answers: { refused: as<Refusal | null>(Type.Union([WireRefusal, Type.Null()])) },
      sizeMax: questionsMax,
      inTurn: true,
      questions: (needs: readonly Need[]) => needs.map(wireNeed),
      result: (refused) => [...refused],
      understand: needOf,
      unknown: notJoined(),
      serve: (client: LinesClient, needs) => client.join(needs),
    }),
    leave: listMethod({
      ...inventory,
      path: "/internal/inventory/leave",
      asks: { names: WireName },
      answers: null,
      sizeMax: questionsMax,
      questions: (names: readonly HoldName[]) => names,
      result: () => undefined,
      serve: (client: LinesClient, names) => client.leave(names.map(nameOf)),
    }),
    // Asked by waitlist roles of an earlier version: a line of any length joins in pages.
    setLine: plainMethod({
      ...inventory,
      path: "/internal/inventory/set-line",
      ask: Type.Object({ run: WireRun, needs: Type.Array(WireNeed), upTo: Type.Integer({ minimum: 0 }) }),
      answer: Type.Object({}),
      question: (run: Run, needs: readonly Need[], upTo: number) => ({
        run: wireRun(run),
        needs: needs.map(wireNeed),
        upTo,
      }),
      result: () => undefined,
      async serve(client: LinesClient, { run, needs, upTo }, context) {
        const known = runOf(run, context);
        if (known) await client.setLine(known, needsOf(needs, context), upTo);
        return {};
      },
    }),
    serveLines: listMethod({
      ...inventory,
      path: "/internal/inventory/serve-lines",
      asks: { runs: WireRun },
      answers: null,
      sizeMax: questionsMax,
      questions: (runs: readonly Run[]) => runs.map(wireRun),
      result: () => undefined,
      understand: runOf,
      serve: (client: LinesClient, runs) => client.serveLines(runs),
    }),
    grants: plainMethod({
      ...inventory,
      path: "/internal/inventory/grants",
      ask: Type.Object({ run: WireRun }),
      answer: Type.Object({ grants: listOf(WireGrant) }),
      question: (run: Run) => ({ run: wireRun(run) }),
      result: ({ grants }) => grants,
      async serve(client: LinesClient, { run }, context) {
        const known = runOf(run, context);
        return { grants: known ? await client.grants(known) : [] };
      },
    }),
    groups: plainMethod({
      ...inventory,
      path: "/internal/inventory/groups",
      ask: Type.Object({ run: WireRun }),
      answer: Type.Object({ groups: listOf(WireGroup) }),
      question: (run: Run) => ({ run: wireRun(run) }),
      result: ({ groups }) => groups,
      async serve(client: LinesClient, { run }, context) {
        const known = runOf(run, context);
        return { groups: known ? await client.groups(known) : [] };
      },
    }),
    ahead: listMethod({
      ...inventory,
      path: "/internal/inventory/ahead",
      asks: { places: WirePlace },
      askedBefore: { needs: WireNeed },
      answers: { ahead: as<number | null>(Type.Integer({ minimum: 0 })) },
      ofOlderRole: null,
      sizeMax: questionsMax,
      questions: (places: readonly WaitingPlace[]) => places.map(wirePlace),
      result: (ahead) => [...ahead],
      understand: placeOf,
      unknown: 0,
      serve: (client: LinesClient, places) => client.ahead(places),
    }),
    freeSeats: plainMethod({
      ...inventory,
      path: "/internal/inventory/free-seats",
      ask: Type.Object({ leg: WireLeg, seatClass: SeatClass }),
      answer: Type.Object({
        free: Type.String({ pattern: "^[01]*$", description: "One digit a seat, 1 where it is free." }),
      }),
      question: (leg: Leg, seatClass: SeatClass) => ({ leg: wireLeg(leg), seatClass }),
      result: ({ free }) => Array.from(free, (digit) => digit === "1"),
      async serve(client: InventoryClient, { leg, seatClass }, context) {
        const known = legOf(leg, context);
        const free = known ? await client.freeSeats(known, seatClass) : [];
        return { free: free.map((isFree) => (isFree ? "1" : "0")).join("") };
      },
    }),
  },
});
