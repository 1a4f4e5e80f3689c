/** Giving tickets back, one by one: the fee of each is on the table before anything is confirmed, and it cannot rise unseen. */
import type { Order, OrderTicket, RefundQuote } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { dayText, seatText, timeOf } from "../../lib/format.ts";
import { ForeignText, Failure, Notice, SlowNote, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { linesOf, ticketsOn } from "../../lib/orderLines.ts";
import type { Named } from "../../lib/places.ts";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { RefundSteps } from "../../lib/RefundSteps.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { pollUnlessDeclined } from "../../lib/session.ts";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import { usePassengers } from "../account/passengers.ts";
import { leavesChildren } from "./childrenLeft.ts";
import { noteOrder } from "./follow.ts";

type Props = {
  readonly order: Order;
  readonly nameOf: (station: Named) => string;
  readonly onClose: () => void;
};

export const refundQuote = (orderNo: string) => ({
  queryKey: ["refund", orderNo],
  queryFn: () => ask("GET /api/order/:orderNo/refund", { params: { orderNo } }),
});

export function RefundDialog({ order, nameOf, onClose }: Props) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const client = useQueryClient();
  const { orderNo } = order;
  // Those that were used are given back where their train does not run; the quote says so.
  const tickets = order.tickets.filter(({ state }) => state === "issued" || state === "used");
  const [chosen, setChosen] = useState<readonly string[]>(tickets.length === 1 ? [tickets[0]!.ticketNo] : []);
  const quote = useQuery({
    ...refundQuote(orderNo),
    staleTime: 0,
    refetchInterval: ({ state }) => pollUnlessDeclined(30_000, state),
  });
  const lines = linesOf(order).filter((line) => ticketsOn({ tickets }, line).length > 0);
  const stepsOf = ({ line }: { readonly line: number }) =>
    quote.data?.lines.find((each) => each.line === line)?.steps ?? [];
  const terms = (ticketNo: string) => quote.data?.tickets.find((each) => each.ticketNo === ticketNo);
  const picked = chosen.flatMap((ticketNo) => terms(ticketNo) ?? []).filter(({ refundable }) => refundable);
  const isChildLeft = useLeavesChildren(
    order,
    picked.map(({ ticketNo }) => ticketNo),
  );
  const feeFen = picked.reduce((sum, each) => sum + each.feeFen, 0);
  const backFen = picked.reduce((sum, each) => sum + each.refundFen, 0);
  const refund = useMutation({
    mutationFn: () =>
      ask("POST /api/order/:orderNo/refund", {
        params: { orderNo },
        body: { ticketNos: picked.map(({ ticketNo }) => ticketNo), feeFenMax: feeFen },
      }),
    onSuccess: (after) => {
      noteOrder(client, after);
      void client.invalidateQueries({ queryKey: ["orders"] });
      onClose();
    },
    onError: () => {
      void quote.refetch();
      void client.invalidateQueries({ queryKey: ["order", orderNo] });
    },
  });
  const errorText = useErrorText(refund.error);
  const toggle = (ticketNo: string) =>
    setChosen((before) =>
      before.includes(ticketNo) ? before.filter((each) => each !== ticketNo) : [...before, ticketNo],
    );

  return (
    <Dialog title={ticketTexts.refundTitle} onClose={onClose}>
      {quote.isError && <Failure error={quote.error} retry={() => void quote.refetch()} />}
      {quote.isPending && (
        <div aria-busy="true">
          <div className="skeleton block" />
          <SlowNote />
        </div>
      )}
      {quote.data && (
        <form
          method="post"
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (picked.length > 0 && !refund.isPending) refund.mutate();
          }}
        >
          {lines.map((line) => (
            <fieldset key={line.line}>
              <legend className="soft">
                {lines.length === 1 ? ticketTexts.refundChoose : <WayText line={line} nameOf={nameOf} />}
              </legend>
              <ul className="people">
                {ticketsOn({ tickets }, line).map((ticket) => (
                  <TicketTerms
                    key={ticket.ticketNo}
                    ticket={ticket}
                    terms={terms(ticket.ticketNo)}
                    isChosen={chosen.includes(ticket.ticketNo)}
                    onToggle={() => toggle(ticket.ticketNo)}
                  />
                ))}
              </ul>
              {lines.length > 1 && <RefundSteps steps={stepsOf(line)} />}
            </fieldset>
          ))}
          <dl className="sums">
            <dt>{ticketTexts.fee}</dt>
            <dd className="number">{messages.money(feeFen, true)}</dd>
            <dt>{ticketTexts.back}</dt>
            <dd className="number">
              <strong>{messages.money(backFen, true)}</strong>
            </dd>
          </dl>
          {lines.length === 1 && <RefundSteps steps={stepsOf(lines[0]!)} />}
          {isChildLeft && <Notice kind="warn" title={ticketTexts.childLeft} live />}
          <p className="soft">{ticketTexts.refundNote}</p>
          {refund.error && (
            <Notice kind="bad" title={isRefused(refund.error, "OrderChanged") ? ticketTexts.feeRose : errorText} live />
          )}
          <button
            type="submit"
            className="button primary"
            disabled={picked.length === 0}
            aria-disabled={refund.isPending}
          >
            {refund.isPending ? (
              <>
                <Spinner /> {ticketTexts.refunding}
              </>
            ) : picked.length === 0 ? (
              ticketTexts.refundChoose
            ) : (
              ticketTexts.refundConfirm(messages.money(backFen))
            )}
          </button>
        </form>
      )}
    </Dialog>
  );
}

