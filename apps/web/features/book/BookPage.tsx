/**
 * Booking: who travels, in which class, with which wishes. Everything on one page, everything kept; what sells out meanwhile is said
 * here, with the nearest alternatives, and costs nothing that was typed.
 */
import type { ClassOffer, Passenger, SeatClass, TicketType, TrainOffer } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { ask, isRefused, Refused, Unreachable } from "../../lib/api.ts";
import { dayText, durationText, timeOf, yuan } from "../../lib/format.ts";
import { Empty, Failure, Notice, SlowNote, Spinner, useErrorText, useTitle } from "../../lib/parts.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress, withQuery } from "../../lib/router.tsx";
import { LoginDeclined, openLogin, useMe } from "../../lib/session.ts";
import { keep } from "../../lib/storage.ts";
import { Trip } from "../../lib/trip.tsx";
import { useWords } from "../../lib/words.tsx";
import { alternativesTo, stockOf } from "../search/filter.ts";
import { usePassengers } from "../account/passengers.ts";
import { listAddress, readWanted, type Wanted } from "./address.ts";
import { Alternatives } from "./Alternatives.tsx";
import { submitOrder } from "./attempt.ts";
import { type Draft, noteParty, requestOf, useDraft, wishFor } from "./draft.ts";
import { Passengers } from "./Passengers.tsx";
import { SeatWishes } from "./SeatWishes.tsx";

const liveEveryMs = 8_000;

export function BookPage() {
  const words = useWords();
  const { query } = useAddress();
  const wanted = useMemo(() => readWanted(query), [query]);
  useTitle(words.book.title);
  return <div className="page narrow book">{wanted ? <Booking wanted={wanted} /> : <Gone wanted={null} />}</div>;
}

