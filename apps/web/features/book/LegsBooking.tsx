/**
 * Booking of several trains, or of two seats on one, in one order: all of them are bought, or none. Who travels is chosen once, and is on
 * every leg.
 */
import type { Accepted, OrderRequest, SeatPreference } from "@chepiao/contracts";
import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { Fragment } from "react";
import { isRefused } from "../../lib/api.ts";
import { Failure, Notice, SlowNote } from "../../lib/components.tsx";
import { durationText } from "../../lib/format.ts";
import { type LegAddress, legsAddress, type LegsSearch } from "../../lib/legsAddress.ts";
import { useMessages } from "../../lib/messages.tsx";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { Link, navigate } from "@chepiao/ui";
import { openLogin } from "../../lib/session.ts";
import { keep } from "../../lib/storage.ts";
import { useSoldFrom } from "../search/calendar.ts";
import { NotSoldNow } from "../search/NotSoldNow.tsx";
import { Opening } from "../search/Opening.tsx";
import { listAddress, type Wanted } from "./address.ts";
import { lineOf, outdated, submitOrder } from "./attempt.ts";
import { ClassChoice } from "./ClassChoice.tsx";
import { noteParty, noteWishes, requestOf } from "./draft.ts";
import { faresOn } from "./fares.ts";
import { type LegOffer, useLegOffers } from "./legOffers.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";
import { SubmitButton } from "./SubmitButton.tsx";
import { Total } from "./Total.tsx";
import { QueueTurn } from "./QueueTurn.tsx";
import { Trouble } from "./Trouble.tsx";
import { useQueueing } from "./useQueueing.ts";
import { draftOf, showPassengers, useParty, wrongPassenger } from "./useParty.ts";
import { Gone, JourneyOfTrain } from "./WantedTrain.tsx";

type Props = { readonly legs: readonly LegAddress[]; readonly search: LegsSearch };

/** The search that they were found by; made of the legs where the address does not say. */
export const searchIn = (query: URLSearchParams, legs: readonly LegAddress[]): LegsSearch => ({
  from: query.get("from") ?? legs[0]!.from,
  to: query.get("to") ?? legs.at(-1)!.to,
  date: query.get("date") ?? legs[0]!.originDate,
});

export function LegsBooking({ legs, search }: Props) {
  const messages = useMessages();
  const { offers, isPending, error, refetch } = useLegOffers(legs);
  if (error) return <Failure error={error} retry={refetch} />;
  if (isPending) {
    return (
      <div aria-busy="true">
        <div className="skeleton block" />
        <div className="skeleton block" />
        <SlowNote />
      </div>
    );
  }
  if (!offers.every((offer) => offer !== null)) return <Gone wanted={wantedOf(legs[0]!, search)} />;
  return (
    <>
      <Link className="back" to={listAddress(search)}>
        ‹ {messages.book.backToList}
      </Link>
      <h1 className="hidden">{messages.book.title}</h1>
      <Form legs={offers} search={search} />
    </>
  );
}

/** A leg in the form in which a single train is wanted. */
const wantedOf = ({ from, to, ...leg }: LegAddress, search: LegsSearch): Wanted => ({
  ...search,
  ...leg,
  board: from,
  alight: to,
});

