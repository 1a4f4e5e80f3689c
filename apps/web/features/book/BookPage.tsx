/**
 * Booking: who travels, in which class, with which wishes. Everything on one page, everything kept; what sells out meanwhile is said
 * here, with the nearest alternatives, and costs nothing that was typed.
 */
import type { PurchaseRequest } from "@chepiao/contracts";
import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { isRefused } from "../../lib/api.ts";
import { Notice, useTitle } from "../../lib/components.tsx";
import { readLegs } from "../../lib/legsAddress.ts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
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
import { lineOf, outdated, submitOrder } from "./attempt.ts";
import { ClassChoice } from "./ClassChoice.tsx";
import { classGroups, isShort, linesOfPurchase, purchaseOf } from "./classGroups.ts";
import { ClassOfEach } from "./ClassOfEach.tsx";
import { faresOn } from "./fares.ts";
import { LegsBooking, searchIn } from "./LegsBooking.tsx";
import { noteParty, noteWishes, othersOf, withOther } from "./draft.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";
import { QueueTurn } from "./QueueTurn.tsx";
import { SubmitButton } from "./SubmitButton.tsx";
import { Total } from "./Total.tsx";
import { Trouble } from "./Trouble.tsx";
import { useQueueing } from "./useQueueing.ts";
import { draftOf, showPassengers, useParty, wrongPassenger } from "./useParty.ts";
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
          <Form key={journeyOf(wanted)} wanted={wanted} {...shown} />
        </>
      )}
    </WantedTrain>
  );
}

/** The places of the search: on another train between them a party stays as it was divided. */
const journeyOf = ({ from, to }: Wanted): string => `${from} ${to}`;

function Form({ wanted, train, offer, trains, isGone }: ShownTrain & { readonly wanted: Wanted }) {
  const messages = useMessages();
  const client = useQueryClient();
  const { me, passengers, draft, change, chosen, free, ticketTypeOf, wish } = useParty();
  const alternatives = useRef<HTMLDivElement>(null);
  const groups = classGroups(chosen, othersOf(draft, journeyOf(wanted)), wanted.seatClass, train.classes);
  const way = { ...wanted, from: wanted.board, to: wanted.alight };
  const tables = useQueries({
    queries: groups.map(({ offer: { seatClass } }) => faresOn({ ...way, seatClass }, true)),
  });

  const submit = useMutation({
    mutationFn: (request: PurchaseRequest) => submitOrder(request),
    onSuccess: (accepted, request) => {
      noteParty(chosen.map(({ passengerId }) => passengerId));
      keep("session", `bookedAt.${accepted.orderNo}`, location.pathname + location.search);
      noteWishes(
        accepted.orderNo,
        Object.fromEntries(
          linesOfPurchase(request).flatMap(({ passengers: some }) =>
            some.flatMap(({ passengerId, preference }) => (preference ? [[passengerId, preference]] : [])),
          ),
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
  // What is refused of one of several lines says which.
  const refused = groups.length === 1 ? groups[0] : groups[lineOf(submit.error)];
  const fault = wrongPassenger(submit.error, refused?.party ?? chosen, messages, groups.length === 1 ? free : []);
  const wrong =
    fault && refused && groups.length > 1
      ? { ...fault, message: `${messages.classes[refused.offer.seatClass]} · ${fault.message}` }
      : fault;
  const inMain = groups.find(({ offer: { seatClass } }) => seatClass === wanted.seatClass);
  const partySize = Math.max(1, inMain?.party.length ?? 0);
  const isOfMain = chosen.length === 0 || inMain !== undefined;
  const refusedSoldOut = isRefused(submit.error, "SoldOut") && (refused === undefined || refused === inMain);
  const seenSoldOut = isOfMain && train.sale === "open" && (!offer.sellable || offer.free < partySize);
  const isMainShort = refusedSoldOut || seenSoldOut || isGone;
  const shortOthers = groups.filter(
    (group) =>
      group !== inMain &&
      ((train.sale === "open" && isShort(group)) || (isRefused(submit.error, "SoldOut") && refused === group)),
  );
  const alternativeTrains = isMainShort
    ? alternativesTo({ ...wanted, departAt: train.departAt }, trains, partySize)
    : null;
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
    submit.mutate(purchaseOf(groups, wanted, draftOf(draft, chosen, free), ticketTypeOf));
  }

  const hasWaitlist = useHasWaitlist();
  const soldFrom = useSoldFrom();
  const canSell = train.sale === "open" && !isMainShort && shortOthers.length === 0 && soldFrom === null;
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
        {alternativeTrains && (
          <Alternatives
            wanted={wanted}
            train={train}
            seats={partySize}
            others={alternativeTrains}
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
        date={train.boardingDate}
        takesFree
        wrong={wrong}
        onChange={(by) => {
          submit.reset();
          change(by);
        }}
      />
      <ClassOfEach
        train={train}
        party={chosen}
        groups={groups}
        main={wanted.seatClass}
        onChoose={(passengerId, seatClass) => {
          submit.reset();
          change((before) => withOther(before, journeyOf(wanted), passengerId, seatClass));
        }}
      />
      {shortOthers.map(({ offer: { seatClass }, party }) => (
        <Notice key={seatClass} kind="warn" title={messages.book.soldOut} live>
          {messages.book.legShort(messages.classes[seatClass], party.length)}{" "}
          <Link to={listAddress(wanted)}>{messages.book.backToList}</Link>
        </Notice>
      ))}
      {groups.map(({ offer: { seatClass }, party }, n) => (
        <SeatWishes
          key={seatClass}
          wanted={{ ...wanted, seatClass }}
          party={party}
          wishes={draft.wishes}
          ticketTypeOf={ticketTypeOf}
          table={tables[n]?.data}
          isOneOfSeveral={groups.length > 1}
          onWish={wish}
        />
      ))}
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
        <Total
          parts={
            groups.length === 0
              ? [{ offer, types: [], table: undefined }]
              : groups.map((group, n) => ({
                  offer: group.offer,
                  types: group.party.map(({ passengerId }) => ticketTypeOf(passengerId)),
                  table: tables[n]?.data,
                }))
          }
        />
        <SubmitButton isOpen={canSell} isPending={submit.isPending} me={me} people={chosen.length} />
      </div>
    </form>
  );
}
