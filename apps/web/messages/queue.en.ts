/** Queueing to buy. */
import type { QueueMessages } from "./queue.zh.ts";

export const queueEn: QueueMessages = {
  title: "Many people want to buy: you are in the queue",
  before: "There is a queue for these tickets",
  guest: "Log in to take part: there is one lot a person.",
  draws: (time) =>
    `You have a lot. At ${time} lots are drawn: one a person, and coming earlier or later makes no difference.`,
  drawing: "Lots are being drawn…",
  place: (place, ahead) => `Your place is ${place}; ${ahead} ${Number(ahead) === 1 ? "is" : "are"} ahead of you.`,
  wait: (minutes) => `You wait at least ${minutes} ${Number(minutes) === 1 ? "minute" : "minutes"}, as it looks now.`,
  soon: "It is nearly your turn.",
  keeps: (minutes) =>
    `Your place only gets better. You may close this page or look around: once called, it is kept for ${minutes} ${Number(minutes) === 1 ? "minute" : "minutes"}. At your turn this page goes on by itself.`,
  full: "You were called. You are the first to come in as soon as somebody leaves.",
  yours: "It is your turn: please submit.",
  goesOn: "It is your turn: buying now…",
  moreThanSeats:
    "More people wait ahead of you than seats are left. Another train or class, or the waitlist, may be better.",
  check: "The draw can be checked",
  lot: (lot) => `Your lot: ${lot}`,
};
