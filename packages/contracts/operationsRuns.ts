/** `/api/operations/runs`: what staff see of a run, and what they say of it where it does not run as it was sold. */
import Type, { type Static } from "typebox";
import { pageSizeMax } from "@chepiao/kernel";
import { route } from "./route.ts";
import {
  DateText,
  FenAmount,
  Instant,
  oneOf,
  OrderNoText,
  SeatClass,
  TicketState,
  TrainNumber,
  TrainType,
  WaitlistNoText,
  WaitlistState,
} from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "operations";

const count = (description: string) => Type.Integer({ minimum: 0, description });
const orNull = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);
const CoachNos = (description: string) => Type.Array(Type.Integer(), { description });

/** Coaches of a run that are named at once. */
export const coachesNamedMax = 40;
/** Hours for which people are left to choose before money goes back by itself. */
export const chooseHoursMax = 72;

export const runWords = ["runs", "cancelled", "shortened"] as const;
const RunWord = oneOf(runWords, "`cancelled` it does not run, `shortened` it does not call at some of its stops.");

const lineFields = {
  trainNumber: TrainNumber,
  originDate: DateText,
  trainType: TrainType,
  from: Type.String(),
  to: Type.String(),
  departAt: Instant,
  arriveAt: Instant,
  composition: Type.String({ description: "Its code." }),
  seats: count("That the train has."),
  orders: count("That hold or have seats, by what is written."),
  waiting: count("Entries of its waitlist."),
  saleOpensAt: Instant,
  word: RunWord,
  saidBy: Type.Array(Type.String(), { description: "Who says that it does not run, or not all the way." }),
  isRestoring: Type.Boolean({ description: "It is being taken back that it does not run." }),
  soldAs: orNull(
    Type.String({ description: "Code of the composition that it was sold as, where it runs as another." }),
  ),
  withdrawnCoaches: CoachNos("Of which nothing is sold; those that are lost are among them."),
  lostCoaches: CoachNos("Without which it runs."),
};

export const RunLine = Type.Object(lineFields);
export type RunLine = Static<typeof RunLine>;

export const RunsOfDay = Type.Object({
  runs: Type.Array(RunLine, { description: "In order of their train numbers." }),
  next: orNull(
    Type.String({ description: "Where the next page begins, as `after` takes it; null where this is the last." }),
  ),
});
export type RunsOfDay = Static<typeof RunsOfDay>;

const Way = { fromStop: Type.Integer({ minimum: 0 }), toStop: Type.Integer({ minimum: 1 }) };

export const SeatHolding = Type.Object({
  ...Way,
  orderNo: OrderNoText,
  ticketNo: Type.String(),
  state: TicketState,
  name: Type.String({ description: "Of a name its first character alone, where the reader may not see travellers." }),
});
export type SeatHolding = Static<typeof SeatHolding>;

export const ChartSeat = Type.Object({
  seatClass: SeatClass,
  row: Type.Integer(),
  mark: Type.String({ description: "Letter of the seat, or number of the berth; empty where one stands." }),
  label: Type.String({ description: "As printed." }),
  taken: Type.Array(SeatHolding, { description: "In order of the way." }),
});
export type ChartSeat = Static<typeof ChartSeat>;

export const ChartCoach = Type.Object({
  no: Type.Integer(),
  isThere: Type.Boolean({ description: "False of a coach that the train was sold with and does not have any more." }),
  isWithdrawn: Type.Boolean({ description: "Nothing of it is sold." }),
  isLost: Type.Boolean({ description: "The train runs without it." }),
  seats: Type.Array(ChartSeat),
});
export type ChartCoach = Static<typeof ChartCoach>;

