/**
 * A class that is sold out: to wait for it, with as many other trains and days as one likes, beside what can be had at once. Who is
 * logged in and travels as usual has one more button to press.
 */
import type { SeatClass, TrainOffer, WaitlistRequest } from "@chepiao/contracts";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { isRefused } from "../../lib/api.ts";
import { useServerNow } from "../../lib/clock.ts";
import { Empty, Spinner, useTitle } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { dateOf, dayText, earlierBy, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { railwayRulesKey, useHasWaitlist } from "../../lib/railwayRules.ts";
import { Link, navigate, useAddress } from "@chepiao/ui";
import { openLogin } from "../../lib/session.ts";
import { listAddress, readWanted, type Wanted, wantedAddress, wantedOf } from "../book/address.ts";
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
import { JoinTrouble } from "./JoinTrouble.tsx";
import { LeftOutTrains } from "./LeftOutTrains.tsx";
import { type DayFailure, MoreTrains } from "./MoreTrains.tsx";
import {
  addedLeftOut,
  canStand,
  classesToWaitFor,
  classToBuy,
  considered,
  deadlineAmong,
  deadlinesFor,
  leftOutBecause,
  nextToBegin,
  onceEach,
  ownLeftOut,
  prepayMostFen,
  journeyOf,
  requestOf,
  trainKey,
  type WaitedTrain,
} from "./request.ts";
import { OwnTrain } from "./OwnTrain.tsx";
import { SeatsNow } from "./SeatsNow.tsx";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";
import { useWaitlistRules } from "./useWaitlistRules.ts";
import { forgetWaitDraft, passOnWaitDraft, useWaitDraft, type WaitDraft } from "./waitDraft.ts";

const deadlineLooksEveryMs = 10_000;
const otherDaysStaleMs = 10_000;
const minuteMs = 60_000;

export function JoinPage() {
  const texts = useWaitlistMessages();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  const hasWaitlist = useHasWaitlist();
  useTitle(texts.title);
  return (
    <div className="page narrow book join">
      {!hasWaitlist ? (
        <NoWaitlist wanted={wanted} />
      ) : wanted ? (
        <WantedTrain wanted={wanted}>
          {(shown) => <Joining key={query.toString()} wanted={wanted} {...shown} />}
        </WantedTrain>
      ) : (
        <Gone wanted={null} />
      )}
    </div>
  );
}

/** An address that was passed on, or kept from before the railway ended it. */
function NoWaitlist({ wanted }: { readonly wanted: Wanted | null }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  return (
    <Empty
      heading="h1"
      title={texts.closed}
      action={
        <Link className="button primary" to={wanted ? listAddress(wanted) : "/"}>
          {messages.book.backToList}
        </Link>
      }
    >
      {texts.closedNote}
    </Empty>
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
  const found = onceEach([
    ...(isGone ? [] : [train]),
    ...draft.added.flatMap((each) => wantedOf(trainsOf.get(each.date) ?? [], each) ?? []),
  ]);
  const rules = useWaitlistRules();
  const now = useServerNow(deadlineLooksEveryMs);
  const wish = { classes: draft.classes, partySize, nowMs: now, rules };
  const all = considered(found, wish);
  const own = ownLeftOut(all, draft.classes, isGone);
  const waited = all.filter(({ leftOut }) => leftOut === null);
  const deadlines = deadlinesFor(
    waited.map((each) => each.train),
    now,
    rules,
  );
  const deadlineMinutes = deadlineAmong(deadlines, draft.deadlineMinutes, rules);
  const mayStand = canStand(waited, partySize);
  const join = useJoin();
  const wrong = wrongPassenger(join.error, chosen, messages);
  const edit = (fields: Partial<WaitDraft>) => {
    join.reset();
    change(fields);
  };
  const canBuy = offer.sellable && offer.free >= partySize;
  const acceptsStanding = mayStand && draft.acceptsStanding;
  const journey =
    deadlineMinutes !== null && waited.length > 0 ? journeyOf(waited, { acceptsStanding, deadlineMinutes }) : null;
  const without = (key: string) => edit({ added: draft.added.filter((each) => trainKey(each) !== key) });

  /** Where it is the train that the page is about, the page of the next goes on with the others. */
  function withoutIt(other: TrainOffer): (() => void) | null {
    const key = trainKey(other);
    if (draft.added.some((each) => trainKey(each) === key)) return () => without(key);
    const following = nextToBegin(draft.added, waited);
    if (!following) return null;
    const { next, seatClass } = following;
    return () => {
      const begun = { ...wanted, ...next, seatClass };
      passOnWaitDraft(begun, { ...draft, added: draft.added.filter((each) => each !== next) });
      navigate(wantedAddress(begun, "/waitlist"), { replace: true });
    };
  }

  function onSubmit() {
    if (join.isPending) return;
    if (!me) return void openLogin().then(showPassengers, () => {});
    if (chosen.length === 0) return showPassengers();
    if (waited.length === 0 || deadlineMinutes === null) return;
    const party = chosen.map(({ passengerId }) => ({ passengerId, ticketType: ticketTypeOf(passengerId) }));
    noteParty(party.map(({ passengerId }) => passengerId));
    const { acceptsAdded } = draft;
    join.mutate({ request: requestOf(waited, party, { acceptsStanding, acceptsAdded, deadlineMinutes }), waited });
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
        <OwnTrain
          wanted={wanted}
          train={train}
          because={own}
          seatsBack={canBuy && train.sale === "open"}
          toBuy={classToBuy(train, draft.classes, partySize)?.seatClass ?? null}
          hasOthers={waited.length > 0}
        />
        <section className="card section" aria-labelledby="wait-title">
          <h2 id="wait-title">{texts.wait}</h2>
          <p className="note">{texts.how}</p>
          <ClassOrder
            train={train}
            offered={classesOffered(found, draft.classes, partySize)}
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
          <label className="check">
            <input
              type="checkbox"
              checked={draft.acceptsAdded}
              onChange={(event) => edit({ acceptsAdded: event.target.checked })}
            />
            {texts.addedTrains}
          </label>
          {journey && deadlineMinutes !== null && (
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
          waitedCount={waited.length}
          partySize={partySize}
          leftOutBecause={(other) => leftOutBecause(other, wish)}
          onDay={setShownDay}
          onChange={(added) => edit({ added })}
        />
        {draft.classes.length > 0 && (
          <LeftOutTrains
            trains={addedLeftOut(draft.added, trainsOf, all)}
            onTakeAway={(added) => without(trainKey(added))}
          />
        )}
        <Passengers
          me={me}
          passengers={passengers}
          draft={partyDraft}
          ticketTypeOf={ticketTypeOf}
          seatClass={wanted.seatClass}
          wrong={wrong}
          date={train.boardingDate}
          most={rules.passengersMax}
          onChange={(by) => {
            join.reset();
            changeParty(by);
          }}
        />
        <ChanceBefore asked={me && journey ? { ...journey, passengerCount: partySize } : null} />
        <div className="submit-bar">
          <JoinTrouble
            error={join.error}
            isToldThere={wrong !== null}
            wanted={wanted}
            waited={join.variables?.waited ?? waited}
            withoutIt={withoutIt}
          />
          <div className="total">
            <span className="soft">{texts.atMost}</span>
            <strong className="number">{messages.money(prepayMostFen(waited, partySize))}</strong>
          </div>
          <button
            type="submit"
            className="button primary"
            disabled={me !== null && journey === null}
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
      if (isRefused(error, "WaitlistDeadlineUnknown", "WaitlistEntriesFull", "WaitlistTooMany", "OrderTooLarge"))
        void client.invalidateQueries({ queryKey: railwayRulesKey });
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
