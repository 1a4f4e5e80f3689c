/** `/api/policy`: what a buyer needs to know of the railway's rules before he buys. */
import Type, { type Static } from "typebox";
import {
  ChangePolicy,
  Discounts,
  HelpPolicy,
  MultipleUnitDiscounts,
  PolicyLanguage,
  ServiceHours,
  TrainTypeNames,
} from "./policy.ts";
import { route } from "./route.ts";
import { StudentTripRules } from "./studentTrips.ts";
import { DocumentType } from "./vocabulary.ts";
import { WaitlistDeadlines } from "./waitlist.ts";

const room = "policy";

export const Railway = Type.Object({
  version: Type.Integer({ description: "Of the policy in force." }),
  name: Type.Object({ zh: Type.String(), en: Type.String() }),
  languages: Type.Array(PolicyLanguage),
  currency: Type.Object({
    code: Type.String({ description: "ISO 4217." }),
    minorUnits: Type.Integer({ description: "Digits behind the point; every amount is in the smallest of them." }),
  }),
  phoneRegions: Type.Array(Type.String()),
  knownBy: Type.Union([Type.Literal("phone"), Type.Literal("email")], {
    description: "What whoever registers gives, and gets codes at.",
  }),
  documents: Type.Array(DocumentType),
  documentPatterns: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: "By kind of document, the regular expression that its numbers match where the railway has its own.",
    }),
  ),
  ticketsMax: Type.Integer({ description: "Passengers of one order." }),
  orderTicketsMax: Type.Integer({ description: "Tickets of one order, over all its lines." }),
  passengersMax: Type.Integer({ description: "Saved passengers of one account." }),
  refundGrades: Type.Array(
    Type.Object({
      hoursBefore: Type.Integer({ description: "The grade holds up to this long before departure." }),
      percent: Type.Number({ description: "Of the fare, kept as a fee." }),
    }),
    { description: "Longest time first; the last holds until the train leaves." },
  ),
  change: Type.Optional(ChangePolicy),
  waitlist: Type.Object(
    {
      pendingMax: Type.Integer({ description: "Entries of one account that may wait at a time." }),
      datesMax: Type.Integer({ description: "Boarding days of one entry." }),
      combinationsMax: Type.Integer({ description: "Trains, each on a day, of one entry." }),
      passengersMax: Type.Integer({ description: "Passengers of one entry." }),
      deadline: WaitlistDeadlines,
    },
    { description: "Waiting for seats that are sold out." },
  ),
  serviceHours: Type.Union([ServiceHours, Type.Null()], {
    description:
      "Hours at which tickets are bought, by the railway's clock; null: at any. All else goes on at any hour.",
  }),
  suspendedDays: Type.Integer({
    description: "A ticket of a train that does not run is given back free until so many days after its day of travel.",
  }),
  seatsCountedTo: Type.Union([Type.Integer(), Type.Null()], {
    description: "Seats that are left are counted up to this; of more it is said that there are some. Null: always.",
  }),
  childBelow: Type.Integer({ description: "A child is younger on the day of travel." }),
  childWithAdult: Type.Boolean({
    description: "Whether a child is sold a ticket only together with somebody who is none.",
  }),
  freeChildBelow: Type.Union([Type.Integer(), Type.Null()], {
    description: "A child who is younger on the day of travel travels free with an adult, one each; null: none does.",
  }),
  studentTrips: Type.Union([StudentTripRules, Type.Null()], {
    description: "How many trips at the student fare a document has in a school year; null: any number.",
  }),
  discounts: Discounts,
  multipleUnitDiscounts: MultipleUnitDiscounts,
  help: Type.Optional(HelpPolicy),
  trainTypes: Type.Optional(TrainTypeNames),
});
export type Railway = Static<typeof Railway>;

export const policyRoutes = {
  railway: route({
    method: "GET",
    path: "/api/policy",
    summary: "What the railway's rules ask of a buyer",
    room,
    who: "anyone",
    anonymous: true,
    answers: { 200: { description: "The rules in force.", schema: Railway } },
    refusals: [],
  }),
};
