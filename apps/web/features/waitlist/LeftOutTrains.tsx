/** Trains that were added and that the request goes without, each with its reason: on whatever day, they can be taken away here. */
import { useMessages } from "../../lib/messages.tsx";
import { Notice } from "../../lib/components.tsx";
import { dayText } from "../../lib/format.ts";
import { type AddedLeftOut, type ChosenTrain, trainKey } from "./request.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type Props = { readonly trains: readonly AddedLeftOut[]; readonly onTakeAway: (chosen: ChosenTrain) => void };

export function LeftOutTrains({ trains, onTakeAway }: Props) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  if (trains.length === 0) return null;
  return (
    <Notice kind="info" title={texts.leftOutTitle} live>
      <ul className="left-out">
        {trains.map(({ chosen, because }) => (
          <li key={trainKey(chosen)}>
            <span>
              <b className="number">
                {chosen.trainNumber} · {dayText(chosen.date, messages)}
              </b>{" "}
              {texts.leftOut[because]}
            </span>
            <button type="button" className="button small quiet" onClick={() => onTakeAway(chosen)}>
              {texts.takeAway}
              <span className="hidden"> {chosen.trainNumber}</span>
            </button>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
