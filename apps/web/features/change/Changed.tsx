/** On an order: what its tickets became, and what they came of. */
import type { Order } from "@chepiao/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ForeignText, Notice } from "../../lib/components.tsx";
import { dayText, seatText } from "../../lib/format.ts";
import { groupBy } from "../../lib/groupBy.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { Link } from "@chepiao/ui";
import { readOrder } from "../orders/follow.ts";
import { isSpent } from "./changeable.ts";
import { useChangeMessages } from "./useChangeMessages.ts";

const staleMs = 60_000;

/** The other order, once it is there: what is said without it is enough. */
function useOther(orderNo: string): Order | undefined {
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["order", orderNo],
    queryFn: () => readOrder(client, orderNo),
    staleTime: staleMs,
  });
  return found.data;
}

export function ChangedTickets({ order }: { readonly order: Order }) {
  const changed = order.tickets.filter(({ replacedBy }) => replacedBy !== undefined);
  return [...groupBy(changed, ({ replacedBy }) => replacedBy!)].map(([orderNo, tickets]) => (
    <ChangedTo key={orderNo} orderNo={orderNo} tickets={tickets} />
  ));
}

function ChangedTo({
  orderNo,
  tickets,
}: {
  readonly orderNo: string;
  readonly tickets: readonly Order["tickets"][number][];
}) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const other = useOther(orderNo);
  const who = messages.listOf(tickets.map(({ passengerName }) => passengerName));
  const feeFen = tickets.reduce((sum, ticket) => sum + (ticket.feeFen ?? 0), 0);
  const backFen = tickets.reduce((sum, ticket) => sum + (ticket.refundFen ?? 0), 0);
  return (
    <section className="no-print changed-to">
      <Notice kind="info">
        <p>
          <strong>
            <ForeignText>
              {other?.replaces?.because === "coachLost"
                ? texts.reseatedAway(who)
                : other
                  ? texts.changedTo(who, other.trainNumber, dayText(other.boardingDate, messages))
                  : texts.changedAway(who)}
            </ForeignText>
          </strong>
        </p>
        {feeFen + backFen > 0 && <p>{texts.changedMoney(messages.money(feeFen), messages.money(backFen))}</p>}
        <Link className="button small" to={`/order/${orderNo}`}>
          {texts.newOrder}
        </Link>
      </Notice>
    </section>
  );
}

const isMade: ReadonlySet<Order["state"]> = new Set(["ticketed", "completed", "refunded", "changed"]);
const isEnded: ReadonlySet<Order["state"]> = new Set(["cancelled", "expired", "rejected"]);

export function Replaces({
  order,
  replaces,
}: {
  readonly order: Order;
  readonly replaces: NonNullable<Order["replaces"]>;
}) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const other = useOther(replaces.orderNo);
  const rules = useRailwayRules()?.change;
  const backFen = replaces.tickets.reduce((sum, { refundFen }) => sum + refundFen, 0);
  const back = messages.money(backFen);
  const line =
    other?.lines?.[other.tickets.find(({ ticketNo }) => ticketNo === replaces.tickets[0]?.ticketNo)?.line ?? 0];
  const numbers = new Set(replaces.tickets.map(({ ticketNo }) => ticketNo));
  const stands = other?.tickets.every(({ ticketNo, state }) => !numbers.has(ticketNo) || state === "issued") ?? false;
  const made = isMade.has(order.state);
  const ended = isEnded.has(order.state);
  const say = made ? texts.replaces : texts.instead;
  const wasIn = replaces.tickets.flatMap(({ seat }) => (seat === undefined ? [] : [seatText(seat, messages)]));
  const from =
    wasIn.length > 0
      ? texts.reseated(messages.listOf(wasIn))
      : line
        ? say(line.trainNumber, dayText(line.boardingDate, messages))
        : texts.replacesOrder;
  return (
    <section className="no-print replaces">
      <Notice
        kind={ended ? "warn" : made ? "good" : "info"}
        title={made ? from : ended ? texts.ended : texts.waits}
        live
      >
        {!made && <p>{from}</p>}
        {ended ? (
          stands && <p>{texts.standsNote}</p>
        ) : made ? (
          <>
            {wasIn.length > 0 && <p>{texts.reseatedNote}</p>}
            {backFen > 0 && <p>{texts.doneBack(back)}</p>}
            {rules && order.state === "ticketed" && isSpent(order, rules) && <p>{texts.notAgain}</p>}
          </>
        ) : (
          <p>{replaces.isCarried ? texts.carriedNote : texts.waitsNote(back)}</p>
        )}
        <Link className="button small" to={`/order/${replaces.orderNo}`}>
          {texts.oldOrder}
        </Link>
      </Notice>
    </section>
  );
}
