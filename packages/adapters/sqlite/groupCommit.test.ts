/** Works that come together share one commit, and nothing else: each is done or undone by itself, and told when it is durable. */
import { expect, test } from "bun:test";
import { createGroupCommit, type Tables } from "@chepiao/adapters/sql";
import type { Kysely, Transaction } from "kysely";
import { openSqlite } from "./index.ts";

async function open() {
  const { sql } = await openSqlite(":memory:");
  const world = { commits: 0, isBroken: false };
  const db = {
    transaction: () => ({
      execute: async <T>(work: (trx: Transaction<Tables>) => Promise<T>) => {
        const answer = await sql.transaction().execute(async (trx) => {
          const worked = await work(trx);
          if (world.isBroken) throw new Error("the disk is full");
          return worked;
        });
        world.commits++;
        return answer;
      },
    }),
  } as unknown as Kysely<Tables>;
  const names = async () => {
    const rows = await sql.selectFrom("t_lease").select("name").orderBy("name").execute();
    return rows.map(({ name }) => name).join("");
  };
  return { world, inOneCommit: createGroupCommit(db), names };
}

const note = (name: string) => async (trx: Transaction<Tables>) => {
  await trx.insertInto("t_lease").values({ name, fence: 1, expire_time: 0 }).execute();
  return name;
};

test("what comes in one breath, and what comes while that is written, is one commit each", async () => {
  const { world, inOneCommit, names } = await open();
  const first = ["a", "b", "c"].map((name) => inOneCommit(note(name)));
  await Promise.resolve();
  const behind = ["d", "e"].map((name) => inOneCommit(note(name)));
  expect(await Promise.all(first)).toEqual(["a", "b", "c"]);
  expect(world.commits).toBe(1);
  expect(await Promise.all(behind)).toEqual(["d", "e"]);
  expect([world.commits, await names()]).toEqual([2, "abcde"]);
});

test("what one of them throws undoes that one alone, with all that it wrote", async () => {
  const { world, inOneCommit, names } = await open();
  const torn = async (trx: Transaction<Tables>) => {
    await note("x")(trx);
    await note("a")(trx);
  };
  const said = await Promise.allSettled([inOneCommit(note("a")), inOneCommit(torn), inOneCommit(note("b"))]);
  expect(said.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect([world.commits, await names()]).toEqual([1, "ab"]);
});

test("where the commit fails nothing is done, all are told, and who comes next is served", async () => {
  const { world, inOneCommit, names } = await open();
  world.isBroken = true;
  const said = await Promise.allSettled(["a", "b"].map((name) => inOneCommit(note(name))));
  expect(said.map((each) => each.status === "rejected" && (each.reason as Error).message)).toEqual([
    "the disk is full",
    "the disk is full",
  ]);
  world.isBroken = false;
  expect(await inOneCommit(note("c"))).toBe("c");
  expect(await names()).toBe("c");
});
