/** The first page before anything is chosen: what is next for this person, where to go, when sales open, and how it all works. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ask } from "../../lib/api.ts";
import { groupBy } from "../../lib/groupBy.ts";
import { notePlaceName } from "../../lib/places.ts";
import { Link } from "@chepiao/ui";
import { useMe } from "../../lib/session.ts";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import type { Calendar } from "./calendar.ts";
import { dayOffers } from "./dayOffers.ts";
import { Opening } from "./Opening.tsx";
import { recentSearches } from "./recent.ts";

/** Who is not logged in has no orders, and does not fetch what shows them. */
const Upcoming = lazy(async () => ({ default: (await import("../orders/Upcoming.tsx")).Upcoming }));

export function Home({ calendar }: { readonly calendar: Calendar | undefined }) {
  const me = useMe();
  return (
    <>
      {me && (
        <Suspense fallback={null}>
          <Upcoming />
        </Suspense>
      )}
      <Starts />
      <NextOpening calendar={calendar} />
      <HowItWorks />
    </>
  );
}

/** The day whose sale opens next; on the day before it counts the seconds. */
function NextOpening({ calendar }: { readonly calendar: Calendar | undefined }) {
  const next = calendar?.days.find(({ opensAt }) => opensAt !== null);
  return <div className="sale-opening">{next?.opensAt && <Opening at={next.opensAt} date={next.date} />}</div>;
}

function HowItWorks() {
  const messages = useMessages();
  return (
    <section className="starts" aria-labelledby="how-title">
      <h2 id="how-title">{messages.home.how}</h2>
      <ol className="how">
        {messages.home.steps.map(([title, text]) => (
          <li key={title} className="card">
            <strong>{title}</strong>
            <p className="soft">{text}</p>
          </li>
        ))}
      </ol>
      <p>
        <Link to="/train">{messages.home.byNumber}</Link> · <Link to="/station">{messages.home.board}</Link> ·{" "}
        <Link to="/help">{messages.help.more}</Link>
      </p>
    </section>
  );
}

/** Before anything is chosen: what this person searched lately, else where most trains of this network go. */
function Starts() {
  const { messages, language } = useLanguage();
  const client = useQueryClient();
  const [recent] = useState(recentSearches);
  const busiest = useQuery({
    queryKey: ["busiest"],
    queryFn: async () => {
      const { stations } = await ask("GET /api/search/stations", { query: { limit: 50 } });
      const cities = [...groupBy(stations, ({ city }) => city)].slice(0, 5);
      return cities.map(([city, inCity]) => ({
        place: city,
        zh: city,
        en: inCity[0]!.cityEn,
        isCity: inCity.length > 1,
      }));
    },
    enabled: recent.length === 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const cities = busiest.data ?? [];
  const pairs =
    recent.length > 0 ? recent : [1, 2, 3, 4].flatMap((n) => (cities[n] ? [{ from: cities[0]!, to: cities[n] }] : []));
  return (
    <section className="starts" aria-labelledby="starts-title">
      <h2 id="starts-title">{recent.length > 0 ? messages.search.recent : messages.search.popular}</h2>
      <ul className="start-list">
        {pairs.length === 0
          ? Array.from({ length: 4 }, (_, n) => <li key={n} className="skeleton start" />)
          : pairs.map((pair) => (
              <li key={`${pair.from.place} ${pair.to.place}`}>
                <Link
                  className="start"
                  onClick={() =>
                    [pair.from, pair.to].forEach(
                      (each) =>
                        each.isCity !== undefined &&
                        notePlaceName(client, each.place, { ...each, isCity: each.isCity }),
                    )
                  }
                  to={`/?${new URLSearchParams({ from: pair.from.place, to: pair.to.place }).toString()}`}
                >
                  <span>{pair.from[language]}</span>
                  <span aria-hidden="true">→</span>
                  <span>{pair.to[language]}</span>
                  {language === "en" && <LocalNames pair={pair} />}
                  <LowestFare from={pair.from.place} to={pair.to.place} />
                </Link>
              </li>
            ))}
      </ul>
    </section>
  );
}

/** Two cities can be written alike in English. */
function LocalNames({ pair }: { readonly pair: { readonly from: { zh: string }; readonly to: { zh: string } } }) {
  return (
    <small className="local soft start-local" lang="zh-CN">
      {pair.from.zh} → {pair.to.zh}
    </small>
  );
}

/** The lowest of all days on sale, from the same read as the strip of days. */
function LowestFare({ from, to }: { readonly from: string; readonly to: string }) {
  const messages = useMessages();
  const { data } = useQuery(dayOffers(from, to));
  const fares = (data?.days ?? []).flatMap(({ lowestFen }) => lowestFen ?? []);
  return (
    <small className="start-price soft number">
      {fares.length > 0 && messages.search.lowest(messages.money(Math.min(...fares)))}
    </small>
  );
}
