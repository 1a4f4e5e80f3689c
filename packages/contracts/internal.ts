/**
 * What rooms ask of each other when they live in different processes: the clients of `clients.ts`, each method declared once, as
 * data (`calls.ts`). The declaration validates both sides, types both sides, and says how long a caller waits.
 *
 * A run crosses by its name; each process has the timetable and looks it up. Fields that one side does not know are let pass, so
 * that an older and a newer process understand each other while one replaces the other.
 */
import Type from "typebox";
import {
  type Fen,
  type OrderId,
  type OrderNo,
  type PassengerId,
  passengersPerOrderMax,
  secondMs,
  type ServiceDate,
  sessionTouchMs,
  type UserId,
} from "@chepiao/kernel";
import { as, clientSpec, listMethod, listOf, plainMethod } from "./calls.ts";
import type {
  CapturedMoney,
  FulfilCommand,
  KnownPassenger,
  OrderClient,
  PaymentClient,
  PolicyClient,
  ReseatCommand,
  ShownDocument,
  TimetableClient,
  ToldEntry,
  ToldOrder,
  UserClient,
  WaitlistClient,
} from "./clients.ts";
import type { PaymentCaptured } from "./events.ts";
import { instant, nameOf, orderId, questionsMax, runId, stop, userId, WireName } from "./internalFields.ts";
import type { HoldName } from "./lines.ts";
import { OrderRequest } from "./order.ts";
import type { SessionView } from "./route.ts";
import type { RunId } from "./runId.ts";
import { StudentTripsLeft } from "./studentTrips.ts";
import { ChangeKind, DateText, DocumentType, Id, OrderNoText, Role, SeatClass, TicketType } from "./vocabulary.ts";
import { resultOf } from "./wireResults.ts";

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
const WireDocument = Type.Object({ type: DocumentType, number: Type.String({ maxLength: 64 }) });
const WireSession = as<SessionView>(
  Type.Object({ sessionId: Type.String(), userId: Id, role: Role, openedAt: Type.Optional(Type.Integer()) }),
);

export const userClient = clientSpec<UserClient>({
  room: "user",
  methods: {
    authenticate: listMethod({
      path: "/internal/user/authenticate",
      room: "user",
      asks: { tokens: Type.String({ maxLength: 512 }) },
      answers: { sessions: Type.Union([WireSession, Type.Null()]) },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      // A session that was ended may still be taken for live elsewhere for two seconds; for a minute while the user room is away, as
      // that room itself answers from memory for a minute.
      keep: { max: 100_000, freshMs: 2 * secondMs, whileAwayMs: sessionTouchMs },
      questions: (token: string) => [token],
      result: ([session]) => session ?? null,
      serve: (client: UserClient, tokens) => Promise.all(tokens.map(async (token) => client.authenticate(token))),
    }),
    // Not kept: who adds a passenger and buys at once would be told that there is no such passenger.
    passengers: listMethod({
      path: "/internal/user/passengers",
      room: "user",
      asks: { userIds: userId },
      answers: { lists: listOf(WirePassenger) },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      questions: (user: UserId) => [user],
      result: ([passengers]) => passengers,
      serve: (client: UserClient, userIds) => Promise.all(userIds.map(async (user) => client.passengers(user))),
    }),
    documentHash: listMethod({
      path: "/internal/user/document-hashes",
      room: "user",
      asks: { documents: WireDocument },
      answers: { hashes: Type.Union([Type.String(), Type.Null()]) },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      questions: (document: ShownDocument) => [document],
      result: ([hash]) => hash ?? null,
      serve: (client: UserClient, documents) =>
        Promise.all(documents.map(async (document) => client.documentHash(document))),
    }),
    // Not kept: a mail goes where the account is reached now.
    mailAddress: listMethod({
      path: "/internal/user/mail-addresses",
      room: "user",
      asks: { userIds: userId },
      answers: { addresses: Type.Union([Type.String(), Type.Null()]) },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      questions: (user: UserId) => [user],
      result: ([address]) => address ?? null,
      serve: (client: UserClient, userIds) => Promise.all(userIds.map(async (user) => client.mailAddress(user))),
    }),
    // Not kept: it is asked once something was written, and has to be known by then.
    isDeleted: listMethod({
      path: "/internal/user/deleted",
      room: "user",
      asks: { userIds: userId },
      answers: { deleted: Type.Boolean() },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      questions: (user: UserId) => [user],
      result: ([isDeleted]) => isDeleted === true,
      serve: (client: UserClient, userIds) => Promise.all(userIds.map(async (user) => client.isDeleted(user))),
    }),
    // Not kept: staff ask for one at a time.
    accountOf: listMethod({
      path: "/internal/user/accounts",
      room: "user",
      asks: { names: Type.String({ maxLength: 100 }) },
      answers: { userIds: Type.Union([userId, Type.Null()]) },
      sizeMax: questionsMax,
      timeoutMs: secondMs,
      questions: (name: string) => [name],
      result: ([user]) => user ?? null,
      serve: (client: UserClient, names) => Promise.all(names.map(async (name) => client.accountOf(name))),
    }),
  },
});

