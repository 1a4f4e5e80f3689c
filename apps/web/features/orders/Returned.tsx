/** What was given back: how much was kept as a fee, how much returns, and whether it has. What a change gave back is told with what it led to. */
import type { Order } from "@chepiao/contracts";
import { Notice } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";

export function Returned({ order }: { readonly order: Order }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const returned = order.tickets.filter(({ refundFen, state }) => refundFen !== undefined && state !== "changed");
  if (returned.length === 0) return null;
  const sum = (of: (ticket: Order["tickets"][number]) => number | undefined) =>
    returned.reduce((total, ticket) => total + (of(ticket) ?? 0), 0);
  const isSettled = returned.every(({ refund }) => refund === "settled");
  const backFen = sum(({ refundFen }) => refundFen);
  return (
    <section className="no-print">
      <Notice
        kind={isSettled ? "good" : "info"}
        title={
          isSettled
            ? messages.order.returned(messages.money(backFen))
            : messages.order.returning(messages.money(backFen))
        }
        live
      >
        <dl className="sums">
          <dt>{messages.order.returnedFares(returned.length)}</dt>
          <dd className="number">
            {messages.money(
              sum(({ fareFen }) => fareFen),
              true,
            )}
          </dd>
          <dt>{ticketTexts.fee}</dt>
          <dd className="number">
            {messages.money(
              sum(({ feeFen }) => -(feeFen ?? 0)),
              true,
            )}
          </dd>
          <dt>{ticketTexts.back}</dt>
          <dd className="number">
            <strong>{messages.money(backFen, true)}</strong>
          </dd>
        </dl>
      </Notice>
    </section>
  );
}
