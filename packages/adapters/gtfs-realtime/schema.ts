/**
 * The part of GTFS-Realtime that is read: trip updates and alerts, by the field numbers of the public gtfs-realtime.proto (2.0). Fields
 * that are not here are passed over, as protocol buffers have it.
 */
import protobuf from "protobufjs/light.js";

const optional = (type: string, id: number) => ({ type, id });
const repeated = (type: string, id: number) => ({ rule: "repeated", type, id });

const messages = {
  FeedMessage: { header: optional("FeedHeader", 1), entity: repeated("FeedEntity", 2) },
  FeedHeader: {
    gtfsRealtimeVersion: optional("string", 1),
    incrementality: optional("int32", 2),
    timestamp: optional("uint64", 3),
  },
  FeedEntity: {
    id: optional("string", 1),
    isDeleted: optional("bool", 2),
    tripUpdate: optional("TripUpdate", 3),
    alert: optional("Alert", 5),
  },
  TripUpdate: {
    trip: optional("TripDescriptor", 1),
    stopTimeUpdate: repeated("StopTimeUpdate", 2),
    delay: optional("int32", 5),
  },
  TripDescriptor: {
    tripId: optional("string", 1),
    startTime: optional("string", 2),
    startDate: optional("string", 3),
    scheduleRelationship: optional("int32", 4),
    routeId: optional("string", 5),
  },
  StopTimeUpdate: {
    stopSequence: optional("uint32", 1),
    arrival: optional("StopTimeEvent", 2),
    departure: optional("StopTimeEvent", 3),
    stopId: optional("string", 4),
    scheduleRelationship: optional("int32", 5),
  },
  StopTimeEvent: { delay: optional("int32", 1), time: optional("int64", 2) },
  Alert: {
    activePeriod: repeated("TimeRange", 1),
    informedEntity: repeated("EntitySelector", 5),
    url: optional("TranslatedString", 8),
    headerText: optional("TranslatedString", 10),
    descriptionText: optional("TranslatedString", 11),
  },
  TimeRange: { start: optional("uint64", 1), end: optional("uint64", 2) },
  EntitySelector: {
    agencyId: optional("string", 1),
    routeId: optional("string", 2),
    routeType: optional("int32", 3),
    trip: optional("TripDescriptor", 4),
    stopId: optional("string", 5),
  },
  TranslatedString: { translation: repeated("Translation", 1) },
  Translation: { text: optional("string", 1), language: optional("string", 2) },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }])),
});
export const feedMessage = root.lookupType("FeedMessage");

/** As it comes out: what a message does not say is not there. */
export type FeedMessage = {
  readonly header?: { readonly incrementality?: number; readonly timestamp?: number };
  readonly entity?: readonly FeedEntity[];
};
export type FeedEntity = {
  readonly isDeleted?: boolean;
  readonly tripUpdate?: {
    readonly trip?: TripDescriptor;
    readonly stopTimeUpdate?: readonly StopTimeUpdate[];
    readonly delay?: number;
  };
  readonly alert?: Alert;
};
export type TripDescriptor = {
  readonly tripId?: string;
  readonly startTime?: string;
  readonly startDate?: string;
  readonly scheduleRelationship?: number;
};
export type StopTimeUpdate = {
  readonly stopSequence?: number;
  readonly arrival?: StopTimeEvent;
  readonly departure?: StopTimeEvent;
  readonly stopId?: string;
  readonly scheduleRelationship?: number;
};
export type StopTimeEvent = { readonly delay?: number; readonly time?: number };
export type Alert = {
  readonly activePeriod?: readonly { readonly start?: number; readonly end?: number }[];
  readonly informedEntity?: readonly {
    readonly agencyId?: string;
    readonly routeId?: string;
    readonly routeType?: number;
    readonly trip?: TripDescriptor;
    readonly stopId?: string;
  }[];
  readonly url?: TranslatedString;
  readonly headerText?: TranslatedString;
  readonly descriptionText?: TranslatedString;
};
export type TranslatedString = {
  readonly translation?: readonly { readonly text?: string; readonly language?: string }[];
};
