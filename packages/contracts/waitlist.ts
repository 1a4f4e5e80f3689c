/** `/api/waitlist`: waiting for seats that are sold out, and why an entry has not been served yet. */
import Type, { type Static } from "typebox";
import { passengersPerOrderMax, pageSizeMax, waitlistChoicesMax, waitlistDeadlineMinutesMax } from "@chepiao/kernel";
import { as } from "./calls.ts";
import { route } from "./route.ts";
import {
  DateText,
  FenAmount,
  Id,
  Instant,
  OrderNoText,
  SeatClass,
  seatClasses,
  StationId,
  TicketType,
  TrainNumber,
  WaitlistNoText,
  WaitlistState,
} from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "waitlist";

const DeadlineMinutes = Type.Integer({
  minimum: 0,
  maximum: waitlistDeadlineMinutesMax,
  description:
    "How long before the departure of each train seats are taken at the latest; which may be chosen is in `/api/policy`.",
});

const ClockText = Type.String({
  pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
  description: "A clock time at the station, `HH:MM`.",
});

export const WaitlistAddedTrains = Type.Object(
  {
    dates: Type.Array(DateText, {
      minItems: 1,
      maxItems: waitlistChoicesMax,
      uniqueItems: true,
      description: "On which one would board; together with those of its trains no more than an entry may have.",
    }),
    departFrom: Type.Optional(ClockText),
    departUntil: Type.Optional(ClockText),
  },
  strict,
);
export type WaitlistAddedTrains = Static<typeof WaitlistAddedTrains>;

export const WaitlistRequest = Type.Object(
  {
    from: StationId,
    to: StationId,
    choices: Type.Array(
      Type.Object(
        {
          trainNumber: TrainNumber,
          originDate: DateText,
          seatClasses: Type.Array(SeatClass, {
            minItems: 1,
            maxItems: seatClasses.length,
            uniqueItems: true,
            description: "In order of preference.",
          }),
        },
        strict,
      ),
      { minItems: 1, maxItems: waitlistChoicesMax },
    ),
    passengers: Type.Array(Type.Object({ passengerId: Id, ticketType: Type.Optional(TicketType) }, strict), {
      minItems: 1,
      maxItems: passengersPerOrderMax,
    }),
    acceptsStanding: Type.Optional(Type.Boolean({ description: "Standing will do where there is no seat." })),
    addedTrains: Type.Optional(
      Type.Unsafe<WaitlistAddedTrains>({
        ...WaitlistAddedTrains,
        description:
          "Trains that the railway adds for the same way are waited for too, in any of the classes named, unless they cost more than was prepaid.",
      }),
    ),
    deadlineMinutes: Type.Optional(DeadlineMinutes),
  },
  strict,
);
export type WaitlistRequest = Static<typeof WaitlistRequest>;

const { passengers: _, addedTrains: __, ...journey } = WaitlistRequest.properties;
/** As much of an entry as its chance depends on. */
export const WaitlistChanceRequest = Type.Object(
  { ...journey, passengerCount: Type.Integer({ minimum: 1, maximum: passengersPerOrderMax }) },
  strict,
);
export type WaitlistChanceRequest = Static<typeof WaitlistChanceRequest>;

const Place = Type.Object({ stationId: StationId, name: Type.String() });

const WaitlistChoice = Type.Object({
  choice: Type.Integer({ description: "Its number within the entry, from 0." }),
  trainNumber: TrainNumber,
  originDate: DateText,
  boardingDate: DateText,
  from: Place,
  to: Place,
  departAt: Instant,
  arriveAt: Instant,
  seatClasses: Type.Array(SeatClass, { description: "In order of preference." }),
  decideBy: Instant,
  endedBecause: Type.Union([Type.String({ description: "Code of a refusal." }), Type.Null()]),
  addedAt: Type.Union([Instant, Type.Null()], {
    description: "When the railway added it; null for one that was asked for.",
  }),
});

