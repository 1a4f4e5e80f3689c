/** Bugs of tickets that become others. */
import type { PlantedBug } from "./planted.ts";

const change = "packages/services/order/change";

export const plantedChangeBugs: readonly PlantedBug[] = [
  {
    name: "both-tickets-valid",
    about: "a ticket stays valid beside the one that replaces it (I3, I6)",
    file: "packages/services/order/changes.ts",
    find: "if (!together) return (await commit([change]))[0]!;",
    replace: "if (together || !together) return (await commit([change]))[0]!;",
  },
  {
    name: "old-released-before-the-new-is-sure",
    about: "the old order gives its tickets up although the new one has just expired, and nobody has a ticket (I3)",
    file: "packages/ports/order-store/orderStore.memory.ts",
    find: "if (!changes.every(isAsDecidedOn)) return false;",
    replace: "if (!isAsDecidedOn(changes[1])) return false;",
  },
  {
    name: "change-of-what-was-given-back",
    about: "a change is made although its ticket was given back at the same moment (I3)",
    file: "packages/ports/order-store/orderStore.memory.ts",
    find: "if (!changes.every(isAsDecidedOn)) return false;",
    replace: "if (!isAsDecidedOn(changes[0])) return false;",
  },
  {
    name: "difference-refunded-twice",
    about: "the old fare goes back whole although the new ticket is on its payment (I3)",
    file: `${change}/plan.ts`,
    find: "(carried ? newFareFen : 0)",
    replace: "(carried ? 0 : 0)",
  },
  {
    name: "change-fee-not-kept",
    about: "what is kept of a changed ticket is told to nobody (I3)",
    file: `${change}/decide.ts`,
    find: ".filter(({ feeFen, refundFen }) => feeFen + refundFen > 0)",
    replace: ".filter(({ feeFen, refundFen }) => feeFen + refundFen > 0 && feeFen === 0)",
  },
  {
    name: "limits-given-back-early",
    about: "the old trip is free as soon as a change is asked for, and its passenger is on two trains (I6)",
    file: "packages/services/order/purchase/limitsStep.ts",
    find: "return verdictsOf(\n        drafts,",
    replace:
      "for (const { replaces } of asked) if (replaces) await reservations.release(replaces, replaces.ticketNos);\n      return verdictsOf(\n        drafts,",
  },
  {
    name: "old-limits-not-given-back",
    about: "a passenger goes on being counted on the train that he has changed from (I6)",
    file: `${change}/decide.ts`,
    find: "messages: [...freedSeats.map(wordOfFreed), ...moneyBack(old, replaces)],",
    replace: "messages: moneyBack(old, replaces),",
  },
  {
    name: "money-of-a-lost-change-kept",
    about: "who pays for a change whose ticket is gone has neither ticket nor money (I3)",
    file: "packages/services/order/decide.ts",
    find: "messages: [...gone.messages, back]",
    replace: "messages: gone.messages",
  },
];
