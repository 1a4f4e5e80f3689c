/** Every stop of a train, with the part that was asked for set off from the rest. */
import type { TrainOffer } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { dayText } from "../../lib/format.ts";
import { Failure, SlowNote } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useMessages } from "../../lib/messages.tsx";
import { StatusOfTrain } from "../status/Status.tsx";
import type { Statuses } from "../status/status.ts";
import { StopList } from "./StopList.tsx";

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
        <StopList stops={found.data.stops} nameOf={nameOf} status={status} ridden={train} />
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
