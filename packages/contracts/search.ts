/** `/api/search`: stations, trains with their stock, seat maps. Everything a passenger reads before buying. */
import Type, { type Static } from "typebox";
import { passengersPerOrderMax } from "@chepiao/kernel";
import { route } from "./route.ts";
import {
  DateText,
  oneOf,
  FenAmount,
  Instant,
  SeatClass,
  StationId,
  TicketType,
  TrainNumber,
  TrainType,
} from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "search";
/** The longest name that a station may have. */
const placeLengthMax = 100;
const PlaceText = Type.String({
  minLength: 1,
  maxLength: placeLengthMax,
  description: "Station id, station name, or city name.",
});

export const Station = Type.Object({
  stationId: StationId,
  name: Type.String(),
  city: Type.String({ description: "Stations of one city are searched together when the city is chosen." }),
  pinyin: Type.String(),
  initials: Type.String(),
  nameEn: Type.String(),
  latitude: Type.Union([Type.Number(), Type.Null()]),
  longitude: Type.Union([Type.Number(), Type.Null()]),
});
export type Station = Static<typeof Station>;

export const StationFound = Type.Object({
  ...Station.properties,
  cityEn: Type.String({ description: "The city in English." }),
});
export type StationFound = Static<typeof StationFound>;

export const ClassOffer = Type.Object({
  seatClass: SeatClass,
  free: Type.Integer({ description: "Seats that can be bought over the whole way." }),
  fareFen: FenAmount,
  fareNote: Type.Optional(
    Type.Object(
      { lower: FenAmount, middleBerth: Type.Optional(FenAmount), upper: FenAmount },
      { description: "Sleepers: the adult fare of each berth level; `fareFen` is the lowest." },
    ),
  ),
  sellable: Type.Boolean({ description: "Standing is sold only when the seats of its class are gone." }),
  notOnSaleYet: Type.Optional(
    Type.Literal(true, {
      description: "A quota keeps back what is free between these stops: that is not sold out. Left out otherwise.",
    }),
  ),
  onSaleAt: Type.Optional(
    Type.String({
      format: "date-time",
      description:
        "Beside `notOnSaleYet`: the moment at which the quota grows next, where it does. Not before then is more for sale, and perhaps " +
        "not then either: who waits comes first, and the quota may be full already.",
    }),
  ),
});
export type ClassOffer = Static<typeof ClassOffer>;

export const TrainOffer = Type.Object({
  trainNumber: TrainNumber,
  trainType: TrainType,
  originDate: DateText,
  boardingDate: DateText,
  from: Type.Object({ stationId: StationId, name: Type.String(), stop: Type.Integer(), first: Type.Boolean() }),
  to: Type.Object({ stationId: StationId, name: Type.String(), stop: Type.Integer(), last: Type.Boolean() }),
  departAt: Instant,
  arriveAt: Instant,
  durationMinutes: Type.Integer(),
  arrivesDaysLater: Type.Integer({ description: "0 the same day, 1 the next." }),
  sale: Type.Union([Type.Literal("open"), Type.Literal("notYet"), Type.Literal("closed")]),
  saleOpensAt: Instant,
  classes: Type.Array(ClassOffer),
});
export type TrainOffer = Static<typeof TrainOffer>;

export const TicketsAnswer = Type.Object({
  date: DateText,
  from: Type.Array(StationId),
  to: Type.Array(StationId),
  asOf: Instant,
  trains: Type.Array(TrainOffer),
});
export type TicketsAnswer = Static<typeof TicketsAnswer>;

export const StopTime = Type.Object({
  stop: Type.Integer({ description: "Position on the train's way, from 0." }),
  stationId: StationId,
  name: Type.String(),
  arriveAt: Type.Union([Instant, Type.Null()]),
  departAt: Type.Union([Instant, Type.Null()]),
  distanceKm: Type.Number(),
  closedTo: Type.Optional(
    Type.Union([Type.Literal("boarding"), Type.Literal("alighting")], {
      description: "What passengers may not do at this stop.",
    }),
  ),
});