export const WaitlistEntry = Type.Object({
  waitlistNo: WaitlistNoText,
  state: WaitlistState,
  choices: Type.Array(WaitlistChoice),
  passengers: Type.Array(Type.Object({ passengerId: Type.Integer(), ticketType: TicketType })),
  acceptsStanding: Type.Boolean(),
  addedTrains: Type.Union(
    [
      Type.Object({
        dates: Type.Array(DateText),
        departFrom: Type.Union([Type.String(), Type.Null()]),
        departUntil: Type.Union([Type.String(), Type.Null()]),
      }),
      Type.Null(),
    ],
    { description: "Which added trains are waited for; null for none." },
  ),
  deadlineMinutes: Type.Integer(),
  decideBy: Type.Union([Instant, Type.Null()], { description: "When the last of its trains is decided about." }),
  prepayFen: FenAmount,
  prepayBy: Instant,
  paidAt: Type.Union([Instant, Type.Null()]),
  orderNo: Type.Union([OrderNoText, Type.Null()], { description: "The order it has become." }),
  createdAt: Instant,
  endedAt: Type.Union([Instant, Type.Null()]),
  endedBecause: Type.Union([Type.String({ description: "Code of a refusal." }), Type.Null()]),
  now: Instant,
});
export type WaitlistEntry = Static<typeof WaitlistEntry>;

/** Why seats that came back did not serve an entry. */
export const passedOverReasons = ["ahead", "tooFew", "partOfWay", "keptBack", "conflict"] as const;
export type PassedOverReason = (typeof passedOverReasons)[number];

export const waitedFor = ["prepayment", "seats", "order", "nothing"] as const;
export type WaitedFor = (typeof waitedFor)[number];

export const WaitlistStory = Type.Object({
  places: Type.Array(
    Type.Object({
      choice: Type.Integer(),
      place: Type.Integer({ description: "From 1, among the entries that could use the same seats." }),
    }),
  ),
  passedOver: Type.Array(
    Type.Object({
      choice: Type.Integer(),
      at: Instant,
      seatClass: SeatClass,
      seats: Type.Integer({ description: "How many came back at once." }),
      fromStop: Type.Integer({ description: "Stops of the train, from 0, between which they are free again." }),
      toStop: Type.Integer(),
      because: as<PassedOverReason>(
        Type.Union(
          passedOverReasons.map((reason) => Type.Literal(reason)),
          {
            description:
              "`ahead` they went to entries before this one, `tooFew` it needs more, `partOfWay` they are free over a part of its way, " +
              "`keptBack` they are not for sale over its way yet, `conflict` it got them and could not take them.",
          },
        ),
      ),
      refusal: Type.Union([Type.String(), Type.Null()], {
        description: "Of a conflict: the code of what was against it.",
      }),
    }),
    {
      description:
        "Seats that came back since it has its place and did not serve it, newest first; the latest of many.",
    },
  ),
  added: Type.Array(
    Type.Object({
      choice: Type.Integer(),
      at: Instant,
      refusal: Type.Union([Type.String(), Type.Null()], { description: "Code of what was against waiting for it." }),
    }),
    { description: "Trains that the railway added since, newest first." },
  ),
  waitsFor: as<WaitedFor>(
    Type.Union(
      waitedFor.map((what) => Type.Literal(what)),
      { description: "What has to happen next." },
    ),
  ),
});
export type WaitlistStory = Static<typeof WaitlistStory>;

/** How likely it is that an entry is served: nothing is said where too little is known. */
export const chanceBands = ["high", "medium", "low"] as const;
export type ChanceBand = (typeof chanceBands)[number];
const ChanceBand = as<ChanceBand | null>(
  Type.Union([...chanceBands.map((band) => Type.Literal(band)), Type.Null()], {
    description: "How likely, from what has become of others who waited; null where too little is known. No promise.",
  }),
);

const ChoiceNumber = Type.Integer({ description: "Its number within the request, from 0." });
export const WaitlistChance = Type.Object({
  band: ChanceBand,
  choices: Type.Array(Type.Object({ choice: ChoiceNumber, band: ChanceBand }), {
    description: "Of each train that may still serve it, in one of its classes.",
  }),
});
export type WaitlistChance = Static<typeof WaitlistChance>;

export const WaitlistChanceAnswer = Type.Object({
  band: ChanceBand,
  choices: Type.Array(
    Type.Object({
      choice: ChoiceNumber,
      band: ChanceBand,
      seatClasses: Type.Array(
        Type.Object({
          seatClass: SeatClass,
          band: ChanceBand,
          ahead: Type.Integer({ description: "Entries that wait already, and could use the same seats." }),
        }),
        {
          description:
            "Each as though nothing else was asked for; of the first 6 trains, and empty of those behind them.",
        },
      ),
    }),
  ),
});
export type WaitlistChanceAnswer = Static<typeof WaitlistChanceAnswer>;

