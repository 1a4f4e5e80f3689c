/**
 * Booking: who travels, in which class, with which wishes. Everything on one page, everything kept; what sells out meanwhile is said
 * here, with the nearest alternatives, and costs nothing that was typed.
 */
import type { OrderRequest } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { isRefused } from "../../lib/api.ts";
import { Notice, useTitle } from "../../lib/components.tsx";
import { readLegs } from "../../lib/legsAddress.ts";
import { Link, navigate, useAddress, withQuery } from "../../lib/router.tsx";
import { openLogin } from "../../lib/session.ts";
import { keep } from "../../lib/storage.ts";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useHasWaitlist } from "../../lib/railwayRules.ts";
import { useSoldFrom } from "../search/calendar.ts";
import { NotSoldNow } from "../search/NotSoldNow.tsx";
import { Opening } from "../search/Opening.tsx";
import { listAddress, readWanted, type Wanted } from "./address.ts";
import { Alternatives } from "./Alternatives.tsx";
import { alternativesTo } from "./alternativesTo.ts";
import { outdated, submitOrder } from "./attempt.ts";
import { ClassChoice } from "./ClassChoice.tsx";
import { faresOn } from "./fares.ts";
import { LegsBooking, searchIn } from "./LegsBooking.tsx";
import { type Draft, noteParty, noteWishes, requestOf } from "./draft.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";
import { QueueTurn } from "./QueueTurn.tsx";
import { SubmitButton } from "./SubmitButton.tsx";
import { Total } from "./Total.tsx";
import { Trouble } from "./Trouble.tsx";
import { useQueueing } from "./useQueueing.ts";
import { showPassengers, useParty, wrongPassenger } from "./useParty.ts";
import { Gone, JourneyOfTrain, type ShownTrain, WantedTrain } from "./WantedTrain.tsx";

export function BookPage() {
  const messages = useMessages();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  useTitle(messages.book.title);
  const legs = useMemo(() => readLegs(query), [query]);
  return (
    <div className="page narrow book">
      {wanted ? (
        <Booking wanted={wanted} />
      ) : legs ? (
        <LegsBooking legs={legs} search={searchIn(query, legs)} />
      ) : (
        <Gone wanted={null} />
      )}
    </div>
  );
}

function Booking({ wanted }: { readonly wanted: Wanted }) {
  const messages = useMessages();
  return (
    <WantedTrain wanted={wanted}>
      {(shown) => (
        <>
          <Link className="back" to={listAddress(wanted)}>
            ‹ {messages.book.backToList}
          </Link>
          <h1 className="hidden">{messages.book.title}</h1>
          <Form key={`${wanted.from} ${wanted.to}`} wanted={wanted} {...shown} />
        </>
      )}
    </WantedTrain>
  );
}

