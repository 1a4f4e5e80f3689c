/** What tests of GTFS-Realtime share: a feed as bytes. */
import { feedMessage } from "./schema.ts";

export const bytesOf = (feed: object): Uint8Array => feedMessage.encode(feedMessage.fromObject(feed)).finish();

/** A feed of these entities, of that second. */
export const feedAt = (seconds: number, ...entities: object[]): Uint8Array =>
  bytesOf({
    header: { gtfsRealtimeVersion: "2.0", timestamp: seconds },
    entity: entities.map((entity, n) => ({ id: String(n), ...entity })),
  });
