/** What a student is shown before he buys: how many trips at that fare are left. The order's writer decides. */
import type { StudentTripsLeft, Timetable, UserClient } from "@chepiao/contracts";
import type { ServiceDate, UserId } from "@chepiao/kernel";
import { type OrderStore, schoolYearEnds, schoolYearOf } from "@chepiao/ports/order-store";
import { limitedPerson } from "@chepiao/ports/reservations";
import { writtenOf } from "./purchase/acceptedOrder.ts";
import { rulesOf } from "./rules.ts";

export type StudentTripsDeps = {
  readonly timetable: () => Pick<Timetable, "policy">;
  readonly users: Pick<UserClient, "passengers">;
  readonly store: Pick<OrderStore, "studentTrips">;
};

export async function studentTripsLeft(
  { timetable, users, store }: StudentTripsDeps,
  userId: UserId,
  date: ServiceDate,
): Promise<StudentTripsLeft> {
  const { students } = rulesOf(timetable().policy).limits;
  if (!students) return { perYear: null, from: null, until: null, passengers: [] };
  const { perYear } = students;
  const yearFrom = schoolYearOf(date, students);
  const known = (await users.passengers(userId)).filter(({ ticketType }) => ticketType === "student");
  const asked = known.map((passenger) => ({ documentHash: limitedPerson(writtenOf(passenger), userId), yearFrom }));
  const counted = asked.length > 0 ? await store.studentTrips(asked) : [];
  return {
    perYear,
    from: yearFrom,
    until: schoolYearEnds(yearFrom, students),
    passengers: known.map(({ passengerId }, n) => ({ passengerId, left: Math.max(0, perYear - counted[n]!.length) })),
  };
}