export const RunView = Type.Object({
  ...lineFields,
  stops: Type.Array(
    Type.Object({
      stop: Type.Integer({ minimum: 0 }),
      stationId: Type.String(),
      name: Type.String(),
      arriveAt: Instant,
      departAt: Instant,
      isSkipped: Type.Boolean({ description: "It does not call here." }),
    }),
  ),
  classes: Type.Array(
    Type.Object({
      seatClass: SeatClass,
      seats: count("That the train has, without withdrawn coaches."),
      sold: count("Tickets that were paid."),
      held: count("Tickets of orders that wait for their money."),
      free: Type.Array(Type.Integer(), { description: "Seats that nobody has, by part of the way between two stops." }),
    }),
  ),
  quotas: Type.Array(
    Type.Object({
      seatClass: SeatClass,
      fromStations: Type.Union([Type.Array(Type.String()), Type.Null()], { description: "Null: any stop." }),
      toStations: Type.Union([Type.Array(Type.String()), Type.Null()]),
      limits: Type.Array(
        Type.Object({
          since: Instant,
          seats: Type.Union([Type.Integer(), Type.Null()], { description: "Null: any number." }),
        }),
        { description: "In order of time." },
      ),
    }),
  ),
  takesEntries: Type.Boolean({ description: "Whether its waitlist does." }),
  line: Type.Array(
    Type.Object({
      waitlistNo: WaitlistNoText,
      ...Way,
      from: Type.String(),
      to: Type.String(),
      seatClasses: Type.Array(SeatClass, { description: "In order of preference." }),
      passengers: Type.Integer({ minimum: 1 }),
      state: WaitlistState,
      since: Instant,
    }),
    { description: "Who waits, in the order in which they are served; the first of them." },
  ),
  lengths: Type.Array(
    Type.Object({
      from: Type.String(),
      to: Type.String(),
      seatClasses: Type.Array(SeatClass),
      entries: count("That wait for it."),
      passengers: count("Of these."),
    }),
    { description: "Of its lines, the longest first." },
  ),
  oneMoreCoach: Type.Array(
    Type.Object({
      coachNo: Type.Integer({ description: "That of the train which is like it." }),
      seats: Type.Array(Type.Object({ seatClass: SeatClass, count: count("Of the class.") })),
      entries: count("Of the waitlist that it would serve."),
      passengers: count("Of these."),
    }),
    { description: "Whom one more coach of each kind would serve." },
  ),
  compositions: Type.Array(Type.String(), { description: "For which it can be exchanged, by code." }),
  coaches: Type.Array(ChartCoach),
});
export type RunView = Static<typeof RunView>;

export const runActs = ["cancel", "shorten", "restore", "withdraw", "lose", "reinstate", "exchange"] as const;
export type RunActName = (typeof runActs)[number];

const said = {
  dryRun: Type.Boolean({ description: "Says what it would mean, and changes nothing." }),
  reason: Type.String({ minLength: 1, maxLength: 200, description: "It stands on the audit trail." }),
};
const confirm = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: 9_999_999,
    description: "Up to how many tickets are given back or moved, as the dry run has said: for more than 20.",
  }),
);
const chooseHours = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: chooseHoursMax,
    description:
      "Money goes back by itself only after so many hours. Left out where a word grows, what is left of the hours stands.",
  }),
);
const coachNos = Type.Array(Type.Integer({ minimum: 0, maximum: 999 }), {
  minItems: 1,
  maxItems: coachesNamedMax,
  uniqueItems: true,
  description: "What several lose together is planned together.",
});

export const CancelRunBody = Type.Object({ ...said, confirm, chooseHours }, strict);
export const ShortenRunBody = Type.Object(
  {
    ...said,
    confirm,
    chooseHours,
    from: Type.String({ minLength: 1, maxLength: 64, description: "Station or city between which and `to` it runs." }),
    to: Type.String({ minLength: 1, maxLength: 64 }),
  },
  strict,
);
export const RestoreRunBody = Type.Object(said, strict);
export const CoachesBody = Type.Object({ ...said, coachNos }, strict);
export const LoseCoachesBody = Type.Object({ ...said, confirm, coachNos }, strict);
export const ExchangeRunBody = Type.Object(
  { ...said, confirm, composition: Type.String({ minLength: 1, maxLength: 64, description: "Its code." }) },
  strict,
);

const SeatPlace = Type.Object({ seatClass: SeatClass, label: Type.String({ description: "As printed." }) });

