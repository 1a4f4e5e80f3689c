/** The rules of change feeds. */
import { expect, test } from "bun:test";
import type { ChangeFeed, Follower, RunningFollower, RowChange } from "./changeFeed.ts";

export type ChangeFeedSubject = {
  /** The way in of a process; a second one that of another, or of the same after a restart. */
  open(): ChangeFeed;
  /** Commits a row with that number as its `id`. */
  write(table: "t_followed" | "t_other", id: number): Promise<void>;
};

const withinMs = 60_000;

export function changeFeedSuite(adapter: string, create: () => Promise<ChangeFeedSubject>): void {
  const rule = (name: string, check: (subject: ChangeFeedSubject) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => check(await create()), withinMs);
  const idsOf = (changes: readonly RowChange[]) => changes.map(({ row }) => Number(row["id"]));
  const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

  /** A follower that keeps what it is handed. */
  function follow(feed: ChangeFeed, over: Partial<Follower> = {}) {
    const heard: number[] = [];
    let begun = 0;
    const follower: RunningFollower = feed.follow({
      name: "reader",
      tables: ["t_followed"],
      batchMax: 5,
      async begin() {
        begun++;
      },
      async handle(changes) {
        heard.push(...idsOf(changes));
      },
      ...over,
    });
    return { heard, follower, begun: () => begun };
  }

  rule("changes of the tables that are followed come once, in order, in batches of few", async ({ open, write }) => {
    const sizes: number[] = [];
    const ids: number[] = [];
    await using follower = follow(open(), {
      async handle(changes) {
        expect(new Set(changes.map(({ table }) => table))).toEqual(new Set(["t_followed"]));
        sizes.push(changes.length);
        ids.push(...idsOf(changes));
      },
    }).follower;
    await follower.caughtUp();
    for (const id of upTo(20)) {
      await write("t_followed", id);
      await write("t_other", 1_000 + id);
    }
    await follower.caughtUp();
    expect(ids).toEqual(upTo(20));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    expect(follower.lagMs()).toBe(0);
  });

  rule("who follows for the first time begins by reading, and misses nothing meanwhile", async ({ open, write }) => {
    await write("t_followed", 1);
    const steps: string[] = [];
    await using follower = follow(open(), {
      async begin() {
        steps.push("begin");
        await write("t_followed", 2);
        steps.push("begun");
      },
      async handle(changes) {
        steps.push(...idsOf(changes).map(String));
      },
    }).follower;
    await follower.caughtUp();
    // Once more: what was written in `begin` may have come after the first question.
    await follower.caughtUp();
    expect(steps).toEqual(["begin", "begun", "2"]);
  });

  rule("after a restart it goes on where it was, without beginning again", async ({ open, write }) => {
    const first = follow(open());
    await first.follower.caughtUp();
    await write("t_followed", 1);
    await first.follower.caughtUp();
    await first.follower[Symbol.asyncDispose]();
    for (const id of [2, 3, 4]) await write("t_followed", id);
    const second = follow(open());
    await using follower = second.follower;
    await follower.caughtUp();
    expect([first.heard, first.begun(), second.begun()]).toEqual([[1], 1, 0]);
    // The last one may come once more.
    expect(second.heard.filter((id) => id > 1)).toEqual([2, 3, 4]);
  });

  rule("what cannot be handled comes again until it can, before what follows it", async ({ open, write }) => {
    let failures = 3;
    const heard: number[] = [];
    await using follower = follow(open(), {
      async handle(changes) {
        if (failures-- > 0) throw new Error("the index is away");
        heard.push(...idsOf(changes));
      },
    }).follower;
    await follower.caughtUp();
    for (const id of upTo(8)) await write("t_followed", id);
    await follower.caughtUp();
    expect(heard).toEqual(upTo(8));
  });

  rule("what was not handled comes again after a restart", async ({ open, write }) => {
    const first = follow(open(), { handle: () => Promise.reject(new Error("the index is away")) });
    const idle = follow(open(), { name: "another" });
    await idle.follower.caughtUp();
    await write("t_followed", 7);
    await idle.follower.caughtUp();
    expect(idle.heard).toEqual([7]);
    await idle.follower[Symbol.asyncDispose]();
    await Bun.sleep(50);
    await first.follower[Symbol.asyncDispose]();
    const second = follow(open());
    await using follower = second.follower;
    await follower.caughtUp();
    // A follower that died in `begin` begins again, and finds the row by reading.
    expect(second.begun() === 1 || second.heard.includes(7)).toBe(true);
  });

  rule("lag grows while a change waits, and is nothing afterwards", async ({ open, write }) => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await using follower = follow(open(), { handle: () => held }).follower;
    await follower.caughtUp();
    await write("t_followed", 1);
    await Bun.sleep(2_200);
    expect(follower.lagMs()).toBeGreaterThan(1_000);
    letGo();
    await follower.caughtUp();
    expect(follower.lagMs()).toBe(0);
  });
}