function Form({ wanted, train, offer, trains, isGone }: ShownTrain & { readonly wanted: Wanted }) {
  const messages = useMessages();
  const client = useQueryClient();
  const { me, passengers, draft, change, chosen, ticketTypeOf, wish } = useParty();
  const alternatives = useRef<HTMLDivElement>(null);
  const table = useQuery(faresOn({ ...wanted, from: wanted.board, to: wanted.alight }, chosen.length > 0)).data;

  const submit = useMutation({
    mutationFn: (request: OrderRequest) => submitOrder(request),
    onSuccess: (accepted, request) => {
      noteParty(chosen.map(({ passengerId }) => passengerId));
      keep("session", `bookedAt.${accepted.orderNo}`, location.pathname + location.search);
      noteWishes(
        accepted.orderNo,
        Object.fromEntries(
          request.passengers.flatMap(({ passengerId, preference }) => (preference ? [[passengerId, preference]] : [])),
        ),
      );
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["tickets"] });
      queueing.bought();
      navigate(`/order/${accepted.orderNo}`);
    },
    onError: (error) => {
      if (isRefused(error, ...outdated)) void client.invalidateQueries({ queryKey: ["tickets"] });
      if (isRefused(error, "PassengerUnknown")) void client.invalidateQueries({ queryKey: ["passengers"] });
    },
  });

  const queueing = useQueueing(submit.error, [wanted], train.sale === "notYet");
  const wrong = wrongPassenger(submit.error, chosen, messages);
  const partySize = Math.max(1, chosen.length);
  const refusedSoldOut = isRefused(submit.error, "SoldOut");
  const seenSoldOut = train.sale === "open" && (!offer.sellable || offer.free < partySize);
  const isShort = refusedSoldOut || seenSoldOut || isGone;
  const others = isShort ? alternativesTo({ ...wanted, departAt: train.departAt }, trains, partySize) : null;
  useEffect(() => {
    if (refusedSoldOut) alternatives.current?.scrollIntoView({ block: "start", behavior: "smooth" });
  }, [refusedSoldOut]);
  const switchTo = (fields: Readonly<Record<string, string>>) => {
    submit.reset();
    navigate(withQuery({ pathname: location.pathname, query: new URLSearchParams(location.search) }, fields), {
      replace: true,
    });
  };

  async function onSubmit() {
    if (submit.isPending) return;
    if (!me) return openLogin().then(showPassengers, () => {});
    if (chosen.length === 0) return showPassengers();
    const party: Draft = { ...draft, passengerIds: chosen.map(({ passengerId }) => passengerId) };
    submit.mutate(requestOf(wanted, party, ticketTypeOf));
  }

  const hasWaitlist = useHasWaitlist();
  const soldFrom = useSoldFrom();
  const canSell = train.sale === "open" && !isShort && soldFrom === null;
  return (
    <form
      method="post"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <JourneyOfTrain train={train} />
      {soldFrom !== null && train.sale === "open" && <NotSoldNow from={soldFrom} />}
      {train.sale !== "open" && (
        <Notice kind="warn" title={train.sale === "notYet" ? messages.book.notOpen : messages.search.closed}>
          {train.sale === "notYet" && (
            <>
              <Opening at={train.saleOpensAt} date={train.boardingDate} />
              {!me || chosen.length === 0 ? messages.book.prepare : messages.book.prepared}
            </>
          )}
        </Notice>
      )}
      <ClassChoice
        train={train}
        seatClass={wanted.seatClass}
        onChoose={(seatClass) => switchTo({ class: seatClass })}
      />
      <div ref={alternatives} className="anchor">
        {others && (
          <Alternatives
            wanted={wanted}
            train={train}
            seats={partySize}
            others={others}
            canWait={hasWaitlist && !isGone && wanted.seatClass !== "standing"}
            onSwitch={switchTo}
          />
        )}
      </div>
      <Passengers
        me={me}
        passengers={passengers}
        draft={draft}
        ticketTypeOf={ticketTypeOf}
        seatClass={wanted.seatClass}
        wrong={wrong}
        onChange={(by) => {
          submit.reset();
          change(by);
        }}
      />
      {chosen.length > 0 && (
        <SeatWishes
          wanted={wanted}
          party={chosen}
          wishes={draft.wishes}
          ticketTypeOf={ticketTypeOf}
          table={table}
          onWish={wish}
        />
      )}
      <section className="card section">
        <RefundRules departAt={train.departAt} />
        <p className="note">
          <Link to="/help">{messages.help.more}</Link>
        </p>
      </section>
      <div className="submit-bar">
        {queueing.queueId !== null && (
          <QueueTurn
            key={queueing.queueId}
            queueId={queueing.queueId}
            canGoOn={Boolean(me) && chosen.length > 0 && canSell}
            isBuying={submit.isPending}
            onTurn={() => void onSubmit()}
            onEnded={queueing.end}
          />
        )}
        {!wrong && !isRefused(submit.error, "QueueOn") && <Trouble error={submit.error} />}
        <Total parts={[{ offer, types: chosen.map(({ passengerId }) => ticketTypeOf(passengerId)), table }]} />
        <SubmitButton isOpen={canSell} isPending={submit.isPending} me={me} people={chosen.length} />
      </div>
    </form>
  );
}
