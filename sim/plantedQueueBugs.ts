/**
 * The bugs of queues: of lots, their draw, places, who is called, and who buys. With `--rounds 1` seed 6 finds most, and 12 a pass of elsewhere; that an account
 * has a lot is found by 60, what a failover forgets by 91 and 100, and a place that grows by 128. Those of queues by load
 * are found by 98, 77 and 30.
 */
import type { PlantedBug } from "./planted.ts";

const room = "packages/services/queue";
const counters = "packages/ports/queue-counters/queueCounters.memory.ts";
const pass = "packages/room/queuePass.ts";

export const plantedQueueBugs: readonly PlantedBug[] = [
  {
    name: "pass-for-another-run",
    about: "who was let into one queue buys of the run behind another (I5)",
    file: pass,
    find: "if (queue !== queueId || account",
    replace: "if (account",
  },
  {
    name: "pass-after-expiry",
    about: "a pass is taken after its time (I5)",
    file: pass,
    find: "return Number(until) > now && isSameMac",
    replace: "return isSameMac",
  },
  {
    name: "pass-not-asked-for",
    about: "who has no pass buys all the same (I5)",
    file: "packages/services/order/purchase/passStep.ts",
    find: "if (!queue || passes.admits(",
    replace: "if (!queue || command.asker.pass === null || passes.admits(",
  },
  {
    name: "called-forgotten-by-failover",
    about: "what a failover lost of who was called is not raised again, and the same are called twice (I2)",
    file: `${room}/keeper.ts`,
    find: "if (state.taken < taken || state.served < served) await",
    replace: "if (state.taken < taken && state.served > served) await",
  },
  {
    name: "lot-drawn-twice",
    about: "the first lot of the list is drawn twice (I2)",
    file: `${room}/keeper.ts`,
    find: "const list = await inOrder(found, (lot) => lot, pause);",
    replace: "const list = await inOrder([...[...found].slice(0, 1), ...found], (lot) => lot, pause);",
  },
  {
    name: "lot-passed-over",
    about: "lots that are passed over, because another node takes over while they are collected, are not drawn (I2)",
    file: `${room}/keeper.ts`,
    find: "if ((!after.closed || found.size < after.lots) && isPatient()) return;",
    replace: "",
  },
  {
    name: "lot-added-after-root",
    about: "a lot of nobody is drawn that was not in the list whose root was published (I2)",
    file: `${room}/keeper.ts`,
    find: "chance: chanceFrom === null ? null : chance }, list, pause);",
    replace: 'chance: chanceFrom === null ? null : chance }, [...list, "f".repeat(32)], pause);',
  },
  {
    name: "lot-by-account",
    about: "who has two accounts has two lots (I6)",
    file: `${room}/places.ts`,
    find: "const self = passengers.find((passenger) => passenger.self === true);",
    replace: "const self = passengers.find(() => false);",
  },
  {
    name: "place-that-grows",
    about: "who shows a place that a failover lost gets one behind all others (I5)",
    file: `${room}/api.ts`,
    find: "known: given?.position ?? null,",
    replace: "known: null,",
  },
  {
    name: "lots-only-in-memory",
    about: "a restart of one process before the opening loses the lots (I2)",
    file: `${room}/api.ts`,
    find: "if (joined.position === 0 && queue",
    replace: "if (joined.position < 0 && queue",
  },
  {
    name: "called-beyond-the-rate",
    about: "as many are called as there is room for, whatever the rate (I5)",
    file: `${room}/admission.ts`,
    find: "Math.floor(Math.min(credit, waiting,",
    replace: "Math.floor(Math.min(waiting,",
  },
  {
    name: "full-place-passed",
    about: "who was called later comes in past who was called before and found it full (I5)",
    file: counters,
    find: "return inside.size + ahead < activeMax;",
    replace: "return inside.size + 0 * ahead < activeMax;",
  },
  {
    name: "full-not-first",
    about: "new people are called into room for which others wait who found it full (I5)",
    file: counters,
    find: ".slice(0, Math.max(0, activeMax - inside.size))",
    replace: ".slice(0, 0)",
  },
  {
    name: "queue-by-load-at-once",
    about: "one busy moment switches a queue on (I5)",
    file: `${room}/load.ts`,
    find: "tooMuchSince !== null && now - tooMuchSince >= afterSeconds * secondMs",
    replace: "tooMuchSince !== null && now - tooMuchSince <= afterSeconds * secondMs",
  },
  {
    name: "queue-by-load-ends-in-load",
    about: "a queue that load has switched on ends once nobody waits, however much load there still is (I5)",
    file: `${room}/byLoad.ts`,
    find: 'return kind !== "load" || !by || isCalm(',
    replace: 'return kind !== "exempt" || !by || isCalm(',
  },
  {
    name: "queue-by-load-not-asked-for",
    about: "who has no pass buys what load has switched a queue on for (I5)",
    file: "packages/services/announcedQueues/index.ts",
    find: 'return found && found.kind !== "exempt" ? found : null;',
    replace: 'return found && found.kind === "announced" ? found : null;',
  },
];
