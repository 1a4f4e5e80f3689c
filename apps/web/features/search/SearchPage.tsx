/**
 * The first page: where from, where to, which day, and the trains. There is no button to press; whatever is chosen is searched,
 * and the address always says what is shown.
 */
import type { TrainOffer } from "@chepiao/contracts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isRefused } from "../../lib/api.ts";
import { nextOf, serverNow, useStrike } from "../../lib/clock.ts";
import { dayText, timeOf } from "../../lib/format.ts";
import { keptOrders } from "../../lib/keptOrders.ts";
import { Empty, Failure, Icon, Notice, SlowNote, useOnline, useTitle } from "../../lib/components.tsx";
import { type Named, useStationNames, usePlaceName } from "../../lib/places.ts";
import { useHasWaitlist } from "../../lib/railwayRules.ts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { useCalendar, useSoldFrom } from "./calendar.ts";
import { dayOffers } from "./dayOffers.ts";
import type { DayOffers } from "./dayNotes.ts";
import { Attributions } from "./Attributions.tsx";
import { DateStrip } from "./DateStrip.tsx";
import {
  countFilters,
  type Filters,
  filterTrains,
  isSoldOut,
  noFilters,
  readFilters,
  shownClasses,
  sorts,
  sortTrains,
} from "./filter.ts";
import { NotSoldNow } from "./NotSoldNow.tsx";
import { Opening } from "./Opening.tsx";
import { noteSearch } from "./recent.ts";
import type { Statuses } from "../status/status.ts";
import { openingsOf, sharedOpeningOf } from "./openings.ts";
import { StationField } from "./StationField.tsx";
import { TrainCard } from "./TrainCard.tsx";
import { trainOffers } from "./trainOffers.ts";

/** Who comes with an address of trains does not wait for what stands below an empty search. */
const Home = lazy(async () => ({ default: (await import("./Home.tsx")).Home }));
/** Trains are shown before what narrows them is even asked for, and what opens over them. */
const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const FilterPanel = lazy(async () => {
  await drawn();
  return { default: (await import("./Filters.tsx")).FilterPanel };
});
const FilterSheet = lazy(async () => ({ default: (await import("./Filters.tsx")).FilterSheet }));

/** What stands over the list, or opens from it, comes after it: nobody waits for it to see trains. */
const StatusOfTrains = lazy(async () => {
  await drawn();
  return { default: (await import("../status/Status.tsx")).StatusOfTrains };
});
const JourneyList = lazy(async () => ({
  default: (await import("../journeys/JourneyList.tsx")).JourneyList,
}));
const StopsDialog = lazy(async () => ({ default: (await import("./StopsDialog.tsx")).StopsDialog }));

/** Seats left are asked for again this often while the passenger looks. */
const liveEveryMs = 10_000;
/** What a messenger writes into every address that is passed on in it, as `from=…`: it is no station. */
const sharedBy: ReadonlySet<string> = new Set(["singlemessage", "groupmessage", "timeline"]);
const noTrains: readonly TrainOffer[] = [];
const noStatuses: Statuses = new Map();

