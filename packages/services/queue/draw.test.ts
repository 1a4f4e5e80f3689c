/** The draw: it can be checked by anybody, nobody is favoured, and nothing of it can be changed unnoticed. */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import type { QueueDraw } from "@chepiao/contracts";
import fc from "fast-check";
import { commitmentOf, drawLots, merkleRoot, verifyDraw } from "./draw.ts";

const pause = async () => {};
const lot = (n: number) => `lot${n}`;
const lots = (count: number) => Array.from({ length: count }, (_, n) => lot(n));

const factsOf = (root: string, seed = "seed", chance: string | null = null) => ({ seed, root, chance });

async function published(count: number, seed = "a seed", chance: string | null = null): Promise<QueueDraw> {
  const root = await merkleRoot(lots(count), pause);
  return {
    queueId: "testqueue",
    seedHash: commitmentOf(seed),
    root,
    rootAt: null,
    chanceFrom: chance === null ? null : "a lottery",
    chance,
    seed,
    entrants: count,
    page: 0,
    pages: 1,
    lots: await drawLots({ seed, root, chance }, lots(count), pause),
  };
}

test("everybody who has a lot has a place, whatever order they came in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 60 }), async (some) => {
      const root = await merkleRoot(some, pause);
      const drawn = await drawLots(factsOf(root), some, pause);
      expect(drawn.toSorted()).toEqual(some.toSorted());
      const turned = some.toReversed();
      expect(await merkleRoot(turned, pause)).toBe(root);
      expect(await drawLots(factsOf(root), turned, pause)).toEqual(drawn);
    }),
    { numRuns: 60 },
  );
});

test("a draw pauses as often as its lots need it, and not for each of their first letters", async () => {
  for (const count of [1, 1_999, 6_000]) {
    let pauses = 0;
    const counting = async () => void pauses++;
    const some = lots(count).map(commitmentOf);
    const root = await merkleRoot(some, counting);
    const ofRoot = pauses;
    await drawLots(factsOf(root), some, counting);
    // Each lot is put into its bin, sorted, and hashed once or twice; 2,000 are a step.
    for (const each of [ofRoot, pauses - ofRoot]) {
      expect(each).toBeLessThanOrEqual((4 * count) / 2_000);
      expect(each).toBeGreaterThanOrEqual(Math.floor(count / 2_000));
    }
  }
});

test("one lot more, less or another is another root, and other places", async () => {
  const root = await merkleRoot(lots(7), pause);
  for (const other of [lots(6), lots(8), [...lots(6), "lotX"]]) expect(await merkleRoot(other, pause)).not.toBe(root);
  expect(await drawLots(factsOf(root), lots(50), pause)).not.toEqual(await drawLots(factsOf("0"), lots(50), pause));
});

test("a draw that is right is believed, in one page or several, in any order", async () => {
  const draw = await published(9);
  expect(await verifyDraw([draw], pause)).toEqual({ ok: true, value: draw.lots });
  const pages = [0, 1, 2].map((page) => ({ ...draw, page, pages: 3, lots: draw.lots.slice(page * 4, page * 4 + 4) }));
  expect((await verifyDraw(pages.toReversed(), pause)).ok).toBe(true);
  expect((await verifyDraw([await published(0)], pause)).ok).toBe(true);
});

test("a chance from elsewhere decides about the order, too", async () => {
  const [one, other] = [await published(50, "a seed", "3 17"), await published(50, "a seed", "4 17")];
  expect(one.lots).not.toEqual(other.lots);
  expect((await verifyDraw([one], pause)).ok).toBe(true);
});

test("lots of people who are not proved come behind all others, in an order of their own", async () => {
  const some = ["u1", "a", "u2", "0", "u3", "ff"];
  const drawn = await drawLots(factsOf("root"), some, pause);
  expect(drawn.slice(0, 3).toSorted()).toEqual(["0", "a", "ff"]);
  expect(drawn.slice(3).toSorted()).toEqual(["u1", "u2", "u3"]);
  const last = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => (await drawLots(factsOf("root", String(n)), some, pause)).at(-1)),
  );
  expect(new Set(last).size).toBe(3);
});

test("whatever is changed of a draw is found", async () => {
  const draw = await published(9);
  const [one, two, ...others] = draw.lots as [string, string, ...string[]];
  const wrong: Readonly<Record<string, readonly QueueDraw[]>> = {
    "two who changed places": [{ ...draw, lots: [two, one, ...others] }],
    "one who is left out": [{ ...draw, entrants: 8, lots: draw.lots.slice(1) }],
    "one who was put in": [{ ...draw, entrants: 10, lots: ["lotX", ...draw.lots] }],
    "one with two places": [{ ...draw, lots: [one, one, ...others] }],
    "one who is not listed": [{ ...draw, lots: draw.lots.slice(1) }],
    "another seed": [{ ...draw, seed: "another seed" }],
    "a chance that was not announced": [{ ...(await published(9, "a seed", "3 17")), chanceFrom: null }],
    "an announced chance that is left out": [{ ...draw, chanceFrom: "a lottery" }],
    "another chance": [{ ...(await published(9, "a seed", "3 17")), chance: "4 17" }],
    "a page that is missing": [{ ...draw, pages: 2 }],
    "a page that is there twice": [draw, draw],
    "pages of two draws": [
      { ...draw, pages: 2 },
      { ...(await published(9, "other")), page: 1, pages: 2 },
    ],
    "no page": [],
  };
  for (const [what, pages] of Object.entries(wrong))
    expect([what, (await verifyDraw(pages, pause)).ok]).toEqual([what, false]);
});

test("no place is more likely for who came early: chi-square over many draws is not rejected at 0.001", async () => {
  const bins = 10;
  const people = 1_000;
  const prng = createPrng(20_261_130);
  const seen = Array.from({ length: bins * bins }, () => 0);
  const drawCount = 20;
  const all = lots(people);
  const root = await merkleRoot(all, pause);
  for (let draw = 0; draw < drawCount; draw++) {
    const drawn = await drawLots(factsOf(root, String(prng.below(2 ** 31))), all, pause);
    drawn.forEach((each, place) => {
      const arrival = Number(each.slice(3));
      seen[Math.floor((arrival * bins) / people) * bins + Math.floor((place * bins) / people)]!++;
    });
  }
  const expected = (people * drawCount) / (bins * bins);
  const chiSquare = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 81 degrees of freedom at 0.001.
  expect(chiSquare).toBeLessThan(126.1);
});
