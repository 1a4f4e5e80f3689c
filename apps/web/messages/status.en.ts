/** What becomes of trains on the day: late, cancelled, and notices. */
import type { StatusMessages } from "./status.zh.ts";

export const statusEn: StatusMessages = {
  cancelled: "Cancelled",
  cancelledWay: "Cancelled on this section",
  notRun: "This train does not run on that day",
  notRunWay: "This train does not run between these stations on that day",
  cancelledNote: (what) => `${what}, and is not on sale.`,
  cancelledBack: (what) => `${what}. Your money goes back in full, without a fee.`,
  cancelledFree: (what) => `${what}. Tickets are refunded without a fee.`,
  cancelledFreeUntil: (what, days) =>
    `${what}. Tickets are refunded without a fee until ${days === 0 ? "the end of the day of travel" : `${days} ${days === 1 ? "day" : "days"} after the day of travel`}.`,
  cancelledOther:
    " Or take another train instead, as long as your money has not gone back and yours would not have arrived: without a fee, and without paying more. Where this was announced only just now, both begin in a few minutes.",
  cancelledOtherUntil: (time) =>
    ` Or take another train instead until ${time}, without a fee, and without paying more. After that your money goes back by itself.`,
  coachLost: (coaches) => `Coach ${coaches} is not on the train`,
  coachLostNote:
    "The railway is giving you another seat of the same train, at no charge; mostly within minutes, and you find it among your orders. Where none is left, change or refund your ticket without a fee until the train leaves.",
  exchanged: (stock) => `This train runs with other coaches on that day (${stock})`,
  exchangedNote:
    "A seat that it still has stays yours. Otherwise the railway is giving you another of the same train, at no charge, and you find it among your orders. Where none is left, change or refund your ticket without a fee until the train leaves.",
  skipped: "does not call on this day",
  skippedAt: (station) => `Does not call at ${station} on this day`,
  departs: (time) => `Departure expected ${time}`,
  arrives: (time) => `Arrival expected ${time}`,
  late: (minutes) => ` (+${minutes} min)`,
  early: (minutes) => ` (−${minutes} min)`,
  onTime: " (on time)",
  notices: "Service notices",
  more: "More",
};
