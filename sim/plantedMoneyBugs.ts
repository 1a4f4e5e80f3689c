/** Bugs after which the sums of each payment are right, and those of each account or each day are not. */
import type { PlantedBug } from "./planted.ts";

const payment = "packages/services/payment";

export const plantedMoneyBugs: readonly PlantedBug[] = [
  {
    name: "payment-of-another-account",
    about: "what an account pays is in the books of another (I3, of each account)",
    file: `${payment}/api.ts`,
    find: "{ paymentNo, orderNo, purpose, runId, userId, channel, amountFen: totalFen, payBy, pollAt },",
    replace:
      "{ paymentNo, orderNo, purpose, runId, userId: (userId + 2048) as UserId, channel, amountFen: totalFen, payBy, pollAt },",
  },
  {
    name: "money-of-the-day-it-was-heard-of",
    about: "an order's money of which nobody told is in the books of the day on which it was found (I3, of each day)",
    file: `${payment}/jobs.ts`,
    find: "const outcome = await receive(payment, trade);",
    replace:
      'const paidAt = payment.purpose === "order" ? clock.now() : trade.paidAt;\n      const outcome = await receive(payment, { ...trade, paidAt });',
  },
  {
    name: "carried-ticket-of-the-day-of-its-change",
    about:
      "a ticket that stays on the old one's payment counts as paid on the day on which it was changed (I3, of each day)",
    file: "packages/services/order/change/decide.ts",
    find: "{ paymentNo: paymentNo!, paidAt: paidAt! }",
    replace: "{ paymentNo: paymentNo!, paidAt: paidAt! && now }",
  },
];
