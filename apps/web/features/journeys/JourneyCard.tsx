/** A journey with a change: its trains, where and how one changes, what it costs, and the way to book all of it. */
import type { JourneyLeg, JourneyPlan, JourneyTransfer } from "@chepiao/contracts";
import { Fragment } from "react";
import { ForeignText } from "../../lib/components.tsx";
import { dateOf, dayText, durationText, timeOf } from "../../lib/format.ts";
import { DaysLater, JourneyEnd } from "../../lib/journey.tsx";
import { legsAddress } from "../../lib/legsAddress.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useSeatsLeft } from "../../lib/railwayRules.ts";
import type { Named } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { legsOf } from "./choices.ts";
import { useJourneysMessages } from "./useJourneysMessages.ts";

type Props = {
  readonly plan: JourneyPlan;
  readonly passengers: number;
  readonly search: { readonly from: string; readonly to: string; readonly date: string };
  readonly nameOf: (station: Named) => string;
};

export function JourneyCard({ plan, passengers, search, nameOf }: Props) {
  const messages = useMessages();
  const texts = useJourneysMessages();
  const { legs, transfers } = plan;
  const trains = [...new Set(legs.map(({ trainNumber }) => trainNumber))];
  return (
    <article className="train journey" data-journey={legs.map(({ trainNumber }) => trainNumber).join(" ")}>
      <div className="train-way">
        <JourneyEnd at={plan.departAt} station={nameOf(legs[0]!.from)} />
        <div className="train-mid">
          <span>{plan.kind === "sameTrain" ? texts.sameTrain : texts.changes(plan.changes)}</span>
          <span className="train-duration">{durationText(plan.durationMinutes, messages)}</span>
          <span className="train-line" aria-hidden="true" />
        </div>
        <JourneyEnd
          at={plan.arriveAt}
          station={nameOf(legs.at(-1)!.to)}
          last
          besideTime={<DaysLater days={plan.arrivesDaysLater} />}
        />
      </div>
      <ol className="journey-legs">
        {legs.map((leg, n) => (
          <Fragment key={`${leg.trainNumber} ${leg.from.stop}`}>
            {n > 0 && (
              <li className="journey-change">
                <Change transfer={transfers[n - 1]!} before={legs[n - 1]!} after={leg} nameOf={nameOf} />
              </li>
            )}
            <li className="journey-leg">
              <Leg leg={leg} firstDay={dateOf(plan.departAt)} nameOf={nameOf} />
            </li>
          </Fragment>
        ))}
      </ol>
      <div className="journey-book">
        <p>
          <strong>{messages.money(plan.totalFen)}</strong>
          {passengers > 1 && <span className="soft"> · {texts.people(passengers)}</span>}
        </p>
        <Link className="button primary" to={legsAddress(legsOf(plan), search)}>
          {texts.book}
          <span className="hidden">{texts.bookTrains(messages.listOf(trains))}</span>
        </Link>
      </div>
    </article>
  );
}

type LegProps = { readonly leg: JourneyLeg; readonly firstDay: string; readonly nameOf: Props["nameOf"] };

function Leg({ leg, firstDay, nameOf }: LegProps) {
  const messages = useMessages();
  const seatsLeft = useSeatsLeft();
  const day = dateOf(leg.departAt);
  return (
    <>
      <span className="journey-train">
        <strong>{leg.trainNumber}</strong> {day !== firstDay && <span>{dayText(day, messages)} </span>}
        <time dateTime={leg.departAt}>{timeOf(leg.departAt)}</time>–
        <time dateTime={leg.arriveAt}>{timeOf(leg.arriveAt)}</time>
      </span>
      <span className="soft">
        <ForeignText>{`${nameOf(leg.from)} → ${nameOf(leg.to)}`}</ForeignText>
      </span>
      <span className="journey-fare">
        {messages.classes[leg.seatClass]} {messages.money(leg.fareFen)}
        <span className={leg.free > 20 ? "offer-left many" : "offer-left few"}> {seatsLeft(leg.free)}</span>
      </span>
    </>
  );
}

type ChangeProps = {
  readonly transfer: JourneyTransfer;
  readonly before: JourneyLeg;
  readonly after: JourneyLeg;
  readonly nameOf: Props["nameOf"];
};

function Change({ transfer, before, after, nameOf }: ChangeProps) {
  const messages = useMessages();
  const texts = useJourneysMessages();
  const [arrives, leaves] = [nameOf(before.to), nameOf(after.from)];
  const time = durationText(transfer.waitMinutes, messages);
  const said =
    transfer.kind === "seat"
      ? texts.seat(leaves, transfer.waitMinutes)
      : transfer.kind === "station"
        ? texts.station(leaves, time)
        : texts.city(arrives, leaves, time);
  return <ForeignText>{said}</ForeignText>;
}
