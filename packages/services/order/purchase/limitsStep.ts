/** Step 6: its share of the purchase limits, before its seats, so that an account that may not buy holds up no seat (I6). */
import { lineOf, refusal, type Refusal, type Timetable } from "@chepiao/contracts";
import { addDays, dateIn, formatInZone, instantOfClock, refuse, type Result, type ZoneName } from "@chepiao/kernel";
import {
  limitedPerson,
  noHoardingLimits,
  type PurchaseLimits,
  type ReplacedTrips,
  type Reservation,
  type Reservations,
} from "@chepiao/ports/reservations";
import type { PlannedChange } from "../change/plan.ts";
import { betweenStations } from "../reservation.ts";
import { ticketNoOf, writtenOf } from "./acceptedOrder.ts";
import { isOwed, type SubmitCommand } from "./command.ts";
import { type Draft, type Step, verdictsOf } from "./step.ts";

export type LimitsStepDeps = {
  readonly reservations: Pick<Reservations, "reserve" | "release">;
  readonly timetable: () => Timetable;
};

export function createLimitsStep({ reservations, timetable }: LimitsStepDeps): Step {
  /** Each line is a trip of its own. */
  function claimsOf({ command, orderId, orderNo, at, payBy, plans, change }: Draft, zone: ZoneName): Reservation[] {
    const boughtOn = dateIn(zone, at);
    const isStanding = plans!.every(({ seatClass }) => seatClass === "standing");
    let ticket = 0;
    return plans!.map(({ run, fromStop, toStop, boardingDate, departAt, arriveAt, passengers }, line) => ({
      orderId,
      line,
      userId: command.userId,
      runId: run.runId,
      boardingDate,
      departAt,
      arriveAt,
      ...betweenStations(run, fromStop, toStop),
      boughtAt: at,
      boughtOn,
      unpaidUntil: isOwed(command) ? null : payBy!,
      isStanding,
      ...(change ? { replaces: tripsReplacedBy(command, change) } : {}),
      trips: passengers.map(({ passenger }) => ({
        ticketNo: ticketNoOf(orderNo, ticket++),
        documentHash: limitedPerson(writtenOf(passenger), command.userId),
      })),
    }));
  }

  /** Who has waited and paid, or is seated again, hoards nothing, whatever else the account has done today. */
  async function reserveApart(asked: readonly Reservation[], areOwed: readonly boolean[], limits: PurchaseLimits) {
    const of = (is: boolean) => asked.filter((_, n) => areOwed[n] === is);
    const owed = await reservations.reserve(of(true), { ...limits, ...noHoardingLimits });
    const others = await reservations.reserve(of(false), limits);
    const next = { owed: 0, others: 0 };
    return areOwed.map((is) => (is ? owed[next.owed++]! : others[next.others++]!));
  }

  return {
    name: "limits",
    async do(drafts) {
      const { zone } = timetable();
      // A batch is planned at once, by the same rules.
      const asked = drafts.flatMap((draft) => claimsOf(draft, zone));
      const { limits } = drafts[0]!.rules!;
      const areOwed = drafts.flatMap(({ command, plans }) => plans!.map(() => isOwed(command)));
      const answers = areOwed.includes(true)
        ? await reserveApart(asked, areOwed, limits)
        : await reservations.reserve(asked, limits);
      return verdictsOf(
        drafts,
        answers.map((answer, n) => withNextDay(answer, asked[n]!, zone)),
      );
    },
    async undo({ orderId, plans }) {
      await Promise.all(plans!.map((_, line) => reservations.release({ orderId, line })));
    },
  };
}

/** They count until the change is made, and never against it. */
function tripsReplacedBy({ replacing }: SubmitCommand, { tickets }: PlannedChange): ReplacedTrips {
  const { orderId } = replacing!.order;
  const { line, runId } = lineOf(replacing!.order, tickets[0]!);
  return { orderId, line, runId, ticketNos: tickets.map(({ ticketNo }) => ticketNo) };
}

/** Who is told that a day sells no more is told when the next one begins. */
function withNextDay(answer: Result<void, Refusal>, { boughtOn }: Reservation, zone: ZoneName): Result<void, Refusal> {
  if (answer.ok || answer.error.code !== "CancelledTooOften") return answer;
  const againAt = formatInZone(instantOfClock(addDays(boughtOn, 1), 0, zone), zone);
  return refuse(refusal("CancelledTooOften", { ...answer.error.facts, againAt }));
}
