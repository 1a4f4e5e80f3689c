/** Where to, on which day, on which train and in which class instead: the list of the search, from the station of the ticket. */
import type { SeatClass, TrainOffer } from "@chepiao/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { isRefused } from "../../lib/api.ts";
import { Empty, Failure, Notice, SlowNote } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import type { linesOf } from "../../lib/orderLines.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useAddress, withQuery } from "../../lib/router.tsx";
import { useCalendar } from "../search/calendar.ts";
import { DateStrip } from "../search/DateStrip.tsx";
import { dayOffers } from "../search/dayOffers.ts";
import { StationField } from "../search/StationField.tsx";
import { type Leads, TrainCard } from "../search/TrainCard.tsx";
import { trainOffers } from "../search/trainOffers.ts";
import { fieldsOf } from "./address.ts";
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
  const from = line.from.stationId;
  const until = destinationUntil(line, rules);
  const mayGoElsewhere = until !== null && Date.parse(until) > now;
  const to = (mayGoElsewhere && query.get("to")) || line.to.stationId;
  const days = calendar.data?.days;
  const isDay = (date: string | null) => days?.some((day) => day.date === date) ?? false;
  const asked = query.get("date");
  const date = (isDay(asked) ? asked : isDay(line.boardingDate) ? line.boardingDate : days?.[0]?.date) ?? "";
  const offers = useQuery({ ...dayOffers(from, to), enabled: date !== "" }).data?.days;
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
              onChoose={(place) => onChange({ to: place === line.to.stationId ? null : place }, true)}
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
        date !== "" && <Trains line={line} to={to} date={date} />
      )}
    </section>
  );
}

function Trains({ line, to, date }: { readonly line: Line; readonly to: string; readonly date: string }) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const address = useAddress();
  const [stops, setStops] = useState<TrainOffer | null>(null);
  const from = line.from.stationId;
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
  const isOwn = ({ trainNumber, originDate, to }: TrainOffer) =>
    trainNumber === line.trainNumber && originDate === line.originDate && to.stationId === line.to.stationId;
  return trains
    .map((train) =>
      isOwn(train)
        ? { ...train, classes: train.classes.filter(({ seatClass }) => seatClass !== line.seatClass) }
        : train,
    )
    .filter(
      ({ sale, from, classes }) => sale === "open" && from.stationId === line.from.stationId && classes.length > 0,
    );
}
