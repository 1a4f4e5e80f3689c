/** The stops of a train, one below the other: when it is there, how long, and how far that is. */
import type { RunStatus, TrainOffer, TrainStops } from "@chepiao/contracts";
import { dateOf, daysFrom, timeOf } from "../../lib/format.ts";
import { ForeignText } from "../../lib/components.tsx";
import { LocalName } from "../../lib/journey.tsx";
import type { Named } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { useMessages } from "../../lib/messages.tsx";
import { boardAddress } from "../trains/addresses.ts";
import { StatusOfStop } from "../status/Status.tsx";

type Stop = TrainStops["stops"][number];
type Props = {
  readonly stops: readonly Stop[];
  readonly nameOf: (station: Named) => string;
  /** What became of the train on the day, where something is known. */
  readonly status?: RunStatus | undefined;
  /** The part that is set off from the rest; all of it where that is left out. */
  readonly ridden?: Pick<TrainOffer, "boardingDate"> & {
    readonly from: { stop: number };
    readonly to: { stop: number };
  };
};

const msPerMinute = 60_000;
const instantOf = ({ arriveAt, departAt }: Stop): string => arriveAt ?? departAt ?? "";

export function StopList({ stops, nameOf, status, ridden }: Props) {
  const messages = useMessages();
  const [first, last] = ridden ? [ridden.from.stop, ridden.to.stop] : [0, stops.length - 1];
  const firstDay = ridden?.boardingDate ?? dateOf(instantOf(stops[0]!));
  return (
    <ol className="stops">
      {stops.map((stop) => {
        const isEnd = stop.stop === first || stop.stop === last;
        const days = daysFrom(firstDay, dateOf(instantOf(stop)));
        const stay =
          stop.arriveAt && stop.departAt
            ? Math.round((Date.parse(stop.departAt) - Date.parse(stop.arriveAt)) / msPerMinute)
            : null;
        return (
          <li
            key={stop.stop}
            className={[stop.stop >= first && stop.stop <= last ? "inside" : "", isEnd ? "end" : ""].join(" ")}
            {...(isEnd && ridden ? { "aria-current": "step" as const } : {})}
          >
            <span className="stop-name">
              <Link to={boardAddress(stop.stationId, dateOf(instantOf(stop)))}>
                <ForeignText>{nameOf(stop)}</ForeignText>
              </Link>
              <LocalName station={stop} nameOf={nameOf} />
            </span>
            <span className="stop-times">
              {stop.arriveAt && (
                <span>
                  <span className="hidden">{messages.search.arrive} </span>
                  {timeOf(stop.arriveAt)}
                </span>
              )}
              {stop.arriveAt && stop.departAt && <span aria-hidden="true">–</span>}
              {stop.departAt && (
                <span>
                  <span className="hidden">{messages.search.depart} </span>
                  {timeOf(stop.departAt)}
                </span>
              )}
              {days > 0 && <span className="later">+{days}</span>}
            </span>
            <span className="stop-more">
              {stay === null ? "" : `${messages.search.stay(stay)} · `}
              {messages.search.km(Math.round(stop.distanceKm))}
              {stop.closedTo && ` · ${messages.search.closedTo[stop.closedTo]}`}
            </span>
            {status && <StatusOfStop status={status} stop={stop.stop} />}
          </li>
        );
      })}
    </ol>
  );
}