export const RunMoves = Type.Object({
  tickets: count("With seats of the run."),
  passengers: count("Who have them."),
  stay: count("Tickets whose seat is the same."),
  move: count("Tickets with another seat."),
  better: count("Of those, into a better class."),
  without: count("Tickets that find no seat."),
  faresFen: FenAmount,
  inside: count("Whom a gate has let in: they are not moved."),
  waiting: count("Entries of the waitlist."),
  confirm: count("Tickets that lose their seat: what has to be confirmed."),
  rows: Type.Array(
    Type.Object({
      orderNo: OrderNoText,
      ticketNo: Type.String(),
      before: SeatPlace,
      after: Type.Union([SeatPlace, Type.Null()], { description: "Null for who finds none." }),
    }),
    { description: "Each that is moved." },
  ),
  serves: Type.Array(
    Type.Object({
      waitlistNo: WaitlistNoText,
      from: Type.String(),
      to: Type.String(),
      seatClass: SeatClass,
      passengers: Type.Integer({ minimum: 1 }),
    }),
    { description: "Whom of the waitlist seats that are left then would serve, in order; quotas are not looked at." },
  ),
});
export type RunMoves = Static<typeof RunMoves>;

export const RunActAnswer = Type.Object({
  act: oneOf(runActs, "What was asked."),
  isDryRun: Type.Boolean(),
  isSaid: Type.Boolean({ description: "It stood so before: there was nothing to do." }),
  title: Type.String({ description: "The run, and between which stations where that is not all of it." }),
  confirmAbove: Type.Integer({ description: "More tickets than this are to be confirmed by their number." }),
  refundsInS: Type.Optional(Type.Integer({ description: "After so many seconds money begins to go back." })),
  giveBack: Type.Optional(
    Type.Object({
      orders: count("That were paid."),
      unpaid: count("Orders that wait for their money, and end."),
      tickets: count("That are given back: what has to be confirmed."),
      passengers: count("Who have them."),
      amountFen: FenAmount,
      waiting: count("Entries of the waitlist that end."),
    }),
  ),
  moves: Type.Optional(RunMoves),
  coachSeats: Type.Optional(
    Type.Array(
      Type.Object({ seatClass: SeatClass, seats: count("Of the coaches."), tickets: count("With seats there.") }),
    ),
  ),
});
export type RunActAnswer = Static<typeof RunActAnswer>;

export const RunProgress = Type.Object({
  giveBack: Type.Union(
    [
      Type.Object({
        title: Type.String(),
        isRestoring: Type.Boolean(),
        refundsFrom: Instant,
        orders: count("Of which something went back."),
        tickets: count("That went back."),
        amountFen: FenAmount,
        left: count("Orders that still have tickets for it."),
        waiting: count("Entries of the waitlist that still wait for it."),
        rows: Type.Array(
          Type.Object({
            orderNo: OrderNoText,
            tickets: count("That went back."),
            amountFen: FenAmount,
            isDone: Type.Boolean(),
            why: orNull(Type.String({ description: "Why it could not be done when it was last tried." })),
          }),
        ),
      }),
      Type.Null(),
    ],
    { description: "Null where no operator says that it does not run." },
  ),
  seats: Type.Union(
    [
      Type.Object({
        lost: Type.Array(Type.Object({ coachNo: Type.Integer(), tickets: count("That still have seats there.") })),
        elsewhere: count("Tickets with seats that the train does not have since it was exchanged."),
        exchange: Type.Union(
          [oneOf(["notBegun", "moving", "open"], "`moving` nobody else is sold a seat meanwhile."), Type.Null()],
          { description: "Null where it was not exchanged." },
        ),
        rows: Type.Array(
          Type.Object({
            orderNo: OrderNoText,
            moved: count("Tickets that became others."),
            gone: count("Tickets that were given back."),
            inside: count("Tickets whose travellers a gate has let in."),
            still: count("Tickets without another seat."),
            into: Type.Array(OrderNoText, { description: "Orders in which its tickets are now." }),
            why: orNull(Type.String({ description: "Why not, when it was last tried." })),
          }),
        ),
      }),
      Type.Null(),
    ],
    { description: "Null where the train is as it was sold." },
  ),
});
export type RunProgress = Static<typeof RunProgress>;

