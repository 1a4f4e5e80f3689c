/**
 * The first page: where from, where to, which day, and the trains. There is no button to press; whatever is chosen is searched,
 * and the address always says what is shown.
 */
import type { TrainOffer } from "@chepiao/contracts";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { timeOf } from "../../lib/format.ts";
import { Empty, Failure, Icon, Notice, SlowNote, useOnline, useTitle } from "../../lib/parts.tsx";
import { cityEnglish, type Named, notePlaceName, useStationNames, usePlaceName } from "../../lib/places.ts";
import { Link, navigate, useAddress, withQuery } from "../../lib/router.tsx";
import { useSpeech, useWords } from "../../lib/words.tsx";
import { DateStrip } from "./DateStrip.tsx";
import { countFilters, type Filters, filterTrains, readFilters, shownClasses, sorts, sortTrains } from "./filter.ts";
import { FilterPanel, noFilters } from "./Filters.tsx";
import { noteSearch, recentSearches } from "./recent.ts";
import { StationField } from "./StationField.tsx";
import { StopsDialog } from "./StopsDialog.tsx";
import { TrainCard } from "./TrainCard.tsx";

/** Seats left are asked for again this often while somebody looks. */
const liveEveryMs = 10_000;
const noTrains: readonly TrainOffer[] = [];

export const useCalendar = () =>
  useQuery({
    queryKey: ["calendar"],
    queryFn: () => ask("GET /api/search/calendar", {}),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });

export function SearchPage() {
  const words = useWords();
  const address = useAddress();
  const calendar = useCalendar();
  const from = address.query.get("from") ?? "";
  const to = address.query.get("to") ?? "";
  // Most people look for tomorrow.
  const date = address.query.get("date") ?? calendar.data?.days[1]?.date ?? "";
  useTitle(words.search.title);
  const places = useRef<HTMLDivElement>(null);
  /** Whoever has said where from goes on to where to. */
  const openNext = () => {
    const next = [...(places.current?.querySelectorAll("input") ?? [])].at(-1);
    next?.focus();
    next?.click();
  };
  const change = useCallback(
    (fields: Readonly<Record<string, string | null>>, replace = false) =>
      navigate(withQuery({ pathname: location.pathname, query: new URLSearchParams(location.search) }, fields), {
        replace,
      }),
    [],
  );
  const place = (fields: { readonly from?: string; readonly to?: string }) =>
    change({ ...fields, fs: null, ts: null }, from === "" || to === "");

  return (
    <div className="page search">
      <h1 className="hidden">{words.search.title}</h1>
      <section className="card search-form" aria-label={words.search.title}>
        <div className="places" ref={places}>
          <StationField
            label={words.search.from}
            place={from}
            onChoose={(chosen) => place({ from: chosen })}
            onTaken={() => to === "" && openNext()}
          />
          <button
            type="button"
            className="icon-button swap"
            aria-label={words.search.swap}
            onClick={() => change({ from: to, to: from, fs: null, ts: null })}
          >
            <Icon name="swap" />
          </button>
          <StationField label={words.search.to} place={to} onChoose={(chosen) => place({ to: chosen })} />
        </div>
        <DateStrip days={calendar.data?.days} date={date} onChoose={(chosen) => change({ date: chosen })} />
      </section>
      {calendar.isError && !calendar.data && <Failure error={calendar.error} retry={() => void calendar.refetch()} />}
      {from === "" || to === "" ? (
        <Starts />
      ) : from === to ? (
        <Notice kind="warn">{words.search.sameplace}</Notice>
      ) : (
        <Results
          key={`${from} ${to}`}
          from={from}
          to={to}
          date={date}
          filters={readFilters(address.query)}
          onChange={change}
        />
      )}
    </div>
  );
}

type ResultsProps = {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly filters: Filters;
  readonly onChange: (fields: Readonly<Record<string, string | null>>, replace?: boolean) => void;
};

