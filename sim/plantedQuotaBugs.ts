/**
 * The bugs of quotas: of what may be sold of a train between which stops, from the operator's change to the seat that comes back.
 *
 * Not planted, because something else protects from it: a cluster's quotas are not set again by the repair. All are set again within five
 * minutes.
 */
import type { PlantedBug } from "./planted.ts";

const memorySeats = "packages/ports/seat-store/seatStore.memory.ts";
const engine = "packages/engine";
const inventory = "packages/services/inventory";

export const plantedQuotaBugs: readonly PlantedBug[] = [
  {
    name: "sold-past-the-quota",
    about: "a public sale does not ask the quota (I5)",
    file: memorySeats,
    find: "const sellable = Math.max(0, Math.min(free, ...left));",
    replace: 'const sellable = channel === "public" ? free : Math.max(0, Math.min(free, ...left));',
  },
  {
    name: "engine-sells-past-the-quota",
    about: "the seat engine sells to the public whatever is free (I5)",
    file: `${engine}/offer.ts`,
    find: "return quotas === 0 ? sale.free :",
    replace: "return quotas === 0 || channel === publicSale ? sale.free :",
  },
  {
    name: "nested-quota-not-asked",
    about: "of several quotas that a way belongs to the first alone is asked (I5)",
    file: memorySeats,
    find: "const ofWay = quotas.filter((quota) => hasWay(quota, way));",
    replace: "const ofWay = quotas.filter((quota) => hasWay(quota, way)).slice(0, 1);",
  },
  {
    name: "engine-counts-in-one-quota",
    about: "a hold of the seat engine counts in one of the quotas that its way belongs to (I5)",
    file: `${engine}/offer.ts`,
    find: "left !== 0; left &= left - 1) {\n    words[block + 1 + 2 * stops",
    replace: "left !== 0; left = 0) {\n    words[block + 1 + 2 * stops",
  },
  {
    name: "limit-begins-past-the-line",
    about: "whoever buys first when a limit begins gets what somebody in line could have had (I5)",
    file: memorySeats,
    find: "serve(run, now);\n    const refused = saleOf(",
    replace: "const refused = saleOf(",
  },
  {
    name: "engine-limit-begins-past-the-line",
    about: "the same of the seat engine (I5)",
    file: `${inventory}/engineSeats.ts`,
    find: "if (waitlist) serveIfDue(waitlist, now);\n    const channel",
    replace: "const channel",
  },
  {
    name: "limit-begins-where-nobody-comes",
    about: "who waits for a limit to begin waits until somebody looks or buys (I5)",
    file: memorySeats,
    find: "serve(run, now);\n        return servedNextAt",
    replace: "return servedNextAt",
  },
  {
    name: "engine-limit-begins-where-nobody-comes",
    about: "the same of the seat engine (I5)",
    file: `${inventory}/engineSeats.ts`,
    find: "serve(found.waitlist, anywhere, now);\n        return Number",
    replace: "return Number",
  },
  {
    name: "given-back-not-counted-back",
    about: "what was given back goes on counting, and the quota keeps free seats from everybody (I5)",
    file: memorySeats,
    find: ".reduce((sum, { live }) => sum + live.size, 0);",
    replace: ".reduce((sum, { seatIndexes }) => sum + seatIndexes.length, 0);",
  },
  {
    name: "engine-counts-nothing-back",
    about: "the same of the seat engine (I5)",
    file: `${engine}/hold.ts`,
    find: "if (stock.offerCount !== 0) countHeld(stock, run, cls, at, from, to, -1);",
    replace: "",
  },
  {
    name: "sold-before-the-quota-not-counted",
    about: "a quota that is set in the middle of a sale does not know what was sold before it (I5)",
    file: `${inventory}/engineSeats.ts`,
    find: "recountQuotas(stock, table, uncounted);\n    for (const handle of changed)",
    replace: "for (const handle of changed)",
  },
  {
    name: "quota-change-lost",
    about: "the process that follows quotas believes that it has what it has not read (I5)",
    file: `${inventory}/quotas.ts`,
    find: "!== seen) await bring(seen);",
    replace: "!== seen) await bring((seen = await store.version()));",
  },
  {
    name: "dropped-quota-stays",
    about: "who follows quotas does not hear of one that was dropped (I5)",
    file: "packages/ports/quota-store/quotaStore.memory.ts",
    find: "each.version > version && trainAndDateOf",
    replace: "each.quotas.length > 0 && each.version > version && trainAndDateOf",
  },
  {
    name: "limit-an-hour-early",
    about: "a limit begins an hour before its time, and the public buys what is kept back (I5)",
    file: `${inventory}/quotas.ts`,
    find: "limits: quota.limits }));",
    replace:
      "limits: quota.limits.map((limit) => ({ ...limit, since: Math.max(0, limit.since - hourMs) as EpochMs })) }));",
  },
  {
    name: "limit-an-hour-late",
    about: "a limit begins an hour after its time, and who waits for it waits on (I5)",
    file: `${inventory}/quotas.ts`,
    find: "limits: quota.limits }));",
    replace:
      "limits: quota.limits.map((limit) => ({ ...limit, since: (limit.since && limit.since + hourMs) as EpochMs })) }));",
  },
  {
    name: "quotas-not-set-at-the-start",
    about: "a platform in one process that was started again sells past its quotas until it looks for them (I5)",
    file: `${inventory}/room.ts`,
    find: "await quotas.reload();",
    replace: "",
  },
  {
    name: "second-call-of-a-station-not-kept-back",
    about: "where a train calls twice a quota is of the first call alone (I5)",
    file: `${inventory}/quotas.ts`,
    find: "stations.includes(stationId) ? [stop] : []));",
    replace: "stations.includes(stationId) ? [stop] : [])).slice(0, stations?.length);",
  },
];