export const TrainStops = Type.Object({
  trainNumber: TrainNumber,
  trainType: TrainType,
  originDate: DateText,
  rollingStock: Type.String(),
  coachCount: Type.Integer(),
  classes: Type.Array(Type.Object({ seatClass: SeatClass, seatCount: Type.Integer() }), {
    description: "What the train is made of on that day.",
  }),
  runsOn: Type.Array(DateText, {
    description: "Of the days that can be searched, those on which a train of this number sets out.",
  }),
  stops: Type.Array(StopTime),
});
export type TrainStops = Static<typeof TrainStops>;

export const boardSides = ["departures", "arrivals"] as const;
/** Rows of one answer. */
export const boardRowsMax = 100;
/** More than the busiest station of the world has in a day. */
const boardSkipMax = 20_000;

export const BoardRow = Type.Object({
  trainNumber: TrainNumber,
  trainType: TrainType,
  originDate: DateText,
  stationId: StationId,
  name: Type.String(),
  stop: Type.Integer(),
  at: Instant,
  end: Type.Object(
    { stationId: StationId, name: Type.String() },
    { description: "Where the train goes; of arrivals, where it comes from." },
  ),
});
export type BoardRow = Static<typeof BoardRow>;

export const BoardAnswer = Type.Object({
  date: DateText,
  stations: Type.Array(StationId),
  rows: Type.Array(BoardRow),
  next: Type.Union([Type.Integer(), Type.Null()], {
    description: "What `skip` has to be for the rows that follow; null where these are the last.",
  }),
});
export type BoardAnswer = Static<typeof BoardAnswer>;

export const SeatMap = Type.Object({
  trainNumber: TrainNumber,
  originDate: DateText,
  seatClass: SeatClass,
  free: Type.Integer(),
  coaches: Type.Array(
    Type.Object({
      coachNo: Type.Integer(),
      rows: Type.Array(
        Type.Object({
          row: Type.Integer(),
          seats: Type.Array(
            Type.Object({
              index: Type.Integer(),
              mark: Type.String(),
              kind: Type.String(),
              free: Type.Boolean(),
            }),
          ),
        }),
      ),
    }),
  ),
});
export type SeatMap = Static<typeof SeatMap>;

export const FareTable = Type.Object({
  fares: Type.Array(
    Type.Object({
      ticketType: TicketType,
      kind: Type.String({ description: "Sleepers: the level of the berth; `seat` elsewhere." }),
      fareFen: FenAmount,
    }),
  ),
});
export type FareTable = Static<typeof FareTable>;

export const journeySorts = ["arrival", "duration", "price", "changes"] as const;
export type JourneySort = (typeof journeySorts)[number];
export const journeyPassengersMax = passengersPerOrderMax;
export const journeyChangesMax = 2;

export const JourneyLeg = Type.Object({
  ...Type.Omit(TrainOffer, ["sale", "saleOpensAt", "classes"]).properties,
  seatClass: SeatClass,
  fareFen: FenAmount,
  free: Type.Integer({ description: "Seats that can be bought in this class over this way." }),
});
export type JourneyLeg = Static<typeof JourneyLeg>;

export const JourneyTransfer = Type.Object({
  kind: Type.Union([Type.Literal("seat"), Type.Literal("station"), Type.Literal("city")], {
    description:
      "`seat`: on the train, to another seat. `city`: the next train leaves from another station of the city.",
  }),
  waitMinutes: Type.Integer(),
});
export type JourneyTransfer = Static<typeof JourneyTransfer>;

