/** The train that a page is about, live, with the others of its day; and what is said where it is not to be found. */
import type { ClassOffer, TrainOffer } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { isRefused } from "../../lib/api.ts";
import { useStrike } from "../../lib/clock.ts";
import { Empty, Failure, SlowNote } from "../../lib/components.tsx";
import { durationText } from "../../lib/format.ts";
import { Journey } from "../../lib/JourneyBox.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { trainOffers } from "../search/trainOffers.ts";
import { listAddress, type Wanted, wantedOf } from "./address.ts";

export type ShownTrain = {
  readonly train: TrainOffer;
  readonly offer: ClassOffer;
  /** All of the day, this one among them. */
  readonly trains: readonly TrainOffer[];
  /** It has left the list since it was chosen. */
  readonly isGone: boolean;
};

const liveEveryMs = 8_000;
const noTrains: readonly TrainOffer[] = [];

export function WantedTrain(props: { readonly wanted: Wanted; readonly children: (shown: ShownTrain) => ReactNode }) {
  const { wanted } = props;
  const found = useQuery({
    ...trainOffers(wanted.from, wanted.to, wanted.date),
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
  });
  const trains = found.data?.trains ?? noTrains;
  const { refetch } = found;
  const train = wantedOf(trains, wanted);
  // A train that leaves the list while the buyer types is not taken off the page under their hands.
  const [last, setLast] = useState(train);
  if (train && train !== last) setLast(train);
  const offered = train ?? last;
  useStrike(
    offered?.sale === "notYet" ? offered.saleOpensAt : null,
    useCallback(() => void refetch(), [refetch]),
  );
  const offer = offered?.classes.find(({ seatClass }) => seatClass === wanted.seatClass);

  if (found.isError && !offered) {
    const isGone = isRefused(found.error, "DateOutOfRange", "StationUnknown");
    return isGone ? <Gone wanted={wanted} /> : <Failure error={found.error} retry={() => void found.refetch()} />;
  }
  if (found.isPending) return <WantedSkeleton />;
  if (!offered || !offer) return <Gone wanted={wanted} />;
  return props.children({ train: offered, offer, trains, isGone: !train });
}

export function JourneyOfTrain({ train }: { readonly train: TrainOffer }) {
  const messages = useMessages();
  const stations = useMemo<readonly Named[]>(() => [train.from, train.to], [train]);
  const { nameOf } = useStationNames(stations);
  const { arrivesDaysLater: daysLater } = train;
  return (
    <Journey
      journey={train}
      nameOf={nameOf}
      about={durationText(train.durationMinutes, messages)}
      note={daysLater > 0 ? messages.search.daysLaterLong(daysLater) : null}
    />
  );
}

export function Gone({ wanted }: { readonly wanted: Wanted | null }) {
  const messages = useMessages();
  return (
    <Empty
      heading="h1"
      title={messages.book.gone}
      action={
        <Link className="button primary" to={wanted ? listAddress(wanted) : "/"}>
          {messages.book.backToList}
        </Link>
      }
    >
      {messages.book.goneNote}
    </Empty>
  );
}

function WantedSkeleton() {
  return (
    <div aria-busy="true">
      <div className="skeleton line-big" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <SlowNote />
    </div>
  );
}
