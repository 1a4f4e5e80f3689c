/**
 * A place, found by Chinese, pinyin, initials or English. The pattern is the combobox of ARIA: the text stays in the field, the
 * arrows walk the list, Enter takes, Escape leaves everything as it was.
 */
import type { StationFound } from "@chepiao/contracts";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from "react";
import { ask } from "../../lib/api.ts";
import { notePlaceName, remember, usePlaceName } from "../../lib/places.ts";
import { groupBy } from "../../lib/groupBy.ts";
import { useLanguage } from "../../lib/messages.tsx";
import { notePlace, type RecentPlace, recentPlaces } from "./recent.ts";

type Option = RecentPlace & { readonly isCity: boolean; readonly more: string };
type Group = {
  readonly title: string;
  readonly city: string | null;
  readonly hasHeading: boolean;
  readonly options: readonly Option[];
};

const suggestionsMax = 20;

const suggestions = (text: string) => ({
  queryKey: ["suggest", text],
  queryFn: async () => {
    const { stations } = await ask("GET /api/search/stations", { query: { q: text, limit: suggestionsMax } });
    remember(stations);
    return stations;
  },
  staleTime: 10 * 60_000,
});

export function StationField(props: {
  readonly label: string;
  readonly place: string;
  /** What stands in the other field, and would lead nowhere in this one. */
  readonly other: string;
  /** Chosen from the list or with Enter, so that the way may go on from here; not by leaving the field. */
  readonly onTaken?: () => void;
  readonly onChoose: (place: string) => void;
}) {
  const { messages, language } = useLanguage();
  const client = useQueryClient();
  const name = usePlaceName(props.place);
  const [typed, setTyped] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  /** The field is left because something was taken from its list: what was typed has done its work. */
  const isTaking = useRef(false);
  const id = useId();
  const open = typed !== null;
  const wanted = useDeferredValue(typed ?? "");

  const found = useQuery({
    ...suggestions(wanted),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const isCurrent = !found.isPlaceholderData && wanted === typed;

  const recents = wanted === "" ? recentPlaces().map((one) => recentOption(one, messages.search.allStations)) : [];
  const offered = [
    { title: messages.search.recentPlaces, city: null, hasHeading: true, options: recents },
    ...groupsOf(found.data ?? [], messages.search.allStations, language),
  ];
  const groups = withoutOther(offered, props.other, wanted);
  const options = groups.flatMap((group) => group.options);
  const active = Math.min(at, options.length - 1);
  const label = name ? (language === "zh" ? name.zh : name.en) : /^[\x20-\x7e]*$/.test(props.place) ? "" : props.place;

  function choose(option: Option) {
    notePlaceName(client, option.place, { zh: option.zh, en: option.en, isCity: option.isCity });
    notePlace({ place: option.place, zh: option.zh, en: option.en, isCity: option.isCity });
    setTyped(null);
    props.onChoose(option.place);
  }
  function take(option: Option) {
    choose(option);
    isTaking.current = true;
    // The keyboard of a phone would lie over the trains that come now.
    if (matchMedia("(pointer: coarse)").matches) input.current?.blur();
    props.onTaken?.();
    isTaking.current = false;
  }
  async function bestFor(text: string): Promise<Option | null> {
    const stations = await client.fetchQuery(suggestions(text)).catch(() => []);
    const all = groupsOf(stations, messages.search.allStations, language).flatMap((group) => group.options);
    return all.find(({ place }) => place !== props.other) ?? null;
  }
  function onKeyDown(event: KeyboardEvent) {
    // An input method that is composing has the keys to itself.
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return setTyped("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((active + step + options.length) % Math.max(1, options.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      const option = options[active];
      // Enter can be quicker than the answer: then what was typed is meant, and not what the list still shows.
      if (isCurrent && option) take(option);
      else void bestFor(typed).then((best) => best && take(best));
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      setTyped(null);
    }
  }

  const before = (group: number) => groups.slice(0, group).reduce((sum, each) => sum + each.options.length, 0);
  return (
    <div className="station">
      <label htmlFor={id}>
        {props.label}
        {language === "en" && name && name.zh !== name.en && typed === null && (
          <span className="local roomy" lang="zh-CN">
            {" · "}
            {name.zh}
          </span>
        )}
        {name?.isCity && typed === null && ` · ${messages.search.allStations}`}
      </label>
      <input
        ref={input}
        id={id}
        type="text"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        {...(open && options.length > 0 ? { "aria-activedescendant": `${id}-${active}` } : {})}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="go"
        placeholder={messages.search.placeHint}
        value={typed ?? label}
        onFocus={(event) => event.target.select()}
        onClick={() => open || setTyped("")}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => {
          // Who types a name and goes on to the next field means that name.
          if (typed && !isTaking.current) void bestFor(typed).then((best) => best && choose(best));
          setTyped(null);
        }}
      />
      <div
        className="station-list"
        id={`${id}-list`}
        role="listbox"
        aria-label={messages.search.suggestions}
        hidden={!open}
      >
        {open &&
          groups.map((group, nth) => (
            <div key={group.city ?? group.title} role="group" aria-label={group.title} className="station-group">
              {group.hasHeading && (
                <div className="station-city" aria-hidden="true">
                  {group.title}
                </div>
              )}
              {group.options.map((option, n) => {
                const own = before(nth) + n;
                return (
                  <div
                    key={`${option.place}-${own}`}
                    id={`${id}-${own}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={own === active}
                    className={option.isCity ? "station-option city" : "station-option"}
                    ref={own === active ? (node) => node?.scrollIntoView({ block: "nearest" }) : null}
                    // Before the field loses its focus, which would close the list.
                    onPointerDown={(event) => event.preventDefault()}
                    onClick={() => take(option)}
                  >
                    <span>{language === "zh" ? option.zh : option.en}</span>
                    <More option={option} />
                  </div>
                );
              })}
            </div>
          ))}
        {open && found.isSuccess && options.length === 0 && <p className="station-none">{messages.search.noStation}</p>}
      </div>
      <span className="hidden" role="status">
        {open && found.isSuccess
          ? options.length > 0
            ? messages.search.found(options.length)
            : messages.search.noStation
          : ""}
      </span>
    </div>
  );
}

/**
 * Beside a name in English the one that is written over the station, beside a Chinese one how it is said. Cities have it, too:
 * two of them are called Suzhou.
 */
function More({ option }: { readonly option: Option }) {
  const { language } = useLanguage();
  const { more, isCity, zh } = option;
  if (language === "zh")
    return (
      <span className="soft" {...(isCity ? {} : { lang: "zh-Latn-pinyin" })}>
        {more}
      </span>
    );
  return (
    <span className="soft">
      {zh !== option.en && (
        <span className="local" lang="zh-CN">
          {zh}
        </span>
      )}
      {isCity && ` · ${more}`}
    </span>
  );
}

/** What may be chosen where the other field has `other`, in groups that have something in them. */
export function withoutOther(groups: readonly Group[], other: string, typed: string): Group[] {
  return groups.flatMap((group): Group[] => {
    // Nobody has asked for the city that is already at the other end; its stations are found by their names.
    if (typed === "" && group.city === other) return [];
    const left = group.options.filter(({ place }) => place !== other);
    return left.length === 0 ? [] : [{ ...group, options: left }];
  });
}

function recentOption(recent: RecentPlace, allStations: string): Option {
  const isCity = recent.isCity ?? false;
  return { ...recent, isCity, more: isCity ? allStations : "" };
}

/** By city, best match first; a city of several stations can be taken as a whole. */
export function groupsOf(stations: readonly StationFound[], allStations: string, language: "zh" | "en"): Group[] {
  return [...groupBy(stations, ({ city }) => city)].map(([city, inCity]) => {
    const { cityEn } = inCity[0]!;
    const whole: Option = { place: city, zh: city, en: cityEn, isCity: true, more: allStations };
    const single = inCity.map((station): Option => ({
      place: station.stationId,
      zh: station.name,
      en: station.nameEn,
      isCity: false,
      more: language === "zh" ? station.pinyin : station.nameEn === station.name ? "" : station.name,
    }));
    return {
      title: language === "zh" ? city : cityEn,
      city,
      hasHeading: false,
      options: inCity.length > 1 ? [whole, ...single] : single,
    };
  });
}
