/** `/api/student-trips`: how many trips at the student fare the passengers of an account have left in a school year. */
import Type, { type Static } from "typebox";
import { route } from "./route.ts";
import { DateText, Id } from "./vocabulary.ts";

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