export const JourneyPlan = Type.Object({
  kind: Type.Union([Type.Literal("direct"), Type.Literal("sameTrain"), Type.Literal("transfer")], {
    description: "`sameTrain`: no seat of the class is free all the way, but one to some stop and another from there.",
  }),
  changes: Type.Integer({ description: "How often one changes the train, or the seat." }),
  departAt: Instant,
  arriveAt: Instant,
  durationMinutes: Type.Integer(),
  arrivesDaysLater: Type.Integer(),
  fareFen: FenAmount,
  totalFen: Type.Integer({ description: "What all passengers pay as adults." }),
  legs: Type.Array(JourneyLeg),
  transfers: Type.Array(JourneyTransfer, { description: "Between each leg and the next." }),
});
export type JourneyPlan = Static<typeof JourneyPlan>;

export const JourneysAnswer = Type.Object({
  date: DateText,
  from: Type.Array(StationId),
  to: Type.Array(StationId),
  asOf: Instant,
  passengers: Type.Integer(),
  complete: Type.Boolean({ description: "False where the search was ended before it had looked at every way." }),
  plans: Type.Array(JourneyPlan),
});
export type JourneysAnswer = Static<typeof JourneysAnswer>;

export const SaleDay = Type.Object({
  date: DateText,
  sale: Type.Union([Type.Literal("open"), Type.Literal("notYet")]),
  opensAt: Type.Union([Instant, Type.Null()]),
});

export const DayOffer = Type.Object({
  date: DateText,
  trains: Type.Integer({ description: "How many leave and can still be booked or were sold out." }),
  lowestFen: Type.Union([FenAmount, Type.Null()], {
    description: "The lowest adult fare of a place that is free; null where nothing is.",
  }),
});
export type DayOffer = Static<typeof DayOffer>;

export const Attribution = Type.Object({
  name: Type.String(),
  url: Type.Union([Type.String(), Type.Null()]),
});
export type Attribution = Static<typeof Attribution>;

