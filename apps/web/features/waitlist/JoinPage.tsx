/**
 * A class that is sold out: to wait for it, with as many other trains and days as one likes, beside what can be had at once. Who is
 * logged in and travels as usual has one more button to press.
 */
import type { Problem, SeatClass, TrainOffer, WaitlistRequest } from "@chepiao/contracts";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { isRefused, Refused, Unreachable } from "../../lib/api.ts";
import { useServerNow } from "../../lib/clock.ts";
import { Notice, Spinner, useErrorText, useTitle } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { dateOf, dayText, earlierBy, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Link, navigate, useAddress } from "../../lib/router.tsx";
import { LoginDeclined, openLogin } from "../../lib/session.ts";
import { bookAddress, listAddress, readWanted, type Wanted, wantedAddress, wantedOf } from "../book/address.ts";
import { submitEntry } from "../book/attempt.ts";
import { noteParty } from "../book/draft.ts";
import { Passengers } from "../book/Passengers.tsx";
import { showPassengers, useParty, wrongPassenger } from "../book/useParty.ts";
import { Gone, JourneyOfTrain, type ShownTrain, WantedTrain } from "../book/WantedTrain.tsx";
import { dayOffers } from "../search/dayOffers.ts";
import { trainOffers } from "../search/trainOffers.ts";
import { beforeText } from "./durations.ts";
import { ChanceBefore } from "./Chance.tsx";
import { ClassOrder } from "./ClassOrder.tsx";
import { type DayFailure, MoreTrains } from "./MoreTrains.tsx";
import {
  canStand,
  classesToWaitFor,
  deadlineAmong,
  deadlinesFor,
  onceEach,
  prepayMostFen,
  journeyOf,
  requestOf,
  type WaitedTrain,
} from "./request.ts";
import { SeatsNow } from "./SeatsNow.tsx";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";
import { useWaitlistRules, type WaitlistRules } from "./useWaitlistRules.ts";
import { forgetWaitDraft, useWaitDraft, type WaitDraft } from "./waitDraft.ts";

const deadlineLooksEveryMs = 10_000;
const otherDaysStaleMs = 10_000;
const minuteMs = 60_000;

export function JoinPage() {
  const texts = useWaitlistMessages();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  useTitle(texts.title);
  return (
    <div className="page narrow book join">
      {wanted ? (
        <WantedTrain wanted={wanted}>
          {(shown) => <Joining key={query.toString()} wanted={wanted} {...shown} />}
        </WantedTrain>
      ) : (
        <Gone wanted={null} />
      )}
    </div>
  );
}

