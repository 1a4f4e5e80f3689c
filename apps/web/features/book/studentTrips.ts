/** How many trips at the student fare whoever travels has left, asked only where the railway counts them and a student is among the passengers. */
import type { Passenger } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { useRailwayRules } from "../../lib/railwayRules.ts";

export type TripsLeft = { readonly left: number; readonly until: string };

/** @param date of travel; without one nothing is asked */
export function useStudentTrips(date: string | undefined, passengers: readonly Passenger[]) {
  const isCounted = useRailwayRules()?.studentTrips != null;
  const isAsked = isCounted && date !== undefined && passengers.some(({ ticketType }) => ticketType === "student");
  const { data } = useQuery({
    queryKey: ["student-trips", date],
    queryFn: () => ask("GET /api/student-trips", { query: { date: date! } }),
    enabled: isAsked,
    staleTime: 10_000,
  });
  return (passengerId: number): TripsLeft | null => {
    const found = data?.passengers.find((each) => each.passengerId === passengerId);
    return found && data?.until ? { left: found.left, until: data.until } : null;
  };
}
