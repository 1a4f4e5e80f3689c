/** Every stop of a train, with the part that was asked for set off from the rest. */
import type { TrainOffer } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { dateOf, dayText, daysFrom, timeOf } from "../../lib/format.ts";
import { ForeignText, Failure, SlowNote } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { LocalName } from "../../lib/journey.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { StatusOfStop, StatusOfTrain } from "../status/Status.tsx";
import type { Statuses } from "../status/status.ts";

const noStops: readonly Named[] = [];
const noStatuses: Statuses = new Map();
const msPerMinute = 60_000;

export function StopsDialog({ train, onClose }: { readonly train: TrainOffer; readonly onClose: () => void }) {
  const messages = useMessages();
  const { trainNumber, originDate } = train;
  const found = useQuery({
    queryKey: ["stops", trainNumber, originDate],
    queryFn: () => ask("GET /api/search/trains/:trainNumber", { params: { trainNumber }, query: { date: originDate } }),
    staleTime: 60 * msPerMinute,
  });
  const [statuses, setStatuses] = useState<Statuses>(noStatuses);
  const status = statuses.get(`${trainNumber}/${originDate}`);
  const { ready, nameOf } = useStationNames(found.data?.stops ?? noStops);
  return (
    <Dialog title={messages.search.stopsOf(trainNumber)} onClose={onClose} side>
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {train.originDate !== train.boardingDate && (
        <p className="soft">{messages.search.boardsAfter(dayText(train.originDate, messages))}</p>
      )}
      <StatusOfTrain train={train} onKnown={setStatuses} />
      {found.data && ready ? (
        <ol className="stops">
          {found.data.stops.map((stop) => {
            const inside = stop.stop >= train.from.stop && stop.stop <= train.to.stop;
            const isEnd = stop.stop === train.from.stop || stop.stop === train.to.stop;
            const at = stop.arriveAt ?? stop.departAt ?? train.departAt;
            const days = daysFrom(train.boardingDate, dateOf(at));
            const stay =
              stop.arriveAt && stop.departAt
                ? Math.round((Date.parse(stop.departAt) - Date.parse(stop.arriveAt)) / msPerMinute)
                : null;
            return (
              <li
                key={stop.stop}
                className={[inside ? "inside" : "", isEnd ? "end" : ""].join(" ")}
                {...(isEnd ? { "aria-current": "step" as const } : {})}
              >
                <span className="stop-name">
                  <ForeignText>{nameOf(stop)}</ForeignText>
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
      ) : (
        !found.isError && (
          <div aria-busy="true">
            {Array.from({ length: 8 }, (_, n) => (
              <div key={n} className="skeleton line" />
            ))}
            <SlowNote />
          </div>
        )
      )}
    </Dialog>
  );
}
