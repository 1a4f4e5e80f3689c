/** What every store of queues keeps to. */
import { expect, test } from "bun:test";
import { type AnnouncedQueue, runId } from "@chepiao/contracts";
import { epochMs, serviceDate } from "@chepiao/kernel";
import { noMarks, type QueueStore } from "./queueStore.ts";

const announced = (queueId: string, more: Partial<AnnouncedQueue> = {}): AnnouncedQueue => ({
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
  seed: "5eed",
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

  test(`${adapter}: marks never go back, whichever process notes them last`, async () => {
    const store = await open();
    await store.announce(announced("firstqueue"), now);
    const root = "ab".repeat(32);
    await store.mark("firstqueue", { taken: 9, served: 5, root: null, drawn: null });
    await store.mark("firstqueue", { taken: 7, served: 6, root, drawn: 4 });
    await store.mark("firstqueue", { taken: 8, served: 0, root: null, drawn: null });
    expect((await store.all())[0]?.marks).toEqual({ taken: 9, served: 6, root, drawn: 4 });
    await store.mark("no such queue", { taken: 9, served: 5, root: null, drawn: null });
    expect(await store.all()).toHaveLength(1);
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
