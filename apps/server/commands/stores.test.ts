/** What commands beside the platform know of it: runs are sold also where their orders are no rows yet, or cannot become any. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createSystemClock } from "@chepiao/adapters/system";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { PoisonRecord } from "@chepiao/ports/log";
import { writing } from "@chepiao/services/order";
import { readConfig } from "../config.ts";
import { openDataFolder } from "../dataFolder.ts";
import { openCommandStores } from "./stores.ts";

const dataDir = mkdtempSync(join(tmpdir(), "chepiao-sold-"));
afterAll(() => rmSync(dataDir, { recursive: true }));

const recordFor = (train: string) => {
  const order = sampleOrder({ train, seats: [0] });
  return { topic: writing.topic, key: order.lines[0].runId, value: order } as const;
};

test("a run is sold whose order waits in the log, and one whose order was put aside as a dead letter", async () => {
  const runs = [recordFor("G1"), recordFor("G2")];
  {
    using folder = openDataFolder(dataDir);
    await using log = await openFileLog(folder.log, createSystemClock());
    const consumption = log.consume({
      group: writing.group,
      topics: [writing.topic],
      batchMax: 1,
      async handle() {
        throw new PoisonRecord("of no use");
      },
    });
    await log.append([runs[0]!]);
    await consumption.caughtUp();
    await consumption[Symbol.asyncDispose]();
    expect(await log.deadLetters.list()).toHaveLength(1);
    await log.append([runs[1]!]);
  }
  await using opened = await openCommandStores(readConfig({ DATA_DIR: dataDir }));
  expect([...(await opened.stores.orders.soldRuns())].sort()).toEqual(runs.map(({ key }) => key).sort());
});
