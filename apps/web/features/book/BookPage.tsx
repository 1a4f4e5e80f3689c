/**
 * Booking: who travels, in which class, with which wishes. Everything on one page, everything kept; what sells out meanwhile is said
 * here, with the nearest alternatives, and costs nothing that was typed.
 */
import type { ClassOffer, FareTable, Problem, SeatClass, TicketType, TrainOffer } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { ask, isRefused, Refused, Unreachable } from "../../lib/api.ts";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { Notice, Spinner, useErrorText, useTitle } from "../../lib/components.tsx";
import { Link, navigate, useAddress, withQuery } from "../../lib/router.tsx";
import { LoginDeclined, openLogin } from "../../lib/session.ts";
import { keep } from "../../lib/storage.ts";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useHasWaitlist } from "../../lib/railwayRules.ts";
import { stockOf } from "../search/filter.ts";
import { useSoldFrom } from "../search/calendar.ts";
import { NotSoldNow } from "../search/NotSoldNow.tsx";
import { Opening } from "../search/Opening.tsx";
import { listAddress, readWanted, type Wanted } from "./address.ts";
import { Alternatives } from "./Alternatives.tsx";
import { alternativesTo } from "./alternativesTo.ts";
import { submitOrder } from "./attempt.ts";
import { totalOf } from "./fares.ts";
import { type Draft, noteParty, noteWishes, requestOf } from "./draft.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";
import { showPassengers, useParty, wrongPassenger } from "./useParty.ts";
import { Gone, JourneyOfTrain, type ShownTrain, WantedTrain } from "./WantedTrain.tsx";

export function BookPage() {
  const messages = useMessages();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  useTitle(messages.book.title);
  return <div className="page narrow book">{wanted ? <Booking wanted={wanted} /> : <Gone wanted={null} />}</div>;
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
  const { me, passengers, draft, change, chosen, ticketTypeOf } = useParty();
  const alternatives = useRef<HTMLDivElement>(null);
  const table = useFares(wanted, chosen.length > 0);

  const submit = useMutation({
    mutationFn: (request: Parameters<typeof submitOrder>[0]) => submitOrder(request),
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
      navigate(`/order/${accepted.orderNo}`);
    },
    onError: (error) => {
      const outdated = [
        "SoldOut",
        "StandingNotYet",
        "WaitlistFirst",
        "NotOnSaleBetween",
        "SaleClosed",
        "SaleNotOpen",
      ] as const;
      if (isRefused(error, ...outdated)) void client.invalidateQueries({ queryKey: ["tickets"] });
      if (isRefused(error, "PassengerUnknown")) void client.invalidateQueries({ queryKey: ["passengers"] });
    },
  });

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
              <Opening at={train.saleOpensAt} />
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
      {chosen.length > 0 && <SeatWishes wanted={wanted} party={chosen} draft={draft} table={table} onChange={change} />}
      <section className="card section">
        <RefundRules departAt={train.departAt} />
        <p className="note">
          <Link to="/help">{messages.help.more}</Link>
        </p>
      </section>
      <div className="submit-bar">
        {!wrong && <Trouble error={submit.error} />}
        <Total offer={offer} types={chosen.map(({ passengerId }) => ticketTypeOf(passengerId))} table={table} />
        <button
          type="submit"
          className="button primary"
          aria-disabled={(!canSell && me !== null) || submit.isPending}
          disabled={!canSell && me !== null}
        >
          {submit.isPending ? (
            <>
              <Spinner /> {messages.book.submitting}
            </>
          ) : !me ? (
            messages.book.loginFirst
          ) : chosen.length === 0 ? (
            messages.book.choosePassenger
          ) : (
            messages.book.submit
          )}
        </button>
      </div>
    </form>
  );
}

