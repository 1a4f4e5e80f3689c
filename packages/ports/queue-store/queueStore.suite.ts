/** What every store of queues keeps to. */
import { expect, test } from "bun:test";
import { type AnnouncedQueue, runId } from "@chepiao/contracts";
import { epochMs, serviceDate, type UserId } from "@chepiao/kernel";
import { noMarks, type QueueStore } from "./queueStore.ts";

const announced = (queueId: string, more: Partial<AnnouncedQueue> = {}): AnnouncedQueue => ({
  kind: "announced",
  queueId,
  scope: runId("G1", serviceDate("2026-12-01")),
  collectsFrom: epochMs(1_000),
  opensAt: epochMs(2_000),
  endsAt: epochMs(9_000),
  endedAt: null,
  perMinute: 600,
  activeMax: 100,
  keepMs: 300_000,
  stayMs: 600_000,
  seedHash: "ab".repeat(32),
  chanceFrom: null,
  ...more,
});
const now = epochMs(500);

export function queueStoreSuite(adapter: string, open: () => Promise<QueueStore>): void {
  test(`${adapter}: a queue is read as it was announced, and by its scope there is one at a time`, async () => {
    const store = await open();
    const first = announced("firstqueue");
    expect(await store.announce(first, now)).toBe(true);
    expect(await store.announce(announced("another_queue"), now)).toBe(false);
    expect(await store.announce(first, epochMs(9_999))).toBe(false);
    const day = announced("ofthewholeday", { scope: serviceDate("2026-12-01"), opensAt: epochMs(1_500) });
    expect(await store.announce(day, now)).toBe(true);
    expect(await store.all()).toEqual([
      { ...day, marks: noMarks },
      { ...first, marks: noMarks },
    ]);
    expect(await store.end(first.queueId, epochMs(3_000))).toBe(true);
    expect(await store.end(first.queueId, epochMs(4_000))).toBe(false);
    expect(await store.end("no such queue", epochMs(4_000))).toBe(false);
    expect((await store.all())[1]?.endedAt).toBe(epochMs(3_000));
    expect(await store.announce(announced("another_queue"), epochMs(3_000))).toBe(true);
  });

  const marks = async (store: QueueStore) => (await store.all())[0]?.marks;

  test(`${adapter}: counts never go back, whichever process notes them last`, async () => {
    const store = await open();
    await store.announce(announced("firstqueue"), now);
    await store.mark("firstqueue", { taken: 9, served: 5, lots: 0 });
    await store.mark("firstqueue", { taken: 7, served: 6, lots: 4 });
    await store.mark("firstqueue", { taken: 8, served: 0, lots: 3 });
    expect(await marks(store)).toEqual({ ...noMarks, taken: 9, served: 6, lots: 4 });
    await store.mark("no such queue", { taken: 9, served: 5, lots: 1 });
    expect(await store.all()).toHaveLength(1);
  });

  test(`${adapter}: root, chance and seed are written once, each after the other, and a list belongs to its root`, async () => {
    const store = await open();
    await store.announce(announced("firstqueue", { chanceFrom: "a lottery" }), now);
    const [root, other, seed] = ["ab".repeat(32), "cd".repeat(32), "5e".repeat(32)];
    expect(await store.noteChance("firstqueue", "too early")).toBe(false);
    await store.putListed("firstqueue", root, 0, ["lotA", "lotB"]);
    await store.putListed("firstqueue", other, 0, ["lotA"]);
    await store.putListed("firstqueue", root, 0, ["lotX"]);
    await store.putListed("firstqueue", root, 1, []);
    expect(await store.publishRoot("firstqueue", root, epochMs(2_100))).toBe(true);
    expect(await store.publishRoot("firstqueue", other, epochMs(2_200))).toBe(false);
    expect([await store.listed("firstqueue", root, 0), await store.listed("firstqueue", root, 1)]).toEqual([
      ["lotA", "lotB"],
      [],
    ]);
    expect(await store.listed("firstqueue", other, 0)).toEqual(["lotA"]);
    expect(await store.noteChance("firstqueue", "3 17 22")).toBe(true);
    expect(await store.noteChance("firstqueue", "another")).toBe(false);
    await store.reveal("firstqueue", 2, seed);
    await store.reveal("firstqueue", 3, root);
    const { rootAt, chance, drawn, ...found } = (await marks(store))!;
    expect({ root: found.root, rootAt, chance, drawn, seed: found.seed }).toEqual({
      root,
      rootAt: epochMs(2_100),
      chance: "3 17 22",
      drawn: 2,
      seed,
    });
    expect(await store.publishRoot("no such queue", root, now)).toBe(false);
  });

  test(`${adapter}: lots that are taken are kept once each with the account that took them, and read on from any of them`, async () => {
    const store = await open();
    await store.announce(announced("firstqueue"), now);
    const taken = (lot: string, userId: number) => ({ lot, userId: userId as UserId });
    await store.putTaken("firstqueue", []);
    await store.putTaken("firstqueue", [taken("lotC", 3), taken("lotA", 1)]);
    await store.putTaken("firstqueue", [taken("lotB", 2), taken("lotA", 9), taken("lotB", 2)]);
    expect(await store.taken("firstqueue", "", 2)).toEqual([taken("lotA", 1), taken("lotB", 2)]);
    expect(await store.taken("firstqueue", "lotB", 2)).toEqual([taken("lotC", 3)]);
    expect(await store.taken("firstqueue", "lotC", 2)).toEqual([]);
    expect(await store.taken("another_queue", "", 2)).toEqual([]);
    await store.forget(epochMs(9_001));
    expect(await store.taken("firstqueue", "", 2)).toEqual([]);
  });

  test(`${adapter}: a draw is read page by page, and forgotten with its queue`, async () => {
    const store = await open();
    await store.announce(announced("firstqueue"), now);
    await store.putPage("firstqueue", 0, ["lotA", "lotB"]);
    await store.putPage("firstqueue", 1, ["lotC"]);
    await store.putPage("firstqueue", 0, ["lotA", "lotB"]);
    expect([await store.page("firstqueue", 0), await store.page("firstqueue", 1)]).toEqual([
      ["lotA", "lotB"],
      ["lotC"],
    ]);
    expect(await store.page("firstqueue", 2)).toEqual([]);
    // Nobody came before the opening.
    await store.putPage("firstqueue", 2, []);
    expect(await store.page("firstqueue", 2)).toEqual([]);
    await store.forget(epochMs(9_000));
    expect(await store.all()).toHaveLength(1);
    await store.forget(epochMs(9_001));
    expect([await store.all(), await store.page("firstqueue", 0)]).toEqual([[], []]);
  });
}
