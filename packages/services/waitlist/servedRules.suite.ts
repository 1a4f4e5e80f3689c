/** How those are served who wait, by 12306's rules, for the table in apps/server/railwayRules.test.ts: what the seats, the entry and its chance say. */
import type { Need, Run, WaitlistStep } from "@chepiao/contracts";
import { epochMs, type OrderId } from "@chepiao/kernel";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { coachesOf, command, eve, nobodyWishes, refOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { mayServe } from "@chepiao/ports/waitlist-store";
import { bandOf, chanceOfAny } from "./chance/bands.ts";
import { decideNotOrdered, decideOrdered } from "./decide.ts";
import { waitingEntry } from "./testing.ts";

/** One who waits for second class over the whole way, from that moment on. */
const need = (run: Run, place: number, partySize = 1, over: Partial<Need> = {}): Need => ({
  holdId: (9_000_000 + place) as OrderId,
  line: 0,
  run,
  seatClasses: ["second"],
  fromStop: 0,
  toStop: 2,
  preferences: nobodyWishes(partySize),
  place: epochMs(place),
  ...over,
});

/** A train of five seats that are sold, and those who wait for it: who was served after each seat that came back, and whether another may buy. */
async function given(back: readonly (readonly number[])[], ...waiting: readonly ((run: Run) => Need)[]) {
  const seats = createMemorySeatStore();
  const run = testRun(coachesOf(["second", 1]), 3);
  const heard: WaitlistStep[] = [];
  const sold = command(run, { wishes: nobodyWishes(5), deadline: epochMs(eve + 3_600_000) });
  await seats.hold([sold], eve);
  await seats.waitlists.join(
    waiting.map((of) => of(run)),
    eve,
  );
  seats.waitlists.hear((step) => heard.push(step));
  const steps: unknown[] = [];
  for (const seatIndexes of back) {
    heard.length = 0;
    await seats.release(refOf(sold), eve, [...seatIndexes]);
    const served = heard.flatMap(({ grants }) => grants.map(({ holdId }) => holdId - 9_000_000));
    const [bought] = await seats.hold([command(run)], eve);
    steps.push([served, bought!.ok ? "sold to all" : bought!.error.code]);
  }
  return steps;
}

const grantedEntry = () => waitingEntry({ state: "granted", granted: { choice: 0, seatClass: "second" } });
const bothAlike = <T>(expected: T) => [expected, expected] as const;

export const servedRules = [
  {
    rule: "1.14",
    says: "for one way on one train whoever prepaid first is served first",
    of: () => given([[0], [1], [2]], ...[20, 10, 30].map((place) => (run: Run) => need(run, place))),
    expected: bothAlike([
      [[10], "SoldOut"],
      [[20], "SoldOut"],
      [[30], "SoldOut"],
    ]),
  },
  {
    rule: "1.15",
    says: "what comes back is for those who wait before anybody may buy it",
    of: () => given([[3], [4]], (run) => need(run, 10)),
    expected: bothAlike([
      [[10], "SoldOut"],
      [[], "sold to all"],
    ]),
  },
  {
    rule: "1.16",
    says: "a party is served whole or not at all, and whoever is behind it and fits is served meanwhile",
    of: () =>
      given(
        [[0], [1, 2]],
        (run) => need(run, 10, 2),
        (run) => need(run, 20),
      ),
    expected: bothAlike([
      [[20], "SoldOut"],
      [[10], "SoldOut"],
    ]),
  },
  {
    rule: "1.17",
    says: "a conflict when it is served ends that train for the entry, which waits on for its others",
    of() {
      const entry = decideNotOrdered(grantedEntry(), "TripOverlaps", epochMs(eve))!.entry;
      return [entry.state, entry.choices.map(({ endedBecause }) => endedBecause)];
    },
    expected: bothAlike(["waiting", ["TripOverlaps", null]]),
  },
  {
    rule: "1.19",
    says: "with its order all else that the entry named ends",
    of() {
      const entry = decideOrdered(grantedEntry(), epochMs(eve))!.entry;
      return [entry.state, entry.choices.filter((choice) => mayServe(entry, choice)).length];
    },
    expected: bothAlike(["served", 0]),
  },
  {
    rule: "1.26",
    says: "chances are a level for each train and for the entry, and more trains make it no less",
    of: () => [0.9, 0.4, 0.1, null, chanceOfAny([0.4, 0.4]), chanceOfAny([0.4, null])].map(bandOf),
    expected: bothAlike(["high", "medium", "low", null, "medium", null]),
  },
];
