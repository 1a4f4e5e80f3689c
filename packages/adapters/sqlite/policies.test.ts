/** The SQL store of policies on SQLite keeps the rules of the port. */
import { createSqlPolicyStore } from "@chepiao/adapters/sql";
import { policyStoreSuite } from "@chepiao/ports/policy-store/policy-store.suite.ts";
import { expect, test } from "bun:test";
import { policyProfiles } from "@chepiao/contracts";
import { openSqlite } from "./index.ts";

policyStoreSuite("SQLite", async () => createSqlPolicyStore((await openSqlite(":memory:")).sql));

test("a policy that was stored before a rule could be said has that rule as the code had it then", async () => {
  const { sql } = await openSqlite(":memory:");
  const { waitlist: _, ...before } = policyProfiles["demo-metric"];
  await sql
    .insertInto("t_policy")
    .values({ version: 1, effective_time: 0, body: JSON.stringify(before) })
    .execute();
  const [read] = await createSqlPolicyStore(sql).all();
  expect(read!.policy).toEqual({
    ...before,
    waitlist: { ...policyProfiles["12306"].waitlist, passengersMax: before.order.ticketsMax },
  });
});
