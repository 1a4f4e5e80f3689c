/** One entry of the waitlist: its prepayment, its place and story while it waits, and what became of it. It updates by itself. */
import type { WaitlistEntryTold } from "@chepiao/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { ForeignText, Spinner, useTitle } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { LoginDeclined } from "../../lib/session.ts";
import { usePassengers } from "../account/passengers.ts";
import { Because } from "../orders/Because.tsx";
import { LoginAgain } from "../orders/LoginFirst.tsx";
import { NotThere } from "../orders/NotThere.tsx";
import { BackWithMoney, Served } from "./Outcome.tsx";
import { Chance } from "./Chance.tsx";
import { DeadlineBox } from "./DeadlineBox.tsx";
import { Leave, Prepay } from "./Prepay.tsx";
import { Story } from "./Story.tsx";
import { isEnded, isUnpaid, toneOf, useEntry } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";
import { WaitedTrains } from "./WaitedTrains.tsx";

export function EntryPage({ waitlistNo }: { readonly waitlistNo: string }) {
  const texts = useWaitlistMessages();
  const query = useEntry(waitlistNo);
  const entry = query.data;
  useTitle(entry ? texts.states[entry.state] : texts.entry);
  if (entry) return <EntryView entry={entry} isLost={query.failureCount > 0 || query.isError} error={query.error} />;
  const unknown = { code: "WaitlistUnknown", title: texts.unknown } as const;
  return <NotThere title={texts.entry} query={query} unknown={unknown} />;
}

type EntryViewProps = {
  readonly entry: WaitlistEntryTold;
  readonly isLost: boolean;
  readonly error: Error | null;
};

function EntryView({ entry, isLost, error }: EntryViewProps) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const client = useQueryClient();
  const stations = useMemo<readonly Named[]>(
    () => entry.choices.flatMap(({ from, to }) => [from, to]),
    [entry.choices],
  );
  const { nameOf } = useStationNames(stations);
  const { state } = entry;
  // Lists that show it, or the order that it has become, were read before.
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["waitlist", "list"] });
    if (state === "served") void client.invalidateQueries({ queryKey: ["orders"] });
  }, [client, state]);
  const title = isUnpaid(entry) ? texts.unpaid : texts.states[state];
  return (
    <div className="page narrow order entry">
      <Link className="back" to="/orders">
        ‹ {messages.nav.orders}
      </Link>
      <LoginAgain error={error} />
      <header className="order-head">
        <div>
          <h1 className={`state ${toneOf(entry)}`}>
            {state === "granted" && <Spinner />}
            {title}
          </h1>
          <p className="soft">{isUnpaid(entry) ? texts.unpaidNote : texts.notes[state]}</p>
          <Chance band={entry.chance?.band ?? null} />
        </div>
        <p className="hidden" role="status">
          {title} {entry.story.places.length > 0 && texts.place(entry.story.places[0]!.place)}
        </p>
        {!isEnded(entry) && state !== "served" && !(error instanceof LoginDeclined) && (
          <p className={`line-state ${isLost ? "polling" : "live"}`}>
            {isLost ? messages.order.polling : messages.order.live}
          </p>
        )}
      </header>
      {state === "failed" && entry.endedBecause !== null && <Because code={entry.endedBecause} />}
      <BackWithMoney entry={entry} />
      {state === "served" && <Served entry={entry} />}
      <div className="order-side">
        {state === "awaitingPrepayment" && <Prepay entry={entry} />}
        {(state === "awaitingPrepayment" || state === "waiting") && <DeadlineBox entry={entry} />}
        <Facts entry={entry} />
      </div>
      <WaitedTrains entry={entry} nameOf={nameOf} />
      {entry.paidAt !== null && (state === "waiting" || entry.story.passedOver.length > 0) && <Story entry={entry} />}
      {state === "waiting" && <Leave entry={entry} />}
      {isEnded(entry) && (
        <Link className="button" to={againAddress(entry)}>
          {messages.order.orderAgain}
        </Link>
      )}
    </div>
  );
}

function Facts({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const passengers = usePassengers(true).data;
  const names = entry.passengers.flatMap(
    ({ passengerId }) => passengers?.find((each) => each.passengerId === passengerId)?.name ?? [],
  );
  return (
    <footer className="order-foot">
      <dl>
        <dt>{texts.passengers}</dt>
        <dd>
          <ForeignText>
            {names.length === entry.passengers.length
              ? messages.listOf(names)
              : texts.travelers(entry.passengers.length)}
          </ForeignText>
        </dd>
        <dt>{texts.prepaid}</dt>
        <dd className="number">{messages.money(entry.prepayFen, true)}</dd>
        <dt>{texts.number}</dt>
        <dd className="number">{entry.waitlistNo}</dd>
      </dl>
      <p className="soft">
        {texts.created(`${dayText(dateOf(entry.createdAt), messages)} ${timeOf(entry.createdAt)}`)}
      </p>
    </footer>
  );
}

/** The trains of its first day, to look again. */
function againAddress({ choices }: WaitlistEntryTold): string {
  const { from, to, boardingDate: date } = choices[0]!;
  return `/?${new URLSearchParams({ from: from.stationId, to: to.stationId, date }).toString()}`;
}