// Reference data -------------------------------------------------------------------------------------------------------

/** Nobody is asked for these: each process that needs them has a copy. */
export const policyClient = clientSpec<PolicyClient>({ room: "policy", methods: {} });
export const timetableClient = clientSpec<TimetableClient>({ room: "timetable", methods: {} });

// Order room -------------------------------------------------------------------------------------------------------------

const WirePayable = Type.Object({
  orderNo: as<OrderNo>(OrderNoText),
  userId,
  runId,
  totalFen: as<Fen>(Type.Integer({ minimum: 0 })),
  payBy: instant,
  subject: Type.Object({ zh: Type.String(), en: Type.String() }),
});

const WireCaptured = as<CapturedMoney>(
  Type.Object({
    paymentNo: Type.String(),
    orderNo: as<OrderNo>(OrderNoText),
    amountFen: as<Fen>(Type.Integer({ minimum: 0 })),
    capturedAt: instant,
  }),
);
const WireFulfil = Type.Object({
  orderId,
  userId,
  key: Type.String({ maxLength: 64 }),
  line: Type.Object({
    ...OrderRequest.properties,
    fromStop: stop,
    holdLine: Type.Integer({ minimum: 0 }),
  }),
  prepaid: as<PaymentCaptured>(
    Type.Object({
      paymentNo: Type.String(),
      orderNo: OrderNoText,
      amountFen: Type.Integer({ minimum: 0 }),
      capturedAt: Type.Integer(),
      mac: Type.Optional(Type.String()),
    }),
  ),
});

const WireTrip = Type.Object({
  trainNumber: Type.String(),
  boardingDate: Type.String(),
  fromStationId: Type.String(),
  fromName: Type.String(),
  toStationId: Type.String(),
  toName: Type.String(),
  departAt: Type.String(),
});
const WireFen = as<Fen>(Type.Integer());
const WireTold = as<ToldOrder>(
  Type.Object({
    orderNo: OrderNoText,
    userId,
    isOfWaitlist: Type.Boolean(),
    changeKind: Type.Union([ChangeKind, Type.Null()]),
    totalFen: WireFen,
    trips: Type.Array(Type.Object({ ...WireTrip.properties, runId })),
    tickets: Type.Array(
      Type.Object({
        ticketNo: Type.String(),
        line: Type.Integer({ minimum: 0 }),
        fareFen: WireFen,
        feeFen: Type.Union([WireFen, Type.Null()]),
        refundFen: Type.Union([WireFen, Type.Null()]),
        coachNo: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
        seat: Type.Optional(Type.Object({ seatClass: SeatClass, seatIndex: Type.Integer({ minimum: 0 }) })),
      }),
    ),
  }),
);
const WireToldEntry = as<ToldEntry>(Type.Object({ userId, waitlistNo: Type.String(), trips: Type.Array(WireTrip) }));

const orderRoom = { room: "order", timeoutMs: 2 * secondMs } as const;

