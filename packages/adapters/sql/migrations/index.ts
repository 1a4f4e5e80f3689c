import type { Migration } from "kysely/migration";
import { timetable } from "./0001-timetable.ts";
import { user } from "./0002-user.ts";
import { outbox } from "./0003-outbox.ts";
import { order } from "./0004-order.ts";
import { payment } from "./0005-payment.ts";
import { shards } from "./0006-shards.ts";
import { orderIndex } from "./0007-order-index.ts";
import { feedPlaces } from "./0008-feed-places.ts";
import { generations } from "./0009-generations.ts";

/** In order of name. */
export const migrations: Record<string, Migration> = {
  "0001-timetable": timetable,
  "0002-user": user,
  "0003-outbox": outbox,
  "0004-order": order,
  "0005-payment": payment,
  "0006-shards": shards,
  "0007-order-index": orderIndex,
  "0008-feed-places": feedPlaces,
  "0009-generations": generations,
};
