/** How far money and seats are of a run that does not run as it was sold, order by order. */
import type { RunProgress } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Spin, Table, type TableColumnsType } from "antd";
import { ask } from "../../lib/api.ts";
import { secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";
import { useMoney } from "./money.ts";
import type { Named } from "./askAct.ts";

/** Each look stands on the audit trail. */
const lookAgainMs = 10_000;

type GiveBack = NonNullable<RunProgress["giveBack"]>;
type Seats = NonNullable<RunProgress["seats"]>;

const isAtWork = ({ giveBack, seats }: RunProgress): boolean =>
  (giveBack?.left ?? 0) > 0 ||
  (seats?.exchange ?? "open") !== "open" ||
  !!seats?.lost.some(({ tickets }) => tickets > 0);

export function RunProgressCard({ named }: { readonly named: Named }) {
  const { runs } = useMessages();
  const progress = useQuery({
    queryKey: ["runProgress", named],
    queryFn: ({ signal }) =>
      ask("GET /api/operations/runs/:trainNumber/:originDate/progress", { params: named }, { signal }),
    refetchInterval: ({ state: { data } }) => (data && isAtWork(data) ? lookAgainMs : false),
  });
  const { data } = progress;
  return (
    <Card
      size="small"
      title={runs.progress}
      extra={
        <Button size="small" onClick={() => void progress.refetch()} loading={progress.isFetching}>
          {runs.refresh}
        </Button>
      }
    >
      {progress.isPending && <Spin />}
      {progress.isError && <Trouble error={progress.error} again={() => void progress.refetch()} />}
      {data && !data.giveBack && !data.seats && <p className="quiet">{runs.noProgress}</p>}
      {data?.giveBack && <GivenBack giveBack={data.giveBack} />}
      {data?.seats && <Moved seats={data.seats} />}
    </Card>
  );
}

function GivenBack({ giveBack }: { readonly giveBack: GiveBack }) {
  const { runs } = useMessages();
  const money = useMoney();
  const { title, orders, tickets, amountFen, left, waiting, refundsFrom, isRestoring, rows } = giveBack;
  const columns: TableColumnsType<GiveBack["rows"][number]> = [
    { title: runs.order, dataIndex: "orderNo", className: "mono" },
    { title: runs.back, dataIndex: "tickets", align: "right" },
    { title: runs.amount, render: (_, row) => money(row.amountFen), align: "right" },
    { title: runs.state, render: (_, { isDone }) => (isDone ? runs.finished : runs.notYet) },
    { title: runs.why, dataIndex: "why" },
  ];
  return (
    <>
      <p role="status">
        <strong>{title}</strong>: {runs.refunded(orders, tickets)}, {money(amountFen)}; {runs.left(left)};{" "}
        {runs.stillWaiting(waiting)}. <span className="quiet mono">{secondOf(refundsFrom)}</span>
        {isRestoring && ` ${runs.restoring}`}
      </p>
      <Table
        rowKey="orderNo"
        size="small"
        columns={columns}
        dataSource={rows}
        pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
      />
    </>
  );
}

function Moved({ seats }: { readonly seats: Seats }) {
  const { runs, empty } = useMessages();
  const { lost, elsewhere, exchange, rows } = seats;
  const columns: TableColumnsType<Seats["rows"][number]> = [
    { title: runs.order, dataIndex: "orderNo", className: "mono" },
    { title: runs.becameOthers, dataIndex: "moved", align: "right" },
    { title: runs.gone, dataIndex: "gone", align: "right" },
    { title: runs.inside, dataIndex: "inside", align: "right" },
    { title: runs.still, dataIndex: "still", align: "right" },
    { title: runs.into, render: (_, { into }) => into.join(" "), className: "mono" },
    { title: runs.why, dataIndex: "why" },
  ];
  return (
    <>
      <p role="status">
        {[
          ...(exchange ? [runs.exchange[exchange], runs.elsewhere(elsewhere)] : []),
          ...lost.map(({ coachNo, tickets }) => runs.stillThere(coachNo, tickets)),
        ].join("; ")}
      </p>
      <Table
        rowKey="orderNo"
        size="small"
        columns={columns}
        dataSource={rows}
        pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: empty }}
      />
    </>
  );
}
