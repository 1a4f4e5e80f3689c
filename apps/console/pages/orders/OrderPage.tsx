/** The story of an order: why it ended, its tickets, its money, what its account was told, and all of it in order of time. */
import { hasRight, type OrderStory } from "@chepiao/contracts";
import { Link } from "@chepiao/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Card, Descriptions, Spin, Table, Timeline } from "antd";
import { pathOf } from "../../app/paths.ts";
import { ask } from "../../lib/api.ts";
import { amountOf, secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useMe } from "../../lib/session.ts";
import { Trouble } from "../../lib/Trouble.tsx";
import { ResendMails } from "./ResendMails.tsx";

export function OrderPage({ orderNo }: { readonly orderNo: string }) {
  const { orders } = useMessages();
  const client = useQueryClient();
  const me = useMe().data;
  const key = ["order", orderNo];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask("GET /api/operations/orders/:orderNo", { params: { orderNo } }, { signal }),
  });
  if (query.isPending) return <Spin />;
  if (query.isError) return <Trouble error={query.error} again={() => void query.refetch()} />;
  const story = query.data;
  return (
    <>
      <Head story={story} />
      <Tickets story={story} />
      <Card size="small" title={orders.timeline} style={{ margin: "12px 0" }}>
        <Timeline
          items={story.moments.map(({ at, what, of }) => ({
            content: (
              <>
                <span className="mono">{secondOf(at)}</span> {orders.moments[what]} <span className="quiet">{of}</span>
              </>
            ),
          }))}
        />
      </Card>
      <Money story={story} />
      <Told story={story} />
      {me && hasRight(me.role, "resendNotifications") && (
        <ResendMails orderNo={orderNo} done={() => void client.invalidateQueries({ queryKey: key })} />
      )}
    </>
  );
}

type Of = { readonly story: OrderStory };

function Head({ story }: Of) {
  const { orders, overview } = useMessages();
  const { orderNo, state, endedBecause, endedText, totalFen, payBy, policyVersion, replaces, lines } = story;
  return (
    <>
      {endedText && <Alert type="warning" showIcon title={`${orders.ended}: ${endedText} (${endedBecause})`} />}
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 3 }}
        items={[
          { key: "no", label: orders.order, children: orderNo },
          { key: "state", label: orders.state, children: overview.states[state] },
          { key: "amount", label: orders.amount, children: amountOf(totalFen) },
          {
            key: "trip",
            label: orders.trip,
            children: lines
              .map((line) => `${line.trainNumber} ${secondOf(line.departAt)} ${line.fromName} → ${line.toName}`)
              .join("; "),
          },
          { key: "payBy", label: orders.payBy, children: secondOf(payBy) },
          { key: "policy", label: orders.policy, children: policyVersion },
          ...(replaces
            ? [
                {
                  key: "replaces",
                  label: orders.replaces,
                  children: <Link to={pathOf("order", { orderNo: replaces })}>{replaces}</Link>,
                },
              ]
            : []),
        ]}
      />
    </>
  );
}

function Tickets({ story }: Of) {
  const { orders } = useMessages();
  return (
    <Table
      rowKey="ticketNo"
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={story.tickets}
      columns={[
        { title: orders.tickets, dataIndex: "ticketNo" },
        { title: orders.passengers, render: (_, { name, documentMasked }) => `${name} ${documentMasked}` },
        { title: orders.seat, dataIndex: "seat" },
        { title: orders.fare, align: "right", render: (_, { fareFen }) => amountOf(fareFen) },
        { title: orders.state, dataIndex: "state" },
        {
          title: orders.refund,
          align: "right",
          render: (_, { refundFen }) => (refundFen === null ? "" : amountOf(refundFen)),
        },
      ]}
    />
  );
}

function Money({ story }: Of) {
  const { orders } = useMessages();
  if (story.payments.length === 0) return null;
  const rows = story.payments.flatMap(({ paymentNo, channel, state, amountFen, refunds }) => [
    { key: paymentNo, what: `${paymentNo} ${channel}`, state, amountFen, why: "" },
    ...refunds.map((each) => ({
      key: each.refundNo,
      what: each.refundNo,
      state: each.state as string,
      amountFen: -each.amountFen,
      why: each.reason,
    })),
  ]);
  return (
    <Table
      rowKey="key"
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={[
        { title: orders.payments, dataIndex: "what" },
        { title: orders.state, dataIndex: "state" },
        { title: orders.amount, align: "right", render: (_, { amountFen }) => amountOf(amountFen) },
        { title: "", dataIndex: "why" },
      ]}
    />
  );
}

function Told({ story }: Of) {
  const { orders } = useMessages();
  if (story.told.length === 0) return null;
  return (
    <Table
      rowKey={({ at, kind }) => `${at} ${kind}`}
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={story.told}
      columns={[
        { title: orders.told, render: (_, { at, kind }) => `${secondOf(at)} ${kind}` },
        { title: orders.mail, render: (_, { mail, mailError }) => [mail, mailError].filter(Boolean).join(": ") },
      ]}
    />
  );
}
