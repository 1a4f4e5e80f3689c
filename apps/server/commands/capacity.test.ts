/** `chepiao capacity` at the command line. */
import { expect, spyOn, test } from "bun:test";
import { capacityCommand } from "./capacity.ts";
import { UsageError } from "./command.ts";

const shipped = `--measured=${import.meta.dir}/../capacity/measured.json`;

async function printed(...args: string[]): Promise<string> {
  const log = spyOn(console, "log").mockImplementation(() => {});
  try {
    expect(await capacityCommand.run([shipped, ...args])).toBe(0);
    return log.mock.calls.flat().join("\n");
  } finally {
    log.mockRestore();
  }
}

test("the table shows what was measured, where, what is assumed, and the three loads of the design", async () => {
  const table = await printed();
  for (const part of ["measured.json", "at commit", "µs an order", "Assumed: 60 %", "daily", "peak", "extreme"])
    expect(table).toContain(part);
  for (const what of ["order processes", "Redis masters", "Kafka partitions", "MySQL primaries", "MySQL shards"])
    expect(table).toContain(what);
});

test("programs are told the same", async () => {
  const { measured, assumed, plans } = JSON.parse(await printed("--json", "--orders=3000", "--queries=0"));
  expect(measured.costs.order.order).toBeGreaterThan(0);
  expect(assumed.utilisation).toBe(0.6);
  expect(plans).toHaveLength(1);
  expect(plans[0].load).toEqual({ ordersPerSecond: 3_000, queriesPerSecond: 0 });
  expect(plans[0].needs[0].count).toBeInteger();
});

const nonsense = [
  ["--utilisation=0"],
  ["--utilisation=101"],
  ["--utilisation=most"],
  ["--peak=-1"],
  ["--replicas=1.5"],
  ["--kafka-replicas=0"],
  ["--server-cores="],
  ["--orders=5"],
  ["--orders=-5", "--queries=1"],
  ["--orders=many", "--queries=1"],
  ["--measured=/nowhere.json"],
  ["--machines=3"],
  ["daily"],
] as const;
for (const args of nonsense) {
  test(`nonsense is refused in a sentence: ${args.join(" ")}`, async () => {
    const refused = await capacityCommand.run(args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
  });
}
