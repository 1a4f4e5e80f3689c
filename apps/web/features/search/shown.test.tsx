/** What a person sees of a search, drawn without a browser: where the timetable is, what a train is, what a city means, when a sale opens. */
import { expect, test } from "bun:test";
import type { TrainOffer } from "@chepiao/contracts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { notePlaceName } from "../../lib/places.ts";
import { en } from "../../messages/en.ts";
import { zh } from "../../messages/zh.ts";
import { Attributions } from "./Attributions.tsx";
import { NotSoldNow } from "./NotSoldNow.tsx";
import { sharedOpeningOf } from "./openings.ts";
import { StationField } from "./StationField.tsx";
import { TrainCard } from "./TrainCard.tsx";

const client = new QueryClient();
const drawn = (page: ReactNode, first = zh) =>
  renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <LanguageProvider first={first}>{page}</LanguageProvider>
    </QueryClientProvider>,
  );

const station = (stationId: string, name: string) => ({ stationId, name, stop: 0, first: false, last: false });
const opensAt = "2026-12-06T08:00:00+08:00";
const train = {
  trainNumber: "G1",
  trainType: "highSpeed",
  originDate: "2026-12-20",
  from: station("BJN", "北京南"),
  to: station("SHH", "上海虹桥"),
  departAt: "2026-12-20T09:00:00+08:00",
  arriveAt: "2026-12-20T13:28:00+08:00",
  arrivesDaysLater: 0,
  durationMinutes: 268,
  sale: "notYet",
  saleOpensAt: opensAt,
  classes: [],
} as unknown as TrainOffer;
const card = (showOpening: boolean) => (
  <TrainCard
    train={train}
    status={undefined}
    classes={[]}
    nameOf={({ name }) => name}
    search={{ from: "BJN", to: "SHH", date: "2026-12-20" }}
    showOpening={showOpening}
    hasWaitlist
    onStops={() => {}}
  />
);

test("a train says of what kind it is, and its number opens what can be seen to open", () => {
  for (const messages of [zh, en]) {
    const button = /<button[^>]*class="train-number".*?<\/button>/.exec(drawn(card(true), messages))?.[0];
    expect(button).toContain(messages.types.highSpeed);
    expect(button).toContain("▾");
    expect(button).toContain(messages.search.stops);
  }
});

test("an opening that all trains share is said once over the list, and otherwise on each train", () => {
  const open = { sale: "open", saleOpensAt: opensAt } as const;
  const later = { sale: "notYet", saleOpensAt: "2026-12-06T10:00:00+08:00" } as const;
  expect(sharedOpeningOf([train, train])).toBe(opensAt);
  for (const trains of [[], [open, open], [train, open], [train, later]]) expect(sharedOpeningOf(trains)).toBeNull();
  expect(drawn(card(true))).toContain("train-sale");
  expect(drawn(card(false))).not.toContain("train-sale");
});

test("a city that was chosen says that it means all of its stations, and a station does not", () => {
  notePlaceName(client, "北京", { zh: "北京", en: "Beijing", isCity: true });
  notePlaceName(client, "BJN", { zh: "北京南", en: "Beijing South", isCity: false });
  const field = (place: string) => (
    <StationField label="" place={place} other="" onChoose={() => {}} onTaken={() => {}} />
  );
  for (const messages of [zh, en]) {
    expect(drawn(field("北京"), messages)).toContain(messages.search.allStations);
    expect(drawn(field("BJN"), messages)).not.toContain(messages.search.allStations);
  }
});

test("out of hours it is said from when tickets are sold again, and what can be done meanwhile", () => {
  for (const messages of [zh, en]) {
    const said = drawn(<NotSoldNow from="2026-12-02T05:00:00+08:00" />, messages);
    expect(said).toContain(messages.search.notSoldNow);
    expect(said).toContain("05:00");
  }
});

test("who made the timetable is named, with an address where there is one, and nobody where nobody asks for it", () => {
  const makers = [
    { name: "Railway", url: "https://example.org/a" },
    { name: "Ministry", url: null },
  ];
  const said = drawn(<Attributions of={makers} />, en);
  expect(said).toContain(en.search.timetableFrom);
  expect(said).toContain('<a href="https://example.org/a" rel="noreferrer" target="_blank">');
  expect(said.replaceAll(/<[^>]*>/g, "")).toEndWith("Railway, Ministry");
  expect(drawn(<Attributions of={[]} />, en)).toBe("");
});