function Trouble({ error }: { readonly error: unknown }) {
  const messages = useMessages();
  const text = useErrorText(error);
  // Sold out and a wrong passenger are said where they belong.
  if (!error || error instanceof LoginDeclined || isRefused(error, "SoldOut")) return null;
  if (error instanceof Unreachable)
    return (
      <Notice kind="warn" title={messages.states.unreachable} live>
        {messages.book.unsure}
      </Notice>
    );
  return (
    <Notice kind="bad" title={text} live>
      {error instanceof Refused ? <WayOut problem={error.problem} /> : null}
    </Notice>
  );
}

/** What the buyer can do about a refusal, where it is not to be seen from what it says. */
function WayOut({ problem }: { readonly problem: Problem }) {
  const messages = useMessages();
  const orderNo = problem.facts?.["orderNo"];
  const againAt = problem.facts?.["againAt"];
  const opensAt = problem.facts?.["opensAt"];
  if (problem.code === "UnpaidOrderOpen" && typeof orderNo === "string")
    return <Link to={`/order/${orderNo}`}>{messages.book.toOpenOrder}</Link>;
  if (problem.code === "CancelledTooOften" && typeof againAt === "string")
    return messages.book.againFrom(dayText(againAt.slice(0, 10), messages));
  if (problem.code === "ServiceClosed" && typeof opensAt === "string")
    return messages.book.serviceFrom(`${dayText(dateOf(opensAt), messages)} ${timeOf(opensAt)}`);
  return problem.status >= 500 ? messages.book.unsure : null;
}

function ClassChoice(props: {
  readonly train: TrainOffer;
  readonly seatClass: SeatClass;
  readonly onChoose: (seatClass: SeatClass) => void;
}) {
  const messages = useMessages();
  return (
    <fieldset className="class-choice">
      <legend className="section-title">{messages.book.seatClass}</legend>
      <div className="class-row">
        {props.train.classes.map((offer) => {
          const { seatClass, fareFen, fareNote, free, sellable } = offer;
          const stock = stockOf(offer, props.train);
          return (
            <label key={seatClass} className={sellable ? "class-option" : "class-option none"}>
              <input
                type="radio"
                name="class"
                value={seatClass}
                checked={seatClass === props.seatClass}
                disabled={!sellable && seatClass !== props.seatClass}
                onChange={() => props.onChoose(seatClass)}
              />
              <span className="offer-class">{messages.classes[seatClass]}</span>
              <span className="offer-price">
                {fareNote && <span className="hidden">{messages.search.fromBefore}</span>}
                {messages.money(fareFen)}
                {fareNote && <small>{messages.search.fromAfter}</small>}
              </span>
              <span className="offer-left">
                {stock === "sold"
                  ? messages.search.left(free)
                  : stock === "kept"
                    ? messages.search.keptBack
                    : stock === "waits"
                      ? messages.search.whenFullLong
                      : messages.search.soldOut}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** What the party pays; for one adult where nobody is chosen yet. */
function Total({
  offer,
  types,
  table,
}: {
  readonly offer: ClassOffer;
  readonly types: readonly TicketType[];
  readonly table: FareTable | undefined;
}) {
  const messages = useMessages();
  const { fareFen, fareNote } = offer;
  const adultFen = fareNote ? Math.max(fareNote.lower, fareNote.upper) : fareFen;
  const isForOne = types.length === 0;
  const total = totalOf(isForOne ? ["adult"] : types, table, adultFen);
  return (
    <div className="total">
      <span className="soft">
        {isForOne ? messages.book.perPerson : messages.book.total}
        {total.isMost && ` · ${messages.book.atMost}`}
      </span>
      <strong className="number">{messages.money(total.fen)}</strong>
    </div>
  );
}

/** The fares of this class for every kind of ticket; they do not change while the buyer fills in a form. */
function useFares({ trainNumber, originDate, board, alight, seatClass }: Wanted, enabled: boolean) {
  const found = useQuery({
    queryKey: ["fares", trainNumber, originDate, board, alight, seatClass],
    queryFn: () =>
      ask("GET /api/search/fares", { query: { trainNumber, originDate, from: board, to: alight, seatClass } }),
    enabled,
    staleTime: 5 * 60_000,
  });
  return found.data;
}
