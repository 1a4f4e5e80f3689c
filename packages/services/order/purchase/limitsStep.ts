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
import type { OrderRules } from "../rules.ts";
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

  /** Who has waited and paid hoards nothing, whatever else the account has done today, and who is moved by the railway buys nothing. */
  async function reserveApart(asked: readonly Reservation[], kinds: readonly Kind[], rules: OrderRules) {
    const { limits, moveLimits } = rules;
    const reserveAll = (kind: Kind, by: PurchaseLimits) =>
      reservations.reserve(
        asked.filter((_, n) => kinds[n] === kind),
        by,
      );
    const answers: Record<Kind, Result<void, Refusal>[]> = {
      moved: await reserveAll("moved", moveLimits),
      waited: await reserveAll("waited", { ...limits, ...noHoardingLimits }),
      bought: await reserveAll("bought", limits),
    };
    const next: Record<Kind, number> = { moved: 0, waited: 0, bought: 0 };
    return kinds.map((kind) => answers[kind][next[kind]++]!);
  }

  return {
    name: "limits",
    async do(drafts) {
      const { zone } = timetable();
      // A batch is planned at once, by the same rules.
      const asked = drafts.flatMap((draft) => claimsOf(draft, zone));
      const rules = drafts[0]!.rules!;
      const kinds = drafts.flatMap(({ command, plans }) => plans!.map(() => kindOf(command)));
      const answers = kinds.some((kind) => kind !== "bought")
        ? await reserveApart(asked, kinds, rules)
        : await reservations.reserve(asked, rules.limits);
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

type Kind = "bought" | "moved" | "waited";

function kindOf({ byRailway, granted }: SubmitCommand): Kind {
  if (byRailway) return "moved";
  return granted ? "waited" : "bought";
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