function Results({ from, to, date, filters, onChange }: ResultsProps) {
  const words = useWords();
  const online = useOnline();
  const [stops, setStops] = useState<TrainOffer | null>(null);
  const [showFilters, setShowFilters] = useState(false);
  const filtersId = useId();
  const found = useQuery({
    queryKey: ["tickets", from, to, date],
    queryFn: ({ signal }) => ask("GET /api/search/tickets", { query: { from, to, date } }, { signal }),
    enabled: date !== "",
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
    // The old list stays, dimmed, while another day is on its way: nothing jumps.
    placeholderData: keepPreviousData,
  });
  useNoteSearch(from, to, found.isSuccess);
  const trains = found.data?.trains ?? noTrains;
  const stations = useMemo<readonly Named[]>(() => trains.flatMap((train) => [train.from, train.to]), [trains]);
  const { ready, nameOf } = useStationNames(stations);
  const shown = useMemo(() => sortTrains(filterTrains(trains, filters), filters), [trains, filters]);
  const search = useMemo(() => ({ from, to, date }), [from, to, date]);
  const narrow = (fields: Readonly<Record<string, string | null>>) => onChange(fields, true);
  const count = countFilters(filters);

  if (found.isError && !found.data) return <SearchFailure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || !ready) return <ResultsSkeleton />;
  return (
    <div className={found.isPlaceholderData ? "results waiting" : "results"} aria-busy={found.isPlaceholderData}>
      <div className="results-bar">
        <p role="status" className="results-count">
          {words.search.shown(shown.length, trains.length)}
          <span className="soft">
            {" "}
            · {found.isError || !online ? words.search.asOf(timeOf(found.data.asOf)) : words.search.live}
          </span>
        </p>
        <div className="segments" role="group" aria-label={words.search.sort}>
          {sorts.map((sort) => (
            <button
              key={sort}
              type="button"
              aria-pressed={filters.sort === sort}
              onClick={() => narrow({ sort: sort === "departure" ? null : sort })}
            >
              {words.search.sorts[sort]}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="button small filters-toggle"
          aria-expanded={showFilters}
          aria-controls={filtersId}
          onClick={() => setShowFilters(!showFilters)}
        >
          <Icon name="filter" />
          {words.search.filters}
          {count > 0 && (
            <span className="count">
              {count}
              <span className="hidden"> {words.search.applied(count)}</span>
            </span>
          )}
        </button>
      </div>
      <div className="results-in">
        <aside
          id={filtersId}
          className={showFilters ? "card filters-box open" : "card filters-box"}
          aria-label={words.search.filters}
        >
          <FilterPanel trains={trains} filters={filters} onChange={narrow} />
        </aside>
        <div className="trains">
          {shown.map((train) => (
            <TrainCard
              key={`${train.trainNumber} ${train.originDate} ${train.from.stationId} ${train.to.stationId}`}
              train={train}
              classes={shownClasses(train, filters)}
              nameOf={nameOf}
              search={search}
              onStops={setStops}
            />
          ))}
          {shown.length === 0 && <NoTrains all={trains.length} date={date} onClear={() => narrow(noFilters)} />}
        </div>
      </div>
      {stops && <StopsDialog train={stops} onClose={() => setStops(null)} />}
    </div>
  );
}

function NoTrains({
  all,
  date,
  onClear,
}: {
  readonly all: number;
  readonly date: string;
  readonly onClear: () => void;
}) {
  const words = useWords();
  const calendar = useCalendar();
  if (all > 0) {
    return (
      <Empty
        title={words.search.filteredOut}
        action={
          <button type="button" className="button" onClick={onClear}>
            {words.search.clear}
          </button>
        }
      />
    );
  }
  const isToday = calendar.data?.today === date;
  return <Empty title={isToday ? words.search.noneLeft : words.search.none}>{words.search.noneNote}</Empty>;
}

function SearchFailure({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  // A place or a day that cannot be is for the person to change; to ask again would not help.
  if (isRefused(error, "StationUnknown", "DateOutOfRange")) return <Notice kind="warn">{error.message}</Notice>;
  return <Failure error={error} retry={retry} />;
}

function ResultsSkeleton() {
  return (
    <div className="results" aria-busy="true">
      <div className="results-bar">
        <div className="skeleton line" />
      </div>
      <div className="results-in">
        <aside className="card filters-box" />
        <div className="trains">
          {Array.from({ length: 5 }, (_, n) => (
            <div key={n} className="skeleton train-skeleton" />
          ))}
          <SlowNote />
        </div>
      </div>
    </div>
  );
}

function useNoteSearch(from: string, to: string, found: boolean) {
  const fromName = usePlaceName(from);
  const toName = usePlaceName(to);
  useEffect(() => {
    if (found && fromName && toName) noteSearch({ from: { ...fromName, place: from }, to: { ...toName, place: to } });
  }, [found, from, to, fromName, toName]);
}

/** Before anything is chosen: what this person searched lately, else where most trains of this network go. */
function Starts() {
  const { words, language } = useSpeech();
  const client = useQueryClient();
  const [recent] = useState(recentSearches);
  const busiest = useQuery({
    queryKey: ["busiest"],
    queryFn: async () => {
      const { stations } = await ask("GET /api/search/stations", { query: { limit: 50 } });
      const cities = [...new Set(stations.map(({ city }) => city))].slice(0, 5);
      return cities.map((city) => ({ place: city, zh: city, en: cityEnglish(city, stations) }));
    },
    enabled: recent.length === 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const cities = busiest.data ?? [];
  const pairs =
    recent.length > 0 ? recent : [1, 2, 3, 4].flatMap((n) => (cities[n] ? [{ from: cities[0]!, to: cities[n] }] : []));
  return (
    <section className="starts">
      <p className="soft">{words.search.choose}</p>
      <h2>{recent.length > 0 ? words.search.recent : words.search.popular}</h2>
      <ul className="start-list">
        {pairs.length === 0
          ? Array.from({ length: 4 }, (_, n) => <li key={n} className="skeleton start" />)
          : pairs.map((pair) => (
              <li key={`${pair.from.place} ${pair.to.place}`}>
                <Link
                  className="start"
                  onClick={() =>
                    [pair.from, pair.to].forEach((each) => notePlaceName(client, each.place, { ...each, isCity: true }))
                  }
                  to={`/?${new URLSearchParams({ from: pair.from.place, to: pair.to.place }).toString()}`}
                >
                  <span>{pair.from[language]}</span>
                  <span aria-hidden="true">→</span>
                  <span>{pair.to[language]}</span>
                </Link>
              </li>
            ))}
      </ul>
    </section>
  );
}
