/** The bytes of a GTFS-Realtime feed as messages about trains. */
import { type EpochMs, epochMs, secondMs, stopsPerTrainMax } from "@chepiao/kernel";
import type { AlertMessage, StopMessage, TrainMessages, TripMessage, TripName } from "@chepiao/ports/run-states";
import protobuf from "protobufjs/light.js";
import {
  type Alert,
  type FeedMessage,
  feedMessage,
  type StopTimeEvent,
  type StopTimeUpdate,
  type TranslatedString,
  type TripDescriptor,
} from "./schema.ts";

/** What came is no GTFS-Realtime, or of a kind that cannot be read: for people. */
export class NoTrainMessages extends Error {
  override readonly name = "NoTrainMessages";
}

const differential = 1;
// Of trips: canceled, and deleted, which passengers are not even told of.
const cancelled: ReadonlySet<number> = new Set([3, 7]);
/** Trips beside the timetable (added, unscheduled, replaced, duplicated) have no seats here. */
const beside: ReadonlySet<number> = new Set([1, 2, 5, 6, 8]);
const skipped = 1;
const noData = 2;
const textLengthMax = 2_000;
const urlLengthMax = 500;
/** Read as objects they take some hundred megabytes; a whole country has some ten thousand. */
const entitiesMax = 200_000;
/** Twice what a train can have here; a feed may name stops that its trains pass. */
const stopsPerTripMax = 2 * stopsPerTrainMax;
/** The number of `entity` in FeedMessage. */
const entityField = 2;

/** @param now stands in where a feed does not say when it was made */
export function decodeMessages(bytes: Uint8Array, now: EpochMs): TrainMessages {
  let feed: FeedMessage;
  try {
    assertNotTooMany(bytes);
    feed = feedMessage.toObject(feedMessage.decode(bytes), { longs: Number });
  } catch (error) {
    if (error instanceof NoTrainMessages) throw error;
    throw new NoTrainMessages(`this is no GTFS-Realtime feed: ${(error as Error).message}`, { cause: error });
  }
  const { header, entity = [] } = feed;
  if (!header) throw new NoTrainMessages("this is no GTFS-Realtime feed: it has no header");
  if (header.incrementality === differential)
    throw new NoTrainMessages(
      "the feed says only what has changed (DIFFERENTIAL): ask its publisher for the whole of it",
    );
  const there = entity.filter(({ isDeleted }) => !isDeleted);
  return {
    // A time to come, such as one in milliseconds, would make every later feed of the source an old one.
    at: header.timestamp ? epochMs(Math.min(header.timestamp * secondMs, now)) : now,
    trips: there.flatMap(({ tripUpdate }) => (tripUpdate?.trip ? tripMessages(tripUpdate.trip, tripUpdate) : [])),
    alerts: there.flatMap(({ alert }) => (alert ? [alertMessage(alert)] : [])),
  };
}

/** Counted before anything is made of it: two bytes are an entity. */
function assertNotTooMany(bytes: Uint8Array): void {
  const reader = protobuf.Reader.create(bytes);
  let entities = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === entityField && ++entities > entitiesMax)
      throw new NoTrainMessages(`the feed has more than ${entitiesMax} entities`);
    reader.skipType(tag & 7);
  }
}

function tripMessages(
  trip: TripDescriptor,
  { stopTimeUpdate = [], delay }: { readonly stopTimeUpdate?: readonly StopTimeUpdate[]; readonly delay?: number },
): TripMessage[] {
  const relationship = trip.scheduleRelationship ?? 0;
  if (beside.has(relationship)) return [];
  return [
    {
      ...tripName(trip),
      isCancelled: cancelled.has(relationship),
      delayS: delay ?? null,
      stops: stopTimeUpdate.slice(0, stopsPerTripMax).map(stopMessage),
    },
  ];
}

const tripName = ({ tripId = "", startDate = "", startTime = "" }: TripDescriptor): TripName => ({
  tripId,
  startDate,
  startTime,
});

const stopMessage = (update: StopTimeUpdate): StopMessage => ({
  sequence: update.stopSequence ?? null,
  stopId: update.stopId ?? "",
  says:
    update.scheduleRelationship === skipped ? "skipped" : update.scheduleRelationship === noData ? "nothing" : "times",
  arrival: timeMessage(update.arrival),
  departure: timeMessage(update.departure),
});

/** A time goes before a delay, which may be rounded. */
function timeMessage(event: StopTimeEvent | undefined): StopMessage["arrival"] {
  if (event?.time) return { at: epochMs(event.time * secondMs) };
  return event?.delay === undefined ? null : { delayS: event.delay };
}

function alertMessage({ activePeriod = [], informedEntity = [], ...alert }: Alert): AlertMessage {
  const url = alert.url?.translation?.[0]?.text ?? "";
  return {
    title: texts(alert.headerText),
    text: texts(alert.descriptionText),
    url: /^https?:\/\//i.test(url) && url.length <= urlLengthMax ? url : null,
    periods: activePeriod.map(({ start, end }) => ({
      from: start ? epochMs(start * secondMs) : null,
      until: end ? epochMs(end * secondMs) : null,
    })),
    trips: informedEntity.flatMap(({ trip }) => (trip?.tripId ? [tripName(trip)] : [])),
    stopIds: informedEntity.flatMap(({ stopId, trip }) => (stopId && !trip ? [stopId] : [])),
    routeIds: informedEntity.flatMap(({ routeId, trip, stopId }) =>
      routeId && !trip?.tripId && !stopId ? [routeId] : [],
    ),
    isWide: informedEntity.every(({ trip, stopId, routeId }) => !trip?.tripId && !stopId && !routeId),
  };
}

const texts = (string: TranslatedString | undefined): AlertMessage["title"] =>
  (string?.translation ?? []).map(({ text = "", language = "" }) => ({
    language: language.toLowerCase(),
    text: text.slice(0, textLengthMax),
  }));
