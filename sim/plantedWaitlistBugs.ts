/**
 * The bugs of those who wait: of their lines, from the prepayment to the order or the money back.
 *
 * Not planted, because nobody can see it: word of seats that comes a second time while they become an order, taken for that of another train.
 * It is asked about later, and then finds the order. When they are its order's already, it is seen in the moment alone: the platform holds the
 * seats of a ticket again by itself.
 *
 * Nor that an added run is opened although the room of the seats let nobody join, because its timetable was another one: by then every process
 * has had the newest for seconds. `added.test.ts` shows that it stays closed.
 */
import type { PlantedBug } from "./planted.ts";

const waitlist = "packages/services/waitlist";
const memorySeats = "packages/ports/seat-store/seatStore.memory.ts";
const engineSeats = "packages/services/inventory/engineSeats.ts";

export const plantedWaitlistBugs: readonly PlantedBug[] = [
  {
    name: "line-walked-twice",
    about: "who was served is still in line when it is walked again, and is served a second time (I7)",
    file: memorySeats,
    find: "next = firstThatFits(stock, now)) grants.push(grant(...next, now));",
    replace: `next = firstThatFits(stock, now)) {
      grants.push(grant(...next, now));
      const { sellable } = saleOf(run, next[1], next[0], "waitlist", now);
      if (sellable >= next[0].preferences.length) grants.push(grant(...next, now));
    }`,
  },
  {
    name: "passed-over-loses-its-place",
    about: "who does not fit goes to the back of the line (I5)",
    file: memorySeats,
    find: "if (sellable >= need.preferences.length) return [need, seatClass];\n      }",
    replace:
      "if (sellable >= need.preferences.length) return [need, seatClass];\n      }\n      (need as { place: number }).place = now;",
  },
  {
    name: "part-given-back-past-the-line",
    about: "seats that are given back one by one are the public's at once (I5)",
    file: memorySeats,
    find: "if (freed.length > 0) serve(run, now, {",
    replace: "if (freed.length > 0 && !seatIndexes) serve(run, now, {",
  },
  {
    name: "engine-releases-past-the-line",
    about: "what the seat engine gets back from an order that has ended is the public's at once (I5)",
    file: engineSeats,
    find: "if (freed.length > 0 && waitlist) serveAfterRelease",
    replace: "if (freed.length > 0 && waitlist && seatIndexes) serveAfterRelease",
  },
  {
    name: "lines-not-set-at-the-start",
    about: "after a start nobody waits (I5)",
    file: `${waitlist}/lines.ts`,
    find: "await inventory.setLine(run, await waitingFor(run, { store, timetable }), Number.MAX_SAFE_INTEGER);",
    replace: "await inventory.setLine(run, [], 0);",
  },
  {
    name: "conflict-not-passed-on",
    about: "seats that an entry was given and cannot take stay held for nobody (I2)",
    file: `${waitlist}/serve.ts`,
    find: "await inventory.release(name);\n    return false;",
    replace: "return true;",
  },
  {
    name: "prepayment-kept-after-failure",
    about: "the money of an entry whose last train could not be had stays with us (I3)",
    file: `${waitlist}/decide.ts`,
    find: "return entry.captured ? {",
    replace: 'return entry.captured && entry.state !== "failed" ? {',
  },
  {
    name: "prepayment-kept-after-expiry",
    about: "the money of an entry that nothing came for stays with us (I3)",
    file: `${waitlist}/decide.ts`,
    find: "return entry.captured ? {",
    replace: 'return entry.captured && entry.state !== "expired" ? {',
  },
  {
    name: "late-prepayment-kept",
    about: "money for an entry that has ended stays with us (I3)",
    file: `${waitlist}/consume.ts`,
    find: "return changes.enqueue([made.decision.message]);",
    replace: "return;",
  },
  {
    name: "difference-kept",
    about: "what a prepayment is more than the fare stays with us (I3)",
    file: "packages/services/order/decide.ts",
    find: "const rest = surplusFen > 0 ? [",
    replace: "const rest = surplusFen > 1_000_000 ? [",
  },
  {
    name: "prepayment-back-beside-the-ticket",
    about: "who is served is paid back all of the prepayment, and has the ticket for nothing (I3)",
    file: "packages/services/order/decide.ts",
    find: "amountFen: fen(surplusFen),",
    replace: "amountFen: fen(order.totalFen + surplusFen),",
  },
  {
    name: "deadline-ignored-at-decision",
    about: "word of seats that comes after the latest time of decision is taken all the same (I5)",
    file: `${waitlist}/decide.ts`,
    find: "const isInTime = choice !== undefined && now < decideByOf(choice, entry);",
    replace: "const isInTime = choice !== undefined;",
  },
  {
    name: "lines-not-repaired",
    about: "whom a failover has forgotten waits for nothing (I5)",
    file: `${waitlist}/lines.ts`,
    find: "of runsOf(waitedFor, timetable())) {",
    replace: "of runsOf([], timetable())) {",
  },
  {
    name: "grants-not-asked-about",
    about: "seats whose word was lost stay held for somebody who does not know of them (I2)",
    file: "packages/services/inventory/index.ts",
    find: "if (await (isGrant ? deps.isGrantWanted(overdue) : deps.isLive(overdue.holdId))) {",
    replace: "if (isGrant || (await deps.isLive(overdue.holdId))) {",
  },
  {
    name: "grants-asked-of-the-orders",
    about: "seats whose word was lost are taken from who waits, and he stands in line no more (I5)",
    file: "packages/services/inventory/index.ts",
    find: "if (await (isGrant ? deps.isGrantWanted(overdue) : deps.isLive(overdue.holdId))) {",
    replace: "if (await deps.isLive(overdue.holdId)) {",
  },
  {
    name: "place-by-the-word-of-the-prepayment",
    about: "who was heard of first is before who has paid first (I5)",
    file: `${waitlist}/decide.ts`,
    find: "const place = Math.max(entry.createdAt, Math.min(captured.capturedAt, now));",
    replace: "const place = now;",
  },
  {
    name: "place-by-the-opening",
    about: "who has opened an entry first is before who has paid first (I5)",
    file: `${waitlist}/decide.ts`,
    find: "const place = Math.max(entry.createdAt, Math.min(captured.capturedAt, now));",
    replace: "const place = entry.createdAt;",
  },
  {
    name: "joins-by-the-opening",
    about: "the line is in the order in which entries were opened, whatever their places say (I5)",
    file: `${waitlist}/needs.ts`,
    find: "place: entry.place };",
    replace: "place: entry.createdAt };",
  },
  {
    name: "line-joined-twice",
    about: "whose prepayment is told twice stands in line twice (I7)",
    file: memorySeats,
    find: "if (holds.has(text) || stock.ended.has(text) || stock.waiting.some((each) => holdText(each) === text)) return null;",
    replace: "if (holds.has(text) || stock.ended.has(text)) return null;",
  },
  {
    name: "place-of-the-last-try-lost",
    about: "whose seats did not become his order goes to the back of the line (I5)",
    file: `${waitlist}/decide.ts`,
    find: 'if (isAboutSeats(why)) return changeTo({ ...after(entry, "handedBack")!, granted: null }, now);',
    replace:
      'if (isAboutSeats(why)) return changeTo({ ...after(entry, "handedBack")!, granted: null, place: now }, now);',
  },
  {
    name: "added-train-sold-first",
    about: "an added train is the public's before those have had it who wait for one (I5)",
    file: "packages/services/inventory/index.ts",
    find: 'command.channel !== "waitlist" && deps.isAdded?.(command.run);',
    replace: "false;",
  },
  {
    name: "wish-for-added-trains-forgotten",
    about: "who would take an added train is not asked when there is one (I5)",
    file: `${waitlist}/plan.ts`,
    find: "addedTrains: added.value, prepayFen",
    replace: "addedTrains: null, prepayFen",
  },
  {
    name: "added-train-never-opened",
    about: "an added train is never sold to the public (I5)",
    file: `${waitlist}/added.ts`,
    find: "const isNewest = await trains.openAdded(version, new Set([run.runId]));",
    replace: "const isNewest = true;",
  },
  {
    name: "opened-after-the-first-page",
    about: "an added train is the public's once the first who wait for it are in its line (I5)",
    file: `${waitlist}/added.ts`,
    find: "const entryIds = (await store.idsOfRun(run.runId)).filter((entryId) => !known.has(entryId));",
    replace: "const entryIds = (await store.idsOfRun(run.runId)).slice(0, 1);",
  },
  {
    name: "added-line-joined-from-its-back",
    about: "of those who wait for an added train whoever has paid last is served first (I5)",
    file: `${waitlist}/added.ts`,
    find: "const entryIds = (await store.idsOfRun(run.runId)).filter((entryId) => !known.has(entryId));",
    replace:
      "const entryIds = (await store.idsOfRun(run.runId)).filter((entryId) => !known.has(entryId)).toReversed();",
  },
  {
    name: "opening-not-heard-of",
    about: "a process that another has opened an added train for never sells it (I5)",
    file: "packages/services/timetable/index.ts",
    find: "if (closed && closed.length < added.runIds.size) added = { ...added, runIds: new Set(closed) };",
    replace: "",
  },
  {
    name: "closed-line-joined",
    about: "who has just prepaid joins the line of an added train before those who have waited for it (I5)",
    file: `${waitlist}/lines.ts`,
    find: "const needs = all.filter(({ run }) => !trains.added().runIds.has(run.runId));",
    replace: "const needs = all;",
  },
  {
    name: "grant-of-an-order-told-again",
    about: "word of seats that comes a second time takes them from the order that they have become (I1)",
    file: `${waitlist}/decide.ts`,
    find: 'if (entry.state === "served") return { kind: "ordered" };',
    replace: "",
  },
];
