/**
 * `/api/gate`: what gates say of who went in and out, and what they need to let people in while nobody can be asked. A gate is known by its key, which
 * an operator was given with `chepiao gate add`; an account of the site opens nothing here.
 */
import Type, { type Static } from "typebox";
import { gateEventsPerCallMax } from "@chepiao/kernel";
import { route } from "./route.ts";
import { DateText, DocumentType, Instant, oneOf, SeatClass, TicketType, TrainNumber } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;
const room = "order";

export const gateActs = ["enter", "leave"] as const;
export const GateAct = oneOf(gateActs, "`enter` somebody was let in, `leave` somebody was let out.");
export type GateAct = (typeof gateActs)[number];

/** What became of an event. All but the first three are conflicts, which staff look at. Stored by place. */
export const gateOutcomes = [
  "pending",
  "entered",
  "left",
  "usedBefore",
  "leftBefore",
  "givenBack",
  "changed",
  "notValid",
  "ticketUnknown",
  "otherStation",
  "tooEarly",
  "tooLate",
] as const;
export const GateOutcome = oneOf(
  gateOutcomes,
  "`pending` is decided in a moment, `entered` and `left` stand; `usedBefore` another passage went in with the ticket, `leftBefore` another went out, " +
    "`givenBack` and `changed` the ticket was not valid any more, `notValid` it never was, `ticketUnknown` there is none, `otherStation` its trip begins " +
    "elsewhere, `tooEarly` and `tooLate` its train is not to be boarded at that time.",
);
export type GateOutcome = (typeof gateOutcomes)[number];

export const isConflict = (outcome: GateOutcome): boolean => gateOutcomes.indexOf(outcome) > 2;

/** Names of gates and of their events: what a file, a header and a line of a list can carry. */
export const gateNameForm = "^[A-Za-z0-9_-]{1,32}$";
export const eventNameForm = "^[A-Za-z0-9_.:-]{1,64}$";

const EventId = Type.String({
  pattern: eventNameForm,
  description: "Chosen by the gate, another for each passage: what is said again under it is the same event.",
});

export const GateEventSaid = Type.Object(
  {
    eventId: EventId,
    act: GateAct,
    at: Type.Optional({ ...Instant, description: "By the gate's clock; now where it is left out." }),
    code: Type.Optional(Type.String({ maxLength: 1_024, description: "The ticket's signed code." })),
    ticketNo: Type.Optional(
      Type.String({ pattern: "^[A-Za-z0-9-]{1,32}$", description: "Where a member of staff types it." }),
    ),
    document: Type.Optional(
      Type.Object(
        { type: DocumentType, number: Type.String({ minLength: 1, maxLength: 64 }) },
        {
          ...strict,
          description:
            "As the gate has read it: that ticket of whoever was proved to be its holder that fits here and now.",
        },
      ),
    ),
  },
  strict,
);
export type GateEventSaid = Static<typeof GateEventSaid>;

export const GatePassage = Type.Object({
  at: Instant,
  gateId: Type.String(),
  stationId: Type.String(),
});

export const GateEventAnswer = Type.Object({
  eventId: Type.String(),
  ticketNo: Type.String(),
  outcome: GateOutcome,
  admit: Type.Boolean({ description: "Whether the gate opens for it." }),
  before: Type.Optional({ ...GatePassage, description: "Of a ticket that was used before: by which gate, and when." }),
});
export type GateEventAnswer = Static<typeof GateEventAnswer>;

/** A line of the list by which a gate lets people in that cannot ask. */
export const GateTicket = Type.Object({
  ticketNo: Type.String(),
  trainNumber: TrainNumber,
  departAt: Instant,
  toName: Type.String(),
  seatClass: SeatClass,
  seat: Type.String(),
  ticketType: TicketType,
  documentMasked: Type.String(),
  freeChild: Type.Optional(
    Type.Object(
      { documentType: DocumentType, documentMasked: Type.String() },
      { description: "A child who goes in with its passenger and has no ticket." },
    ),
  ),
  entered: Type.Boolean({ description: "A gate let somebody in with it already." }),
});
export type GateTicket = Static<typeof GateTicket>;

export const gateRoutes = {
  gateEvents: route({
    method: "POST",
    path: "/api/gate/events",
    summary: "Gates: who was let in and out, now or while the gate could ask nobody",
    room,
    shed: "never",
    who: "anyone",
    anonymous: true,
    uncounted: true,
    body: Type.Object({ events: Type.Array(GateEventSaid, { minItems: 1, maxItems: gateEventsPerCallMax }) }, strict),
    answers: {
      200: {
        description:
          "Those that can be read are kept for good, and what became of each, in the order in which they were said.",
        schema: Type.Object({
          events: Type.Array(GateEventAnswer),
          refused: Type.Array(Type.String(), {
            description:
              "The `eventId` of each that names no moment there is, no document there is, or not exactly one of code, ticket and document: nothing is kept of it. One in neither list is said again: nobody could be asked about its document.",
          }),
        }),
      },
    },
    refusals: ["GateUnknown", "GateEventUnreadable"],
  }),
  gateList: route({
    method: "GET",
    path: "/api/gate/list",
    summary: "Gates: the tickets that board a train at the gate's station, a line of JSON each",
    room,
    shed: "never",
    who: "anyone",
    anonymous: true,
    uncounted: true,
    query: Type.Object({ trainNumber: TrainNumber, originDate: DateText }, strict),
    answers: {
      200: { description: "One `GateTicket` a line.", contentType: "application/x-ndjson" },
    },
    refusals: ["GateUnknown", "RunUnknown"],
  }),
};
