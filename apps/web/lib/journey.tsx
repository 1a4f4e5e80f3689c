/** When and where a journey begins and ends: the list of trains, the booking and the order draw it alike. */
import type { ReactNode } from "react";
import { timeOf } from "./format.ts";
import { ForeignText } from "./components.tsx";
import type { Named } from "./places.ts";
import { useMessages } from "./messages.tsx";

/** What is written over the station, beside what it is called here: to be compared with the sign, or shown to a passer-by. */
export function LocalName(props: { readonly station: Named; readonly nameOf: (station: Named) => string }) {
  const { name } = props.station;
  if (props.nameOf(props.station) === name) return null;
  return (
    <span className="local soft" lang="zh-CN">
      {" "}
      {name}
    </span>
  );
}

/** Behind a time of arrival: on the next day, or days later. */
export function DaysLater({ days }: { readonly days: number }) {
  const messages = useMessages();
  if (days <= 0) return null;
  const text = messages.search.daysLaterLong(days);
  return (
    <abbr className="later" title={text}>
      +{days}
      <span className="hidden"> {text}</span>
    </abbr>
  );
}

type EndProps = {
  readonly at: string;
  readonly station: string;
  /** The end of the journey stands on the right. */
  readonly last?: boolean;
  readonly besideTime?: ReactNode;
  readonly besideStation?: ReactNode;
};

export function JourneyEnd({ at, station, last = false, besideTime, besideStation }: EndProps) {
  return (
    <div className={last ? "train-end right" : "train-end"}>
      <span className="train-time">
        <time dateTime={at}>{timeOf(at)}</time>
        {besideTime}
      </span>
      <span className="train-station">
        <ForeignText>{station}</ForeignText>
        {besideStation}
      </span>
    </div>
  );
}