export function SearchPage() {
  const messages = useMessages();
  const address = useAddress();
  const calendar = useCalendar();
  const notSoldUntil = useSoldFrom();
  const from = address.query.getAll("from").find((each) => !sharedBy.has(each)) ?? "";
  const to = address.query.get("to") ?? "";
  const asked = address.query.get("date");
  const isPast = asked !== null && calendar.data !== undefined && asked < calendar.data.today;
  // Most people look for tomorrow.
  const date = (isPast ? null : asked) ?? calendar.data?.days[1]?.date ?? "";
  const places = useRef<HTMLDivElement>(null);
  /** A passenger who has said where from goes on to where to. */
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
  const isSearch = from !== "" && to !== "" && from !== to;
  const isChanging = address.query.get("way") === "change";
  const way = useWay(from, to);
  useTitle(way === null || date === "" ? messages.search.title : `${way.here} · ${dayText(date, messages)}`);
  // On a phone the form makes room for the trains that were found with it.
  const [isUnfolded, setUnfolded] = useState(false);
  const fold = useRef<HTMLButtonElement>(null);
  const isFolding = useRef(false);
  // The field with the focus goes away; where it stays, the button that folds is not there to take it.
  useEffect(() => {
    if (!isFolding.current || !fold.current) return;
    isFolding.current = false;
    fold.current.focus();
  });
  // An address that is passed on means the same day tomorrow as it does today.
  useEffect(() => {
    if (isSearch && date !== "" && asked === null) change({ date }, true);
  }, [isSearch, date, asked, change]);
  const place = (fields: { readonly from?: string; readonly to?: string }) =>
    change({ ...fields, fs: null, ts: null }, from === "" || to === "");

  return (
    <div className="page search">
      <h1 className="hidden">{messages.search.title}</h1>
      <section
        className={isSearch && !isUnfolded ? "card search-form folded" : "card search-form"}
        aria-label={messages.search.title}
      >
        {isSearch && (
          <button
            ref={fold}
            type="button"
            className="fold"
            aria-expanded={isUnfolded}
            aria-controls="places"
            onClick={() => setUnfolded(!isUnfolded)}
          >
            <span className="hidden">{messages.search.change} </span>
            <span>
              {way?.here ?? messages.search.title}
              {way && way.there !== way.here && (
                <small className="local soft" lang="zh-CN">
                  {way.there}
                </small>
              )}
            </span>
            <span aria-hidden="true">{isUnfolded ? "▴" : "▾"}</span>
          </button>
        )}
        <div className="places" id="places" ref={places}>
          <StationField
            label={messages.search.from}
            place={from}
            other={to}
            onChoose={(chosen) => place({ from: chosen })}
            onTaken={() => to === "" && openNext()}
          />
          <button
            type="button"
            className="icon-button swap"
            aria-label={messages.search.swap}
            onClick={() => change({ from: to, to: from, fs: null, ts: null })}
          >
            <Icon name="swap" />
          </button>
          <StationField
            label={messages.search.to}
            place={to}
            other={from}
            onChoose={(chosen) => place({ to: chosen })}
            onTaken={() => {
              setUnfolded(false);
              isFolding.current = true;
            }}
          />
        </div>
        <DateStrip
          days={calendar.data?.days}
          offers={useDayOffers(from, to, date)}
          date={date}
          onChoose={(chosen) => change({ date: chosen })}
        />
      </section>
      {calendar.isError && !calendar.data && <Failure error={calendar.error} retry={() => void calendar.refetch()} />}
      {notSoldUntil !== null && <NotSoldNow from={notSoldUntil} />}
      {isPast && isSearch && <Notice kind="info">{messages.search.dayIsPast(dayText(asked, messages))}</Notice>}
      {from === "" || to === "" ? (
        <Suspense fallback={null}>
          <Home calendar={calendar.data} />
        </Suspense>
      ) : from === to ? (
        <Notice kind="warn">{messages.search.sameplace}</Notice>
      ) : (
        <>
          <DirectOr isChanging={isChanging} onChange={change} />
          {isChanging ? (
            <Suspense fallback={<ResultsSkeleton />}>
              <JourneyList from={from} to={to} date={date} query={address.query} onChange={change} />
            </Suspense>
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
        </>
      )}
      <Attributions of={calendar.data?.attributions ?? []} />
    </div>
  );
}

type DirectOrProps = {
  readonly isChanging: boolean;
  readonly onChange: (fields: Readonly<Record<string, string | null>>) => void;
};

function DirectOr({ isChanging, onChange }: DirectOrProps) {
  const messages = useMessages();
  return (
    <div className="segments direct-or" role="group" aria-label={messages.search.directOr}>
      <button type="button" aria-pressed={!isChanging} onClick={() => onChange({ way: null })}>
        {messages.search.direct}
      </button>
      <button type="button" aria-pressed={isChanging} onClick={() => onChange({ way: "change" })}>
        {messages.search.withChange}
      </button>
    </div>
  );
}

/** What each day costs at least. It is asked for once the trains of the day are there, which nobody waits longer for. */
function useDayOffers(from: string, to: string, date: string): DayOffers | undefined {
  const trains = useQuery({ ...trainOffers(from, to, date), enabled: false, notifyOnChangeProps: ["isSuccess"] });
  return useQuery({ ...dayOffers(from, to), enabled: trains.isSuccess }).data?.days;
}

/** Both places as the page's language has them, and as they are called there. */
function useWay(from: string, to: string): { readonly here: string; readonly there: string } | null {
  const { language } = useLanguage();
  const [fromName, toName] = [usePlaceName(from), usePlaceName(to)];
  if (!fromName || !toName) return null;
  return { here: `${fromName[language]} → ${toName[language]}`, there: `${fromName.zh} → ${toName.zh}` };
}

type ResultsProps = {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly filters: Filters;
  readonly onChange: (fields: Readonly<Record<string, string | null>>, replace?: boolean) => void;
};

function Results({ from, to, date, filters, onChange }: ResultsProps) {
  const messages = useMessages();
  const online = useOnline();
  const [stops, setStops] = useState<TrainOffer | null>(null);
  const [statuses, setStatuses] = useState(noStatuses);
  const [showFilters, setShowFilters] = useState(false);
  const found = useQuery({
    ...trainOffers(from, to, date),
    enabled: date !== "",
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
    // The old list stays, dimmed, while another day is on its way: nothing jumps.
    placeholderData: keepPreviousData,
  });
  useNoteSearch(from, to, found.isSuccess);
  const hasWaitlist = useHasWaitlist();
  const trains = found.data?.trains ?? noTrains;
  const stations = useMemo<readonly Named[]>(() => trains.flatMap((train) => [train.from, train.to]), [trains]);
  const { ready, nameOf } = useStationNames(stations);
  const opening = useMemo(() => nextOf(openingsOf(trains), serverNow()), [trains]);
  const { refetch } = found;
  useStrike(
    opening,
    useCallback(() => void refetch(), [refetch]),
  );
  const shown = useMemo(() => sortTrains(filterTrains(trains, filters), filters), [trains, filters]);
  const search = useMemo(() => ({ from, to, date }), [from, to, date]);
  const narrow = (fields: Readonly<Record<string, string | null>>) => onChange(fields, true);
  const count = countFilters(filters);
  const sharedOpening = sharedOpeningOf(trains);

  if (!found.data && !online) return <OfflineSearch />;
  if (found.isError && !found.data) return <SearchFailure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || !ready) return <ResultsSkeleton />;
  return (
    <div className={found.isPlaceholderData ? "results waiting" : "results"} aria-busy={found.isPlaceholderData}>
      <div className="results-bar">
        <p role="status" className="results-count">
          {messages.search.shown(shown.length, trains.length)}
          <span className="soft" hidden={trains.length === 0}>
            {" "}
            · {found.isError || !online ? messages.search.asOf(timeOf(found.data.asOf)) : messages.search.live}
          </span>
        </p>
        <div className="segments" role="group" hidden={trains.length === 0} aria-label={messages.search.sort}>
          {sorts.map((sort) => (
            <button
              key={sort}
              type="button"
              aria-pressed={filters.sort === sort}
              onClick={() => narrow({ sort: sort === "departure" ? null : sort })}
            >
              {messages.search.sorts[sort]}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="button small filters-toggle"
          hidden={trains.length === 0}
          aria-haspopup="dialog"
          onClick={() => setShowFilters(true)}
        >
          <Icon name="filter" />
          {messages.search.filters}
          {count > 0 && (
            <span className="count">
              {count}
              <span className="hidden"> {messages.search.applied(count)}</span>
            </span>
          )}
        </button>
      </div>
      {sharedOpening !== null && <Opening at={sharedOpening} date={date} />}
      <div className="results-in">
        <aside className="card filters-box" aria-label={messages.search.filters} hidden={trains.length === 0}>
          <h2 className="hidden">{messages.search.filters}</h2>
          <Suspense fallback={null}>
            <FilterPanel trains={trains} filters={filters} onChange={narrow} />
          </Suspense>
        </aside>
        <div className="trains">
          <h2 className="hidden">{messages.search.trains}</h2>
          <Suspense fallback={null}>
            <StatusOfTrains trains={trains} onKnown={setStatuses} />
          </Suspense>
          {shown.map((train) => (
            <TrainCard
              key={`${train.trainNumber} ${train.originDate} ${train.from.stationId} ${train.to.stationId}`}
              train={train}
              status={statuses.get(`${train.trainNumber}/${train.originDate}`)}
              classes={shownClasses(train, filters)}
              nameOf={nameOf}
              search={search}
              showOpening={sharedOpening === null}
              hasWaitlist={hasWaitlist}
              onStops={setStops}
            />
          ))}
          {shown.length === 0 && <NoTrains all={trains.length} date={date} onClear={() => narrow(noFilters)} />}
          {shown.length > 0 && isSoldOut(trains) && (
            <p className="card section-head">
              <span>{messages.search.allSoldOut}</span>
              <WithChange />
            </p>
          )}
        </div>
      </div>
      <Suspense fallback={null}>
        {showFilters && (
          <FilterSheet
            trains={trains}
            filters={filters}
            onChange={narrow}
            shown={shown.length}
            onClose={() => setShowFilters(false)}
          />
        )}
        {stops && <StopsDialog train={stops} onClose={() => setStops(null)} />}
      </Suspense>
    </div>
  );
}

/** Nothing can be looked up now; what was bought is here all the same. */
function OfflineSearch() {
  const messages = useMessages();
  const [orders] = useState(keptOrders);
  return (
    <Empty
      title={messages.search.offline}
      action={
        orders.length > 0 && (
          <Link className="button" to="/orders">
            {messages.order.mine}
          </Link>
        )
      }
    >
      {messages.search.offlineNote}
    </Empty>
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
  const messages = useMessages();
  const calendar = useCalendar();
  if (all > 0) {
    return (
      <Empty
        title={messages.search.filteredOut}
        action={
          <button type="button" className="button" onClick={onClear}>
            {messages.search.clear}
          </button>
        }
      />
    );
  }
  const isToday = calendar.data?.today === date;
  return (
    <Empty title={isToday ? messages.search.noneLeft : messages.search.none} action={<WithChange />}>
      {messages.search.noneNote}
    </Empty>
  );
}

/** The same way with a change. What narrows a list of trains means nothing there. */
function WithChange() {
  const messages = useMessages();
  const address = useAddress();
  return (
    <Link className="button" to={withQuery(address, { ...noFilters, sort: null, way: "change" })}>
      {messages.search.toChange}
    </Link>
  );
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
