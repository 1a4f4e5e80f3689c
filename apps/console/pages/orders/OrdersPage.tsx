/** Orders by what staff have of them. What names a person is not put into the address, which is kept by browsers and sent on. */
import { hasRight, type OrderHit, type OrderState, orderStates } from "@chepiao/contracts";
import { Link } from "@chepiao/ui";
import { Alert, Button, Form, Input, Select, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { pathOf } from "../../app/paths.ts";
import { ask } from "../../lib/api.ts";
import { amountOf, secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { MoreButton, usePages } from "../../lib/Pages.tsx";
import { useMe } from "../../lib/session.ts";
import { Trouble } from "../../lib/Trouble.tsx";

const fields = ["orderNo", "ticketNo", "account", "name", "document", "train", "date"] as const;
type Field = (typeof fields)[number];
type Asked = { readonly [F in Field]?: string } & { readonly state?: OrderState };

export function OrdersPage() {
  const messages = useMessages();
  const [asked, setAsked] = useState<Asked>({});
  const [isComplete, setComplete] = useState(true);
  const pages = usePages(["orders", asked], async (after, signal) => {
    const query = { ...asked, ...(after === undefined ? {} : { after }) };
    const found = await ask("GET /api/operations/orders", { query }, { signal });
    setComplete(found.isComplete);
    return { rows: found.orders, next: found.next };
  });
  return (
    <>
      <Filters search={setAsked} />
      {pages.isError && <Trouble error={pages.error} again={() => void pages.refetch()} />}
      {!isComplete && <Alert type="info" showIcon title={messages.orders.incomplete} />}
      <Table<OrderHit>
        rowKey="orderNo"
        size="small"
        columns={columnsIn(messages)}
        dataSource={pages.rows}
        loading={pages.isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: messages.empty }}
      />
      <MoreButton pages={pages} />
    </>
  );
}

function Filters({ search }: { readonly search: (asked: Asked) => void }) {
  const messages = useMessages();
  const { orders, overview } = messages;
  const me = useMe().data;
  const seesTravellers = !!me && hasRight(me.role, "readTravellers");
  const shown = fields.filter((field) => seesTravellers || (field !== "name" && field !== "document"));
  const given = ({ state, ...texts }: Asked): Asked => ({
    ...Object.fromEntries(
      Object.entries(texts).flatMap(([field, text]) => (text?.trim() ? [[field, text.trim()]] : [])),
    ),
    ...(state ? { state } : {}),
  });
  return (
    <Form<Asked> className="filters" layout="inline" onFinish={(asked) => search(given(asked))} role="search">
      {shown.map((field) => (
        <Form.Item name={field} noStyle key={field}>
          <Input
            {...(field === "date" ? { type: "date" } : {})}
            placeholder={orders[field]}
            aria-label={orders[field]}
            allowClear
            autoComplete="off"
            style={{ width: 200 }}
          />
        </Form.Item>
      ))}
      <Form.Item name="state" noStyle>
        <Select<OrderState>
          placeholder={orders.anyState}
          aria-label={orders.anyState}
          allowClear
          style={{ width: 160 }}
          options={orderStates.map((value) => ({ value, label: overview.states[value] }))}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit">
        {messages.search}
      </Button>
    </Form>
  );
}

function columnsIn({ orders, overview }: ReturnType<typeof useMessages>): TableColumnsType<OrderHit> {
  return [
    {
      title: orders.order,
      render: (_, { orderNo }) => <Link to={pathOf("order", { orderNo })}>{orderNo}</Link>,
    },
    { title: orders.state, render: (_, { state }) => overview.states[state] },
    {
      title: orders.trip,
      render: (_, { trainNumber, boardingDate, fromName, toName }) =>
        `${trainNumber} ${boardingDate} ${fromName} → ${toName}`,
    },
    {
      title: orders.passengers,
      render: (_, { passengers }) =>
        passengers.map(({ name, documentMasked }) => `${name} ${documentMasked}`).join(", "),
    },
    { title: orders.amount, align: "right", render: (_, { totalFen }) => amountOf(totalFen) },
    { title: orders.created, render: (_, { createdAt }) => <span className="mono">{secondOf(createdAt)}</span> },
  ];
}