export const searchRoutes = {
  stations: route({
    method: "GET",
    path: "/api/search/stations",
    summary: "Find stations by Chinese name, pinyin, initials or English",
    room,
    shed: "first",
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      {
        q: Type.Optional(Type.String({ maxLength: placeLengthMax })),
        ids: Type.Optional(
          Type.String({
            maxLength: 3_000,
            description: "Station ids, comma-separated: these stations, in this order. An id may have commas in it.",
          }),
        ),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
      },
      strict,
    ),
    answers: { 200: { description: "Best match first.", schema: Type.Object({ stations: Type.Array(StationFound) }) } },
    refusals: [],
  }),
  tickets: route({
    method: "GET",
    path: "/api/search/tickets",
    summary: "Trains from one place to another on a boarding date, with seats and fares",
    room,
    shed: "next",
    who: "anyone",
    anonymous: true,
    tagged: true,
    query: Type.Object({ from: PlaceText, to: PlaceText, date: DateText }, strict),
    answers: {
      200: {
        description:
          "In order of departure. Its `ETag` is of everything but `asOf`: a 304 says that seats and fares are as they were when the answer " +
          "that has it was given.",
        schema: TicketsAnswer,
      },
    },
    refusals: ["StationUnknown", "DateOutOfRange"],
  }),
  journeys: route({
    method: "GET",
    path: "/api/search/journeys",
    summary:
      "Ways from one place to another with seats for the whole party: direct, on one train with two seats, or with a change",
    room,
    shed: "first",
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      {
        from: PlaceText,
        to: PlaceText,
        date: DateText,
        passengers: Type.Optional(Type.Integer({ minimum: 1, maximum: journeyPassengersMax })),
        changes: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: journeyChangesMax,
            description: "At most so many changes; 1 if left out.",
          }),
        ),
        seatClass: Type.Optional(SeatClass),
        sort: Type.Optional(oneOf(journeySorts, "What comes first; `arrival` if left out.")),
      },
      strict,
    ),
    answers: {
      200: {
        description:
          "In each leg the cheapest class with seats, or the one asked for, that can be bought now for all passengers. No plan that another is as good as: " +
          "it leaves no earlier, arrives no later, costs no more, and is changed no more often. At most 50; those on one train first.",
        schema: JourneysAnswer,
      },
    },
    refusals: ["StationUnknown", "DateOutOfRange", "OrderTooLarge"],
  }),
  days: route({
    method: "GET",
    path: "/api/search/days",
    summary: "What each day on sale has from one place to another: trains and the lowest fare, kept for half a minute",
    room,
    shed: "first",
    who: "anyone",
    anonymous: true,
    query: Type.Object({ from: PlaceText, to: PlaceText }, strict),
    answers: {
      200: {
        description: "Days on sale, today first. For looking around: what a search says of a day is newer.",
        schema: Type.Object({ days: Type.Array(DayOffer) }),
      },
    },
    refusals: ["StationUnknown"],
  }),
  stops: route({
    method: "GET",
    path: "/api/search/trains/:trainNumber",
    summary: "Every stop of a train on its origin date",
    room,
    shed: "next",
    who: "anyone",
    anonymous: true,
    params: Type.Object({ trainNumber: TrainNumber }),
    query: Type.Object({ date: DateText }, strict),
    answers: { 200: { description: "The stops.", schema: TrainStops } },
    refusals: ["TrainUnknown", "RunUnknown"],
  }),
  board: route({
    method: "GET",
    path: "/api/search/board",
    summary: "Trains that leave a station on a day, or arrive there, by the timetable; kept for a minute",
    room,
    shed: "first",
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      {
        place: PlaceText,
        date: DateText,
        side: Type.Optional(oneOf(boardSides, "`departures` if left out.")),
        after: Type.Optional(
          Type.String({
            pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
            description: "`HH:MM` by the clock at the station: not what was before.",
          }),
        ),
        skip: Type.Optional(Type.Integer({ minimum: 0, maximum: boardSkipMax, description: "Rows to leave out." })),
      },
      strict,
    ),
    answers: {
      200: {
        description: `At most ${boardRowsMax} rows in order of time. What became of the trains on the day: \`/api/ticket/status\`.`,
        schema: BoardAnswer,
      },
    },
    refusals: ["StationUnknown", "DateOutOfRange"],
  }),
  seatMap: route({
    method: "GET",
    path: "/api/search/seats",
    summary: "Which seats of a class are free between two stops",
    room,
    shed: "next",
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      {
        trainNumber: TrainNumber,
        originDate: DateText,
        from: StationId,
        to: StationId,
        seatClass: SeatClass,
      },
      strict,
    ),
    answers: { 200: { description: "The seat map.", schema: SeatMap } },
    refusals: ["RunUnknown", "NotOnRoute", "ClassNotOffered"],
  }),
  fares: route({
    method: "GET",
    path: "/api/search/fares",
    summary: "What each kind of ticket costs in a class of a train between two stops",
    room,
    shed: "next",
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      { trainNumber: TrainNumber, originDate: DateText, from: StationId, to: StationId, seatClass: SeatClass },
      strict,
    ),
    answers: { 200: { description: "By kind of ticket, and by level of the berth.", schema: FareTable } },
    refusals: ["RunUnknown", "NotOnRoute", "ClassNotOffered"],
  }),
  calendar: route({
    method: "GET",
    path: "/api/search/calendar",
    summary: "The days that can be searched and which are on sale",
    room,
    shed: "next",
    who: "anyone",
    anonymous: true,
    answers: {
      200: {
        description: "Today first.",
        schema: Type.Object({
          zone: Type.String(),
          today: DateText,
          now: Instant,
          days: Type.Array(SaleDay),
          pause: Type.Union([Type.Object({ closesAt: Instant, opensAt: Instant }), Type.Null()], {
            description: "When no tickets are bought: now, or next; null where they are at any hour.",
          }),
          attributions: Type.Array(Attribution, { description: "Whom the timetable's feed asks to name." }),
        }),
      },
    },
    refusals: [],
  }),
};
