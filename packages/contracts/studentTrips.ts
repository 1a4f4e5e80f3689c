/** Trips at the student fare: how many the railway allows, and `/api/student-trips`, which says how many the passengers of an account have left. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DateText, Id } from "./vocabulary.ts";

/** As the railway's policy says it. */
export const StudentTripRules = Type.Object(
  {
    perYear: Type.Integer({ minimum: 1, maximum: 1_000, description: "Single trips" }),
    yearStart: Type.String({
      pattern: "^(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8])$",
      description: "First day of the school year, month and day, such as 10-01",
    }),
  },
  {
    additionalProperties: false,
    description:
      "How many trips at the student fare a document has in a school year, by its days of travel; one that is given back does not count. Left out: any number",
  },
);

export const StudentTripsLeft = Type.Object({
  perYear: Type.Union([Type.Integer(), Type.Null()], { description: "Null where there is no limit." }),
  from: Type.Union([DateText, Type.Null()], { description: "First day of the school year in which that day is." }),
  until: Type.Union([DateText, Type.Null()], { description: "Its last day." }),
  passengers: Type.Array(Type.Object({ passengerId: Id, left: Type.Integer() }), {
    description: "Those who are saved as students.",
  }),
});
export type StudentTripsLeft = Static<typeof StudentTripsLeft>;

export const studentTripsRoute = route({
  method: "GET",
  path: "/api/student-trips",
  summary: "How many trips at the student fare one's passengers have left in the school year of a day of travel",
  room: "order",
  who: "passenger",
  query: Type.Object({ date: DateText }, { additionalProperties: false }),
  answers: { 200: { description: "A ticket that is given back does not count.", schema: StudentTripsLeft } },
  refusals: [],
});
