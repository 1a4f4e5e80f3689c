/** Further trains to wait for, of the same way, on this day and others. */
import type { DayOffer, SeatClass, TrainOffer } from "@chepiao/contracts";
import { useId, useMemo, useState } from "react";
import { Failure, ForeignText, SlowNote } from "../../lib/components.tsx";
import { dayText, minutesOfDay, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import type { Wanted } from "../book/address.ts";
import { bookAddress } from "../book/bookAddress.ts";
import {
  chosenOf,
  type ChosenTrain,
  classesToWaitFor,
  classToBuy,
  type LeftOut,
  onceEach,
  trainKey,
} from "./request.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";
import { useWaitlistRules } from "./useWaitlistRules.ts";

export type DayFailure = { readonly error: unknown; readonly retry: () => void };

type Props = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  readonly days: readonly DayOffer[];
  readonly shownDay: string;
  /** Of the day that is shown; undefined until they are known. */
  readonly trains: readonly TrainOffer[] | undefined;
  readonly failure: DayFailure | null;
  readonly classes: readonly SeatClass[];
  readonly added: readonly ChosenTrain[];
  readonly waitedCount: number;
  readonly partySize: number;
  readonly leftOutBecause: (train: TrainOffer) => LeftOut | null;
  readonly onDay: (date: string) => void;
  readonly onChange: (added: readonly ChosenTrain[]) => void;
};

/** So many are seen at first: those that leave nearest to the train that was wanted. */
const fewTrains = 5;

export function MoreTrains(props: Props) {
  const texts = useWaitlistMessages();
  const { added, waitedCount } = props;
  const { datesMax } = useWaitlistRules();
  // Later it is opened and closed by the person alone.
  const [opensAtFirst] = useState(added.length > 0);
  return (
    <details className="card section more-trains" open={opensAtFirst}>
      <summary>
        <span>{texts.more}</span>
        {added.length > 0 && <span className="badge key">{texts.trainsChosen(waitedCount)}</span>}
      </summary>
      <div className="more-trains-in">
        <p className="soft note">{texts.moreNote(datesMax)}</p>
        <Days {...props} />
        <TrainsOfDay key={props.shownDay} {...props} />
      </div>
    </details>
  );
}

function Days({ wanted, days, shownDay, added, onDay }: Props) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  return (
    <div className="coaches" role="group" aria-label={messages.search.date}>
      {days
        .filter(({ trains }) => trains > 0)
        .map(({ date }) => {
          const count = added.filter((each) => each.date === date).length + Number(date === wanted.date);
          return (
            <button
              key={date}
              type="button"
              className="chip"
              aria-pressed={date === shownDay}
              onClick={() => onDay(date)}
            >
              {dayText(date, messages)}
              {count > 0 && (
                <span className="chip-count">
                  <span aria-hidden="true">{count}</span>
                  <span className="hidden">{texts.onDay(count)}</span>
                </span>
              )}
            </button>
          );
        })}
    </div>
  );
}

/** Of no use here, unless they were chosen when they were. */
const unlisted: readonly (LeftOut | null)[] = ["closed", "noClass"];

function TrainsOfDay(props: Props) {
  const { wanted, train, shownDay, trains, failure, classes, added, partySize, leftOutBecause, onChange } = props;
  const texts = useWaitlistMessages();
  const { combinationsMax, datesMax } = useWaitlistRules();
  const [showsAll, setShowsAll] = useState(false);
  const isWanted = (other: TrainOffer) => trainKey(other) === trainKey(wanted);
  const open = onceEach(trains ?? []).filter(
    (other) => !isWanted(other) && (isAdded(other) || !unlisted.includes(leftOutBecause(other))),
  );
  const near = open.toSorted((a, b) => clockDistance(a, train) - clockDistance(b, train)).slice(0, fewTrains);
  const shown = showsAll ? open : open.filter((other) => near.includes(other) || isAdded(other));
  const stations = useMemo<readonly Named[]>(() => (trains ?? []).flatMap((other) => [other.from, other.to]), [trains]);
  const { nameOf } = useStationNames(stations);
  if (trains === undefined && failure) return <Failure {...failure} />;
  if (trains === undefined)
    return (
      <div aria-busy="true">
        <div className="skeleton line" />
        <SlowNote />
      </div>
    );

  function isAdded(other: TrainOffer): boolean {
    return added.some((each) => trainKey(each) === trainKey(other));
  }
  const days = new Set([wanted.date, ...added.map(({ date }) => date)]);
  const isFull = added.length + 1 >= combinationsMax || (!days.has(shownDay) && days.size >= datesMax);
  const toggle = (other: TrainOffer) => {
    const chosen = chosenOf(other, shownDay);
    const rest = added.filter((each) => trainKey(each) !== trainKey(other));
    onChange(rest.length < added.length ? rest : [...added, chosen]);
  };
  return (
    <>
      {open.length === 0 && <p className="soft note">{texts.noTrains}</p>}
      <ul className="people">
        {shown.map((other) => (
          <TrainRow
            key={trainKey(other)}
            train={other}
            classes={classesToWaitFor(other, classes, partySize)}
            because={leftOutBecause(other)}
            isIn={isAdded(other)}
            isFull={isFull}
            nameOf={nameOf}
            buyAt={bookAddress({
              ...wanted,
              date: shownDay,
              train: other,
              seatClass: classToBuy(other, classes, partySize)?.seatClass ?? wanted.seatClass,
            })}
            onToggle={() => toggle(other)}
          />
        ))}
      </ul>
      {shown.length < open.length && (
        <button type="button" className="button small quiet" onClick={() => setShowsAll(true)}>
          {texts.allTrains(open.length)}
        </button>
      )}
    </>
  );
}

function TrainRow(props: {
  readonly train: TrainOffer;
  /** To be waited for. */
  readonly classes: readonly SeatClass[];
  /** Why it cannot be; one that was chosen before can still be taken away. */
  readonly because: LeftOut | null;
  readonly isIn: boolean;
  readonly isFull: boolean;
  readonly nameOf: (station: Named) => string;
  readonly buyAt: string;
  readonly onToggle: () => void;
}) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const id = useId();
  const { train, classes, because, isIn, nameOf } = props;
  return (
    <li className={isIn ? "person in" : "person"}>
      <label className="person-label">
        <input
          type="checkbox"
          checked={isIn}
          disabled={!isIn && (because !== null || props.isFull)}
          aria-describedby={id}
          onChange={props.onToggle}
        />
        <span className="person-name number">
          {train.trainNumber} {timeOf(train.departAt)} → {timeOf(train.arriveAt)}
        </span>
        <span className="soft person-doc" id={id}>
          <ForeignText>{nameOf(train.from)}</ForeignText> → <ForeignText>{nameOf(train.to)}</ForeignText>
          {" · "}
          {because === null
            ? messages.listOf(classes.map((seatClass) => messages.classes[seatClass]))
            : texts.leftOut[because]}
        </span>
      </label>
      {because === "hasSeats" && (
        <Link className="button small quiet" to={props.buyAt}>
          {texts.hasSeats}
          <span className="hidden"> {messages.search.book(train.trainNumber, "")}</span>
        </Link>
      )}
    </li>
  );
}

/** By the clock alone: a train of another day is near if it leaves at about that time. */
const clockDistance = (a: TrainOffer, b: TrainOffer): number =>
  Math.abs(minutesOfDay(a.departAt) - minutesOfDay(b.departAt));