export const orderClient = clientSpec<OrderClient>({
  room: "order",
  methods: {
    payable: plainMethod({
      ...orderRoom,
      path: "/internal/order/payable",
      ask: Type.Object({ userId, orderNo: Type.String({ maxLength: 32 }) }),
      answer: Type.Object({ answer: resultOf(WirePayable) }),
      question: (user: UserId, orderNo: string) => ({ userId: user, orderNo }),
      result: ({ answer }) => answer,
      serve: async (client: OrderClient, { userId: user, orderNo }) => ({
        answer: await client.payable(user, orderNo),
      }),
    }),
    // By the order's id: the second time it answers what it answered first.
    fulfil: plainMethod({
      ...orderRoom,
      path: "/internal/order/fulfil",
      ask: WireFulfil,
      answer: Type.Object({ answer: resultOf(as<OrderNo>(OrderNoText)) }),
      question: (command: FulfilCommand) => command,
      result: ({ answer }) => answer,
      serve: async (client: OrderClient, command) => ({ answer: await client.fulfil(command) }),
    }),
    // By the version of the order that they are of: the second time it answers what it answered first.
    reseat: plainMethod({
      ...orderRoom,
      path: "/internal/order/reseat",
      ask: Type.Object({
        orderId,
        ticketNos: Type.Array(Type.String({ maxLength: 32 }), { minItems: 1, maxItems: passengersPerOrderMax }),
        seatClass: SeatClass,
      }),
      answer: Type.Object({ answer: resultOf(as<OrderNo>(OrderNoText)) }),
      question: (command: ReseatCommand) => ({ ...command, ticketNos: [...command.ticketNos] }),
      result: ({ answer }) => answer,
      serve: async (client: OrderClient, command) => ({ answer: await client.reseat(command) }),
    }),
    studentTrips: plainMethod({
      ...orderRoom,
      path: "/internal/order/student-trips",
      ask: Type.Object({ userId, date: as<ServiceDate>(DateText) }),
      answer: StudentTripsLeft,
      question: (user: UserId, date: ServiceDate) => ({ userId: user, date }),
      result: (left) => left,
      serve: (client: OrderClient, { userId: user, date }) => client.studentTrips(user, date),
    }),
    isLive: listMethod({
      ...orderRoom,
      path: "/internal/order/is-live",
      asks: { orderIds: orderId },
      answers: { live: Type.Boolean() },
      sizeMax: questionsMax,
      questions: (order: OrderId) => [order],
      result: ([isLive]) => isLive,
      serve: (client: OrderClient, orderIds) => Promise.all(orderIds.map((order) => client.isLive(order))),
    }),
    told: listMethod({
      ...orderRoom,
      path: "/internal/order/told",
      asks: { orderIds: orderId },
      answers: { told: Type.Union([WireTold, Type.Null()]) },
      sizeMax: questionsMax,
      questions: (order: OrderId) => [order],
      result: ([told]) => told ?? null,
      serve: (client: OrderClient, orderIds) => Promise.all(orderIds.map((order) => client.told(order))),
    }),
    holdersOn: plainMethod({
      ...orderRoom,
      path: "/internal/order/holders-on",
      ask: Type.Object({
        runId,
        skipped: Type.Union([Type.Array(Type.Integer({ minimum: 0 })), Type.Null()]),
      }),
      answer: Type.Object({ orderIds: Type.Array(orderId) }),
      question: (run: RunId, skipped: readonly number[] | null) => ({
        runId: run,
        skipped: skipped && [...skipped],
      }),
      result: ({ orderIds }) => orderIds,
      serve: async (client: OrderClient, { runId: run, skipped }) => ({
        orderIds: [...(await client.holdersOn(run, skipped))],
      }),
    }),
  },
});

// Payment room -----------------------------------------------------------------------------------------------------------

export const paymentClient = clientSpec<PaymentClient>({
  room: "payment",
  methods: {
    captured: listMethod({
      path: "/internal/payment/captured",
      room: "payment",
      timeoutMs: 2 * secondMs,
      asks: { paymentNos: Type.String({ maxLength: 64 }) },
      answers: { captured: Type.Union([WireCaptured, Type.Null()]) },
      sizeMax: questionsMax,
      questions: (paymentNo: string) => [paymentNo],
      result: ([captured]) => captured ?? null,
      serve: (client: PaymentClient, paymentNos) => Promise.all(paymentNos.map((no) => client.captured(no))),
    }),
  },
});

// Waitlist room ----------------------------------------------------------------------------------------------------------

const waitlistRoom = { room: "waitlist", timeoutMs: 5 * secondMs } as const;

export const waitlistClient = clientSpec<WaitlistClient>({
  room: "waitlist",
  methods: {
    payable: plainMethod({
      ...waitlistRoom,
      path: "/internal/waitlist/payable",
      ask: Type.Object({ userId, waitlistNo: Type.String({ maxLength: 32 }) }),
      answer: Type.Object({ answer: resultOf(WirePayable) }),
      question: (user: UserId, waitlistNo: string) => ({ userId: user, waitlistNo }),
      result: ({ answer }) => answer,
      serve: async (client: WaitlistClient, { userId: user, waitlistNo }) => ({
        answer: await client.payable(user, waitlistNo),
      }),
    }),
    isGrantWanted: listMethod({
      ...waitlistRoom,
      path: "/internal/waitlist/is-grant-wanted",
      asks: { grants: WireName },
      answers: { wanted: Type.Boolean() },
      sizeMax: questionsMax,
      questions: (grant: HoldName) => [grant],
      result: ([isWanted]) => isWanted,
      serve: (client: WaitlistClient, grants) =>
        Promise.all(grants.map((grant) => client.isGrantWanted(nameOf(grant)))),
    }),
    told: listMethod({
      ...waitlistRoom,
      path: "/internal/waitlist/told",
      asks: { entryIds: orderId },
      answers: { told: Type.Union([WireToldEntry, Type.Null()]) },
      sizeMax: questionsMax,
      questions: (entry: OrderId) => [entry],
      result: ([told]) => told ?? null,
      serve: (client: WaitlistClient, entryIds) => Promise.all(entryIds.map((entry) => client.told(entry))),
    }),
  },
});
