/** A run: what was said of it, who has which seat, who waits, and what staff may say of it. */
import type { RunView } from "@chepiao/contracts";
import { Link } from "@chepiao/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Card, Descriptions, Spin, Table, type TableColumnsType } from "antd";
import { pathOf } from "../../app/paths.ts";
import { ask } from "../../lib/api.ts";
import { secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useRight } from "../../lib/session.ts";
import { Trouble } from "../../lib/Trouble.tsx";
import type { Named } from "./askAct.ts";
import { RunActs } from "./RunActs.tsx";
import { RunProgressCard } from "./RunProgressCard.tsx";
import { RunWords } from "./RunWords.tsx";
import { SeatChart } from "./SeatChart.tsx";
import { WaitlistCard } from "./WaitlistCard.tsx";

export function RunPage({ trainNumber, originDate }: Named) {
  const { runs } = useMessages();
  const client = useQueryClient();
  const mayChange = useRight("changeRuns");
  const named = { trainNumber, originDate };
  const run = useQuery({
    queryKey: ["run", named],
    queryFn: ({ signal }) => ask("GET /api/operations/runs/:trainNumber/:originDate", { params: named }, { signal }),
  });
  const renew = () => {
    void client.invalidateQueries({ queryKey: ["run", named] });
    void client.invalidateQueries({ queryKey: ["runProgress", named] });
    void client.invalidateQueries({ queryKey: ["runs"] });
  };
  return (
    <div className="stack">
      <Link to={`${pathOf("runs")}?date=${originDate}`}>{runs.toList}</Link>
      {run.isPending && <Spin />}
      {run.isError && <Trouble error={run.error} again={() => void run.refetch()} />}
      {run.data && (
        <>
          <Summary run={run.data} />
          {mayChange && <RunActs run={run.data} done={renew} />}
          <RunProgressCard named={named} />
          <SeatChart run={run.data} />
          <Classes run={run.data} />
          <WaitlistCard run={run.data} />
          <Quotas run={run.data} />
        </>
      )}
    </div>
  );
}

function Summary({ run }: { readonly run: RunView }) {
  const { runs } = useMessages();
  const items = [
    { key: "state", label: runs.state, children: <RunWords run={run} /> },
    { key: "way", label: runs.way, children: `${run.from} – ${run.to}` },
    { key: "departs", label: runs.departs, children: <span className="mono">{secondOf(run.departAt)}</span> },
    { key: "arrives", label: runs.arrives, children: <span className="mono">{secondOf(run.arriveAt)}</span> },
    { key: "composition", label: runs.composition, children: run.composition },
    { key: "seats", label: runs.seats, children: run.seats },
    { key: "orders", label: runs.orders, children: run.orders },
    { key: "waiting", label: runs.waiting, children: run.waiting },
    { key: "opens", label: runs.opens, children: <span className="mono">{secondOf(run.saleOpensAt)}</span> },
    ...(run.saidBy.length > 0 ? [{ key: "saidBy", label: runs.saidBy, children: run.saidBy.join(", ") }] : []),
    {
      key: "stops",
      label: runs.stops,
      span: "filled" as const,
      children: (
        <ol className="stops">
          {run.stops.map(({ stop, name, departAt, arriveAt, isSkipped }) => (
            <li key={stop}>
              {isSkipped ? <s>{name}</s> : name}{" "}
              <span className="quiet mono">
                {(stop === run.stops.length - 1 ? arriveAt : departAt).slice(11, 16)}
                {isSkipped && ` ${runs.skipped}`}
              </span>
            </li>
          ))}
        </ol>
      ),
    },
  ];
  return (
    <Card size="small" title={`${run.trainNumber} · ${run.originDate}`}>
      <Descriptions size="small" column={{ xs: 1, sm: 2, lg: 4 }} items={items} />
    </Card>
  );
}

type ClassLine = RunView["classes"][number];

function Classes({ run }: { readonly run: RunView }) {
  const { runs } = useMessages();
  const columns: TableColumnsType<ClassLine> = [
    { title: runs.seatClass, render: (_, { seatClass }) => runs.seatClasses[seatClass] },
    { title: runs.seats, dataIndex: "seats", align: "right" },
    { title: runs.sold, dataIndex: "sold", align: "right" },
    { title: runs.held, dataIndex: "held", align: "right" },
    { title: runs.freeLeast, align: "right", render: (_, { free }) => Math.min(...free) },
    { title: runs.freeBySegment, render: (_, { free }) => <span className="mono">{free.join(" · ")}</span> },
  ];
  return (
    <Card size="small" title={runs.classes}>
      <Table<ClassLine>
        rowKey="seatClass"
        size="small"
        columns={columns}
        dataSource={run.classes}
        pagination={false}
        scroll={{ x: "max-content" }}
      />
    </Card>
  );
}

type Quota = RunView["quotas"][number];

function Quotas({ run }: { readonly run: RunView }) {
  const { runs } = useMessages();
  const nameOf = (stationId: string) => run.stops.find((stop) => stop.stationId === stationId)?.name ?? stationId;
  const named = (stations: readonly string[] | null) => stations?.map(nameOf).join(", ") ?? runs.anyStop;
  const columns: TableColumnsType<Quota> = [
    { title: runs.seatClass, render: (_, { seatClass }) => runs.seatClasses[seatClass] },
    { title: runs.from, render: (_, { fromStations }) => named(fromStations) },
    { title: runs.to, render: (_, { toStations }) => named(toStations) },
    {
      title: runs.quotas,
      render: (_, { limits }) =>
        limits.map(({ since, seats }) => (
          <div key={since} className="mono">
            {secondOf(since)} {seats ?? runs.anyNumber}
          </div>
        )),
    },
  ];
  return (
    <Card size="small" title={runs.quotas}>
      {run.quotas.length === 0 ? (
        <p className="quiet">{runs.noQuotas}</p>
      ) : (
        <Table<Quota>
          rowKey={({ seatClass, fromStations, toStations }) => JSON.stringify([seatClass, fromStations, toStations])}
          size="small"
          columns={columns}
          dataSource={run.quotas}
          pagination={false}
          scroll={{ x: "max-content" }}
        />
      )}
    </Card>
  );
}
