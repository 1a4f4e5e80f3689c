/** Giving tickets back, one by one: the fee of each is on the table before anything is confirmed, and it cannot rise unseen. */
import type { Order } from "@chepiao/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { seatText, yuan } from "../../lib/format.ts";
import { Said, Dialog, Failure, Notice, SlowNote, Spinner, useErrorText } from "../../lib/parts.tsx";
import { useWords } from "../../lib/words.tsx";
import { noteOrder } from "./follow.ts";

export function RefundDialog({ order, onClose }: { readonly order: Order; readonly onClose: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const { orderNo } = order;
  const issued = order.tickets.filter(({ state }) => state === "issued");
  const [chosen, setChosen] = useState<readonly string[]>(issued.length === 1 ? [issued[0]!.ticketNo] : []);
  const quote = useQuery({
    queryKey: ["refund", orderNo],
    queryFn: () => ask("GET /api/order/:orderNo/refund", { params: { orderNo } }),
    staleTime: 0,
    refetchInterval: 30_000,
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
    <Dialog title={words.ticket.refundTitle} onClose={onClose}>
      {quote.isError && <Failure error={quote.error} retry={() => void quote.refetch()} />}
      {quote.isPending && (
        <div aria-busy="true">
          <div className="skeleton block" />
          <SlowNote />
        </div>
      )}
      {quote.data && (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (picked.length > 0 && !refund.isPending) refund.mutate();
          }}
        >
          <fieldset>
            <legend className="soft">{words.ticket.refundChoose}</legend>
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
                        <Said>{ticket.passengerName}</Said>
                      </span>
                      <span className="soft person-doc">{seatText(ticket.seat, words)}</span>
                    </label>
                    <span className="refund-terms number">
                      {own?.refundable ? (
                        <>
                          <span>
                            {words.ticket.back} <b>{yuan(own.refundFen)}</b>
                          </span>
                          <small className="soft">
                            {own.feeFen === 0
                              ? words.ticket.noFee
                              : `${words.ticket.feeRate(String(own.feeBasisPoints / 100))} · ${yuan(own.feeFen)}`}
                          </small>
                        </>
                      ) : (
                        <small className="soft">{words.ticket.notRefundable}</small>
                      )}
                    </span>
                  </li>
                );
              })}
            </ul>
          </fieldset>
          <dl className="sums">
            <dt>{words.ticket.fee}</dt>
            <dd className="number">{yuan(feeFen)}</dd>
            <dt>{words.ticket.back}</dt>
            <dd className="number">
              <strong>{yuan(backFen)}</strong>
            </dd>
          </dl>
          <p className="soft">{words.ticket.refundNote}</p>
          {refund.error && (
            <Notice
              kind="bad"
              title={isRefused(refund.error, "OrderChanged") ? words.ticket.feeRose : errorText}
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
                <Spinner /> {words.ticket.refunding}
              </>
            ) : (
              words.ticket.refundConfirm(yuan(backFen))
            )}
          </button>
        </form>
      )}
    </Dialog>
  );
}
