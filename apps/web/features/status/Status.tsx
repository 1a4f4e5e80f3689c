/** Late, cancelled, and why: beside trains that are looked for, on the way of one, and over what was bought. Loaded when something is to be shown. */
import type { Order, RunsStatus, RunStatus } from "@chepiao/contracts";
import { useEffect, useMemo } from "react";
import { ForeignText, Notice } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { mayGoOtherwise, type Trip, tripsLeft } from "../../lib/orderLines.ts";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import type { Messages } from "../../messages/zh.ts";
import { statusEn } from "../../messages/status.en.ts";
import { statusZh } from "../../messages/status.zh.ts";
import type { Named } from "../../lib/places.ts";
import {
  type AskedRun,
  type Expected,
  expected,
  otherTrainUntil,
  runKey,
  type Statuses,
  statusOfWay,
  useStatuses,
} from "./status.ts";

const useTexts = () => (useLanguage().language === "zh" ? statusZh : statusEn);

/** Asks for all trains of a list at once, hands on what is known, and says what disturbs them. */
export function StatusOfTrains({
  trains,
  onKnown,
}: {
  readonly trains: readonly AskedRun[];
  readonly onKnown: (statuses: Statuses) => void;
}) {
  const { statuses, notices } = useStatuses(trains);
  useEffect(() => onKnown(statuses), [statuses, onKnown]);
  return <Notices notices={notices} />;
}

type Place = Named & { readonly stop?: number };
type WayProps = {
  readonly status: RunStatus;
  readonly from: Place;
  readonly to: Place;
  readonly nameOf: (station: Named) => string;
};

