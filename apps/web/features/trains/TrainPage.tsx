/** A train by its number: where it stops and when on a day, of what it is made, and the way to its tickets. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask, isRefused, Refused } from "../../lib/api.ts";
import { Empty, Failure, SlowNote, useTitle } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { serverNow } from "../../lib/clock.ts";
import { dayText } from "../../lib/format.ts";
import { type Named, useStationNames } from "../../lib/places.ts";
import { Link, navigate, useAddress, withQuery } from "@chepiao/ui";
import { useMessages } from "../../lib/messages.tsx";
import { useTrainTypeName } from "../../lib/railwayRules.ts";
import { useCalendar } from "../search/calendar.ts";
import { DateStrip } from "../search/DateStrip.tsx";
import { StopList } from "../search/StopList.tsx";
import { StatusOfTrain } from "../status/Status.tsx";
import { runKey, type Statuses } from "../status/status.ts";
import { ticketsOf } from "./tickets.ts";
import { trainNumberOf } from "./trainNumber.ts";
import { useTrainsMessages } from "./useTrainsMessages.ts";

export function TrainPage() {
  const texts = useTrainsMessages();
  const address = useAddress();
  const number = trainNumberOf(address.query.get("number") ?? "");
  const calendar = useCalendar();
  const days = calendar.data?.days;
  const asked = address.query.get("date");
  const date = (days?.some((day) => day.date === asked) ? asked : days?.[0]?.date) ?? "";
  /** Null where nothing was typed since: the address says the number. */
  const [typed, setTyped] = useState<string | null>(null);
  useTitle(number === "" ? texts.title : number);
  return (
    <div className="page narrow lookup">
      <h1 className="page-title">{texts.title}</h1>
      <section className="card section">
        <form
          method="post"
          className="train-form"
          onSubmit={(event) => {
            event.preventDefault();
            navigate(withQuery(address, { number: trainNumberOf(typed ?? number) }));
            setTyped(null);
          }}
        >
          <Field label={texts.number} hint={texts.hint}>
            {(given) => (
              <input
                {...given}
                value={typed ?? number}
                maxLength={numberLettersMax}
                autoCapitalize="characters"
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="button primary">
            {texts.show}
          </button>
        </form>
        <DateStrip
          days={days}
          offers={undefined}
          date={date}
          onChoose={(chosen) => navigate(withQuery(address, { date: chosen }), { replace: true })}
        />
      </section>
      {calendar.isError && !days && <Failure error={calendar.error} retry={() => void calendar.refetch()} />}
      {number !== "" && date !== "" && <Train number={number} date={date} days={days?.length ?? 0} />}
    </div>
  );
}

/** More is no number of a train. */
const numberLettersMax = 20;
const noStops: readonly Named[] = [];
const noStatuses: Statuses = new Map();

function Train({ number, date, days }: { readonly number: string; readonly date: string; readonly days: number }) {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const texts = useTrainsMessages();
  const found = useQuery({
    queryKey: ["stops", number, date],
    queryFn: () => ask("GET /api/search/trains/:trainNumber", { params: { trainNumber: number }, query: { date } }),
  });
  const { ready, nameOf } = useStationNames(found.data?.stops ?? noStops);
  const [statuses, setStatuses] = useState<Statuses>(noStatuses);
  if (isRefused(found.error, "TrainUnknown") || isMalformed(found.error))
    return <Empty title={texts.unknown(number)}>{texts.unknownNote}</Empty>;
  if (isRefused(found.error, "RunUnknown"))
    return <Empty title={texts.notThatDay(number, dayText(date, messages))}>{texts.notThatDayNote}</Empty>;
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || !ready)
    return (
      <div aria-busy="true">
        <div className="skeleton block" />
        <SlowNote />
      </div>
    );
  const { trainNumber, trainType, rollingStock, coachCount, classes, runsOn, stops } = found.data;
  const tickets = ticketsOf(found.data, serverNow());
  return (
    <section className="card section" aria-labelledby="train-title">
      <div className="section-head">
        <h2 id="train-title">
          {trainNumber} <small className="soft">{typeName(trainType)}</small>
        </h2>
        {tickets && (
          <Link className="button small" to={tickets.address}>
            {tickets.originDate === date ? texts.tickets : texts.ticketsOn(dayText(tickets.originDate, messages))}
          </Link>
        )}
      </div>
      <p>
        {runsOn.length === days
          ? texts.daily
          : texts.runsOn(messages.listOf(runsOn.map((each) => dayText(each, messages))))}
      </p>
      <p className="soft">
        {dayText(date, messages)} · {texts.madeOf(coachCount, rollingStock)}
        {" · "}
        {messages.listOf(
          classes
            .filter(({ seatClass }) => seatClass !== "standing")
            .map(({ seatClass, seatCount }) => texts.seats(messages.classes[seatClass], seatCount)),
        )}
      </p>
      <StatusOfTrain train={found.data} onKnown={setStatuses} />
      <StopList stops={stops} nameOf={nameOf} status={statuses.get(runKey(found.data))} />
    </section>
  );
}

/** What no train can be called, whatever the timetable. */
const isMalformed = (error: unknown): boolean => error instanceof Refused && error.problem.status === malformedStatus;
const malformedStatus = 400;
