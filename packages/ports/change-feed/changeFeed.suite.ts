/** The rules of change feeds. */
import { expect, test } from "bun:test";
import type { ChangeFeed, Follower, Following, RowChange } from "./changeFeed.ts";

export type ChangeFeedSubject = {
  /** The way in of a process; a second one that of another, or of the same after a restart. */
  open(): ChangeFeed;
  /** Commits a row with that number as its `id`. */
  write(table: "t_followed" | "t_other", id: number): Promise<void>;
};

const patienceMs = 20_000;

export function changeFeedSuite(adapter: string, create: () => Promise<ChangeFeedSubject>): void {
  const rule = (name: string, check: (subject: ChangeFeedSubject) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => check(await create()), patienceMs);
  const idsOf = (changes: readonly RowChange[]) => changes.map(({ row }) => Number(row["id"]));
  const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

  /** A follower that keeps what it is handed. */
  function follow(feed: ChangeFeed, over: Partial<Follower> = {}) {
    const heard: number[] = [];
    let begun = 0;
    const following: Following = feed.follow({
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
    return { heard, following, begun: () => begun };
  }

  rule("changes of the tables that are followed come once, in order, in batches of few", async ({ open, write }) => {
    const sizes: number[] = [];
    const ids: number[] = [];
    await using following = follow(open(), {
      async handle(changes) {
        expect(new Set(changes.map(({ table }) => table))).toEqual(new Set(["t_followed"]));
        sizes.push(changes.length);
        ids.push(...idsOf(changes));
      },
    }).following;
    await following.caughtUp();
    for (const id of upTo(20)) {
      await write("t_followed", id);
      await write("t_other", 1_000 + id);
    }
    await following.caughtUp();
    expect(ids).toEqual(upTo(20));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    expect(following.lagMs()).toBe(0);
  });

  rule("who follows for the first time begins by reading, and misses nothing meanwhile", async ({ open, write }) => {
    await write("t_followed", 1);
    const steps: string[] = [];
    await using following = follow(open(), {
      async begin() {
        steps.push("begin");
        await write("t_followed", 2);
        steps.push("begun");
      },
      async handle(changes) {
        steps.push(...idsOf(changes).map(String));
      },
    }).following;
    await following.caughtUp();
    // Once more: what was written in `begin` may have come after the first question.
    await following.caughtUp();
    expect(steps).toEqual(["begin", "begun", "2"]);
  });

  rule("after a restart it goes on where it was, without beginning again", async ({ open, write }) => {
    const first = follow(open());
    await first.following.caughtUp();
    await write("t_followed", 1);
    await first.following.caughtUp();
    await first.following[Symbol.asyncDispose]();
    for (const id of [2, 3, 4]) await write("t_followed", id);
    const second = follow(open());
    await using following = second.following;
    await following.caughtUp();
    expect([first.heard, first.begun(), second.begun()]).toEqual([[1], 1, 0]);
    // The last one may come once more.
    expect(second.heard.filter((id) => id > 1)).toEqual([2, 3, 4]);
  });

  rule("what cannot be handled comes again until it can, before what follows it", async ({ open, write }) => {
    let failures = 3;
    const heard: number[] = [];
    await using following = follow(open(), {
      async handle(changes) {
        if (failures-- > 0) throw new Error("the index is away");
        heard.push(...idsOf(changes));
      },
    }).following;
    await following.caughtUp();
    for (const id of upTo(8)) await write("t_followed", id);
    await following.caughtUp();
    expect(heard).toEqual(upTo(8));
  });

  rule("what was not handled comes again after a restart", async ({ open, write }) => {
    const first = follow(open(), { handle: () => Promise.reject(new Error("the index is away")) });
    const idle = follow(open(), { name: "another" });
    await idle.following.caughtUp();
    await write("t_followed", 7);
    await idle.following.caughtUp();
    expect(idle.heard).toEqual([7]);
    await idle.following[Symbol.asyncDispose]();
    await Bun.sleep(50);
    await first.following[Symbol.asyncDispose]();
    const second = follow(open());
    await using following = second.following;
    await following.caughtUp();
    // Whoever died in `begin` begins again, and finds the row by reading.
    expect(second.begun() === 1 || second.heard.includes(7)).toBe(true);
  });

  rule("lag grows while a change waits, and is nothing afterwards", async ({ open, write }) => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await using following = follow(open(), { handle: () => held }).following;
    await following.caughtUp();
    await write("t_followed", 1);
    await Bun.sleep(2_200);
    expect(following.lagMs()).toBeGreaterThan(1_000);
    letGo();
    await following.caughtUp();
    expect(following.lagMs()).toBe(0);
  });
}
