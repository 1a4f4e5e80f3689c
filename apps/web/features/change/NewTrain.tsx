/** Where to, on which day, on which train and in which class instead: the list of the search, between the cities of the ticket. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { isRefused } from "../../lib/api.ts";
import { Empty, Failure, Notice, SlowNote } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { linesOf } from "../../lib/orderLines.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useAddress, withQuery } from "@chepiao/ui";
import { useCalendar } from "../search/calendar.ts";
import { DateStrip } from "../search/DateStrip.tsx";
import { dayOffers } from "../search/dayOffers.ts";
import { StationField } from "../search/StationField.tsx";
import { type Leads, TrainCard } from "../search/TrainCard.tsx";
import { trainOffers } from "../search/trainOffers.ts";
import { fieldsOf } from "./address.ts";
import { stationsOfTrip } from "./stations.ts";
import { type ChangeRules, destinationUntil } from "./changeable.ts";
import { useChangeMessages } from "./useChangeMessages.ts";

type Line = ReturnType<typeof linesOf>[number];
type Props = {
  readonly line: Line;
  readonly rules: ChangeRules;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly onChange: (fields: Readonly<Record<string, string | null>>, replace?: boolean) => void;
};

const liveEveryMs = 10_000;
const noTrains: readonly TrainOffer[] = [];
const StopsDialog = lazy(async () => ({ default: (await import("../search/StopsDialog.tsx")).StopsDialog }));

export function NewTrain({ line, rules, query, now, onChange }: Props) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const calendar = useCalendar();
  const cities = useCities(line);
  const until = destinationUntil(line, rules);
  const mayGoElsewhere = until !== null && Date.parse(until) > now;
  const elsewhere = mayGoElsewhere ? query.get("to") : null;
  // Another destination keeps the very station; the same is reached from any station of the city, at any of the other.
  const from = elsewhere === null ? cities.from : line.from.stationId;
  const to = elsewhere ?? cities.to;
  const days = calendar.data?.days;
  const isDay = (date: string | null) => days?.some((day) => day.date === date) ?? false;
  const asked = query.get("date");
  const date = (isDay(asked) ? asked : isDay(line.boardingDate) ? line.boardingDate : days?.[0]?.date) ?? "";
  const offers = useQuery({ ...dayOffers(from, to), enabled: date !== "" && cities.isKnown }).data?.days;
  return (
    <section aria-labelledby="new-train" className="results">
      <div className="card section">
        <h2 id="new-train">{texts.newTrain}</h2>
        <p className="soft">{texts.newTrainNote}</p>
        {mayGoElsewhere && (
          <>
            <StationField
              label={messages.search.to}
              place={to}
              other={from}
              onChoose={(place) => onChange({ to: place === cities.to ? null : place }, true)}
            />
            <p className="soft">{texts.destinationUntil(`${dayText(dateOf(until), messages)} ${timeOf(until)}`)}</p>
          </>
        )}
        {until !== null && !mayGoElsewhere && <p className="soft">{texts.noDestination}</p>}
        <DateStrip days={days} offers={offers} date={date} onChoose={(chosen) => onChange({ date: chosen }, true)} />
      </div>
      {calendar.isError && !days ? (
        <Failure error={calendar.error} retry={() => void calendar.refetch()} />
      ) : (
        date !== "" && cities.isKnown && <Trains line={line} from={from} to={to} date={date} />
      )}
    </section>
  );
}

/** As the search takes them; the stations themselves where that is not to be had. */
function useCities({ from, to }: Line): { readonly from: string; readonly to: string; readonly isKnown: boolean } {
  const found = useQuery(stationsOfTrip([from.stationId, to.stationId]));
  const cityOf = ({ stationId }: Named) =>
    found.data?.find((station) => station.stationId === stationId)?.city ?? stationId;
  return { from: cityOf(from), to: cityOf(to), isKnown: !found.isPending };
}

type TrainsProps = { readonly line: Line; readonly from: string; readonly to: string; readonly date: string };

function Trains({ line, from, to, date }: TrainsProps) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const address = useAddress();
  const [stops, setStops] = useState<TrainOffer | null>(null);
  const found = useQuery({
    ...trainOffers(from, to, date),
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
    placeholderData: keepPreviousData,
  });
  const trains = useMemo(() => othersThan(line, found.data?.trains ?? noTrains), [line, found.data]);
  const stations = useMemo<readonly Named[]>(() => trains.flatMap((train) => [train.from, train.to]), [trains]);
  const { ready, nameOf } = useStationNames(stations);
  const leads = useMemo<Leads>(
    () => ({
      address: (train: TrainOffer, seatClass: SeatClass) => withQuery(address, { date, ...fieldsOf(train, seatClass) }),
      say: texts.choose,
    }),
    [address, date, texts],
  );
  const search = useMemo(() => ({ from, to, date }), [from, to, date]);
  if (found.isError && !found.data)
    return isRefused(found.error, "StationUnknown", "DateOutOfRange") ? (
      <Notice kind="warn">{found.error.message}</Notice>
    ) : (
      <Failure error={found.error} retry={() => void found.refetch()} />
    );
  if (!found.data || !ready)
    return (
      <div className="trains" aria-busy="true">
        {Array.from({ length: 3 }, (_, n) => (
          <div key={n} className="skeleton train-skeleton" />
        ))}
        <SlowNote />
      </div>
    );
  return (
    <div className="trains" aria-busy={found.isPlaceholderData}>
      <h3 className="hidden">{messages.search.trains}</h3>
      {trains.map((train) => (
        <TrainCard
          key={`${train.trainNumber} ${train.originDate} ${train.from.stationId} ${train.to.stationId}`}
          train={train}
          status={undefined}
          classes={train.classes}
          nameOf={nameOf}
          search={search}
          showOpening
          hasWaitlist={false}
          leads={leads}
          onStops={setStops}
        />
      ))}
      {trains.length === 0 && <Empty title={texts.noneThatDay} />}
      <Suspense fallback={null}>{stops && <StopsDialog train={stops} onClose={() => setStops(null)} />}</Suspense>
    </div>
  );
}

/** What the ticket is for already is nothing to change to. */
function othersThan(line: Line, trains: readonly TrainOffer[]): readonly TrainOffer[] {
  const isOwn = ({ trainNumber, originDate, from, to }: TrainOffer) =>
    trainNumber === line.trainNumber &&
    originDate === line.originDate &&
    from.stationId === line.from.stationId &&
    to.stationId === line.to.stationId;
  return trains
    .map((train) =>
      isOwn(train)
        ? { ...train, classes: train.classes.filter(({ seatClass }) => seatClass !== line.seatClass) }
        : train,
    )
    .filter(({ sale, classes }) => sale === "open" && classes.length > 0);
}
