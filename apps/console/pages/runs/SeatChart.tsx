/** The seats of a coach over the parts of the way between stops: who has which, by which order. */
import type { ChartCoach, ChartSeat, RunView, SeatHolding } from "@chepiao/contracts";
import { Card, Checkbox, Select, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { useMessages } from "../../lib/messages.tsx";

export function SeatChart({ run }: { readonly run: RunView }) {
  const { runs } = useMessages();
  const [chosen, choose] = useState(0);
  const [onlyTaken, setOnlyTaken] = useState(false);
  const coach = run.coaches[chosen] ?? run.coaches[0];
  if (!coach) return null;
  const isTaken = ({ taken }: ChartSeat) => taken.length > 0;
  const seats = onlyTaken ? coach.seats.filter(isTaken) : coach.seats;
  return (
    <Card size="small" title={runs.chart}>
      <div className="filters">
        <Select<number>
          aria-label={runs.coach}
          value={run.coaches.indexOf(coach)}
          onChange={choose}
          style={{ width: 200 }}
          options={run.coaches.map((each, value) => ({
            value,
            label: `${runs.coachNo(each.no)} · ${each.seats.filter(isTaken).length}/${each.seats.length}`,
          }))}
        />
        <Checkbox checked={onlyTaken} onChange={({ target }) => setOnlyTaken(target.checked)}>
          {runs.onlyTaken}
        </Checkbox>
        <CoachWords coach={coach} />
      </div>
      {seats.length === 0 ? <p className="quiet">{runs.noSeatTaken}</p> : <Grid run={run} seats={seats} />}
    </Card>
  );
}

function CoachWords({ coach }: { readonly coach: ChartCoach }) {
  const { runs } = useMessages();
  if (!coach.isThere) return <Tag color="red">{runs.notThere}</Tag>;
  if (coach.isLost) return <Tag color="red">{runs.coachLost}</Tag>;
  return coach.isWithdrawn ? <Tag color="orange">{runs.coachWithdrawn}</Tag> : null;
}

function Grid({ run, seats }: { readonly run: RunView; readonly seats: readonly ChartSeat[] }) {
  const { runs } = useMessages();
  const last = run.stops.length - 1;
  return (
    <div className="chart" tabIndex={0} role="region" aria-label={runs.chart}>
      <table>
        <thead>
          <tr>
            <th scope="col">{runs.seats}</th>
            {run.stops.slice(0, last).map(({ stop, name }) => (
              <th scope="col" key={stop}>
                {name}–{run.stops[stop + 1]!.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seats.map((seat) => (
            <tr key={`${seat.seatClass} ${seat.row} ${seat.mark} ${seat.label}`}>
              <th scope="row">
                {seat.label} <span className="quiet">{runs.seatClasses[seat.seatClass]}</span>
              </th>
              {cellsOf(seat.taken, last, runs.free)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A cell for each holding over its part of the way, and one for what lies free between two. */
function cellsOf(taken: readonly SeatHolding[], last: number, free: string): ReactNode[] {
  const cells: ReactNode[] = [];
  let at = 0;
  const gapTo = (stop: number) => {
    if (stop > at)
      cells.push(
        <td key={`free ${at}`} colSpan={stop - at} className="free">
          {free}
        </td>,
      );
  };
  for (const { fromStop, toStop, orderNo, ticketNo, state, name } of taken) {
    gapTo(fromStop);
    cells.push(
      <td key={ticketNo} colSpan={toStop - fromStop} className={state === "held" ? "held" : "sold"} title={ticketNo}>
        {name} <span className="mono">{orderNo}</span>
      </td>,
    );
    at = toStop;
  }
  gapTo(last);
  return cells;
}
