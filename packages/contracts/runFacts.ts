/** `/api/ticket/runs`: facts about one run. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DateText, FenAmount, Instant, SeatClass, StationId, TrainNumber, TrainType } from "./vocabulary.ts";

const room = "timetable";

export const RunFacts = Type.Object({
  runId: Type.String({ description: "`G1/2026-12-01`: one train on one origin date." }),
  trainNumber: TrainNumber,
  trainType: TrainType,
  originDate: DateText,
  rollingStock: Type.String(),
  coaches: Type.Array(
    Type.Object({
      no: Type.Integer(),
      sections: Type.Array(Type.Object({ seatClass: SeatClass, rows: Type.Integer(), places: Type.Integer() })),
    }),
  ),
  fares: Type.Array(
    Type.Object({ seatClass: SeatClass, fullWayFen: FenAmount }, { description: "Adult fare over the whole way." }),
  ),
});
export type RunFacts = Static<typeof RunFacts>;

const InBoth = Type.Object({ zh: Type.String(), en: Type.String() });

/** Of runs asked about at once: a page of search results. */
export const runsAskedMax = 100;

export const RunStatus = Type.Object({
  trainNumber: TrainNumber,
  originDate: DateText,
  cancelled: Type.Boolean({ description: "It does not run." }),
  refundsFrom: Type.Optional({
    ...Instant,
    description:
      "Where an operator has cancelled it, or a part of its way: until then whoever has a ticket may take another train, and after it the money goes back by itself.",
  }),
  stops: Type.Array(
    Type.Object({
      stop: Type.Integer({ description: "Position on the train's way, from 0." }),
      stationId: StationId,
      arriveAt: Type.Union([Instant, Type.Null()], { description: "Expected; null where nobody has said." }),
      departAt: Type.Union([Instant, Type.Null()]),
      arriveMinutesLate: Type.Union([Type.Integer(), Type.Null()]),
      departMinutesLate: Type.Union([Type.Integer(), Type.Null()]),
      skipped: Type.Boolean({ description: "The train does not call here today." }),
      cut: Type.Optional(
        Type.Literal(true, {
          description: "The train was shortened: tickets from and to here are given back as those of a cancelled one.",
        }),
      ),
    }),
    { description: "Those of which something is known." },
  ),
  exchangedTo: Type.Optional(
    Type.String({
      description:
        "Rolling stock as which the train runs in place of what it was sold as: who has a seat that it does not have is given another, or changes or gives back without a fee.",
    }),
  ),
  lostCoaches: Type.Optional(
    Type.Array(Type.Integer(), {
      description:
        "Numbers of coaches without which the train runs: who has a ticket there is given another seat of it, or changes or gives back without a fee.",
    }),
  ),
});
export type RunStatus = Static<typeof RunStatus>;

export const RunsStatus = Type.Object({
  runs: Type.Array(RunStatus, { description: "Those of which something is known." }),
  notices: Type.Array(
    Type.Object(
      { title: InBoth, text: InBoth, url: Type.Union([Type.String(), Type.Null()]) },
      {
        description: "What disturbs these trains, their stations, or everything.",
      },
    ),
  ),
});
export type RunsStatus = Static<typeof RunsStatus>;

export const timetableRoutes = {
  status: route({
    method: "GET",
    path: "/api/ticket/status",
    summary: "Delays, cancellations and notices of runs",
    room,
    who: "anyone",
    anonymous: true,
    query: Type.Object(
      {
        runs: Type.String({
          minLength: 1,
          maxLength: 3_500,
          description: `Runs as \`G1/2026-12-01\`, by commas; ${runsAskedMax} at most are answered.`,
        }),
      },
      { additionalProperties: false },
    ),
    answers: { 200: { description: "What is known of them.", schema: RunsStatus } },
    refusals: [],
  }),
  run: route({
    method: "GET",
    path: "/api/ticket/runs/:trainNumber/:originDate",
    summary: "Composition and fares of one run",
    room,
    who: "anyone",
    anonymous: true,
    params: Type.Object({ trainNumber: TrainNumber, originDate: DateText }),
    answers: { 200: { description: "The run.", schema: RunFacts } },
    refusals: ["RunUnknown"],
  }),
};
