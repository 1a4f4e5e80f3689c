/**
 * The bugs of coaches that an operator takes off sale, or that a train loses: from his word to the seat that somebody gives back, or is given. With `--rounds 1` those of the seat engine,
 * and of a platform that begins again, are found with `--world embedded`; the others with `--world cluster`.
 */
import type { PlantedBug } from "./planted.ts";

const memorySeats = "packages/ports/seat-store/seatStore.memory.ts";
const inventory = "packages/services/inventory";
const reseats = "packages/services/reseats/index.ts";

export const plantedWithdrawnBugs: readonly PlantedBug[] = [
  {
    name: "withdrawn-seat-chosen",
    about: "who is given seats may be given one that is withdrawn (I5)",
    file: memorySeats,
    find: "seats.filter(({ index }) => !withdrawn.includes(index) && isFree(taken[index]!, name));",
    replace: "seats.filter(({ index }) => withdrawn && isFree(taken[index]!, name));",
  },
  {
    name: "engine-sells-what-comes-back",
    about: "a withdrawn seat that is given back is for sale again at the seat engine (I5)",
    file: "packages/engine/hold.ts",
    find: "if (held) giveWithdrawn(held, from, to);\n  else giveSeat(at, seat, from, to);",
    replace: "if (held) giveWithdrawn(held, from, to);\n  giveSeat(at, seat, from, to);",
  },
  {
    name: "engine-forgets-who-has-a-withdrawn-seat",
    about: "a seat that somebody has is sold again once its coach is reinstated (I1)",
    file: "packages/engine/withdrawn.ts",
    find: "isFree(at, seat, segment, segment + 1) ? 0 : 1,",
    replace: "isFree(at, seat, segment, segment + 1) ? 0 : 0,",
  },
  {
    name: "withdrawn-coach-not-followed",
    about: "who follows withdrawn coaches hears what was said when it begins, and nothing after that (I5)",
    file: `${inventory}/withdrawn.ts`,
    find: "(await store.version()) !== last?.version",
    replace: "(await store.version()) < 0",
  },
  {
    name: "withdrawn-coach-not-set-at-the-start",
    about: "a platform in one process that was started again sells withdrawn coaches until it looks for them (I5)",
    file: `${inventory}/room.ts`,
    find: "await withdrawn.reload();",
    replace: "",
  },
  {
    name: "reinstated-coach-not-heard",
    about: "who follows withdrawn coaches does not hear of one that was put back on sale (I5)",
    file: "packages/ports/withdrawn-coaches/withdrawnCoaches.memory.ts",
    find: "runs: [...kept.values()] })",
    replace: "runs: [...kept.values()].filter(({ coachNos }) => coachNos.length > 0) })",
  },
  {
    name: "order-in-lost-coach-left-out",
    about: "each pass leaves out the first order on a train that has lost a coach, and its people sit there still (I1)",
    file: reseats,
    find: "orderIds.slice(next, next + atATime)",
    replace: "orderIds.slice(next + 1, next + atATime)",
  },
  {
    name: "lost-coach-not-heard",
    about: "who gives other seats hears which coaches are lost when it begins, and nothing after that (I1)",
    file: reseats,
    find: "if (newest !== version) {",
    replace: "if (newest !== version && version === 0) {",
  },
  {
    name: "reseat-kept-back-by-a-quota",
    about: "who sits in a lost coach is given no other seat beyond a quota, though one is free for him (I1)",
    file: "packages/services/order/purchase/seatsStep.ts",
    find: 'replacing.byRailway ? "reseat" : "change"',
    replace: 'replacing.byRailway ? "change" : "change"',
  },
  {
    name: "refused-seats-never-asked-for-again",
    about: "who found no seat when his coach was lost is given none that comes back later (I1)",
    file: "packages/services/order/change/reseat.ts",
    find: "Math.floor(now / keyHoldsMs)",
    replace: "Math.floor(now / keyHoldsMs) * 0",
  },
  {
    name: "exchanged-run-never-opened",
    about: "a run that was exchanged stays closed to who waits and to everybody, though all have been asked for (I5)",
    file: reseats,
    find: "if (isClosed(told) && !isAnybodyOpen) await openToAll(told);",
    replace: "if (isClosed(told) && isAnybodyOpen) await openToAll(told);",
  },
  {
    name: "opened-run-keeps-its-quota-of-nothing",
    about: "who follows quotas does not hear that an exchanged run is open again (I5)",
    file: `${inventory}/quotas.ts`,
    find: "if (exchange!.openedAt === null || opened.get(runId) === exchange!.since) continue;",
    replace: "if (exchange!.openedAt !== null || opened.get(runId) === exchange!.since) continue;",
  },
  {
    name: "gone-seats-on-sale-again",
    about: "seats that only the train before had are for sale beside those of the one for which it was exchanged (I5)",
    file: `${inventory}/withdrawn.ts`,
    find: "seats.filter(({ index }) => !sold.has(index)).map(({ index }) => index),",
    replace: "seats.filter(({ index, ...seat }) => !sold.has(index) && !isSold(seat)).map(({ index }) => index),",
  },
];
