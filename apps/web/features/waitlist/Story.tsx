/** What came back on the trains of an entry since it waits, and why that was not for it. */
import type { WaitlistEntryTold } from "@chepiao/contracts";
import { useQueries } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { ask } from "../../lib/api.ts";
import { ForeignText } from "../../lib/components.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { reasonText } from "../orders/Because.tsx";
import { storyKeys } from "./storyKeys.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

type PassedOver = WaitlistEntryTold["story"]["passedOver"][number];
type Choice = WaitlistEntryTold["choices"][number];

/** The newest, which are what somebody looks for. */
const fewAtFirst = 5;

export function Story({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const title = useId();
  const [showsAll, setShowsAll] = useState(false);
  const { passedOver } = entry.story;
  const stopName = useStopNames(entry);
  const keys = storyKeys(passedOver);
  const shown = showsAll ? passedOver : passedOver.slice(0, fewAtFirst);
  return (
    <section className="card section" aria-labelledby={title}>
      <h2 id={title}>{texts.story}</h2>
      {passedOver.length === 0 && (
        <p className="soft note">
          {texts.storyNone} {texts.storyNoneNote}
        </p>
      )}
      <ol className="story" aria-live="polite">
        {shown.map((each, n) => {
          const choice = entry.choices[each.choice]!;
          const way = `${stopName(choice, each.fromStop)} – ${stopName(choice, each.toStop)}`;
          return (
            <li key={keys[n]}>
              <time className="soft number" dateTime={each.at}>
                {dayText(dateOf(each.at), messages)} {timeOf(each.at)}
              </time>
              <p>
                <b className="number">{choice.trainNumber}</b>{" "}
                <ForeignText>{texts.cameBack(messages.classes[each.seatClass], each.seats, way)}</ForeignText>
              </p>
              <Reason each={each} needed={entry.passengers.length} />
            </li>
          );
        })}
      </ol>
      {shown.length < passedOver.length && (
        <button type="button" className="button small quiet" onClick={() => setShowsAll(true)}>
          {messages.nav.more}
        </button>
      )}
    </section>
  );
}

function Reason({ each, needed }: { readonly each: PassedOver; readonly needed: number }) {
  const { language } = useLanguage();
  const { because } = useWaitlistMessages();
  const { someReason } = useWaitlistMessages();
  const text = {
    ahead: because.ahead,
    tooFew: because.tooFew(needed),
    partOfWay: because.partOfWay,
    keptBack: because.keptBack,
    conflict: because.conflict((each.refusal === null ? null : reasonText(each.refusal, language)) ?? someReason),
  }[each.because];
  return <p className="soft note">{text}</p>;
}

/** Stops are told by number: what they are called stands in the trains' own lists of stops. */
function useStopNames({ choices, story }: WaitlistEntryTold): (choice: Choice, stop: number) => string {
  const told = choices.filter(({ choice }) => story.passedOver.some((each) => each.choice === choice));
  const answers = useQueries({
    queries: told.map(({ trainNumber, originDate }) => ({
      queryKey: ["stops", trainNumber, originDate],
      queryFn: () =>
        ask("GET /api/search/trains/:trainNumber", { params: { trainNumber }, query: { date: originDate } }),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const lists = answers.map(({ data }) => data?.stops ?? []);
  const known = lists.map(({ length }) => length).join();
  const stations = useMemo<readonly Named[]>(
    () => lists.flat(),
    // The lists are new with every render, and the same as long as they are as long.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [known],
  );
  const { nameOf } = useStationNames(stations);
  return (choice, stop) => {
    const found = lists[told.indexOf(choice)]?.find((each) => each.stop === stop);
    return found ? nameOf(found) : "…";
  };
}
