/** What is asked for, in Elasticsearch's words. */
import { type OrderFilter, type PassengerFilter, type Range, soundOf } from "@chepiao/ports/order-search";
import type { estypes } from "@elastic/elasticsearch";
import { wordsOf } from "./mapping.ts";

type Query = estypes.QueryDslQueryContainer;

export function queryOf(filter: OrderFilter): Query {
  const { passenger } = filter;
  const conditions = [
    ...term("orderNo", filter.orderNo),
    ...term("userId", filter.userId),
    ...range("createdAt", filter.createdAt),
    ...onOneWay(filter),
  ];
  if (filter.orderNoStart !== undefined) conditions.push({ prefix: { orderNo: filter.orderNoStart } });
  if (filter.states) conditions.push({ terms: { state: [...filter.states] } });
  return { bool: { filter: conditions, must: passenger ? [ofOnePassenger(passenger)] : [] } };
}

/** The first line's way, which its order says, or that of another line. */
function onOneWay(filter: OrderFilter): Query[] {
  const first = wayConditions("", filter);
  if (first.length === 0) return [];
  const further = { bool: { filter: wayConditions("furtherWays.", filter) } };
  return [
    {
      bool: {
        should: [
          { bool: { filter: first } },
          { nested: { path: "furtherWays", query: further, ignore_unmapped: true } },
        ],
      },
    },
  ];
}

function wayConditions(path: "" | "furtherWays.", filter: OrderFilter): Query[] {
  const { stationId } = filter;
  const ends = [...term(`${path}fromStationId`, stationId), ...term(`${path}toStationId`, stationId)];
  return [
    ...term(`${path}trainNumber`, filter.trainNumber),
    ...term(`${path}seatClass`, filter.seatClass),
    ...term(`${path}fromStationId`, filter.fromStationId),
    ...term(`${path}toStationId`, filter.toStationId),
    ...range(`${path}originDate`, filter.originDate),
    ...range(`${path}boardingDate`, filter.boardingDate),
    ...(ends.length === 0 ? [] : [{ bool: { should: ends } }]),
  ];
}

const ofOnePassenger = (passenger: PassengerFilter): Query => ({
  nested: {
    path: "passengers",
    score_mode: "max",
    query: {
      bool: {
        filter: [
          ...term("passengers.documentMasked", passenger.documentMasked),
          ...term("passengers.documentHash", passenger.documentHash),
          ...term("passengers.ticketNo", passenger.ticketNo),
        ],
        must: passenger.name === undefined ? [] : [like(passenger.name)],
      },
    },
  },
});

/** Whole, in part, by its sound, or most of it: the closest of these counts, as steps and not as weights. */
function like(name: string): Query {
  const words = wordsOf(name);
  const sound = soundOf(name);
  const most = { query: words, minimum_should_match: "2<67%", fuzziness: "AUTO", fuzzy_transpositions: false } as const;
  return {
    dis_max: {
      queries: [
        step(4, { term: { "passengers.words.whole": words } }),
        step(3, { match_phrase: { "passengers.words": words } }),
        // Every sound begins with none.
        ...(sound === "" ? [] : [step(2, { prefix: { "passengers.sound": sound } })]),
        step(1, { match: { "passengers.words": most } }),
      ],
    },
  };
}

const step = (boost: number, filter: Query): Query => ({ constant_score: { filter, boost } });

const term = (field: string, value: string | number | undefined): Query[] =>
  value === undefined ? [] : [{ term: { [field]: value } }];

const range = (field: string, wanted: Range<string | number> | undefined): Query[] =>
  wanted === undefined ? [] : [{ range: { [field]: { gte: wanted.from, lte: wanted.to } } }];
