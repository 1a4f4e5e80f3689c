/** What narrows the list. Beside the trains where there is room, in a sheet at the foot of the screen where there is not. */
import type { TrainOffer } from "@chepiao/contracts";
import { useId, useMemo } from "react";
import { Dialog } from "../../lib/Dialog.tsx";
import { type Named, useStationNames } from "../../lib/places.ts";
import { useMessages } from "../../lib/messages.tsx";
import { useTrainTypeName } from "../../lib/railwayRules.ts";
import { choicesOf, countWith } from "./choices.ts";
import { countFilters, filterFields, type Filters, type ListName, noFilters, partsOfDay, toggled } from "./filter.ts";

type Props = {
  readonly trains: readonly TrainOffer[];
  readonly filters: Filters;
  readonly onChange: (fields: Readonly<Record<string, string | null>>) => void;
};

/** What was chosen is seen at the foot: how many trains are left, and the way back to all of them. */
export function FilterSheet(props: Props & { readonly shown: number; readonly onClose: () => void }) {
  const messages = useMessages();
  const { trains, filters, onChange, shown, onClose } = props;
  return (
    <Dialog title={messages.search.filters} onClose={onClose}>
      <FilterChoices trains={trains} filters={filters} onChange={onChange} />
      <div className="dialog-foot">
        <button
          type="button"
          className="button"
          aria-disabled={countFilters(filters) === 0}
          onClick={() => onChange(noFilters)}
        >
          {messages.search.clear}
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          {messages.search.showTrains(shown)}
        </button>
      </div>
    </Dialog>
  );
}

export function FilterPanel({ trains, filters, onChange }: Props) {
  const messages = useMessages();
  return (
    <>
      {countFilters(filters) > 0 && (
        <button type="button" className="button small quiet" onClick={() => onChange(noFilters)}>
          {messages.search.clear}
        </button>
      )}
      <FilterChoices trains={trains} filters={filters} onChange={onChange} />
    </>
  );
}

function FilterChoices({ trains, filters, onChange }: Props) {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const choices = useMemo(() => choicesOf(trains), [trains]);
  const countOf = (name: ListName) => (value: string) => countWith(trains, filters, { [name]: [value] });
  const stations: readonly Named[] = [...choices.from, ...choices.to];
  const { nameOf } = useStationNames(stations);
  const flip = (name: ListName) => (value: string) => onChange({ [filterFields[name]]: toggled(filters[name], value) });
  const parts = partsOfDay.map((part) => ({
    value: String(part),
    label: messages.search.parts[part]!,
    note: `${part * 6}–${part * 6 + 6}`,
  }));
  return (
    <div className="filters">
      <div className="chips">
        <Chip
          label={messages.search.onlySeats}
          count={countWith(trains, filters, { onlySeats: true })}
          on={filters.onlySeats}
          flip={() => onChange({ seats: filters.onlySeats ? null : "1" })}
        />
        <Chip
          label={messages.search.hideStanding}
          count={countWith(trains, filters, { hideStanding: true })}
          on={filters.hideStanding}
          flip={() => onChange({ standing: filters.hideStanding ? null : "0" })}
        />
      </div>
      <Row
        title={messages.search.filterDepart}
        options={parts}
        on={filters.departs}
        flip={flip("departs")}
        countOf={countOf("departs")}
      />
      <Row
        title={messages.search.filterArrive}
        options={parts}
        on={filters.arrives}
        flip={flip("arrives")}
        countOf={countOf("arrives")}
      />
      <Row
        title={messages.search.filterType}
        options={choices.types.map((value) => ({ value, label: typeName(value) }))}
        on={filters.types}
        flip={flip("types")}
        countOf={countOf("types")}
      />
      <Row
        title={messages.search.filterClass}
        options={choices.classes.map((value) => ({ value, label: messages.classes[value] }))}
        on={filters.classes}
        flip={flip("classes")}
        countOf={countOf("classes")}
      />
      <Row
        title={messages.search.filterFrom}
        options={choices.from.map((each) => ({ value: each.stationId, label: nameOf(each) }))}
        on={filters.fromIds}
        flip={flip("fromIds")}
        countOf={countOf("fromIds")}
      />
      <Row
        title={messages.search.filterTo}
        options={choices.to.map((each) => ({ value: each.stationId, label: nameOf(each) }))}
        on={filters.toIds}
        flip={flip("toIds")}
        countOf={countOf("toIds")}
      />
    </div>
  );
}

type Choice = { readonly value: string; readonly label: string; readonly note?: string };

function Row(props: {
  readonly title: string;
  readonly options: readonly Choice[];
  readonly on: readonly string[];
  readonly flip: (value: string) => void;
  readonly countOf: (value: string) => number;
}) {
  const id = useId();
  // One choice is no choice, unless it is chosen and would otherwise be stuck.
  if (props.options.length < 2 && props.on.length === 0) return null;
  return (
    <div role="group" aria-labelledby={id}>
      <h3 id={id}>{props.title}</h3>
      <div className="chips">
        {props.options.map(({ value, label, note }) => (
          <Chip
            key={value}
            label={label}
            note={note}
            count={props.countOf(value)}
            on={props.on.includes(value)}
            flip={() => props.flip(value)}
          />
        ))}
      </div>
    </div>
  );
}

function Chip(props: {
  readonly label: string;
  readonly note?: string | undefined;
  readonly count: number;
  readonly on: boolean;
  readonly flip: () => void;
}) {
  const messages = useMessages();
  return (
    <button
      type="button"
      className={props.count === 0 ? "chip none" : "chip"}
      aria-pressed={props.on}
      onClick={props.flip}
    >
      {props.label}
      {props.note && <small>{props.note}</small>}
      <small className="chip-count">
        <span aria-hidden="true">{props.count}</span>
        <span className="hidden"> {messages.search.showTrains(props.count)}</span>
      </small>
    </button>
  );
}
