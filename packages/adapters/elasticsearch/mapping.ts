/**
 * An order as Elasticsearch keeps it. Names are taken apart here and by the port's rules, so that every order search finds the
 * same ones, whatever analyzers an installation has.
 */
import { nameTokens, type OrderDocument, soundOf, type WayDocument } from "@chepiao/ports/order-search";
import type { estypes } from "@elastic/elasticsearch";

const keyword = { type: "keyword" } as const;
const long = { type: "long" } as const;
/** Kept for the answer, and not to be looked for. */
const kept = { type: "keyword", index: false, doc_values: false } as const;

const wayProperties: Record<keyof WayDocument, estypes.MappingProperty> = {
  trainNumber: keyword,
  originDate: keyword,
  boardingDate: keyword,
  fromStationId: keyword,
  toStationId: keyword,
  fromName: kept,
  toName: kept,
  departAt: long,
  seatClass: keyword,
};

/** Nested: what is asked of a way must hold for one and the same. Indices of versions before get it added. */
export const addedProperties = { furtherWays: { type: "nested", properties: wayProperties } } as const;

const orderProperties: Record<keyof Omit<OrderDocument, "furtherWays" | "passengers">, estypes.MappingProperty> = {
  orderId: long,
  version: long,
  orderNo: keyword,
  userId: long,
  state: keyword,
  ...wayProperties,
  totalFen: long,
  createdAt: long,
  paidAt: long,
};

export const mapping: estypes.MappingTypeMapping = {
  // A field nobody thought of is a mistake, and might be one that must not be here.
  dynamic: "strict",
  properties: {
    ...orderProperties,
    ...addedProperties,
    passengerCount: long,
    // Nested: what is asked of a passenger must hold for one and the same.
    passengers: {
      type: "nested",
      properties: {
        ticketNo: keyword,
        name: kept,
        words: { type: "text", analyzer: "whitespace", fields: { whole: keyword } },
        sound: keyword,
        documentMasked: keyword,
        documentHash: keyword,
        state: keyword,
      },
    },
  },
};

/** Fields that are there to be looked for only, and not part of the answer. */
export const searchedOnly = ["passengerCount", "passengers.words", "passengers.sound"];

export const indexed = (order: OrderDocument) => ({
  ...order,
  passengerCount: order.passengers.length,
  passengers: order.passengers.map((passenger) => ({
    ...passenger,
    words: wordsOf(passenger.name),
    sound: soundOf(passenger.name),
  })),
});

export const wordsOf = (name: string): string => nameTokens(name).join(" ");