function Joining({ wanted, train, offer, trains, isGone }: ShownTrain & { readonly wanted: Wanted }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const { me, passengers, draft: partyDraft, change: changeParty, chosen, ticketTypeOf } = useParty();
  const partySize = Math.max(1, chosen.length);
  const [draft, change] = useWaitDraft(wanted);
  const [shownDay, setShownDay] = useState(wanted.date);
  const days = useQuery(dayOffers(wanted.from, wanted.to)).data?.days ?? [];
  const { trainsOf, failureOf } = useTrainsOfDays(wanted, trains, draft, shownDay);
  const all = onceEach([train, ...draft.added.flatMap((each) => wantedOf(trainsOf.get(each.date) ?? [], each) ?? [])]);
  const rules = useWaitlistRules();
  const waited = waitedTrains(all, draft.classes, partySize, rules);
  const now = useServerNow(deadlineLooksEveryMs);
  const deadlines = deadlinesFor(
    waited.map((each) => each.train.departAt),
    now,
    rules,
  );
  const deadlineMinutes = deadlineAmong(deadlines, draft.deadlineMinutes, rules);
  const mayStand = canStand(waited, partySize);
  const join = useJoin();
  const wrong = wrongPassenger(join.error, chosen);
  const edit = (fields: Partial<WaitDraft>) => {
    join.reset();
    change(fields);
  };
  const canBuy = offer.sellable && offer.free >= partySize;
  const hasWaitlist = rules.pendingMax > 0;
  const isOpen = hasWaitlist && train.sale === "open" && !isGone && deadlineMinutes !== null;

  const acceptsStanding = mayStand && draft.acceptsStanding;
  const journey =
    isOpen && deadlineMinutes !== null && waited.length > 0
      ? journeyOf(waited, { acceptsStanding, deadlineMinutes })
      : null;

  function onSubmit() {
    if (join.isPending) return;
    if (!me) return void openLogin().then(showPassengers, () => {});
    if (chosen.length === 0) return showPassengers();
    if (waited.length === 0 || deadlineMinutes === null) return;
    const party = chosen.map(({ passengerId }) => ({ passengerId, ticketType: ticketTypeOf(passengerId) }));
    noteParty(party.map(({ passengerId }) => passengerId));
    join.mutate({ request: requestOf(waited, party, { acceptsStanding, deadlineMinutes }), waited });
  }

  return (
    <>
      <Link className="back" to={listAddress(wanted)}>
        ‹ {messages.book.backToList}
      </Link>
      <h1 className="join-title">{texts.soldOut(train.trainNumber, messages.classes[wanted.seatClass])}</h1>
      <form
        method="post"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <JourneyOfTrain train={train} />
        <SeatsNow wanted={wanted} train={train} trains={trains} days={days} partySize={partySize} />
        {canBuy && train.sale === "open" && (
          <Notice kind="good" title={texts.seatsBack} live>
            <Link className="button small" to={wantedAddress(wanted, "/book")}>
              {texts.buy}
            </Link>
          </Notice>
        )}
        {!hasWaitlist ? (
          <Notice kind="warn" title={texts.closed} />
        ) : train.sale !== "open" || isGone ? (
          <Notice kind="warn" title={messages.book.gone}>
            {messages.book.goneNote}
          </Notice>
        ) : (
          deadlineMinutes === null && <Notice kind="warn" title={texts.tooLate} />
        )}
        <section className="card section" aria-labelledby="wait-title">
          <h2 id="wait-title">{texts.wait}</h2>
          <p className="note">{texts.how}</p>
          <ClassOrder
            train={train}
            offered={classesOffered(all, draft.classes, partySize)}
            chosen={draft.classes}
            partySize={partySize}
            onChange={(classes) => edit({ classes })}
          />
          {mayStand && (
            <label className="check">
              <input
                type="checkbox"
                checked={draft.acceptsStanding}
                onChange={(event) => edit({ acceptsStanding: event.target.checked })}
              />
              {texts.standing}
            </label>
          )}
          {deadlineMinutes !== null && waited.length > 0 && (
            <DeadlineChoice
              possible={deadlines}
              chosen={deadlineMinutes}
              departAts={waited.map((each) => each.train.departAt)}
              onChoose={(minutes) => edit({ deadlineMinutes: minutes })}
            />
          )}
        </section>
        <MoreTrains
          wanted={wanted}
          train={train}
          days={days}
          shownDay={shownDay}
          trains={trainsOf.get(shownDay)}
          failure={failureOf(shownDay)}
          classes={draft.classes}
          added={draft.added}
          partySize={partySize}
          onDay={setShownDay}
          onChange={(added) => edit({ added })}
        />
        <Passengers
          me={me}
          passengers={passengers}
          draft={partyDraft}
          ticketTypeOf={ticketTypeOf}
          seatClass={wanted.seatClass}
          wrong={wrong}
          most={rules.passengersMax}
          onChange={(by) => {
            join.reset();
            changeParty(by);
          }}
        />
        <ChanceBefore asked={me && journey ? { ...journey, passengerCount: partySize } : null} />
        <div className="submit-bar">
          {!wrong && <Trouble error={join.error} wanted={wanted} waited={join.variables?.waited ?? waited} />}
          <div className="total">
            <span className="soft">{texts.atMost}</span>
            <strong className="number">{messages.money(prepayMostFen(waited, partySize))}</strong>
          </div>
          <button
            type="submit"
            className="button primary"
            disabled={me !== null && (!isOpen || waited.length === 0)}
            aria-disabled={join.isPending}
          >
            {join.isPending ? (
              <>
                <Spinner /> {texts.joining}
              </>
            ) : !me ? (
              messages.book.loginFirst
            ) : chosen.length === 0 ? (
              messages.book.choosePassenger
            ) : draft.classes.length === 0 ? (
              texts.chooseClass
            ) : (
              texts.join
            )}
          </button>
        </div>
      </form>
    </>
  );
}

/** The trains of every day that is shown or has one that is waited for. */
function useTrainsOfDays(wanted: Wanted, trains: readonly TrainOffer[], { added }: WaitDraft, shownDay: string) {
  const others = [...new Set([shownDay, ...added.map(({ date }) => date)])].filter((date) => date !== wanted.date);
  const answers = useQueries({
    queries: others.map((date) => ({ ...trainOffers(wanted.from, wanted.to, date), staleTime: otherDaysStaleMs })),
  });
  const trainsOf = new Map<string, readonly TrainOffer[] | undefined>([
    [wanted.date, trains],
    ...others.map((date, n) => [date, answers[n]?.data?.trains] as const),
  ]);
  const failureOf = (date: string): DayFailure | null => {
    const answer = answers[others.indexOf(date)];
    return answer?.isError ? { error: answer.error, retry: () => void answer.refetch() } : null;
  };
  return { trainsOf, failureOf };
}

