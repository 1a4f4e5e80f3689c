/** What an act would mean, in numbers and person by person. */
import type { RunActAnswer, RunMoves } from "@chepiao/contracts";
import { Descriptions, Table, type TableColumnsType } from "antd";
import { useMessages } from "../../lib/messages.tsx";
import { useMoney } from "./money.ts";

export function ActMeans({ answer }: { readonly answer: RunActAnswer }) {
  const { runs } = useMessages();
  const money = useMoney();
  const { giveBack, moves, coachSeats, refundsInS } = answer;
  const backNames = Object.keys(runs.giveBack) as (keyof typeof runs.giveBack)[];
  const moveNames = Object.keys(runs.moves) as (keyof typeof runs.moves)[];
  const shown = (name: string, value: number) => (name.endsWith("Fen") ? money(value) : value);
  const items = [
    ...(giveBack
      ? backNames.map((name) => ({ key: name, label: runs.giveBack[name], children: shown(name, giveBack[name]) }))
      : []),
    ...(moves
      ? moveNames.map((name) => ({ key: name, label: runs.moves[name], children: shown(name, moves[name]) }))
      : []),
    ...(coachSeats ?? []).map(({ seatClass, seats, tickets }) => ({
      key: seatClass,
      label: runs.seatClasses[seatClass],
      children: `${seats} ${runs.seats}, ${runs.ticketsThere}: ${tickets}`,
    })),
  ];
  return (
    <>
      <Descriptions size="small" bordered column={{ xs: 1, sm: 2, lg: 3 }} title={answer.title} items={items} />
      {giveBack && refundsInS !== undefined && <p>{runs.refundsIn(refundsInS)}</p>}
      {moves && moves.rows.length > 0 && <MovedTable rows={moves.rows} />}
      {moves && answer.act === "exchange" && <Served serves={moves.serves} />}
    </>
  );
}

type Row = RunMoves["rows"][number];

function MovedTable({ rows }: { readonly rows: readonly Row[] }) {
  const { runs } = useMessages();
  const placeText = ({ seatClass, label }: Row["before"]) => `${runs.seatClasses[seatClass]} ${label}`;
  const columns: TableColumnsType<Row> = [
    { title: runs.order, dataIndex: "orderNo", className: "mono" },
    { title: runs.ticket, dataIndex: "ticketNo", className: "mono" },
    { title: runs.has, render: (_, { before }) => placeText(before) },
    { title: runs.wouldHave, render: (_, { after }) => (after ? placeText(after) : <strong>{runs.none}</strong>) },
  ];
  return (
    <>
      <h3>{runs.moved}</h3>
      <Table<Row>
        rowKey="ticketNo"
        size="small"
        columns={columns}
        dataSource={rows}
        pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
      />
    </>
  );
}

type Serve = RunMoves["serves"][number];

function Served({ serves }: { readonly serves: readonly Serve[] }) {
  const { runs } = useMessages();
  const columns: TableColumnsType<Serve> = [
    { title: runs.waitlistNo, dataIndex: "waitlistNo", className: "mono" },
    { title: runs.way, render: (_, { from, to }) => `${from} – ${to}` },
    { title: runs.seatClass, render: (_, { seatClass }) => runs.seatClasses[seatClass] },
    { title: runs.passengers, dataIndex: "passengers", align: "right" },
  ];
  return (
    <>
      <h3>{runs.serves}</h3>
      {serves.length === 0 ? (
        <p className="quiet">{runs.servesNone}</p>
      ) : (
        <Table<Serve>
          rowKey="waitlistNo"
          size="small"
          columns={columns}
          dataSource={serves}
          pagination={serves.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
          scroll={{ x: "max-content" }}
        />
      )}
    </>
  );
}
