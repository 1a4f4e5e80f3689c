/** Runs of a day. What is looked for stands in the address, so that it can be sent on. */
import type { RunLine } from "@chepiao/contracts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
import { Button, Form, Input, Table, type TableColumnsType } from "antd";
import { pathOf } from "../../app/paths.ts";
import { ask } from "../../lib/api.ts";
import { useMessages } from "../../lib/messages.tsx";
import { MoreButton, usePages } from "../../lib/Pages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";
import { RunWords } from "./RunWords.tsx";

type Asked = { readonly date: string; readonly train?: string };

/** Of the reader's clock: the day can be chosen. */
const today = (): string => new Date().toLocaleDateString("sv-SE");

export function RunsPage() {
  const messages = useMessages();
  const { query } = useAddress();
  const train = query.get("train");
  const asked: Asked = { date: query.get("date") ?? today(), ...(train ? { train } : {}) };
  const pages = usePages(["runs", asked], async (after, signal) => {
    const { runs, next } = await ask(
      "GET /api/operations/runs",
      { query: { ...asked, limit: 50, ...(after === undefined ? {} : { after }) } },
      { signal },
    );
    return { rows: runs, next };
  });
  return (
    <>
      <Filters asked={asked} key={query.toString()} />
      {pages.isError && <Trouble error={pages.error} again={() => void pages.refetch()} />}
      <Table<RunLine>
        rowKey="trainNumber"
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

function Filters({ asked }: { readonly asked: Asked }) {
  const messages = useMessages();
  const address = useAddress();
  const { date, dateNeeded, trainHint } = messages.runs;
  const search = ({ date: day, train }: Asked) =>
    navigate(withQuery(address, { date: day.trim(), train: train?.trim() || null }));
  return (
    <Form<Asked> className="filters" layout="inline" initialValues={asked} onFinish={search} role="search">
      <Form.Item name="date" rules={[{ pattern: /^\d{4}-\d{2}-\d{2}$/, required: true, message: dateNeeded }]}>
        <Input type="date" aria-label={date} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="train">
        <Input placeholder={trainHint} aria-label={trainHint} allowClear style={{ width: 160 }} />
      </Form.Item>
      <Button type="primary" htmlType="submit">
        {messages.search}
      </Button>
    </Form>
  );
}

/** `08:05` */
const clockOf = (instant: string): string => instant.slice(11, 16);

const columnsIn = ({ runs }: ReturnType<typeof useMessages>): TableColumnsType<RunLine> => [
  {
    title: runs.train,
    render: (_, { trainNumber, originDate }) => (
      <Link to={pathOf("run", { trainNumber, originDate })}>{trainNumber}</Link>
    ),
  },
  { title: runs.way, render: (_, { from, to }) => `${from} – ${to}` },
  { title: runs.departs, render: (_, { departAt }) => <span className="mono">{clockOf(departAt)}</span> },
  { title: runs.arrives, render: (_, { arriveAt }) => <span className="mono">{clockOf(arriveAt)}</span> },
  { title: runs.state, render: (_, line) => <RunWords run={line} /> },
  { title: runs.composition, dataIndex: "composition" },
  { title: runs.seats, dataIndex: "seats", align: "right" },
  { title: runs.orders, dataIndex: "orders", align: "right" },
  { title: runs.waiting, dataIndex: "waiting", align: "right" },
];
