/** What calls between rooms are made of: names, moments and numbers as they cross. */
import Type, { type Static } from "typebox";
import {
  type EpochMs,
  linesPerOrderMax,
  type OrderId,
  type ServiceDate,
  type UserId,
  waitlistChoicesMax,
} from "@chepiao/kernel";
import { as, listOf } from "./calls.ts";
import type { HoldName } from "./lines.ts";
import type { RunId } from "./runId.ts";
import { DateText, Id } from "./vocabulary.ts";

/** Most questions in one call. */
export const questionsMax = 512;

export const userId = as<UserId>(Id);
export const orderId = as<OrderId>(Id);
export const serviceDay = as<ServiceDate>(DateText);
export const instant = as<EpochMs>(Type.Integer());
export const runId = as<RunId>(Type.String({ pattern: "^[^/\\s]+/\\d{4}-\\d{2}-\\d{2}$" }));
export const stop = Type.Integer({ minimum: 0 });
export const seatIndexes = listOf(Type.Integer({ minimum: 0 }));

/** Left out by versions that knew one line an order. A hold for the waitlist is named by one of the entry's trains. */
export const line = Type.Optional(
  Type.Integer({ minimum: 0, maximum: Math.max(linesPerOrderMax, waitlistChoicesMax) - 1 }),
);
export const WireName = Type.Object({ runId, holdId: orderId, line });
type WireName = Static<typeof WireName>;
export const nameOf = ({ line: n = 0, ...hold }: WireName): HoldName => ({ ...hold, line: n });
