/** What narrows the list. Beside the trains where there is room, behind a button where there is not. */
import type { TrainOffer } from "@chepiao/contracts";
import { useId } from "react";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useWords } from "../../lib/words.tsx";
import { choicesOf, countFilters, filterFields, type Filters, type ListName, partsOfDay, toggled } from "./filter.ts";

type Change = (fields: Readonly<Record<string, string | null>>) => void;

export function FilterPanel({
  trains,
  filters,
  onChange,
}: {
  readonly trains: readonly TrainOffer[];
  readonly filters: Filters;
  readonly onChange: Change;
}) {
  const words = useWords();
  const choices = choicesOf(trains);
  const stations: readonly Named[] = [...choices.from, ...choices.to];
  const { nameOf } = useStationNames(stations);
  const flip = (name: ListName) => (value: string) => onChange({ [filterFields[name]]: toggled(filters[name], value) });
  const parts = partsOfDay.map((part) => ({
    value: String(part),
    label: words.search.parts[part]!,
    note: `${part * 6}–${part * 6 + 6}`,
  }));
  return (
    <div className="filters">
      <div className="chips">
        <Chip
          label={words.search.onlySeats}
          on={filters.onlySeats}
          flip={() => onChange({ seats: filters.onlySeats ? null : "1" })}
        />
        <Chip
          label={words.search.hideStanding}
          on={filters.hideStanding}
          flip={() => onChange({ standing: filters.hideStanding ? null : "0" })}
        />
      </div>
      <Row title={words.search.filterDepart} options={parts} on={filters.departs} flip={flip("departs")} />
      <Row title={words.search.filterArrive} options={parts} on={filters.arrives} flip={flip("arrives")} />
      <Row
        title={words.search.filterType}
        options={choices.types.map((value) => ({ value, label: words.types[value] }))}
        on={filters.types}
        flip={flip("types")}
      />
      <Row
        title={words.search.filterClass}
        options={choices.classes.map((value) => ({ value, label: words.classes[value] }))}
        on={filters.classes}
        flip={flip("classes")}
      />
      <Row
        title={words.search.filterFrom}
        options={choices.from.map((each) => ({ value: each.stationId, label: nameOf(each) }))}
        on={filters.fromIds}
        flip={flip("fromIds")}
      />
      <Row
        title={words.search.filterTo}
        options={choices.to.map((each) => ({ value: each.stationId, label: nameOf(each) }))}
        on={filters.toIds}
        flip={flip("toIds")}
      />
      {countFilters(filters) > 0 && (
        <button type="button" className="button small quiet" onClick={() => onChange(noFilters)}>
          {words.search.clear}
        </button>
      )}
    </div>
  );
}

export const noFilters: Readonly<Record<string, null>> = {
  ...Object.fromEntries(Object.values(filterFields).map((field) => [field, null])),
  seats: null,
  standing: null,
};

type Choice = { readonly value: string; readonly label: string; readonly note?: string };

function Row(props: {
  readonly title: string;
  readonly options: readonly Choice[];
  readonly on: readonly string[];
  readonly flip: (value: string) => void;
}) {
  const id = useId();
  // One choice is no choice, unless it is chosen and would otherwise be stuck.
  if (props.options.length < 2 && props.on.length === 0) return null;
  return (
    <div role="group" aria-labelledby={id}>
      <h3 id={id}>{props.title}</h3>
      <div className="chips">
        {props.options.map(({ value, label, note }) => (
          <Chip key={value} label={label} note={note} on={props.on.includes(value)} flip={() => props.flip(value)} />
        ))}
      </div>
    </div>
  );
}

function Chip(props: {
  readonly label: string;
  readonly note?: string | undefined;
  readonly on: boolean;
  readonly flip: () => void;
}) {
  return (
    <button type="button" className="chip" aria-pressed={props.on} onClick={props.flip}>
      {props.label}
      {props.note && <small>{props.note}</small>}
    </button>
  );
}
