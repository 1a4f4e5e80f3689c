/**
 * The bugs of coaches that an operator takes off sale: from his word to the seat that somebody gives back. With `--rounds 1` those of the seat engine,
 * and of a platform that begins again, are found with `--world embedded`; the others with `--world cluster`.
 */
import type { PlantedBug } from "./planted.ts";

const memorySeats = "packages/ports/seat-store/seatStore.memory.ts";
const inventory = "packages/services/inventory";

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
    find: "runs: [...kept].map(([runId, coachNos]) => ({ runId, coachNos }))",
    replace: "runs: [...kept].flatMap(([runId, coachNos]) => (coachNos.length > 0 ? [{ runId, coachNos }] : []))",
  },
];
