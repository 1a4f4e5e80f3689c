/** What becomes of a railway's rules of changes, a row each, for the table in apps/server/railwayRules.test.ts. */
import type { ChangeKind, OrderAccepted, Policy } from "@chepiao/contracts";
import { epochMs, fen, hourMs, serviceDate, type ZoneName } from "@chepiao/kernel";
import { firstRecord, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { decidePaid } from "../decide.ts";
import { refundRulesOf } from "../refundFee.ts";
import type { RuleRow } from "../railwayRules.suite.ts";
import { ticketsToChange } from "./plan.ts";
import { changeMoney, changeRulesOf, changeTerms } from "./terms.ts";

const zone = "Asia/Shanghai" as ZoneName;
/** Ten in the morning there. */
const departAt = epochMs(Date.UTC(2026, 11, 1, 2));
const midnight = epochMs(Date.UTC(2026, 11, 1, 16));
const [earlier, same, later] = ["2026-11-30", "2026-12-01", "2026-12-02"] as const;
const before = (ms: number) => epochMs(departAt - ms);

const ofOthers = "not offered";

/** What a change to that day costs at that moment, in hundredths of a percent: of the lower fare, and of what the new ticket costs less. */
function costs(policy: Policy, now: number, newDate: string, kind: ChangeKind = "reschedule"): unknown {
  const rules = changeRulesOf(policy);
  if (!rules) return ofOthers;
  const newBoardingDate = serviceDate(newDate);
  const arriveAt = epochMs(departAt + 20 * hourMs);
  const dates = { departAt, arriveAt, boardingDate: serviceDate(same), zone, newBoardingDate };
  const terms = changeTerms(kind, dates, epochMs(now), rules, refundRulesOf(policy));
  return terms.ok ? [terms.value.feeBasisPoints, terms.value.differenceBasisPoints] : terms.error.code;
}
const feesAt = (policy: Policy, ...cases: readonly (readonly [now: number, newDate: string])[]) =>
  cases.map(([now, date]) => {
    const cost = costs(policy, now, date);
    return Array.isArray(cost) ? cost[0] : cost;
  });

/** What is kept of both fares where 5 percent of the lower one are due. */
function keptOf(policy: Policy, fareFen: number, newFareFen: number): unknown {
  const rules = changeRulesOf(policy);
  const terms = { rule: "grade", feeBasisPoints: 500, differenceBasisPoints: 0 } as const;
  return rules ? Number(changeMoney(fen(fareFen), fen(newFareFen), terms, rules).feeFen) : ofOthers;
}

function paid(order: OrderAccepted): OrderRecord {
  const { orderNo, totalFen: amountFen } = order;
  const outcome = decidePaid(firstRecord(order, null), { paymentNo: "P1", orderNo, amountFen, capturedAt: sampleNow });
  if (outcome.kind !== "ticketed") throw new Error(outcome.kind);
  return outcome.change.order;
}

/** What is heard of a ticket that became what it is by so many changes. */
function changedTimes(policy: Policy, times: number): string {
  const order = paid(sampleOrder({}));
  const nth = { ...order, ...(times > 0 ? { replaces: { nth: times } } : {}) } as OrderRecord;
  const [line] = order.lines;
  const way = { trainNumber: "G2", originDate: line.originDate, from: line.fromStationId, to: line.toStationId };
  const asked = {
    order: nth,
    ticketNos: [order.tickets[0]!.ticketNo],
    rules: changeRulesOf(policy),
    refund: refundRulesOf(policy),
    cancellations: [],
    lostCoaches: new Map(),
    children: policy.fares,
    zone,
  };
  const tickets = ticketsToChange(asked, { ...way, seatClass: line.seatClass }, sampleNow, { station: () => null });
  return tickets.ok ? "ok" : tickets.error.code;
}

const notOffered = (count: number) => Array.from({ length: count }, () => ofOthers);

export const changeRules: readonly RuleRow[] = [
  {
    rule: "2.1",
    says: "a ticket is changed once, and what became of it is not changed again",
    of: (policy) => [0, 1].map((times) => changedTimes(policy, times)),
    expected: [
      ["ok", "ChangedBefore"],
      ["ChangeNotOffered", "ChangeNotOffered"],
    ],
  },
  {
    rule: "2.2",
    says: "it is changed before departure, and after it until the end of its day",
    of: (policy) => [before(1), departAt, midnight - 1, midnight].map((now) => costs(policy, now, same)),
    expected: [[[0, 2_000], [0, 2_000], [0, 2_000], "ChangeTooLate"], notOffered(4)],
  },
  {
    rule: "2.3",
    says: "48 hours and more before departure that is free, to whatever day",
    of: (policy) => feesAt(policy, ...[earlier, same, later].map((date) => [before(48 * hourMs), date] as const)),
    expected: [[0, 0, 0], notOffered(3)],
  },
  {
    rule: "2.4",
    says: "after that to the ticket's day or an earlier one alone",
    of: (policy) => feesAt(policy, [before(48 * hourMs - 1), earlier], [before(1), same], [departAt, same]),
    expected: [[0, 0, 0], notOffered(3)],
  },
  {
    rule: "2.5",
    says: "to a later day it costs 5 percent, to the last millisecond of 24 hours",
    of: (policy) => feesAt(policy, [before(48 * hourMs - 1), later], [before(24 * hourMs), later]),
    expected: [[500, 500], notOffered(2)],
  },
  {
    rule: "2.6",
    says: "then 15 percent, to the last millisecond before departure",
    of: (policy) => feesAt(policy, [before(24 * hourMs - 1), later], [before(1), later]),
    expected: [[1_500, 1_500], notOffered(2)],
  },
  {
    rule: "2.7",
    says: "and 40 percent after it",
    of: (policy) => feesAt(policy, [departAt, later], [midnight - 1, later]),
    expected: [[4_000, 4_000], notOffered(2)],
  },
  {
    rule: "2.8",
    says: "of the lower of both fares, to the half yuan",
    of: (policy) => [keptOf(policy, 2_500, 9_900), keptOf(policy, 9_900, 2_500)],
    expected: [[150, 150], notOffered(2)],
  },
  {
    rule: "2.9",
    says: "of what the new ticket costs less a refund's grade is kept, after departure 20 percent",
    of: (policy) => [before(9 * 24 * hourMs), before(30 * hourMs), departAt].map((now) => costs(policy, now, same)),
    expected: [
      [
        [0, 0],
        [0, 1_000],
        [0, 2_000],
      ],
      notOffered(3),
    ],
  },
  {
    rule: "2.16",
    says: "another destination costs nothing, to the last millisecond of 48 hours",
    of: (policy) =>
      [before(48 * hourMs), before(48 * hourMs - 1)].map((now) => costs(policy, now, later, "destination")),
    expected: [[[0, 500], "ChangeTooLate"], notOffered(2)],
  },
];
