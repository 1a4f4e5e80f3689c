/**
 * Booking: who travels, in which class, with which wishes. Everything on one page, everything kept; what sells out meanwhile is said
 * here, with the nearest alternatives, and costs nothing that was typed.
 */
import type { ClassOffer, FareTable, Passenger, Problem, SeatClass, TicketType, TrainOffer } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ask, isRefused, Refused, Unreachable } from "../../lib/api.ts";
import { useStrike } from "../../lib/clock.ts";
import { dayText, durationText } from "../../lib/format.ts";
import { Empty, Failure, Notice, SlowNote, Spinner, useErrorText, useTitle } from "../../lib/components.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress, withQuery } from "../../lib/router.tsx";
import { LoginDeclined, openLogin, useMe } from "../../lib/session.ts";
import { keep } from "../../lib/storage.ts";
import { Journey } from "../../lib/journey.tsx";
import { RefundRules } from "../../lib/RefundSteps.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { stockOf } from "../search/filter.ts";
import { Opening } from "../search/Opening.tsx";
import { usePassengers } from "../account/passengers.ts";
import { listAddress, readWanted, type Wanted } from "./address.ts";
import { Alternatives } from "./Alternatives.tsx";
import { alternativesTo } from "./alternativesTo.ts";
import { submitOrder } from "./attempt.ts";
import { totalOf } from "./fares.ts";
import { type Draft, noteParty, noteWishes, requestOf, ticketTypeFor, useDraft } from "./draft.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";

const liveEveryMs = 8_000;

export function BookPage() {
  const messages = useMessages();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  useTitle(messages.book.title);
  return <div className="page narrow book">{wanted ? <Booking wanted={wanted} /> : <Gone wanted={null} />}</div>;
}

const noTrains: readonly TrainOffer[] = [];

function Booking({ wanted }: { readonly wanted: Wanted }) {
  const messages = useMessages();
  const { from, to, date } = wanted;
  const found = useQuery({
    queryKey: ["tickets", from, to, date],
    queryFn: ({ signal }) => ask("GET /api/search/tickets", { query: { from, to, date } }, { signal }),
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
  });
  const trains = found.data?.trains ?? noTrains;
  const { refetch } = found;
  const train = trains.find(
    (each) =>
      each.trainNumber === wanted.trainNumber &&
      each.originDate === wanted.originDate &&
      each.from.stationId === wanted.board &&
      each.to.stationId === wanted.alight,
  );
  // A train that leaves the list while the buyer types is not taken off the page under their hands.
  const [last, setLast] = useState(train);
  if (train && train !== last) setLast(train);
  const offered = train ?? last;
  useStrike(
    offered?.sale === "notYet" ? offered.saleOpensAt : null,
    useCallback(() => void refetch(), [refetch]),
  );
  const offer = offered?.classes.find(({ seatClass }) => seatClass === wanted.seatClass);

  if (found.isError && !offered) {
    const isGone = isRefused(found.error, "DateOutOfRange", "StationUnknown");
    return isGone ? <Gone wanted={wanted} /> : <Failure error={found.error} retry={() => void found.refetch()} />;
  }
  if (found.isPending) return <BookingSkeleton />;
  if (!offered || !offer) return <Gone wanted={wanted} />;
  return (
    <>
      <Link className="back" to={listAddress(wanted)}>
        ‹ {messages.book.backToList}
      </Link>
      <h1 className="hidden">{messages.book.title}</h1>
      <Form key={`${from} ${to}`} wanted={wanted} train={offered} offer={offer} trains={trains} isGone={!train} />
    </>
  );
}

type FormProps = {
  readonly wanted: Wanted;
  readonly train: TrainOffer;
  readonly offer: ClassOffer;
  readonly trains: readonly TrainOffer[];
  readonly isGone: boolean;
};

function Form({ wanted, train, offer, trains, isGone }: FormProps) {
  const messages = useMessages();
  const client = useQueryClient();
  const me = useMe();
  const passengers = usePassengers(me !== null && me !== undefined);
  const saved = passengers.data;
  const [draft, change] = useDraft(saved);
  const alternatives = useRef<HTMLDivElement>(null);

  const chosen = useMemo(
    () => draft.passengerIds.flatMap((id) => saved?.find(({ passengerId }) => passengerId === id) ?? []),
    [draft.passengerIds, saved],
  );
  const table = useFares(wanted, chosen.length > 0);
  const ticketTypeOf = (id: number): TicketType =>
    ticketTypeFor(
      draft.ticketTypes[id],
      saved?.find(({ passengerId }) => passengerId === id),
    );

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

  const wrong = wrongPassenger(submit.error, chosen);
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

  const canSell = train.sale === "open" && !isShort;
  return (
    <form
      method="post"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <JourneyOf train={train} />
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
        {others && <Alternatives wanted={wanted} train={train} seats={partySize} others={others} onSwitch={switchTo} />}
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

const showPassengers = () => document.getElementById("passengers")?.scrollIntoView({ block: "start" });

/** Which of the party a refusal is about, where it says so. */
function wrongPassenger(
  error: unknown,
  party: readonly Passenger[],
): { readonly passengerId: number; readonly message: string } | null {
  if (!isRefused(error)) return null;
  const index = error.problem.facts?.["ticket"];
  const passenger = typeof index === "number" ? party[index] : undefined;
  return passenger ? { passengerId: passenger.passengerId, message: error.message } : null;
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
  if (problem.code === "UnpaidOrderOpen" && typeof orderNo === "string")
    return <Link to={`/order/${orderNo}`}>{messages.book.toOpenOrder}</Link>;
  if (problem.code === "CancelledTooOften" && typeof againAt === "string")
    return messages.book.againFrom(dayText(againAt.slice(0, 10), messages));
  return problem.status >= 500 ? messages.book.unsure : null;
}

function JourneyOf({ train }: { readonly train: TrainOffer }) {
  const messages = useMessages();
  const stations = useMemo<readonly Named[]>(() => [train.from, train.to], [train]);
  const { nameOf } = useStationNames(stations);
  const { arrivesDaysLater: daysLater } = train;
  return (
    <Journey
      journey={train}
      nameOf={nameOf}
      about={durationText(train.durationMinutes, messages)}
      note={daysLater > 0 ? messages.search.daysLaterLong(daysLater) : null}
    />
  );
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
          const waits = stockOf(offer, props.train) === "waits";
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
                {sellable ? messages.search.left(free) : waits ? messages.search.whenFullLong : messages.search.soldOut}
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

function Gone({ wanted }: { readonly wanted: Wanted | null }) {
  const messages = useMessages();
  return (
    <Empty
      heading="h1"
      title={messages.book.gone}
      action={
        <Link className="button primary" to={wanted ? listAddress(wanted) : "/"}>
          {messages.book.backToList}
        </Link>
      }
    >
      {messages.book.goneNote}
    </Empty>
  );
}

function BookingSkeleton() {
  return (
    <div aria-busy="true">
      <div className="skeleton line-big" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <div className="skeleton block" />
      <SlowNote />
    </div>
  );
}
