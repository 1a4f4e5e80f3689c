/** The board of a station on a day: what leaves, or arrives, with what became of it. */
import type { BoardRow } from "@chepiao/contracts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { Empty, Failure, ForeignText, SlowNote, useTitle } from "../../lib/components.tsx";
import { timeOf } from "../../lib/format.ts";
import { useLanguage } from "../../lib/messages.tsx";
import { type Named, usePlaceName, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
import { useTrainTypeName } from "../../lib/railwayRules.ts";
import { type Calendar, useCalendar } from "../search/calendar.ts";
import { DateStrip } from "../search/DateStrip.tsx";
import { StationField } from "../search/StationField.tsx";
import { StatusOfCall } from "../status/Status.tsx";
import { runKey, useStatuses } from "../status/status.ts";
import { boardAddress, trainAddress } from "./addresses.ts";
import { boardStart } from "./boardStart.ts";
import { useTrainsMessages } from "./useTrainsMessages.ts";

const sides = ["departures", "arrivals"] as const;
type Side = (typeof sides)[number];

export function BoardPage() {
  const texts = useTrainsMessages();
  const { language } = useLanguage();
  const address = useAddress();
  const { query } = address;
  const place = query.get("place") ?? "";
  const name = usePlaceName(place);
  const calendar = useCalendar();
  const days = calendar.data?.days;
  const asked = query.get("date");
  const date = (days?.some((day) => day.date === asked) ? asked : days?.[0]?.date) ?? "";
  const side: Side = query.get("side") === "arrivals" ? "arrivals" : "departures";
  useTitle(name ? `${name[language]} · ${texts.sides[side]}` : texts.board);
  return (
    <div className="page narrow lookup">
      <h1 className="page-title">{texts.board}</h1>
      <section className="card section board-form">
        <StationField
          label={texts.station}
          place={place}
          other=""
          onChoose={(chosen) => navigate(withQuery(address, { place: chosen, all: null }))}
        />
        <DateStrip
          days={days}
          offers={undefined}
          date={date}
          onChoose={(chosen) => navigate(withQuery(address, { date: chosen, all: null }), { replace: true })}
        />
        <div className="segments" role="group" aria-label={texts.board}>
          {sides.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={side === each}
              onClick={() =>
                navigate(withQuery(address, { side: each === "departures" ? null : each }), { replace: true })
              }
            >
              {texts.sides[each]}
            </button>
          ))}
        </div>
      </section>
      {calendar.isError && !days && <Failure error={calendar.error} retry={() => void calendar.refetch()} />}
      {place !== "" && calendar.data && (
        <Board place={place} date={date} side={side} calendar={calendar.data} isWhole={query.get("all") === "1"} />
      )}
    </div>
  );
}

/** Of so many it is asked what became of them: who reads further looks at the evening. */
const followedMax = 200;

type BoardProps = {
  readonly place: string;
  readonly date: string;
  readonly side: Side;
  readonly calendar: Calendar;
  /** With what was earlier in the day. */
  readonly isWhole: boolean;
};

function Board({ place, date, side, calendar, isWhole }: BoardProps) {
  const texts = useTrainsMessages();
  const address = useAddress();
  const after = isWhole ? "" : boardStart(date, calendar);
  const found = useInfiniteQuery({
    queryKey: ["board", place, date, side, after],
    queryFn: ({ pageParam: skip }) =>
      ask("GET /api/search/board", { query: { place, date, side, skip, ...(after !== "" && { after }) } }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    staleTime: 60_000,
  });
  const pages = found.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.rows) ?? [], [pages]);
  const stations = useMemo<readonly Named[]>(() => rows.flatMap((row) => [row, row.end]), [rows]);
  const { ready, nameOf } = useStationNames(stations);
  const { statuses } = useStatuses(useMemo(() => rows.slice(0, followedMax), [rows]));
  if (isRefused(found.error, "StationUnknown")) return <Empty title={texts.unknownPlace} />;
  if (found.isError && !pages) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!pages || !ready)
    return (
      <div aria-busy="true">
        <div className="skeleton block" />
        <SlowNote />
      </div>
    );
  const isOneStation = (pages[0]?.stations.length ?? 0) < 2;
  return (
    <section className="card section" aria-label={texts.sides[side]}>
      {after !== "" && (
        <button
          type="button"
          className="button small"
          onClick={() => navigate(withQuery(address, { all: "1" }), { replace: true })}
        >
          {texts.earlier}
        </button>
      )}
      {rows.length === 0 && <p className="soft">{texts.noTrains}</p>}
      <ul className="board">
        {rows.map((row) => (
          <li key={`${runKey(row)} ${row.stop}`} data-train={row.trainNumber}>
            <Row row={row} side={side} date={date} nameOf={nameOf} isOneStation={isOneStation} />
            <StatusIfKnown row={row} statuses={statuses} />
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <button
          type="button"
          className="button wide"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {texts.more}
        </button>
      )}
    </section>
  );
}

function StatusIfKnown({
  row,
  statuses,
}: {
  readonly row: BoardRow;
  readonly statuses: ReturnType<typeof useStatuses>["statuses"];
}) {
  const status = statuses.get(runKey(row));
  return status ? <StatusOfCall status={status} stop={row.stop} /> : null;
}

type RowProps = {
  readonly row: BoardRow;
  readonly side: Side;
  readonly date: string;
  readonly nameOf: (station: Named) => string;
  readonly isOneStation: boolean;
};

function Row({ row, side, date, nameOf, isOneStation }: RowProps) {
  const typeName = useTrainTypeName();
  const texts = useTrainsMessages();
  return (
    <>
      <time dateTime={row.at}>{timeOf(row.at)}</time>
      <span className="board-train">
        <Link to={trainAddress(row.trainNumber, row.originDate)}>{row.trainNumber}</Link>
        <small className="soft">{typeName(row.trainType)}</small>
      </span>
      <span className="board-way">
        <Link to={`${boardAddress(row.end.stationId, date)}${side === "departures" ? "" : "&side=arrivals"}`}>
          <ForeignText>{texts.towards[side](nameOf(row.end))}</ForeignText>
        </Link>
        {!isOneStation && (
          <small className="soft">
            <ForeignText>{nameOf(row)}</ForeignText>
          </small>
        )}
      </span>
    </>
  );
}
