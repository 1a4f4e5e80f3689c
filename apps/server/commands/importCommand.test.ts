/** What an import takes from the platform that it is for. */
import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "@chepiao/adapters/gtfs/smallFeed.suite.ts";
import { firstPolicyVersion, policyProfiles } from "@chepiao/contracts";
import { readConfig } from "../config.ts";
import { importCommand } from "./importCommand.ts";
import { openCommandStores } from "./stores.ts";

test("fares are read in the currency of the platform's books, whatever this command is started with", async () => {
  const before = process.env["DATA_DIR"];
  process.env["DATA_DIR"] = mkdtempSync(join(tmpdir(), "chepiao-import-"));
  try {
    const path = zipOf({
      "fare_attributes.txt": "fare_id,price,currency_type,payment_method,transfers\nF,12.50,EUR,1,0\n",
      "fare_rules.txt": "fare_id,route_id\nF,R1\n",
    });
    const args = ["gtfs", path, "--rebase", "2026-06-01", "--dry-run"];
    expect(await importCommand.run(args)).toBe(1);
    {
      await using platform = await openCommandStores(readConfig(process.env));
      const metric = policyProfiles["demo-metric"];
      await platform.stores.policies.add(0, firstPolicyVersion(metric).from, metric);
    }
    expect(await importCommand.run(args)).toBe(0);
  } finally {
    if (before === undefined) delete process.env["DATA_DIR"];
    else process.env["DATA_DIR"] = before;
  }
});
