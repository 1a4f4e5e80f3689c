/** What a change costs, ticket by ticket and in all, by which rule and until when; and the button that makes it. */
import type { ChangeQuote, FareTable, Order, Railway } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused, Refused } from "../../lib/api.ts";
import { useIsChecking } from "../../lib/checking.ts";
import { useServerNow } from "../../lib/clock.ts";
import { Failure, ForeignText, Notice, SlowNote, Spinner } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { Journey } from "../../lib/JourneyBox.tsx";
import { useMessages } from "../../lib/messages.tsx";
import type { linesOf } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { Link, navigate } from "@chepiao/ui";
import { LoginDeclined, pollUnlessDeclined } from "../../lib/session.ts";
import { outdated, submitChange } from "../book/attempt.ts";
import { noteWishes, type Wishes, wishFor, withWish } from "../book/draft.ts";
import { faresOn } from "../book/fares.ts";
import { SeatWishes } from "../book/SeatWishes.tsx";
import { QueueTurn } from "../book/QueueTurn.tsx";
import { Trouble } from "../book/Trouble.tsx";
import { useQueueing } from "../book/useQueueing.ts";
import { useSoldFrom } from "../search/calendar.ts";
import { NotSoldNow } from "../search/NotSoldNow.tsx";
import type { NewTrip } from "./address.ts";
import { stationsOfTrip } from "./stations.ts";
import { type Most, mostOf, termsHoldUntil } from "./changeable.ts";
import { useChangeMessages } from "./useChangeMessages.ts";

type Props = {
  readonly order: Order;
  readonly line: ReturnType<typeof linesOf>[number];
  readonly tickets: Order["tickets"];
  readonly trip: NewTrip;
  readonly railway: Railway;
  readonly nameOf: (station: Named) => string;
  /** Back to the list. */
  readonly trainsAddress: string;
};

const quoteEveryMs = 30_000;

export function QuoteOfChange(props: Props) {
  const { order, line, tickets, trip, nameOf, trainsAddress } = props;
  const messages = useMessages();
  const texts = useChangeMessages();
  const ticketNos = tickets.map(({ ticketNo }) => ticketNo).join(",");
  const quote = useQuery({
    queryKey: ["changeQuote", order.orderNo, ticketNos, ...Object.values(trip)],
    queryFn: () =>
      ask("GET /api/order/:orderNo/reschedule", { params: { orderNo: order.orderNo }, query: { ticketNos, ...trip } }),
    staleTime: 0,
    refetchInterval: ({ state }) => pollUnlessDeclined(quoteEveryMs, state),
  });
  const fares = useQuery(faresOn(trip, true));
  return (
    <>
      <Link className="button small" to={trainsAddress}>
        {texts.backToTrains}
      </Link>
      <h2 className="section-title">{texts.oldTrip}</h2>
      <Journey journey={line} nameOf={nameOf} about={messages.classes[line.seatClass]} note={null} />
      {quote.data && (
        <>
          <h2 className="section-title">{texts.newTrip}</h2>
          <NewTripOf quote={quote.data} {...props} />
        </>
      )}
      {quote.isError && !quote.data && <Refusal error={quote.error} retry={() => void quote.refetch()} />}
      {(quote.isPending || fares.isPending) && (
        <div aria-busy="true">
          <div className="skeleton block" />
          <SlowNote />
        </div>
      )}
      {quote.data && !fares.isPending && (
        <Confirm
          {...props}
          quote={quote.data}
          table={fares.data}
          most={mostOf(quote.data, tickets, fares.data)}
          refetch={() => void quote.refetch()}
        />
      )}
    </>
  );
}

function NewTripOf({ quote, trip, line, nameOf }: Props & { readonly quote: ChangeQuote }) {
  const messages = useMessages();
  const ids = [trip.from, trip.to];
  const found = useQuery(stationsOfTrip(ids));
  const named = (stationId: string): Named =>
    [line.from, line.to, ...(found.data ?? [])].find((each) => each.stationId === stationId) ?? {
      stationId,
      name: stationId,
    };
  const { trainNumber } = trip;
  const { departAt, arriveAt } = quote;
  const late = dateOf(arriveAt) === dateOf(departAt) ? null : dayText(dateOf(arriveAt), messages);
  return (
    <Journey
      journey={{
        trainNumber,
        boardingDate: dateOf(departAt),
        departAt,
        arriveAt,
        from: named(trip.from),
        to: named(trip.to),
      }}
      nameOf={nameOf}
      about={messages.classes[trip.seatClass]}
      note={late}
    />
  );
}

