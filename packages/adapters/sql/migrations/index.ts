import type { Migration } from "kysely/migration";
import { user } from "./0002-user.ts";
import { timetable } from "./0001-timetable.ts";
import { outbox } from "./0003-outbox.ts";
import { payment } from "./0005-payment.ts";

/** In order of name. */
export const migrations: Record<string, Migration> = {
  "0002-user": user,
  "0001-timetable": timetable,
  "0003-outbox": outbox,
  "0005-payment": payment,
};
