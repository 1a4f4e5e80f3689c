/**
 * Who sits in a coach that the train has lost is given another seat of it, as a change that the railway makes (docs/decisions/0060). It costs nothing,
 * also in a better class, is not counted among the traveller's own changes, and takes the steps of any purchase: so at any moment each
 * traveller has exactly one valid ticket, and each seat one holder.
 */
import { hash } from "node:crypto";
import {
  type Accepted,
  lineOf,
  type OrderClient,
  refusal,
  type Run,
  type SeatClass,
  type SeatPreference,
  seatPreferences,
  seatsOf,
  ServiceUnavailable,
  type Timetable,
} from "@chepiao/contracts";
import { type EpochMs, minuteMs, ok, type OrderNo, refuse } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { isRunAs } from "@chepiao/ports/withdrawn-coaches";
import type { Purchase } from "../purchase/command.ts";
import type { RefundRules } from "../refundFee.ts";
import type { FindOrder } from "../store.ts";
import { createReplacing, type ReplacingDeps } from "./api.ts";
import { lineOfChange } from "./plan.ts";
import type { ChangeRules } from "./terms.ts";

export type ReseatDeps = ReplacingDeps & {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly find: FindOrder;
  readonly purchase: Purchase;
};

const nobody = { address: "", device: null, pass: null, proof: null, session: null };

export function createReseat({ clock, timetable, find, purchase, ...deps }: ReseatDeps): OrderClient["reseat"] {
  const replacing = createReplacing({ timetable, ...deps });

  async function reseat(order: OrderRecord, ticketNos: readonly string[], seatClass: SeatClass) {
    const tickets = order.tickets.filter((ticket) => ticketNos.includes(ticket.ticketNo));
    if (tickets.length < ticketNos.length) return refuse(refusal("TicketUnknown"));
    const line = lineOf(order, tickets[0]!);
    const { trainNumber, originDate, fromStationId: from, toStationId: to, fromStop } = line;
    const run = timetable().run(trainNumber, originDate);
    if (!run) return refuse(refusal("RunUnknown"));
    const asked = await replacing(order, ticketNos, null);
    const exchange = asked.lostCoaches.get(run.runId)?.exchange;
    // Who has not heard of it before long does, and then knows which seats there are.
    if (!isRunAs(run, exchange)) throw new ServiceUnavailable("timetable", `${run.runId} was exchanged`);
    const way = { trainNumber, originDate, from, to, seatClass };
    const wishes = tickets.map((ticket) => wishFor(run, line.seatClass, ticket, seatClass));
    const answer = await purchase({
      userId: order.userId,
      key: keyOf(order, ticketNos, seatClass, exchange?.since ?? 0, clock.now()),
      requestHash: hash("sha256", JSON.stringify(["reseat", order.orderNo, ticketNos, seatClass]), "base64url"),
      lines: [{ ...lineOfChange(tickets, way, wishes), fromStop }],
      asker: nobody,
      byRailway: true,
      replacing: { ...asked, rules: asked.rules ?? withoutChanges(asked.refund), byRailway: true },
    });
    return answer.ok ? ok((answer.value.body as Accepted).orderNo as OrderNo) : answer;
  }

  return async ({ orderId, ticketNos, seatClass }) => {
    try {
      const order = await find(orderId);
      return order ? await reseat(order, ticketNos, seatClass) : refuse(refusal("OrderUnknown"));
    } catch (error) {
      if (error instanceof ServiceUnavailable) return refuse(error.refusal);
      throw error;
    }
  };
}

/**
 * What was refused is asked for anew when seats may have come back. What was accepted has changed its order by then; where the writer is behind, the
 * second finds the tickets replaced, and ends.
 */
const keyHoldsMs = minuteMs;

/** As long as the order is as it was, and the train, the same: who asks twice, or dies and asks again, is seated once. */
const keyOf = (
  { orderNo, version }: OrderRecord,
  ticketNos: readonly string[],
  seatClass: SeatClass,
  exchangedAt: number,
  now: EpochMs,
) =>
  hash(
    "sha256",
    JSON.stringify(["reseat", orderNo, version, ticketNos, seatClass, exchangedAt, Math.floor(now / keyHoldsMs)]),
    "base64url",
  );

/** At the window, the aisle or the level that one had, where the new class has such places. */
function wishFor(run: Run, before: SeatClass, { seatIndex }: TicketRecord, after: SeatClass): SeatPreference | null {
  const seats = seatsOf(run.train.composition);
  const kind = seats.get(before)?.[seatIndex]?.kind;
  const wish = seatPreferences.find((preference) => preference === kind) ?? null;
  return wish !== null && seats.get(after)?.some((seat) => seat.kind === wish) ? wish : null;
}

/** A railway that changes no tickets still seats its passengers. */
const withoutChanges = ({ roundToFen }: RefundRules): ChangeRules => ({
  timesMax: 0,
  grades: [],
  afterDepartureBasisPoints: null,
  differenceAfterDepartureBasisPoints: 0,
  destinationAheadMs: null,
  roundToFen,
});