/** Why there is nothing to confirm, with the ways on above it. */
function Refusal({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  const texts = useChangeMessages();
  if (!(error instanceof Refused) || error.problem.status >= 500) return <Failure error={error} retry={retry} />;
  if (error.code === "ServiceClosed") return <Trouble error={error} />;
  return (
    <Notice kind="warn" title={texts.refused} live>
      <p>{error.message}</p>
      <p>{texts.standsNote}</p>
    </Notice>
  );
}

type ConfirmProps = Props & {
  readonly quote: ChangeQuote;
  readonly table: FareTable | undefined;
  readonly most: Most;
  readonly refetch: () => void;
};

function Confirm(props: ConfirmProps) {
  const { order, tickets, trip, table, most, refetch } = props;
  const messages = useMessages();
  const texts = useChangeMessages();
  const client = useQueryClient();
  const soldFrom = useSoldFrom();
  const [wishes, setWishes] = useState<Wishes>({});
  const preferences = tickets.map(({ passengerId }) => wishFor(wishes, passengerId, trip.seatClass));
  const change = useMutation({
    mutationFn: () =>
      submitChange(order.orderNo, {
        ticketNos: tickets.map(({ ticketNo }) => ticketNo),
        ...trip,
        ...(preferences.some((wish) => wish !== null) ? { preferences } : {}),
        netFenMax: most.netFen,
      }),
    onSuccess: ({ orderNo }) => {
      noteWishes(orderNo, wishes);
      for (const key of ["orders", "tickets"]) void client.invalidateQueries({ queryKey: [key] });
      void client.invalidateQueries({ queryKey: ["order", order.orderNo] });
      queueing.bought();
      navigate(`/order/${orderNo}`);
    },
    onError: (error) => {
      if (isRefused(error, ...outdated)) void client.invalidateQueries({ queryKey: ["tickets"] });
      if (isRefused(error)) void client.invalidateQueries({ queryKey: ["order", order.orderNo] });
      refetch();
    },
  });
  const queueing = useQueueing(change.error);
  const isBusy = change.isPending;
  const isChecking = useIsChecking();
  const label =
    most.payFen > 0
      ? texts.confirmPay(messages.money(most.payFen))
      : most.netFen < 0
        ? (most.isMost ? texts.confirmBackLeast : texts.confirmBack)(messages.money(-most.netFen))
        : texts.confirm;
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && soldFrom === null) change.mutate();
      }}
    >
      <SeatWishes
        wanted={{ ...trip, board: trip.from, alight: trip.to }}
        party={tickets.map(({ passengerName, ...ticket }) => ({ ...ticket, name: passengerName }))}
        wishes={wishes}
        ticketTypeOf={(id) => tickets.find(({ passengerId }) => passengerId === id)!.ticketType}
        table={table}
        onWish={(id, wish) => setWishes(withWish(wishes, id, wish))}
      />
      <Costs {...props} />
      {soldFrom !== null && <NotSoldNow from={soldFrom} />}
      <div className="submit-bar">
        {queueing.queueId !== null && (
          <QueueTurn
            key={queueing.queueId}
            queueId={queueing.queueId}
            canGoOn={!isBusy}
            isBuying={isBusy}
            onTurn={() => change.mutate()}
            onEnded={queueing.end}
          />
        )}
        <ChangeTrouble error={change.error} trainsAddress={props.trainsAddress} />
        <Net netFen={most.netFen} isMost={most.isMost} />
        <button type="submit" className="button primary" disabled={soldFrom !== null} aria-disabled={isBusy}>
          {isBusy ? (
            <>
              <Spinner /> {isChecking ? messages.book.checking : texts.working}
            </>
          ) : (
            label
          )}
        </button>
      </div>
    </form>
  );
}

function Net({ netFen, isMost }: { readonly netFen: number; readonly isMost: boolean }) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const name = netFen > 0 ? texts.costsMore : netFen < 0 ? texts.comesBack : texts.evenly;
  return (
    <div className="total">
      <span className="soft">
        {name}
        {isMost && netFen !== 0 && ` · ${netFen > 0 ? texts.atMost : texts.atLeast}`}
      </span>
      <strong className="number">{messages.money(Math.abs(netFen))}</strong>
    </div>
  );
}