/** A ticket is given back whoever else travels: that a child would go alone is only said. */
function useLeavesChildren(order: Order, given: readonly string[]): boolean {
  const isAsked = useRailwayRules()?.childWithAdult === true && order.tickets.length > 1;
  const passengers = usePassengers(isAsked).data ?? [];
  const children = new Set(passengers.filter(({ child }) => child).map(({ passengerId }) => passengerId));
  return isAsked && leavesChildren(order, given, children);
}

/** Which of several trips: each goes back by its own departure. */
function WayText(props: { readonly line: ReturnType<typeof linesOf>[number]; readonly nameOf: Props["nameOf"] }) {
  const messages = useMessages();
  const { line, nameOf } = props;
  return (
    <>
      <b className="number">{line.trainNumber}</b> · {dayText(line.boardingDate, messages)}{" "}
      <span className="number">{timeOf(line.departAt)}</span>{" "}
      <ForeignText>{`${nameOf(line.from)} → ${nameOf(line.to)}`}</ForeignText> · {messages.classes[line.seatClass]}
    </>
  );
}

type TermsProps = {
  readonly ticket: OrderTicket;
  readonly terms: RefundQuote["tickets"][number] | undefined;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
};

function TicketTerms({ ticket, terms, isChosen, onToggle }: TermsProps) {
  const { language, messages } = useLanguage();
  const ticketTexts = useTicketMessages();
  return (
    <li className={isChosen ? "person in" : "person"}>
      <label className="person-label">
        <input type="checkbox" checked={isChosen} disabled={!terms?.refundable} onChange={onToggle} />
        <span className="person-name">
          <ForeignText>{ticket.passengerName}</ForeignText>
        </span>
        <span className="soft person-doc">{seatText(ticket.seat, messages)}</span>
      </label>
      <span className="refund-terms number">
        {terms?.refundable ? (
          <>
            <span>
              {ticketTexts.back} <b>{messages.money(terms.refundFen, true)}</b>
            </span>
            <small className="soft">
              {terms.feeFen === 0
                ? ticketTexts.noFee
                : `${ticketTexts.feeRate(String(terms.feeBasisPoints / 100))} · ${messages.money(terms.feeFen, true)}`}
            </small>
          </>
        ) : (
          <small className="soft">{ticketTexts.notRefundable}</small>
        )}
      </span>
      {terms && (
        <p className="person-rule">
          {terms.ruleName[language]}
          {terms.until && ` · ${ticketTexts.until(timeOf(terms.until))}`}
        </p>
      )}
      {ticket.freeChild && <p className="person-rule">{ticketTexts.freeChildGoes(ticket.freeChild.name)}</p>}
    </li>
  );
}