/** Those that the party cannot have at once, the one it began with first. */
function waitedTrains(
  all: readonly TrainOffer[],
  classes: readonly SeatClass[],
  partySize: number,
  { datesMax }: WaitlistRules,
): readonly WaitedTrain[] {
  const days = new Set<string>();
  return all
    .map((train) => ({ train, classes: classesToWaitFor(train, classes, partySize) }))
    .filter((each) => {
      if (each.classes.length === 0 || each.train.sale !== "open") return false;
      days.add(each.train.boardingDate);
      return days.size <= datesMax;
    });
}

/** What can be waited for on one of the trains, and what was chosen before seats came back. Standing is asked for apart. */
function classesOffered(
  all: readonly TrainOffer[],
  chosen: readonly SeatClass[],
  partySize: number,
): readonly SeatClass[] {
  const classes = [...new Set(all.flatMap((train) => train.classes.map(({ seatClass }) => seatClass)))];
  return classes.filter(
    (seatClass) =>
      seatClass !== "standing" &&
      (chosen.includes(seatClass) || all.some((train) => classesToWaitFor(train, [seatClass], partySize).length > 0)),
  );
}

/** What is told about a refusal is of the trains that were asked for, also once seats on them have come back. */
type Attempt = { readonly request: WaitlistRequest; readonly waited: readonly WaitedTrain[] };

function useJoin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ request }: Attempt) => submitEntry(request),
    onSuccess: (entry) => {
      void client.invalidateQueries({ queryKey: ["waitlist"] });
      forgetWaitDraft();
      // Back leads to the list, and not to a form that would join once more.
      navigate(`/waitlist/${entry.waitlistNo}`, { replace: true });
    },
    onError: (error) => {
      // The railway's rules have changed since they were asked for.
      if (isRefused(error, "WaitlistDeadlineUnknown", "WaitlistTooMany", "OrderTooLarge"))
        void client.invalidateQueries({ queryKey: ["railway rules"] });
      if (isRefused(error, "PassengerUnknown")) void client.invalidateQueries({ queryKey: ["passengers"] });
      else if (isRefused(error)) void client.invalidateQueries({ queryKey: ["tickets"] });
    },
  });
}

function DeadlineChoice(props: {
  readonly possible: readonly number[];
  readonly chosen: number;
  readonly departAts: readonly string[];
  readonly onChoose: (minutes: number) => void;
}) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const last = props.departAts.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1)!;
  const at = earlierBy(last, props.chosen * minuteMs);
  return (
    <Field label={texts.deadline} hint={texts.deadlineNote(`${dayText(dateOf(at), messages)} ${timeOf(at)}`)}>
      {(given) => (
        <select {...given} value={props.chosen} onChange={(event) => props.onChoose(Number(event.target.value))}>
          {props.possible.map((minutes) => (
            <option key={minutes} value={minutes}>
              {beforeText(minutes, messages, texts)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type TroubleProps = { readonly error: unknown; readonly wanted: Wanted; readonly waited: readonly WaitedTrain[] };

function Trouble({ error, wanted, waited }: TroubleProps) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const text = useErrorText(error);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) box.current?.scrollIntoView({ block: "nearest" });
  }, [error]);
  if (!error || error instanceof LoginDeclined) return null;
  if (error instanceof Unreachable)
    return (
      <Notice kind="warn" title={messages.states.unreachable} live>
        {messages.book.unsure}
      </Notice>
    );
  const about = error instanceof Refused ? refusedTrain(error.problem, waited) : undefined;
  return (
    <div ref={box} className="notice bad" role="alert">
      <strong>{about && waited.length > 1 ? texts.ofTrain(about.train.trainNumber, text) : text}</strong>
      {error instanceof Refused && <WayOut problem={error.problem} wanted={wanted} about={about} />}
    </div>
  );
}

const refusedTrain = ({ facts }: Problem, waited: readonly WaitedTrain[]): WaitedTrain | undefined =>
  typeof facts?.["choice"] === "number" ? waited[facts["choice"]] : undefined;

/** What can be done about a refusal. */
function WayOut(props: {
  readonly problem: Problem;
  readonly wanted: Wanted;
  readonly about: WaitedTrain | undefined;
}) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const { problem, wanted, about } = props;
  switch (problem.code) {
    case "WaitlistNotNeeded": {
      const seatClass = about?.classes.find((each) => each === problem.facts?.["seatClass"]);
      if (!about || !seatClass) return null;
      const date = about.train.boardingDate;
      return <Link to={bookAddress({ ...wanted, date, train: about.train, seatClass })}>{texts.buy}</Link>;
    }
    case "WaitlistEntriesFull":
      return <Link to="/orders">{texts.toEntries}</Link>;
    case "WaitlistCrowded":
    case "WaitlistStopped":
      return <div>{texts.chooseOther}</div>;
    case "WaitlistTooLate":
      return <div>{texts.chooseLater}</div>;
    default:
      return problem.status >= 500 ? <div>{messages.book.unsure}</div> : null;
  }
}