/** One line for a way on a train. */
export function StatusOfWay({ status, from, to, nameOf }: WayProps) {
  const texts = useTexts();
  const way = statusOfWay(status, from, to);
  if (way.isCancelled || way.isCut)
    return <p className="train-sale status off">{way.isCut ? texts.cancelledWay : texts.cancelled}</p>;
  const parts = [
    way.isFromSkipped ? texts.skippedAt(nameOf(from)) : way.departs && said(texts.departs, way.departs, texts),
    way.isToSkipped ? texts.skippedAt(nameOf(to)) : way.arrives && said(texts.arrives, way.arrives, texts),
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return (
    <p className="train-sale status" aria-live="polite">
      {parts.join(" · ")}
    </p>
  );
}

/** The line under a stop in the list of a train's stops. */
export function StatusOfStop({ status, stop }: { readonly status: RunStatus; readonly stop: number }) {
  const texts = useTexts();
  const found = status.stops.find((each) => each.stop === stop);
  if (!found) return null;
  if (found.skipped) return <span className="status off">{texts.skipped}</span>;
  const arrives = expected(found.arriveAt, found.arriveMinutesLate);
  const departs = expected(found.departAt, found.departMinutesLate);
  // Both are late alike at most stops: one is enough.
  const parts = [arrives && said(texts.arrives, arrives, texts), departs && said(texts.departs, departs, texts)];
  const shown = arrives?.minutesLate === departs?.minutesLate ? parts.slice(1) : parts;
  return <span className="status">{shown.filter((part) => part !== null).join(" · ")}</span>;
}

/** One line for a train at a station. */
export function StatusOfCall({ status, stop }: { readonly status: RunStatus; readonly stop: number }) {
  const texts = useTexts();
  if (status.cancelled) return <span className="status off">{texts.cancelled}</span>;
  return <StatusOfStop status={status} stop={stop} />;
}

/** Over the stops of a train. */
export function StatusOfTrain({
  train,
  onKnown,
}: {
  readonly train: AskedRun;
  readonly onKnown: (statuses: Statuses) => void;
}) {
  const texts = useTexts();
  const { statuses, notices } = useStatuses(useMemo(() => [train], [train]));
  useEffect(() => onKnown(statuses), [statuses, onKnown]);
  return (
    <>
      {statuses.get(runKey(train))?.cancelled && <Notice kind="bad" title={texts.cancelled} />}
      <Notices notices={notices} />
    </>
  );
}

/** Over an order with tickets, and those who print it read it, too. */
export function StatusOfOrder({
  order,
  nameOf,
}: {
  readonly order: Order;
  readonly nameOf: (station: Named) => string;
}) {
  const texts = useTexts();
  const messages = useMessages();
  const trips = useMemo(() => tripsLeft(order), [order]);
  const { statuses, notices } = useStatuses(trips);
  const { suspendedDays, change } = useRailwayRules() ?? {};
  return (
    <>
      {trips.map((trip) => {
        const status = statuses.get(runKey(trip));
        const way = status && statusOfWay(status, trip.from, trip.to);
        const lost = lostCoachesOf(order, trip, status);
        const what = way?.isCut ? texts.cancelledWay : texts.cancelled;
        const title = trips.length > 1 ? `${trip.trainNumber} · ${what}` : what;
        return way?.isCancelled || way?.isCut ? (
          <Notice key={trip.lines[0]} kind="bad" title={title} live>
            {cancelledNote(order, trip.lines, texts, way.isCut, suspendedDays)}
            {change && canTakeAnother(order, trip, status!) && otherTrainText(status!, trip, messages, texts)}
          </Notice>
        ) : lost.length > 0 ? (
          <Notice key={trip.lines[0]} kind="warn" title={texts.coachLost(lost.join(", "))} live>
            {texts.coachLostNote}
          </Notice>
        ) : status?.exchangedTo !== undefined && Date.parse(order.now) < Date.parse(trip.departAt) ? (
          <Notice key={trip.lines[0]} kind="warn" title={texts.exchanged(status.exchangedTo)} live>
            {texts.exchangedNote}
          </Notice>
        ) : (
          status && <StatusOfWay key={trip.lines[0]} status={status} from={trip.from} to={trip.to} nameOf={nameOf} />
        );
      })}
      <Notices notices={notices} />
    </>
  );
}

/** Those in which somebody of the order has a ticket for a train that has not left. */
function lostCoachesOf({ now, tickets }: Order, trip: Trip, status: RunStatus | undefined): readonly number[] {
  if (Date.parse(now) >= Date.parse(trip.departAt)) return [];
  const isSeatedIn = (coachNo: number) =>
    tickets.some(
      (ticket) => trip.lines.includes(ticket.line) && ticket.state === "issued" && ticket.coachNo === coachNo,
    );
  return status?.lostCoaches?.filter(isSeatedIn) ?? [];
}

const canTakeAnother = ({ now, tickets }: Order, trip: Trip, status: RunStatus): boolean =>
  Date.parse(now) < Date.parse(otherTrainUntil(status, trip)) &&
  tickets.some((ticket) => trip.lines.includes(ticket.line) && mayGoOtherwise(ticket, trip));

/** A feed does not say when the money goes back. */
function otherTrainText(status: RunStatus, trip: Trip, messages: Messages, texts: ReturnType<typeof useTexts>): string {
  if (status.refundsFrom === undefined) return texts.cancelledOther;
  const until = otherTrainUntil(status, trip);
  return texts.cancelledOtherUntil(`${dayText(dateOf(until), messages)} ${timeOf(until)}`);
}

const cancelledNote = (
  order: Order,
  lines: readonly number[],
  texts: ReturnType<typeof useTexts>,
  isCut: boolean,
  suspendedDays: number | undefined,
): string => {
  const what = isCut ? texts.notRunWay : texts.notRun;
  const tickets = order.tickets.filter(({ line }) => lines.includes(line));
  if (tickets.some(({ state }) => state === "issued" || state === "used"))
    return suspendedDays === undefined ? texts.cancelledFree(what) : texts.cancelledFreeUntil(what, suspendedDays);
  return tickets.some(({ state }) => state === "refunding" || state === "refunded")
    ? texts.cancelledBack(what)
    : texts.cancelledNote(what);
};

function said(
  text: (time: string) => string,
  { at, minutesLate }: Expected,
  { late, early, onTime }: ReturnType<typeof useTexts>,
): string {
  return text(timeOf(at)) + (minutesLate === 0 ? onTime : minutesLate > 0 ? late(minutesLate) : early(-minutesLate));
}

function Notices({ notices }: { readonly notices: RunsStatus["notices"] }) {
  const { language } = useLanguage();
  const texts = useTexts();
  if (notices.length === 0) return null;
  return (
    <section className="notices" aria-label={texts.notices}>
      {notices.map(({ title, text, url }) => (
        <Notice key={JSON.stringify([title, text])} kind="warn" title={title[language] || text[language]}>
          {title[language] !== "" && text[language] !== "" && (
            <p>
              <ForeignText>{text[language]}</ForeignText>
            </p>
          )}
          {url !== null && (
            <a href={url} rel="noreferrer" target="_blank">
              {texts.more}
            </a>
          )}
        </Notice>
      ))}
    </section>
  );
}
