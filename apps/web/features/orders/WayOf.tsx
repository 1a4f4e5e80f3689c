/** Where and when a trip begins and ends, in one line or two. */
import { ForeignText } from "../../lib/components.tsx";
import { daysLater, timeOf } from "../../lib/format.ts";
import { DaysLater } from "../../lib/journey.tsx";
import type { Trip } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";

export function WayOf({ trip, nameOf }: { readonly trip: Trip; readonly nameOf: (station: Named) => string }) {
  return (
    <span>
      <span className="part">
        {timeOf(trip.departAt)} <ForeignText>{nameOf(trip.from)}</ForeignText> →
      </span>{" "}
      <span className="part">
        {timeOf(trip.arriveAt)}
        <DaysLater days={daysLater(trip)} /> <ForeignText>{nameOf(trip.to)}</ForeignText>
      </span>
    </span>
  );
}