function Form({ legs, search }: { readonly legs: readonly LegOffer[]; readonly search: LegsSearch }) {
  const messages = useMessages();
  const { me, passengers, draft, change, chosen, free, ticketTypeOf, wish } = useParty();
  const { submit, queueing } = useSubmit(
    legs,
    chosen.map(({ passengerId }) => passengerId),
  );
  const tables = useQueries({ queries: legs.map(({ leg }) => faresOn(leg, chosen.length > 0)) });

  const partySize = Math.max(1, chosen.length);
  const refusedLine = lineOf(submit.error);
  const wrong = wrongPassenger(submit.error, chosen, messages, free);
  const isShort = ({ train, offer }: LegOffer, n: number) =>
    (train.sale === "open" && (!offer.sellable || offer.free < partySize)) ||
    (isRefused(submit.error, "SoldOut") && refusedLine === n);
  const soldFrom = useSoldFrom();
  const canSell = soldFrom === null && legs.every((leg, n) => leg.train.sale === "open" && !isShort(leg, n));
  const about = legs[refusedLine]?.train.trainNumber;

  function switchClass(n: number, seatClass: LegAddress["seatClass"]) {
    submit.reset();
    const after = legs.map(({ leg }, other) => (other === n ? { ...leg, seatClass } : leg));
    navigate(legsAddress(after, search), { replace: true });
  }

  function onSubmit() {
    if (submit.isPending) return;
    if (!me) return void openLogin().then(showPassengers, () => {});
    if (chosen.length === 0) return showPassengers();
    const party = draftOf(draft, chosen, free);
    const lines = legs.map(({ leg }) => requestOf(wantedOf(leg, search), party, ticketTypeOf));
    submit.mutate(lines);
  }

  return (
    <form
      method="post"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {soldFrom !== null && <NotSoldNow from={soldFrom} />}
      {legs.map((leg, n) => (
        <Fragment key={`${leg.leg.trainNumber} ${leg.leg.from}`}>
          {n > 0 && <Between before={legs[n - 1]!} after={leg} />}
          <JourneyOfTrain train={leg.train} />
          {leg.train.sale !== "open" && (
            <Notice kind="warn" title={leg.train.sale === "notYet" ? messages.book.notOpen : messages.search.closed}>
              {leg.train.sale === "notYet" && <Opening at={leg.train.saleOpensAt} />}
            </Notice>
          )}
          <ClassChoice
            train={leg.train}
            seatClass={leg.leg.seatClass}
            onChoose={(seatClass) => switchClass(n, seatClass)}
          />
          {isShort(leg, n) && (
            <Notice kind="warn" title={messages.book.soldOut} live>
              {messages.book.legShort(messages.classes[leg.leg.seatClass], partySize)}{" "}
              <Link to={listAddress(search)}>{messages.book.backToList}</Link>
            </Notice>
          )}
        </Fragment>
      ))}
      <Passengers
        me={me}
        passengers={passengers}
        draft={draft}
        ticketTypeOf={ticketTypeOf}
        seatClass={legs[0]!.leg.seatClass}
        date={legs[0]!.train.boardingDate}
        tickets={legs.length}
        takesFree
        wrong={wrong && about !== undefined ? { ...wrong, message: `${about} · ${wrong.message}` } : wrong}
        onChange={(by) => {
          submit.reset();
          change(by);
        }}
      />
      {chosen.length > 0 &&
        firstOfClass(legs).map(({ leg }) => (
          <SeatWishes
            key={leg.seatClass}
            wanted={wantedOf(leg, search)}
            party={chosen}
            wishes={draft.wishes}
            ticketTypeOf={ticketTypeOf}
            table={tables[legs.findIndex((each) => each.leg === leg)]?.data}
            onWish={wish}
          />
        ))}
      <section className="card section">
        <RefundRules departAt={legs[0]!.train.departAt} />
        <p className="note">{messages.book.legsNote}</p>
        <p className="note">
          <Link to="/help">{messages.help.more}</Link>
        </p>
      </section>
      <div className="submit-bar">
        {queueing.queueId !== null && (
          <QueueTurn
            key={queueing.queueId}
            queueId={queueing.queueId}
            canGoOn={me !== null && chosen.length > 0 && canSell}
            isBuying={submit.isPending}
            onTurn={onSubmit}
            onEnded={queueing.end}
          />
        )}
        {!wrong && !isRefused(submit.error, "QueueOn") && (
          <Trouble error={submit.error} {...(about === undefined ? {} : { about })} />
        )}
        <Total
          parts={legs.map(({ offer }, n) => ({
            offer,
            types: chosen.map(({ passengerId }) => ticketTypeOf(passengerId)),
            table: tables[n]?.data,
          }))}
        />
        <SubmitButton isOpen={canSell} isPending={submit.isPending} me={me} people={chosen.length} />
      </div>
    </form>
  );
}

/** Wishes are made once for each class: letters and berths are the same on every train. */
const firstOfClass = (legs: readonly LegOffer[]): readonly LegOffer[] =>
  legs.filter(({ leg }, n) => legs.findIndex((other) => other.leg.seatClass === leg.seatClass) === n);

/** How long there is to change trains, or that it is only the seat that changes. */
function Between({ before, after }: { readonly before: LegOffer; readonly after: LegOffer }) {
  const messages = useMessages();
  const minutes = Math.round((Date.parse(after.train.departAt) - Date.parse(before.train.arriveAt)) / 60_000);
  const isSameTrain =
    before.leg.trainNumber === after.leg.trainNumber && before.leg.originDate === after.leg.originDate;
  return (
    <p className="soft note">
      {isSameTrain ? messages.book.changeSeat : messages.book.changeTrain(durationText(Math.max(0, minutes), messages))}
    </p>
  );
}

function useSubmit(legs: readonly LegOffer[], party: readonly number[]) {
  const client = useQueryClient();
  const submit = useMutation({
    mutationFn: (lines: OrderRequest[]): Promise<Accepted> => submitOrder({ lines }),
    onSuccess: ({ orderNo }, lines) => {
      noteParty(party);
      keep("session", `bookedAt.${orderNo}`, location.pathname + location.search);
      const wishes = lines.flatMap(({ passengers }) =>
        passengers.flatMap(({ passengerId, preference }): [number, SeatPreference][] =>
          preference ? [[passengerId, preference]] : [],
        ),
      );
      noteWishes(orderNo, Object.fromEntries(wishes));
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["tickets"] });
      queueing.bought();
      navigate(`/order/${orderNo}`);
    },
    onError: (error) => {
      if (isRefused(error, ...outdated)) void client.invalidateQueries({ queryKey: ["tickets"] });
      if (isRefused(error, "PassengerUnknown")) void client.invalidateQueries({ queryKey: ["passengers"] });
    },
  });
  const queueing = useQueueing(
    submit.error,
    legs.map(({ leg }) => leg),
    legs.some(({ train }) => train.sale === "notYet"),
  );
  return { submit, queueing };
}
