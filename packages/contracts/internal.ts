/**
 * What rooms ask of each other when they live in different processes: the clients of `clients.ts`, each call declared once, as
 * data. The declaration validates both sides, types both sides, and says how long a caller waits and whether it may ask again.
 *
 * A run crosses by its name; each process has the timetable and looks it up. Fields that one side does not know are let pass, so
 * that an older and a newer process understand each other while one replaces the other.
 */
import Type, { type Static, type TSchema } from "typebox";
import {
  type EpochMs,
  type Fen,
  type OrderId,
  type OrderNo,
  type PassengerId,
  passengersPerOrderMax,
  secondMs,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import type { ChangedRuns, HoldRef, KnownPassenger, RunId } from "./clients.ts";
import { type FieldError, type RefusalCode, refusals } from "./refusals.ts";
import type { SessionView } from "./route.ts";
import {
  DateText,
  DocumentType,
  OrderNoText,
  Role,
  SeatClass,
  SeatPreference,
  TicketType,
  Togetherness,
  TrainNumber,
} from "./vocabulary.ts";

export type CallSpec = {
  readonly path: `/internal/${string}`;
  /** The role that answers. */
  readonly room: string;
  readonly ask: TSchema;
  readonly answer: TSchema;
  /** Asking a second time changes nothing: only then is a call tried again that was not answered. */
  readonly idempotent: boolean;
  /** How long one try may take. */
  readonly timeoutMs: number;
};
export type AskOf<C extends CallSpec> = Static<C["ask"]>;
export type AnswerTo<C extends CallSpec> = Static<C["answer"]>;

const call = <const C extends CallSpec>(spec: C): C => spec;

/** The type of our own for a shape whose schema cannot know it. */
const as = <T>(schema: TSchema) => Type.Unsafe<T>(schema);
const listOf = <T extends TSchema>(items: T, options = {}) => as<readonly Static<T>[]>(Type.Array(items, options));

const Id = Type.Integer({ minimum: 1 });
const userId = as<UserId>(Id);
const orderId = as<OrderId>(Id);
const originDate = as<ServiceDate>(DateText);
const instant = as<EpochMs>(Type.Integer());
const runId = as<RunId>(Type.String({ pattern: "^[^/\\s]+/\\d{4}-\\d{2}-\\d{2}$" }));
const seatIndexes = listOf(Type.Integer({ minimum: 0 }));

// Answers that may be refusals

const WireRefusal = Type.Object({
  code: as<RefusalCode>(Type.Union(Object.keys(refusals).map((code) => Type.Literal(code)))),
  facts: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  ),
  fields: Type.Optional(
    as<readonly FieldError[]>(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  ),
});

const resultOf = <T extends TSchema>(value: T) =>
  Type.Union([
    Type.Object({ ok: Type.Literal(true), value }),
    Type.Object({ ok: Type.Literal(false), error: WireRefusal }),
  ]);

// User room --------------------------------------------------------------------------------------------------------------

const WirePassenger = as<KnownPassenger>(
  Type.Object({
    passengerId: as<PassengerId>(Id),
    name: Type.String(),
    documentType: DocumentType,
    documentSealed: Type.String(),
    documentHash: Type.String(),
    documentMasked: Type.String(),
    ticketType: TicketType,
    birthDate: Type.Union([DateText, Type.Null()]),
  }),
);
const WireSession = as<SessionView>(Type.Object({ sessionId: Type.String(), userId: Id, role: Role }));

export const userCalls = {
  authenticate: call({
    path: "/internal/user/authenticate",
    room: "user",
    ask: Type.Object({ tokens: listOf(Type.String({ maxLength: 512 })) }),
    answer: Type.Object({ sessions: listOf(Type.Union([WireSession, Type.Null()])) }),
    idempotent: true,
    timeoutMs: secondMs,
  }),
  passengers: call({
    path: "/internal/user/passengers",
    room: "user",
    ask: Type.Object({ userIds: listOf(userId) }),
    answer: Type.Object({ lists: listOf(listOf(WirePassenger)) }),
    idempotent: true,
    timeoutMs: secondMs,
  }),
};

// Inventory room ---------------------------------------------------------------------------------------------------------

/** The version is that of the caller's timetable: stops are counted, and must be the same stops on both sides. */
const WireRun = Type.Object({ trainNumber: TrainNumber, originDate, trainVersionId: Type.Integer() });
export type WireRun = Static<typeof WireRun>;

const stop = Type.Integer({ minimum: 0 });
const WireLeg = Type.Object({ run: WireRun, fromStop: stop, toStop: stop });
export type WireLeg = Static<typeof WireLeg>;

const WireHold = Type.Object({
  holdId: orderId,
  run: WireRun,
  seatClass: SeatClass,
  fromStop: stop,
  toStop: stop,
  preferences: listOf(Type.Union([SeatPreference, Type.Null()]), { maxItems: passengersPerOrderMax }),
  deadline: instant,
});
export type WireHold = Static<typeof WireHold>;

const WireHeld = Type.Object({ seatIndexes, together: Togetherness, granted: listOf(Type.Boolean()) });
const WireRef = as<HoldRef>(Type.Object({ runId, holdId: orderId }));
const FreeByClass = as<Readonly<Partial<Record<SeatClass, number>>>>(
  Type.Partial(Type.Record(SeatClass, Type.Integer({ minimum: 0 }))),
);
const Done = Type.Object({});

export const inventoryCalls = {
  hold: call({
    path: "/internal/inventory/hold",
    room: "inventory",
    ask: Type.Object({ commands: listOf(WireHold) }),
    answer: Type.Object({ answers: listOf(resultOf(WireHeld)) }),
    // By the hold's id: the second time it answers what it answered first.
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  confirm: call({
    path: "/internal/inventory/confirm",
    room: "inventory",
    ask: Type.Object({ holds: listOf(WireRef) }),
    answer: Done,
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  release: call({
    path: "/internal/inventory/release",
    room: "inventory",
    ask: Type.Object({
      releases: listOf(Type.Object({ hold: WireRef, seatIndexes: Type.Optional(seatIndexes) })),
    }),
    answer: Done,
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  available: call({
    path: "/internal/inventory/available",
    room: "inventory",
    ask: Type.Object({ legs: listOf(WireLeg) }),
    answer: Type.Object({ free: listOf(FreeByClass) }),
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  changed: call({
    path: "/internal/inventory/changed",
    room: "inventory",
    ask: Type.Object({ since: Type.Union([Type.String(), Type.Null()]) }),
    answer: as<ChangedRuns>(
      Type.Object({ place: Type.String(), runIds: Type.Union([Type.Array(runId), Type.Null()]) }),
    ),
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  freeSeats: call({
    path: "/internal/inventory/free-seats",
    room: "inventory",
    ask: Type.Object({ leg: WireLeg, seatClass: SeatClass }),
    answer: Type.Object({
      free: Type.String({ pattern: "^[01]*$", description: "One digit a seat, 1 where it is free." }),
    }),
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
};

// Order room -------------------------------------------------------------------------------------------------------------

const WirePayable = Type.Object({
  orderNo: as<OrderNo>(OrderNoText),
  userId,
  runId,
  totalFen: as<Fen>(Type.Integer({ minimum: 0 })),
  payBy: instant,
  subject: Type.String(),
});

export const orderCalls = {
  payable: call({
    path: "/internal/order/payable",
    room: "order",
    ask: Type.Object({ userId, orderNo: Type.String({ maxLength: 32 }) }),
    answer: Type.Object({ answer: resultOf(WirePayable) }),
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
  isLive: call({
    path: "/internal/order/is-live",
    room: "order",
    ask: Type.Object({ orderIds: listOf(orderId) }),
    answer: Type.Object({ live: listOf(Type.Boolean()) }),
    idempotent: true,
    timeoutMs: 2 * secondMs,
  }),
};
