/** What a process waits for, what it says meanwhile, and what it makes of what goes away later. */
import { afterAll, expect, test } from "bun:test";
import { epochMs, minuteMs, secondMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { observeLines } from "../bus/role.suite.ts";
import { serveSample } from "../http/sample.suite.ts";
import { probeRole } from "./probe.ts";
import { createWatch, Stopped } from "./watch.ts";

function watching() {
  const clock = createManualClock(epochMs(0));
  const { observe, entries } = observeLines("info");
  const watch = createWatch({ clock, logger: observe.logger });
  const said = () => entries().map(({ level, message }) => `${String(level)} ${String(message)}`);
  return { clock, watch, said };
}

test("what is missing is looked for until it is there; whoever waits for it goes on then", async () => {
  const { clock, watch, said } = watching();
  let missing: string | null = "ECONNREFUSED";
  let probes = 0;
  watch.add("mysql", async () => {
    probes++;
    if (missing !== null) throw new Error(missing);
  });
  let isThere = false;
  void watch.seen("mysql").then(() => (isThere = true));
  await clock.advance(0);
  await clock.advance(10 * secondMs);
  expect(watch.checks()).toEqual([{ name: "mysql", ready: false, why: "ECONNREFUSED" }]);
  // Soon at first, then every two seconds.
  expect(probes).toBeWithin(7, 12);
  expect(isThere).toBe(false);
  missing = null;
  await clock.advance(2 * secondMs);
  expect(isThere).toBe(true);
  expect(watch.checks()).toEqual([{ name: "mysql", ready: true }]);
  expect(said()).toEqual(["WARN mysql is missing, looking for it: ECONNREFUSED", "INFO mysql is there"]);
  await watch[Symbol.asyncDispose]();
});

test("what goes away later is told once, and again only after half a minute", async () => {
  const { clock, watch, said } = watching();
  let missing = false;
  watch.add("redis", async () => {
    if (missing) throw new Error("CLUSTERDOWN");
  });
  await clock.advance(0);
  missing = true;
  await clock.advance(minuteMs + 2 * secondMs);
  expect(said().length).toBe(2);
  expect(watch.checks()[0]).toMatchObject({ ready: false, why: "CLUSTERDOWN" });
  await watch[Symbol.asyncDispose]();
});

test("what does not answer at all is missing, and does not keep the process from stopping", async () => {
  const { clock, watch } = watching();
  watch.add("kafka", () => new Promise(() => {}));
  const waiting = watch.seen("kafka").catch((error: unknown) => error);
  await clock.advance(6 * secondMs);
  expect(watch.checks()[0]).toMatchObject({ ready: false, why: "no answer within 5 seconds" });
  const stopped = watch[Symbol.asyncDispose]();
  await clock.advance(6 * secondMs);
  await stopped;
  expect(await waiting).toBeInstanceOf(Stopped);
});

const up = serveSample();
const notYet = serveSample({ health: "details", ready: () => [{ name: "mysql", ready: false, why: "ECONNREFUSED" }] });
const brief = serveSample({ ready: () => [{ name: "mysql", ready: false, why: "ECONNREFUSED" }] });
const gone = serveSample();
await gone.server.stop();
afterAll(() => Promise.all([up, notYet, brief].map(({ server }) => server.stop())));

test("a role is there when one of its replicas is ready", async () => {
  await probeRole([gone.server.url, up.server.url])();
  const failure = await probeRole([gone.server.url, notYet.server.url])().catch((error: unknown) => error);
  expect(String(failure)).toContain(`${gone.server.url}: ECONNREFUSED`);
  expect(String(failure)).toContain(`${notYet.server.url} is not ready, it waits for mysql`);
  const short = await probeRole([brief.server.url])().catch((error: unknown) => error);
  expect(String(short)).toBe(`Error: ${brief.server.url} is not ready`);
});
