/** Journeys with a change that can be bought now, in the order that is asked for. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { Empty, Failure, Notice, SlowNote } from "../../lib/components.tsx";
import { useMessages } from "../../lib/messages.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import {
  type JourneyChoices,
  journeyClasses,
  journeySorts,
  partyMaxAtFirst,
  readChoices,
  withChange,
} from "./choices.ts";
import { JourneyCard } from "./JourneyCard.tsx";
import { useJourneysMessages } from "./useJourneysMessages.ts";

/** They are dearer to find than trains are. */
const liveEveryMs = 30_000;

type Props = {
  readonly from: string;
  readonly to: string;
  readonly date: string;
  readonly query: URLSearchParams;
  readonly onChange: (fields: Readonly<Record<string, string | null>>, replace?: boolean) => void;
};

export function JourneyList({ from, to, date, query, onChange }: Props) {
  const texts = useJourneysMessages();
  const partyMax = useRailwayRules()?.ticketsMax ?? partyMaxAtFirst;
  const choices = readChoices(query, partyMax);
  const { sort, passengers, seatClass, changes } = choices;
  const asked = { from, to, date, passengers, changes, sort, ...(seatClass && { seatClass }) };
  const found = useQuery({
    queryKey: ["journeys", asked],
    queryFn: ({ signal }) => ask("GET /api/search/journeys", { query: asked }, { signal }),
    enabled: date !== "",
    refetchInterval: liveEveryMs,
    staleTime: 3_000,
    placeholderData: keepPreviousData,
  });
  const plans = useMemo(() => withChange(found.data?.plans ?? []), [found.data]);
  const stations = useMemo<readonly Named[]>(
    () => plans.flatMap(({ legs }) => legs.flatMap((leg) => [leg.from, leg.to])),
    [plans],
  );
  const { ready, nameOf } = useStationNames(stations);
  const search = useMemo(() => ({ from, to, date }), [from, to, date]);

  return (
    <section className={found.isPlaceholderData ? "journeys waiting" : "journeys"} aria-busy={found.isFetching}>
      <h2 className="hidden">{texts.title}</h2>
      <Choices choices={choices} partyMax={partyMax} onChange={(fields) => onChange(fields, true)} />
      {found.isError && !found.data ? (
        <Trouble error={found.error} retry={() => void found.refetch()} />
      ) : !found.data || !ready ? (
        <div aria-busy="true">
          <div className="skeleton train-skeleton" />
          <SlowNote />
        </div>
      ) : (
        <>
          <p role="status" className="results-count">
            {texts.count(plans.length)}
          </p>
          {!found.data.complete && <Notice kind="info">{texts.incomplete}</Notice>}
          <div className="trains">
            {plans.map((plan) => (
              <JourneyCard
                key={plan.legs.map((leg) => `${leg.trainNumber} ${leg.from.stationId} ${leg.seatClass}`).join(" ")}
                plan={plan}
                passengers={found.data.passengers}
                search={search}
                nameOf={nameOf}
              />
            ))}
          </div>
          {plans.length === 0 && <None hasDirect={found.data.plans.length > 0} isOnce={changes === 1} />}
        </>
      )}
    </section>
  );
}

function None({ hasDirect, isOnce }: { readonly hasDirect: boolean; readonly isOnce: boolean }) {
  const texts = useJourneysMessages();
  if (hasDirect) return <Empty title={texts.directBetter}>{texts.directBetterNote}</Empty>;
  return (
    <Empty title={texts.none}>
      {texts.noneNote} {isOnce && texts.twiceNote}
    </Empty>
  );
}

function Trouble({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  // What was asked cannot be: to ask again would not help.
  if (isRefused(error, "StationUnknown", "DateOutOfRange", "OrderTooLarge"))
    return <Notice kind="warn">{error.message}</Notice>;
  return <Failure error={error} retry={retry} />;
}

type ChoicesProps = {
  readonly choices: JourneyChoices;
  readonly partyMax: number;
  readonly onChange: (fields: Readonly<Record<string, string | null>>) => void;
};

function Choices({ choices: { sort, passengers, seatClass, changes }, partyMax, onChange }: ChoicesProps) {
  const messages = useMessages();
  const texts = useJourneysMessages();
  return (
    <div className="journey-choices">
      <div className="segments" role="group" aria-label={texts.sort}>
        {journeySorts.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={sort === each}
            onClick={() => onChange({ by: each === "arrival" ? null : each })}
          >
            {texts.sorts[each]}
          </button>
        ))}
      </div>
      <label>
        <span>{texts.party}</span>
        <select
          value={passengers}
          onChange={({ target }) => onChange({ party: target.value === "1" ? null : target.value })}
        >
          {Array.from({ length: partyMax }, (_, n) => (
            <option key={n} value={n + 1}>
              {texts.people(n + 1)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{texts.seatClass}</span>
        <select value={seatClass ?? ""} onChange={({ target }) => onChange({ seat: target.value })}>
          <option value="">{texts.anyClass}</option>
          {journeyClasses.map((each) => (
            <option key={each} value={each}>
              {messages.classes[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={changes === 2}
          onChange={({ target }) => onChange({ changes: target.checked ? "2" : null })}
        />
        <span>{texts.twice}</span>
      </label>
    </div>
  );
}