const percentOf = (basisPoints: number): string => String(basisPoints / 100);

function Costs({ quote, most, tickets, line, railway }: ConfirmProps) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const now = useServerNow();
  const sum = (of: (ticket: ChangeQuote["tickets"][number]) => number) =>
    quote.tickets.reduce((total, ticket) => total + of(ticket), 0);
  const [feeFen, differenceFeeFen] = [sum((each) => each.feeFen), sum((each) => each.differenceFeeFen)];
  const notCollectedFen = sum((each) => each.notCollectedFen ?? 0);
  const until = termsHoldUntil(quote, line, railway, now);
  const range = (least: number, greatest: number, inSum = false) =>
    [...new Set([least, greatest])].map((fen) => messages.money(fen, inSum)).join("–");
  return (
    <section className="card section" aria-labelledby="change-costs">
      <h2 id="change-costs">{texts.costs}</h2>
      <p className="change-rule">
        {texts.rules[quote.rule]}
        {quote.feeBasisPoints > 0 && ` · ${texts.feeOf(percentOf(quote.feeBasisPoints))}`}
      </p>
      <ul className="rows">
        {quote.tickets.map(({ ticketNo, fareFen, newFareFen }) => (
          <li key={ticketNo}>
            <span>
              <ForeignText>{tickets.find((each) => each.ticketNo === ticketNo)?.passengerName ?? ""}</ForeignText>
            </span>
            <span className="number">
              <span className="hidden">{texts.oldFare} </span>
              {messages.money(fareFen, true)} <span aria-hidden="true">→</span>{" "}
              <span className="hidden">{texts.newFare} </span>
              {messages.money(newFareFen, true)}
            </span>
          </li>
        ))}
      </ul>
      <dl className="sums">
        <dt>{texts.newFares}</dt>
        <dd className="number">
          {messages.money(
            sum(({ newFareFen }) => newFareFen),
            true,
          )}
        </dd>
        <dt>{texts.oldFares}</dt>
        <dd className="number">{messages.money(-sum(({ fareFen }) => fareFen), true)}</dd>
        {notCollectedFen > 0 && (
          <>
            <dt>{texts.notCollected}</dt>
            <dd className="number">{messages.money(-notCollectedFen, true)}</dd>
          </>
        )}
        <dt>{texts.fee}</dt>
        <dd className="number">{messages.money(feeFen, true)}</dd>
        {differenceFeeFen > 0 && (
          <>
            <dt>{texts.differenceFee(percentOf(quote.differenceBasisPoints))}</dt>
            <dd className="number">{messages.money(differenceFeeFen, true)}</dd>
          </>
        )}
        <dt>{most.netFen > 0 ? texts.costsMore : most.netFen < 0 ? texts.comesBack : texts.evenly}</dt>
        <dd className="number">
          <strong>
            {most.netFen < 0
              ? range(-most.netFen, -quote.netFen, true)
              : range(Math.max(0, quote.netFen), most.netFen, true)}
          </strong>
        </dd>
      </dl>
      {most.isMost && <p className="soft">{texts.berths}</p>}
      <p>
        {most.payFen > 0
          ? texts.payFirst(messages.money(most.payFen), messages.money(most.payFen - most.netFen))
          : quote.backFen > 0
            ? texts.atOnceBack(range(-most.netFen, quote.backFen))
            : texts.atOnce}
      </p>
      {until !== null && (
        <p className="soft">{texts.holdsUntil(`${dayText(dateOf(until), messages)} ${timeOf(until)}`)}</p>
      )}
    </section>
  );
}

function ChangeTrouble({ error, trainsAddress }: { readonly error: Error | null; readonly trainsAddress: string }) {
  const texts = useChangeMessages();
  if (!error || error instanceof LoginDeclined || isRefused(error, "QueueOn")) return null;
  const isSoldOut = isRefused(error, "SoldOut");
  if (isSoldOut || isRefused(error, "OrderChanged"))
    return (
      <Notice kind={isSoldOut ? "warn" : "bad"} title={isSoldOut ? texts.soldOut : texts.rose} live>
        <p>{texts.standsNote}</p>
        {isSoldOut && (
          <Link className="button small" to={trainsAddress}>
            {texts.backToTrains}
          </Link>
        )}
      </Notice>
    );
  return <Trouble error={error} />;
}