/** As the railway's policy offers them. */
export const WaitlistDeadlines = Type.Object({
  latest: Type.Integer({ description: "Minutes before departure; no choice is below." }),
  choices: Type.Array(Type.Integer(), { description: "Minutes before departure; none listed: any." }),
  preset: Type.Integer({ description: "Minutes before departure, where nothing is said." }),
});

const WaitlistEntryTold = Type.Object({
  ...WaitlistEntry.properties,
  story: WaitlistStory,
  chance: Type.Union([WaitlistChance, Type.Null()], { description: "Null where it does not wait for seats." }),
  /** What it may be changed to, by the rules that it was opened under. */
  deadline: WaitlistDeadlines,
});
export type WaitlistEntryTold = Static<typeof WaitlistEntryTold>;

const EntryParams = Type.Object({ waitlistNo: WaitlistNoText });
const theEntry = { description: "The entry.", schema: WaitlistEntry } as const;

export const waitlistRoutes = {
  join: route({
    method: "POST",
    path: "/api/waitlist",
    summary: "Open an entry of the waitlist; it has its place once it is prepaid",
    room,
    who: "passenger",
    idempotent: true,
    body: WaitlistRequest,
    answers: { 201: { description: "To be prepaid now.", schema: WaitlistEntry } },
    refusals: [
      "RunUnknown",
      "RunCancelled",
      "NotOnRoute",
      "ClassNotOffered",
      "StationUnknown",
      "SaleNotOpen",
      "SaleClosed",
      "PassengerUnknown",
      "DuplicatePassenger",
      "TicketTypeNotAllowed",
      "IdentityRefused",
      "OrderTooLarge",
      "ChildWithoutAdult",
      "StudentTripsUsed",
      "WaitlistNotNeeded",
      "WaitlistEntriesFull",
      "WaitlistTooMany",
      "WaitlistTooLate",
      "WaitlistDeadlineUnknown",
      "WaitlistCrowded",
      "WaitlistStopped",
      "IdempotencyKeyMissing",
      "IdempotencyKeyReused",
    ],
  }),
  chance: route({
    method: "POST",
    path: "/api/waitlist/chance",
    summary: "How likely such an entry would be served, by train and class; asks only, and opens nothing",
    room,
    shed: "first",
    who: "passenger",
    body: WaitlistChanceRequest,
    answers: { 200: { description: "As likely as is known.", schema: WaitlistChanceAnswer } },
    refusals: [
      "RunUnknown",
      "RunCancelled",
      "NotOnRoute",
      "ClassNotOffered",
      "StationUnknown",
      "SaleNotOpen",
      "SaleClosed",
      "WaitlistTooMany",
      "WaitlistTooLate",
      "WaitlistDeadlineUnknown",
    ],
  }),
  list: route({
    method: "GET",
    path: "/api/waitlist",
    summary: "Own entries of the waitlist, newest first",
    room,
    who: "passenger",
    query: Type.Object(
      {
        before: Type.Optional(WaitlistNoText),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSizeMax })),
      },
      strict,
    ),
    answers: {
      200: {
        description: "One page.",
        schema: Type.Object({
          entries: Type.Array(WaitlistEntry),
          next: Type.Union([WaitlistNoText, Type.Null()]),
        }),
      },
    },
    refusals: [],
  }),
  get: route({
    method: "GET",
    path: "/api/waitlist/:waitlistNo",
    summary: "One entry, with its story: its place, what passed it over and why, what it waits for",
    room,
    shed: "never",
    who: "passenger",
    params: EntryParams,
    answers: { 200: { description: "The entry and its story.", schema: WaitlistEntryTold } },
    refusals: ["WaitlistUnknown"],
  }),
  changeDeadline: route({
    method: "PUT",
    path: "/api/waitlist/:waitlistNo/deadline",
    summary: "Change how long before departure seats are taken at the latest",
    room,
    who: "passenger",
    params: EntryParams,
    body: Type.Object({ deadlineMinutes: DeadlineMinutes }, strict),
    answers: { 200: theEntry },
    refusals: [
      "WaitlistUnknown",
      "WaitlistNotChangeable",
      "WaitlistTooLate",
      "WaitlistDeadlineUnknown",
      "OrderChanged",
    ],
  }),
  cancel: route({
    method: "POST",
    path: "/api/waitlist/:waitlistNo/cancel",
    summary: "Leave the waitlist; the whole prepayment goes back",
    room,
    shed: "never",
    who: "passenger",
    params: EntryParams,
    answers: { 200: theEntry },
    refusals: ["WaitlistUnknown", "WaitlistNotChangeable", "OrderChanged"],
  }),
};
