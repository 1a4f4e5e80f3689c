/** The bugs, from the request of a purchase to its last refund. */
import type { PlantedBug } from "./planted.ts";
import { plantedCancelBugs } from "./plantedCancelBugs.ts";
import { plantedGateBugs } from "./plantedGateBugs.ts";
import { plantedChangeBugs } from "./plantedChangeBugs.ts";
import { plantedMoneyBugs } from "./plantedMoneyBugs.ts";
import { plantedNotificationBugs } from "./plantedNotificationBugs.ts";
import { plantedQueueBugs } from "./plantedQueueBugs.ts";
import { plantedQuotaBugs } from "./plantedQuotaBugs.ts";
import { plantedRiskBugs } from "./plantedRiskBugs.ts";
import { plantedStudentBugs } from "./plantedStudentBugs.ts";
import { plantedWaitlistBugs } from "./plantedWaitlistBugs.ts";
import { plantedWithdrawnBugs } from "./plantedWithdrawnBugs.ts";

const order = "packages/services/order";
const purchase = `${order}/purchase`;
const payment = "packages/services/payment";
const files = "packages/adapters/file-log";

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "answered-before-the-append",
    about: "a purchase is answered while its append is on its way, and is forgotten where that fails (I2)",
    file: `${purchase}/recordStep.ts`,
    find: "await log.append(createdRecords(orders));",
    replace: "void log.append(createdRecords(orders)).catch(() => {});",
  },
  {
    name: "answered-from-what-is-not-logged",
    about: "who repeats a purchase at another process is told that it is accepted before the log has it (I2)",
    file: `${order}/store.ts`,
    find: "(await submissions.isLogged(orderId)) ? await submissions.find(orderId) : null",
    replace: "await submissions.find(orderId)",
  },
  {
    name: "unknown-append-taken-back",
    about: "a purchase that may still reach the log gives back its seats, limits and key (I6, I7)",
    file: `${purchase}/recordStep.ts`,
    find: "if (!(error instanceof LogUnavailable && error.mayArrive)) throw error;",
    replace: "if (error) throw error;",
  },
  {
    name: "refused-line-keeps-the-others",
    about: "a purchase of which one line is refused keeps what it got for the others (I2)",
    file: `${purchase}/step.ts`,
    find: "{ ...ended, inPart: true }",
    replace: "ended",
  },
  {
    name: "seats-not-given-back",
    about: "who fails behind his seats leaves them held beyond the deadline of the hold (I2)",
    file: "packages/services/inventory/index.ts",
    find: "} else if ((await release(overdue)) > 0) counters.sweptGone++;",
    replace: "} else counters.sweptGone++;",
  },
  {
    name: "limit-not-given-back",
    about: "who cancels or gives tickets back goes on being counted (I6)",
    file: `${order}/index.ts`,
    find: "await reservations.release({ orderId, line }, ticketNos);",
    replace: "if (ticketNos.length > 1) await reservations.release({ orderId, line }, ticketNos);",
  },
  {
    name: "proved-document-of-one-account",
    about: "a passenger whose document is proved is on two trains at once, by two accounts (I6)",
    file: "packages/ports/reservations/reservations.ts",
    find: "documentUnproved ? `${documentHash}@${userId}` : documentHash",
    replace: "documentUnproved === null ? documentHash : `${documentHash}@${userId}`",
  },
  {
    name: "open-order-not-counted",
    about: "who has not paid yet opens one order after the other (I6)",
    file: `${purchase}/limitsStep.ts`,
    find: "unpaidUntil: isOwed(command) ? null : payBy!,",
    replace: "unpaidUntil: null,",
  },
  {
    name: "open-order-not-reloaded",
    about: "after a start an account opens a second order while the first waits for its money (I6)",
    file: `${order}/reservation.ts`,
    find: 'unpaidUntil: state === "pendingPayment" ? order.payBy : null,',
    replace: "unpaidUntil: null,",
  },
  {
    name: "cancelled-order-not-counted",
    about: "who lets orders go unpaid takes seats from others all day (I6)",
    file: `${order}/index.ts`,
    find: "if (unpaid) await reservations.endUnpaid(orderId);\n    else await",
    replace: "await",
  },
  {
    name: "cancelled-orders-not-reloaded",
    about: "after a start nobody has cancelled anything today (I6)",
    file: `${order}/reload.ts`,
    find: "await reservations.restoreUnpaid(page.flatMap((order) => claimsOf(order, order.state, railway)));",
    replace: "",
  },
  {
    name: "limit-not-kept",
    about: "limits of written orders end with the deadline of their holds (I6)",
    file: `${order}/consume.ts`,
    find: "await reservations.keep(live);",
    replace: "await reservations.keep([]);",
  },
  {
    name: "ledger-claim-skipped",
    about: "the last guard in SQL lets two orders have one seat (I1)",
    file: "packages/ports/order-store/orderStore.memory.ts",
    find: "!places.some((place) => ledger.has(place))",
    replace: "places.length > 0",
  },
  {
    name: "ledger-seat-not-freed",
    about: "a seat that was given back stays taken in the ledger, so that its next buyer is rejected (I1)",
    file: `${order}/decide.ts`,
    find: "freedSeats, messages: [...freedSeats.map(wordOfFreed), ...dues] };",
    replace:
      "freedSeats: freedSeats.map((freed) => ({ ...freed, seatIndexes: freed.seatIndexes.slice(1) })), messages: [...freedSeats.map(wordOfFreed), ...dues] };",
  },
  {
    name: "expiry-without-compare-and-set",
    about: "an order expires although its money has just come (I3)",
    file: "packages/ports/order-store/orderStore.memory.ts",
    find: "if (!isAsDecidedOn(change) || (mistake",
    replace: 'if ((!isAsDecidedOn(change) && order.state !== "expired") || (mistake',
  },
  {
    name: "outbox-row-outside-the-transaction",
    about: "word of freed seats and refunds is lost where the process dies between two statements (I3, I6)",
    file: `${order}/changes.ts`,
    find: "return store.change(all, now);",
    replace:
      "return store.change(all.map((change) => ({ ...change, messages: [] })), now).then(async (made) => {\n      await store.enqueue(all.filter((_, n) => made[n]).flatMap(({ messages }) => messages), now);\n      return made;\n    });",
  },
  {
    name: "outbox-marked-before-it-is-sent",
    about: "a message is marked as sent before the log has it, and lost where the append fails (I3)",
    file: "packages/runtime/relay/relay.ts",
    find: "const messages = await outbox.pending(clock.now(), batchMax);",
    replace:
      "const messages = await outbox.pending(clock.now(), batchMax);\n    await outbox.sent(messages.map(({ messageId }) => messageId));",
  },
  {
    name: "offset-before-the-work",
    about: "a consumer says that it is done before it has begun, and what it had is lost with it (I2)",
    file: "packages/ports/log/delivery.ts",
    find: "if (blame.attempts < defectAttemptsMax) await handle(batch);",
    replace: "if (blame.attempts < defectAttemptsMax) void handle(batch).catch(() => {});",
  },
  {
    name: "late-money-kept",
    about: "money that comes when its order is over stays with us (I3)",
    file: `${order}/consume.ts`,
    find: "return changes.enqueue([outcome.message]);",
    replace: "return;",
  },
  {
    name: "wrong-amount-taken",
    about: "an order is ticketed whatever was paid for it (I3)",
    file: `${payment}/decide.ts`,
    find: 'if (trade.amountFen !== payment.amountFen) return "wrongAmount";',
    replace: "",
  },
  {
    name: "second-trade-kept",
    about: "who pays twice is not paid back (I3)",
    file: `${payment}/decide.ts`,
    find: "refund: surplus && wholeRefund(payment, trade, surplus),",
    replace: 'refund: surplus === "wrongAmount" ? wholeRefund(payment, trade, surplus) : null,',
  },
  {
    name: "money-without-compare-and-set",
    about: "two trades that come at the same moment both pay the order, and neither goes back (I3)",
    file: "packages/ports/payment-store/payment-store.memory.ts",
    find: "!entry || moneyVersion(ofOrder(payment.orderNo).map(fileOf)) !== version",
    replace: "!entry",
  },
  {
    name: "notice-for-another-merchant",
    about: "money that another merchant was paid is taken for ours (I3)",
    file: "packages/ports/payment-provider/payment-provider.memory.ts",
    find: 'if (merchantId !== ourMerchantId) return refuse("merchant");',
    replace: "",
  },
  {
    name: "notice-not-verified",
    about: "a stranger who knows the address of the callback can pay for nothing (I3)",
    file: "packages/ports/payment-provider/payment-provider.memory.ts",
    find: 'if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refuse("signature");',
    replace: "",
  },
  {
    name: "money-not-looked-for",
    about: "money of which nobody tells is never found (I3)",
    file: `${payment}/jobs.ts`,
    find: "trades = await providerOf(payment.channel).query(paymentNo);",
    replace: "trades = (await providerOf(payment.channel).query(paymentNo)).slice(0, 0);",
  },
  {
    name: "refund-given-up",
    about: "a refund that the bank does not take at once is forgotten (I3)",
    file: `${payment}/jobs.ts`,
    find: "counters.refundsPending += 1;\n        await store.postpone(order, clock.now());",
    replace: "counters.refundsPending += 1;\n        await books.settle(order);",
  },
  {
    name: "refund-settled-before-it-is-paid",
    about: "a refund is settled before the bank was asked, and lost where that fails (I3)",
    file: `${payment}/jobs.ts`,
    find: 'const answer = order.amountFen === 0 ? "done" : await',
    replace: 'await books.settle(order);\n      const answer = order.amountFen === 0 ? "done" : await',
  },
  {
    name: "fee-kept-twice",
    about: "a returned ticket is paid back without its fee's other half (I3)",
    file: `${order}/decide.ts`,
    find: "amountFen: fen(ticket.fareFen - feeFen),",
    replace: "amountFen: fen(ticket.fareFen - 2 * feeFen),",
  },
  {
    name: "release-twice",
    about: "seats are given back a second time, when they are another's (I1)",
    file: "packages/ports/seat-store/seatStore.memory.ts",
    find: "hold.live.has(index) && some.includes(index)",
    replace: "some.includes(index)",
  },
  {
    name: "expiry-forgotten",
    about: "without a hint nobody notices that the time to pay is over (I4)",
    file: `${order}/jobs.ts`,
    find: 'const expire = () => sweep("expired", () => store.overdue(clock.now(), batchMax), ifUnpaid);',
    replace: "const expire = async () => {};",
  },
  {
    name: "log-answered-before-the-sync",
    about: "a platform in one process answers before its disk has the purchase, and a power cut takes it (I2)",
    file: `${files}/fileLog.ts`,
    find: "await file.sync();",
    replace: "void file.sync();",
  },
  {
    name: "torn-tail-kept",
    about: "half a record that a power cut left stays in front of those that follow (I2)",
    file: `${files}/fileLog.ts`,
    find: "disk.truncate(segment.path, sound);",
    replace: "",
  },
  {
    name: "name-of-a-new-file-not-synced",
    about: "a power cut takes a whole file of the log, because its folder was not synced (I2)",
    file: `${files}/fileLog.ts`,
    find: "disk.syncNames(folder);",
    replace: "",
  },
  {
    name: "limits-not-reloaded",
    about: "after a start nobody knows who travels already (I6)",
    file: `${order}/reload.ts`,
    find: "await reservations.reload(page.flatMap((order) => claimsOf(order, order.state, railway)));",
    replace: "",
  },
  {
    name: "seats-not-reloaded",
    about: "after a start sold seats are for sale again (I1)",
    file: `${order}/reload.ts`,
    find: "await reloadSeats(holds)",
    replace: "await reloadSeats([])",
  },
  {
    name: "keys-not-reloaded",
    about: "who repeats a purchase after a start buys twice (I7)",
    file: `${order}/reload.ts`,
    find: "await submissions.reload(submissionsOf(page));",
    replace: "",
  },
  {
    name: "engine-releases-twice",
    about: "the seat engine frees a seat that was freed before, when it is another's (I1)",
    file: "packages/services/inventory/engineSeats.ts",
    find: "if (!releaseSeat(table, slot, place)) continue;",
    replace: "releaseSeat(table, slot, place);",
  },
  {
    name: "overlaps-of-one-run-only",
    about: "one passenger is on two trains at once (I6)",
    file: "packages/ports/reservations/counted.ts",
    find: "if (overlap(reservation, other)) return",
    replace: "if (other.runId === reservation.runId && overlap(reservation, other)) return",
  },
  {
    name: "one-ticket-too-many",
    about: "an account buys one ticket more than it may (I6)",
    file: "packages/ports/reservations/counted.ts",
    find: "ticketCount + reservation.trips.length > limit",
    replace: "ticketCount + reservation.trips.length > limit + 1",
  },
  {
    name: "trips-not-guarded",
    about:
      "what Redis has forgotten of trips and tickets is sold a second time, because nobody asks again when orders are written (I6)",
    file: "packages/ports/order-store/orderStore.memory.ts",
    find: "areFree(places) ? takeTrips(order, limits) : ",
    replace: "areFree(places) ? null : ",
  },
  {
    name: "node-numbers-forgotten",
    about: "node numbers are leased in Redis, which forgets one in a failover and gives it to a second process (I7)",
    file: "sim/cluster.ts",
    find: "nodeLeases: ownSql.leases,",
    replace: "nodeLeases: shared.leases,",
  },
  ...plantedCancelBugs,
  ...plantedGateBugs,
  ...plantedQueueBugs,
  ...plantedChangeBugs,
  ...plantedStudentBugs,
  ...plantedMoneyBugs,
  ...plantedNotificationBugs,
  ...plantedWaitlistBugs,
  ...plantedWithdrawnBugs,
  ...plantedQuotaBugs,
  ...plantedRiskBugs,
];
