/** What needs an act now, and today's numbers; asked for again every few seconds while it is looked at. */
import type { Overview } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { Card, Empty, List, Spin, Statistic, Table, Tag } from "antd";
import { ask } from "../../lib/api.ts";
import { amountOf, secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";

const againMs = 3_000;

export function OverviewPage() {
  const query = useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => ask("GET /api/operations/overview", {}, { signal }),
    refetchInterval: againMs,
  });
  const { overview } = useMessages();
  if (query.isPending) return <Spin />;
  if (!query.data) return <Trouble error={query.error} again={() => void query.refetch()} />;
  return (
    <>
      {query.isError && <Trouble error={query.error} again={() => void query.refetch()} />}
      <Matters matters={query.data.matters} />
      <Today today={query.data.today} />
      <p className="quiet">
        {overview.asOf}
        <span className="mono">{secondOf(query.data.at)}</span>
      </p>
    </>
  );
}

type Matter = Overview["matters"][number];

function Matters({ matters }: { readonly matters: readonly Matter[] }) {
  const { overview } = useMessages();
  const waiting = matters.filter(({ count }) => count !== 0);
  return (
    <Card size="small" title={overview.needs} style={{ marginBottom: 12 }}>
      {waiting.length === 0 ? (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={overview.nothing} />
      ) : (
        <List<Matter>
          size="small"
          rowKey="matter"
          dataSource={[...waiting]}
          renderItem={({ matter, count, isAtLeast, since }) => (
            <List.Item>
              <span>
                {overview.matters[matter]}{" "}
                {since && <span className="quiet mono">{overview.since + secondOf(since)}</span>}
              </span>
              <Tag color={count === null ? "orange" : "red"}>
                {count === null ? overview.unknown : `${count}${isAtLeast ? "+" : ""}`}
              </Tag>
            </List.Item>
          )}
        />
      )}
    </Card>
  );
}

function Today({ today }: { readonly today: Overview["today"] }) {
  const messages = useMessages();
  const { overview } = messages;
  const shown = (fen: number | null) => (fen === null ? "—" : amountOf(fen));
  return (
    <Card size="small" title={`${overview.today} ${today.date}`}>
      <div className="filters">
        <Statistic title={overview.captured} value={shown(today.capturedFen)} />
        <Statistic title={overview.refunded} value={shown(today.refundedFen)} />
        <Statistic title={overview.waiting} value={today.waiting ?? "—"} />
      </div>
      <Table
        rowKey="state"
        size="small"
        pagination={false}
        dataSource={today.orders ?? []}
        locale={{ emptyText: today.orders === null ? overview.unknown : messages.empty }}
        columns={[
          { title: overview.state, render: (_, { state }) => overview.states[state] },
          { title: overview.orders, dataIndex: "orders", align: "right" },
          { title: overview.tickets, dataIndex: "tickets", align: "right" },
        ]}
      />
    </Card>
  );
}
