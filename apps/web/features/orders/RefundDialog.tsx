/** Giving tickets back, one by one: the fee of each is on the table before anything is confirmed, and it cannot rise unseen. */
import type { Order } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { seatText, timeOf } from "../../lib/format.ts";
import { ForeignText, Failure, Notice, SlowNote, Spinner, useErrorText } from "../../lib/components.tsx";
import { Dialog } from "../../lib/Dialog.tsx";
import { RefundSteps } from "../../lib/RefundSteps.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { pollUnlessDeclined } from "../../lib/session.ts";
import { noteOrder } from "./follow.ts";

export function RefundDialog({ order, onClose }: { readonly order: Order; readonly onClose: () => void }) {
  const messages = useMessages();
  const { language } = useLanguage();
  const client = useQueryClient();
  const { orderNo } = order;
  const issued = order.tickets.filter(({ state }) => state === "issued");
  const [chosen, setChosen] = useState<readonly string[]>(issued.length === 1 ? [issued[0]!.ticketNo] : []);
  const quote = useQuery({
    queryKey: ["refund", orderNo],
    queryFn: () => ask("GET /api/order/:orderNo/refund", { params: { orderNo } }),
    staleTime: 0,
    refetchInterval: ({ state }) => pollUnlessDeclined(30_000, state),
  });
  const terms = (ticketNo: string) => quote.data?.tickets.find((each) => each.ticketNo === ticketNo);
  const picked = chosen.flatMap((ticketNo) => terms(ticketNo) ?? []).filter(({ refundable }) => refundable);
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
    <Dialog title={messages.ticket.refundTitle} onClose={onClose}>
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
          <fieldset>
            <legend className="soft">{messages.ticket.refundChoose}</legend>
            <ul className="people">
              {issued.map((ticket) => {
                const own = terms(ticket.ticketNo);
                return (
                  <li key={ticket.ticketNo} className={chosen.includes(ticket.ticketNo) ? "person in" : "person"}>
                    <label className="person-label">
                      <input
                        type="checkbox"
                        checked={chosen.includes(ticket.ticketNo)}
                        disabled={!own?.refundable}
                        onChange={() => toggle(ticket.ticketNo)}
                      />
                      <span className="person-name">
                        <ForeignText>{ticket.passengerName}</ForeignText>
                      </span>
                      <span className="soft person-doc">{seatText(ticket.seat, messages)}</span>
                    </label>
                    <span className="refund-terms number">
                      {own?.refundable ? (
                        <>
                          <span>
                            {messages.ticket.back} <b>{messages.money(own.refundFen, true)}</b>
                          </span>
                          <small className="soft">
                            {own.feeFen === 0
                              ? messages.ticket.noFee
                              : `${messages.ticket.feeRate(String(own.feeBasisPoints / 100))} · ${messages.money(own.feeFen, true)}`}
                          </small>
                        </>
                      ) : (
                        <small className="soft">{messages.ticket.notRefundable}</small>
                      )}
                      {own && (
                        <small className="soft refund-rule">
                          {own.ruleName[language]}
                          {own.until && ` · ${messages.ticket.until(timeOf(own.until))}`}
                        </small>
                      )}
                    </span>
                  </li>
                );
              })}
            </ul>
          </fieldset>
          <dl className="sums">
            <dt>{messages.ticket.fee}</dt>
            <dd className="number">{messages.money(feeFen, true)}</dd>
            <dt>{messages.ticket.back}</dt>
            <dd className="number">
              <strong>{messages.money(backFen, true)}</strong>
            </dd>
          </dl>
          <RefundSteps steps={quote.data.steps} />
          <p className="soft">{messages.ticket.refundNote}</p>
          {refund.error && (
            <Notice
              kind="bad"
              title={isRefused(refund.error, "OrderChanged") ? messages.ticket.feeRose : errorText}
              live
            />
          )}
          <button
            type="submit"
            className="button primary"
            disabled={picked.length === 0}
            aria-disabled={refund.isPending}
          >
            {refund.isPending ? (
              <>
                <Spinner /> {messages.ticket.refunding}
              </>
            ) : picked.length === 0 ? (
              messages.ticket.refundChoose
            ) : (
              messages.ticket.refundConfirm(messages.money(backFen))
            )}
          </button>
        </form>
      )}
    </Dialog>
  );
}