const params = Type.Object({ trainNumber: TrainNumber, originDate: DateText });
const under = <const P extends string>(path: P) => `/api/operations/runs/:trainNumber/:originDate${path}` as const;
const common = { room, shed: "first" } as const;
const acted = { 200: { description: "What it means, or what was done.", schema: RunActAnswer } } as const;
const ofRun = ["RunUnknown", "RunLongOver", "ChangedMeanwhile"] as const;

export const runsOperationsRoutes = {
  runs: route({
    ...common,
    method: "GET",
    path: "/api/operations/runs",
    summary: "Runs of a day, with what was said of them",
    who: "readRuns",
    query: Type.Object(
      {
        date: DateText,
        train: Type.Optional(Type.String({ minLength: 1, maxLength: 20, description: "With what its number begins." })),
        after: Type.Optional(Type.String({ minLength: 1, maxLength: 20, description: "`next` of the page before." })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSizeMax })),
      },
      strict,
    ),
    answers: { 200: { description: "A page of them.", schema: RunsOfDay } },
    refusals: [],
  }),
  run: route({
    ...common,
    method: "GET",
    path: under(""),
    summary: "A run with its seats, who has them and who waits",
    who: "readRuns",
    params,
    answers: {
      200: { description: "Travellers are named to whom has the right `readTravellers`.", schema: RunView },
    },
    refusals: ["RunUnknown"],
  }),
  runProgress: route({
    ...common,
    method: "GET",
    path: under("/progress"),
    summary: "How far money and seats are of a run that does not run as it was sold",
    who: "readRuns",
    params,
    answers: { 200: { description: "Order by order.", schema: RunProgress } },
    refusals: ["RunUnknown"],
  }),
  cancelRun: route({
    ...common,
    method: "POST",
    path: under("/cancel"),
    summary: "Says that a run does not run: it is sold no more, and all money goes back",
    who: "changeRuns",
    params,
    body: CancelRunBody,
    answers: acted,
    refusals: [...ofRun, "ActUnconfirmed", "ChoiceTooLong", "RestoreFirst"],
  }),
  shortenRun: route({
    ...common,
    method: "POST",
    path: under("/shorten"),
    summary: "Says that a run goes only between two of its stations",
    who: "changeRuns",
    params,
    body: ShortenRunBody,
    answers: acted,
    refusals: [...ofRun, "ActUnconfirmed", "ChoiceTooLong", "RestoreFirst", "StationUnknown", "NotOnRoute", "WholeWay"],
  }),
  restoreRun: route({
    ...common,
    method: "POST",
    path: under("/restore"),
    summary: "Takes back that a run does not run, or not all the way; takes some seconds",
    who: "changeRuns",
    params,
    body: RestoreRunBody,
    answers: acted,
    refusals: [...ofRun, "RunNotCancelled", "RunRefunded"],
  }),
  withdrawCoaches: route({
    ...common,
    method: "POST",
    path: under("/withdraw"),
    summary: "Takes coaches of a run off sale; who has a seat there keeps it",
    who: "changeRuns",
    params,
    body: CoachesBody,
    answers: acted,
    refusals: [...ofRun, "CoachUnknown"],
  }),
  loseCoaches: route({
    ...common,
    method: "POST",
    path: under("/lose"),
    summary: "Says that a run goes without coaches: who has a seat there is given another",
    who: "changeRuns",
    params,
    body: LoseCoachesBody,
    answers: acted,
    refusals: [...ofRun, "ActUnconfirmed", "CoachUnknown"],
  }),
  reinstateCoaches: route({
    ...common,
    method: "POST",
    path: under("/reinstate"),
    summary: "Puts coaches of a run back on sale",
    who: "changeRuns",
    params,
    body: CoachesBody,
    answers: acted,
    refusals: [...ofRun, "CoachNotWithdrawn"],
  }),
  exchangeRun: route({
    ...common,
    method: "POST",
    path: under("/exchange"),
    summary: "Says that a run goes as another composition than it was sold as",
    who: "changeRuns",
    params,
    body: ExchangeRunBody,
    answers: acted,
    refusals: [...ofRun, "ActUnconfirmed", "CompositionUnknown", "CompositionNotPossible"],
  }),
};