function Booking({ wanted }: { readonly wanted: Wanted }) {
  const words = useWords();
  const { from, to, date } = wanted;
  const found = useQuery({
    queryKey: ["tickets", from, to, date],
    queryFn: ({ signal }) => ask("GET /api/search/tickets", { query: { from, to, date } }, { signal }),
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
  });
  const trains = found.data?.trains ?? [];
  const train = trains.find(
    (each) =>
      each.trainNumber === wanted.trainNumber &&
      each.originDate === wanted.originDate &&
      each.from.stationId === wanted.board &&
      each.to.stationId === wanted.alight,
  );
  // A train that leaves the list while somebody types is not taken off the page under their hands.
  const [last, setLast] = useState(train);
  if (train && train !== last) setLast(train);
  const offered = train ?? last;
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
        ‹ {words.book.backToList}
      </Link>
      <h1 className="hidden">{words.book.title}</h1>
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
  const words = useWords();
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
  const ticketTypeOf = (id: number): TicketType =>
    draft.ticketTypes[id] ?? saved?.find(({ passengerId }) => passengerId === id)?.ticketType ?? "adult";

  const submit = useMutation({
    mutationFn: (request: Parameters<typeof submitOrder>[0]) => submitOrder(request),
    onSuccess: (accepted) => {
      noteParty(chosen.map(({ passengerId }) => passengerId));
      keep("session", `bookedAt.${accepted.orderNo}`, location.pathname + location.search);
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries({ queryKey: ["tickets"] });
      navigate(`/order/${accepted.orderNo}`);
    },
    onError: (error) => {
      if (isRefused(error, "SoldOut", "StandingNotYet", "SaleClosed", "SaleNotOpen"))
        void client.invalidateQueries({ queryKey: ["tickets"] });
      if (isRefused(error, "PassengerUnknown")) void client.invalidateQueries({ queryKey: ["passengers"] });
    },
  });

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
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <TripOf train={train} />
      {train.sale !== "open" && (
        <Notice kind="warn" title={train.sale === "notYet" ? words.book.notOpen : words.search.closed} live>
          {train.sale === "notYet" &&
            words.search.opensAt(`${dayText(train.saleOpensAt.slice(0, 10), words)} ${timeOf(train.saleOpensAt)}`)}
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
        wrong={wrongPassenger(submit.error, chosen)}
        onChange={(by) => {
          submit.reset();
          change(by);
        }}
      />
      {chosen.length > 0 && <SeatWishes wanted={wanted} party={chosen} draft={draft} onChange={change} />}
      <div className="submit-bar">
        <Trouble error={submit.error} />
        <Total
          offer={offer}
          types={chosen.map(({ passengerId }) => ticketTypeOf(passengerId))}
          wished={chosen.map(({ passengerId }) => wishFor(draft, passengerId, wanted.seatClass))}
        />
        <button
          type="submit"
          className="button primary"
          aria-disabled={!canSell || submit.isPending}
          disabled={!canSell && me !== null}
        >
          {submit.isPending ? (
            <>
              <Spinner /> {words.book.submitting}
            </>
          ) : !me ? (
            words.book.loginFirst
          ) : chosen.length === 0 ? (
            words.book.choosePassenger
          ) : (
            words.book.submit
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
  const words = useWords();
  const text = useErrorText(error);
  // Sold out and a wrong passenger are said where they belong.
  if (!error || error instanceof LoginDeclined || isRefused(error, "SoldOut")) return null;
  if (error instanceof Unreachable)
    return (
      <Notice kind="warn" title={words.states.unreachable} live>
        {words.book.unsure}
      </Notice>
    );
  return (
    <Notice kind="bad" title={text} live>
      {error instanceof Refused && error.problem.status >= 500 ? words.book.unsure : null}
    </Notice>
  );
}

function TripOf({ train }: { readonly train: TrainOffer }) {
  const words = useWords();
  const stations = useMemo<readonly Named[]>(() => [train.from, train.to], [train]);
  const { nameOf } = useStationNames(stations);
  const { arrivesDaysLater: daysLater } = train;
  return (
    <Trip
      trip={train}
      nameOf={nameOf}
      about={durationText(train.durationMinutes, words)}
      note={daysLater > 0 ? words.search.daysLaterLong(daysLater) : null}
    />
  );
}

function ClassChoice(props: {
  readonly train: TrainOffer;
  readonly seatClass: SeatClass;
  readonly onChoose: (seatClass: SeatClass) => void;
}) {
  const words = useWords();
  return (
    <fieldset className="class-choice">
      <legend className="section-title">{words.book.seatClass}</legend>
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
              <span className="offer-class">{words.classes[seatClass]}</span>
              <span className="offer-price">
                {fareNote && <span className="hidden">{words.search.fromBefore}</span>}
                {yuan(fareFen)}
                {fareNote && <small>{words.search.fromAfter}</small>}
              </span>
              <span className="offer-left">
                {sellable ? words.search.left(free) : waits ? words.search.whenFullLong : words.search.soldOut}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** Before the order only the adult fare is known for certain; where it may be less, the most it can be is said. */
function Total({
  offer,
  types,
  wished,
}: {
  readonly offer: ClassOffer;
  readonly types: readonly TicketType[];
  readonly wished: readonly (string | null)[];
}) {
  const words = useWords();
  const { fareFen, fareNote } = offer;
  const highest = fareNote ? Math.max(fareNote.lower, fareNote.upper) : fareFen;
  const isCertain = !fareNote && types.every((type) => type === "adult");
  const isForOne = wished.length === 0;
  const total = Math.max(1, wished.length) * highest;
  return (
    <div className="total">
      <span className="soft">
        {isForOne ? words.book.perPerson : words.book.total}
        {!isCertain && ` · ${words.book.atMost}`}
      </span>
      <strong className="number">{yuan(total)}</strong>
    </div>
  );
}

function Gone({ wanted }: { readonly wanted: Wanted | null }) {
  const words = useWords();
  return (
    <Empty
      title={words.book.gone}
      action={
        <Link className="button primary" to={wanted ? listAddress(wanted) : "/"}>
          {words.book.backToList}
        </Link>
      }
    >
      {words.book.goneNote}
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
