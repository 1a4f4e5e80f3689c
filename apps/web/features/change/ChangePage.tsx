/** Tickets that are to become others: which of them, for which train, and what that costs before anything is done. */
import type { Order, Railway } from "@chepiao/contracts";
import { useMemo } from "react";
import { useServerNow } from "../../lib/clock.ts";
import { Empty, Failure, Notice, PageSkeleton, useTitle } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { stationsOf } from "../../lib/orderLines.ts";
import { useStationNames } from "../../lib/places.ts";
import { useRailwayRulesQuery } from "../../lib/railwayRules.ts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
import { useOrder } from "../orders/follow.ts";
import { LoginAgain } from "../orders/LoginFirst.tsx";
import { NotThere } from "../orders/NotThere.tsx";
import { useLinesOff } from "../status/status.ts";
import { useSoldFrom } from "../search/calendar.ts";
import { NotSoldNow } from "../search/NotSoldNow.tsx";
import { noTrip, readNewTrip } from "./address.ts";
import { changeableLines, type ChangeRules, isSpent } from "./changeable.ts";
import { NewTrain } from "./NewTrain.tsx";
import { QuoteOfChange } from "./QuoteOfChange.tsx";
import { TicketChoice } from "./TicketChoice.tsx";
import { useChangeMessages } from "./useChangeMessages.ts";

const nowEveryMs = 15_000;

export function ChangePage({ orderNo }: { readonly orderNo: string }) {
  const messages = useMessages();
  const texts = useChangeMessages();
  const { order, query, isOld } = useOrder(orderNo);
  const rules = useRailwayRulesQuery();
  useTitle(texts.title);
  if (!order) {
    const unknown = { code: "OrderUnknown", title: messages.order.unknown } as const;
    return <NotThere title={texts.title} query={query} unknown={unknown} />;
  }
  if (!rules.data && !rules.isError) return <PageSkeleton className="order" />;
  return (
    <div className="page narrow change">
      <Link className="back" to={`/order/${orderNo}`}>
        ‹ {texts.toOrder}
      </Link>
      <h1>{texts.title}</h1>
      <LoginAgain error={query.error} />
      {isOld && <Notice kind="warn" title={messages.order.offline} />}
      {!rules.data ? (
        <Failure error={rules.error} retry={() => void rules.refetch()} />
      ) : rules.data.change ? (
        <Change order={order} railway={rules.data} rules={rules.data.change} />
      ) : (
        <Nothing orderNo={orderNo} title={texts.notOffered} note={null} />
      )}
    </div>
  );
}

function Change(props: { readonly order: Order; readonly railway: Railway; readonly rules: ChangeRules }) {
  const { order, railway, rules } = props;
  const texts = useChangeMessages();
  const now = useServerNow(nowEveryMs);
  const address = useAddress();
  const { query } = address;
  const soldFrom = useSoldFrom();
  const stations = useMemo(() => stationsOf(order), [order]);
  const { nameOf } = useStationNames(stations);
  const off = useLinesOff(order);
  const lines = changeableLines(order, rules, now, off);
  if (lines.length === 0) {
    const note = isSpent(order, rules) ? texts.notAgain : texts.noTicketsNote;
    return <Nothing orderNo={order.orderNo} title={texts.noTickets} note={note} />;
  }
  const asked = query.get("tickets")?.split(",");
  const isAsked = ({ ticketNo }: { readonly ticketNo: string }) => asked?.includes(ticketNo) ?? true;
  const { line, tickets } = lines.find(({ tickets: own }) => own.some(isAsked)) ?? lines[0]!;
  const chosen = tickets.filter(isAsked);
  const go = (fields: Readonly<Record<string, string | null>>, replace = false) =>
    navigate(withQuery({ pathname: location.pathname, query: new URLSearchParams(location.search) }, fields), {
      replace,
    });
  const trip = readNewTrip(query);
  if (trip && chosen.length > 0)
    return (
      <QuoteOfChange
        order={order}
        line={line}
        tickets={chosen}
        trip={trip}
        railway={railway}
        nameOf={nameOf}
        trainsAddress={withQuery(address, noTrip)}
      />
    );
  return (
    <>
      {soldFrom !== null && <NotSoldNow from={soldFrom} />}
      <TicketChoice
        lines={lines}
        chosen={chosen}
        nameOf={nameOf}
        onChoose={(ticketNos) => go({ tickets: ticketNos.join(","), to: null }, true)}
      />
      {chosen.length === 0 ? (
        <Notice kind="info" title={texts.chooseTicket} live />
      ) : (
        <NewTrain key={line.line} line={line} rules={rules} query={query} now={now} onChange={go} />
      )}
    </>
  );
}

function Nothing(props: { readonly orderNo: string; readonly title: string; readonly note: string | null }) {
  const texts = useChangeMessages();
  return (
    <Empty
      title={props.title}
      action={
        <Link className="button primary" to={`/order/${props.orderNo}`}>
          {texts.toOrder}
        </Link>
      }
    >
      {props.note}
    </Empty>
  );
}
