/** Who waits for seats of a run, in the order in which they are served, and whom one more coach would serve. */
import type { RunView } from "@chepiao/contracts";
import { Card, Table, type TableColumnsType, Tag } from "antd";
import { secondOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";

type Entry = RunView["line"][number];
type More = RunView["oneMoreCoach"][number];

export function WaitlistCard({ run }: { readonly run: RunView }) {
  const { runs } = useMessages();
  const takes = run.takesEntries ? (
    <Tag color="green">{runs.takesEntries}</Tag>
  ) : (
    <Tag color="red">{runs.takesNone}</Tag>
  );
  const columns: TableColumnsType<Entry> = [
    { title: "#", render: (_, __, place) => place + 1, align: "right" },
    { title: runs.waitlistNo, dataIndex: "waitlistNo", className: "mono" },
    { title: runs.way, render: (_, { from, to }) => `${from} – ${to}` },
    {
      title: runs.seatClass,
      render: (_, entry) => entry.seatClasses.map((each) => runs.seatClasses[each]).join(" / "),
    },
    { title: runs.passengers, dataIndex: "passengers", align: "right" },
    { title: runs.since, render: (_, { since }) => <span className="mono">{secondOf(since)}</span> },
  ];
  const more: TableColumnsType<More> = [
    { title: runs.oneMoreCoach, render: (_, { coachNo }) => runs.likeCoach(coachNo) },
    {
      title: runs.seats,
      render: (_, { seats }) =>
        seats.map(({ seatClass, count }) => `${count} ${runs.seatClasses[seatClass]}`).join(", "),
    },
    { title: runs.entriesServed, render: (_, { entries }) => `${entries} / ${run.waiting}`, align: "right" },
    { title: runs.passengers, dataIndex: "passengers", align: "right" },
  ];
  return (
    <Card size="small" title={runs.line} extra={takes}>
      {run.line.length === 0 ? (
        <p className="quiet">{runs.noLine}</p>
      ) : (
        <>
          <Table<Entry>
            rowKey="waitlistNo"
            size="small"
            columns={columns}
            dataSource={run.line}
            pagination={run.line.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
          />
          <Table<More>
            rowKey="coachNo"
            size="small"
            columns={more}
            dataSource={run.oneMoreCoach}
            pagination={false}
            scroll={{ x: "max-content" }}
          />
        </>
      )}
    </Card>
  );
}
