/**
 * Own entries of the waitlist, beside the orders: those that wait, and folded up those that have ended. One that waits may be older than a
 * page of ended ones, so what is older is asked for outside of them.
 */
import type { WaitlistEntry } from "@chepiao/contracts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../../lib/api.ts";
import { clockText, leftUntil, useServerNow } from "../../lib/clock.ts";
import { Failure, ForeignText } from "../../lib/components.tsx";
import { dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { LoginDeclined, pollUnlessDeclined } from "../../lib/session.ts";
import { isOpen, isUnpaid, toneOf } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

const pageSize = 20;
const pollEveryMs = 15_000;

export function Entries() {
  const texts = useWaitlistMessages();
  const found = useInfiniteQuery({
    queryKey: ["waitlist", "list"],
    queryFn: ({ pageParam }) =>
      ask("GET /api/waitlist", { query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => pollUnlessDeclined(pollEveryMs, state),
  });
  const entries = useMemo(() => found.data?.pages.flatMap((page) => page.entries) ?? [], [found.data]);
  const stations = useMemo<readonly Named[]>(
    () => entries.flatMap(({ choices }) => choices.flatMap(({ from, to }) => [from, to])),
    [entries],
  );
  const { nameOf } = useStationNames(stations);
  // The orders below ask for the login.
  if (!found.data && found.error instanceof LoginDeclined) return null;
  if (found.isError && !found.data) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (entries.length === 0) return null;
  const open = entries.filter(isOpen);
  const ended = entries.filter((entry) => !isOpen(entry));
  return (
    <section aria-labelledby="entries-title">
      <h2 id="entries-title" className="group-title">
        {texts.entries}
      </h2>
      <List entries={open} nameOf={nameOf} />
      {ended.length > 0 && (
        <details className="rules">
          <summary>{texts.endedEntries(`${ended.length}${found.hasNextPage ? "+" : ""}`)}</summary>
          <List entries={ended} nameOf={nameOf} />
        </details>
      )}
      {found.isFetchNextPageError && <Failure error={found.error} retry={() => void found.fetchNextPage()} />}
      {found.hasNextPage && !found.isFetchNextPageError && (
        <button
          type="button"
          className="button small"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {texts.older}
        </button>
      )}
    </section>
  );
}

type ListProps = { readonly entries: readonly WaitlistEntry[]; readonly nameOf: (station: Named) => string };

const List = ({ entries, nameOf }: ListProps) => (
  <ul className="order-list">
    {entries.map((entry) => (
      <li key={entry.waitlistNo}>
        <Row entry={entry} nameOf={nameOf} />
      </li>
    ))}
  </ul>
);

function Row({ entry, nameOf }: { readonly entry: WaitlistEntry; readonly nameOf: (station: Named) => string }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const [first] = entry.choices;
  if (!first) return null;
  const { length } = entry.choices;
  return (
    <Link to={`/waitlist/${entry.waitlistNo}`} className="card order-row">
      <span className="order-row-head">
        <strong className="number">
          {first.trainNumber} · {dayText(first.boardingDate, messages)}
        </strong>
        <span className={`badge ${toneOf(entry)}`}>
          {isUnpaid(entry) ? texts.unpaid : texts.states[entry.state]}
          {entry.state === "awaitingPrepayment" && <TimeLeft until={entry.prepayBy} />}
        </span>
      </span>
      <span>
        <span className="part">
          {timeOf(first.departAt)} <ForeignText>{nameOf(first.from)}</ForeignText> →
        </span>{" "}
        <span className="part">
          {timeOf(first.arriveAt)} <ForeignText>{nameOf(first.to)}</ForeignText>
        </span>
        {length > 1 && <span className="soft"> {texts.andMore(length - 1)}</span>}
      </span>
      <span className="soft">
        {messages.listOf(first.seatClasses.map((seatClass) => messages.classes[seatClass]))} ·{" "}
        {texts.travelers(entry.passengers.length)} · <span className="number">{messages.money(entry.prepayFen)}</span>
      </span>
    </Link>
  );
}

function TimeLeft({ until }: { readonly until: string }) {
  const now = useServerNow();
  return <span className="number"> {clockText(leftUntil(until, now))}</span>;
}
