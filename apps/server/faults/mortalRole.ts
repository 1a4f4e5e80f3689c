/**
 * Roles as `serve --roles=…` runs them on a cluster, but mortal: the process ends by SIGKILL of itself at a call of its own choosing. Calls are
 * those to stores, the log and other roles, and a batch of the log is one, too: each has two points, before it is made, and when it was done
 * and nobody has seen its answer yet.
 *
 * A number on standard input is the point at which it dies, counted from then on; 0 for none. Each point is told on standard output.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openVault } from "@chepiao/adapters/crypto";
import type { Stores } from "@chepiao/adapters/sql";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { Log } from "@chepiao/ports/log";
import { createLogger, createLogSink } from "@chepiao/runtime";
import { readConfig } from "../config.ts";
import { addressesOf } from "../requirements.ts";
import { keyNeeds } from "../roleKeys.ts";
import { openEngines } from "../wiring/cluster.ts";
import type { Ports } from "../wiring/ports.ts";
import { startProcess } from "../wiring/process.ts";
import { keyFileReporter } from "../wiring/world.ts";

/** Asked again and again: begins something where it finds something, and is no point otherwise. */
const polls: readonly string[] = ["waitlist.due"];
/** What is done now and then whether or not anybody waits. */
const upkeep: readonly string[] = [
  "waitlist.acceptingAdded",
  "waitlist.forgetEnded",
  "waitlist.forgetOutcomes",
  "waitlist.forgetRuns",
  "waitlist.outcomes",
  "waitlist.outcomesOn",
  "waitlist.uncounted",
  "waitlist.waitedFor",
  "/internal/inventory/serve-lines",
];

let diesAt = 0;
let passed = 0;
let isCounting = false;

createInterface({ input: process.stdin }).on("line", (line) => {
  diesAt = Number(line);
  passed = 0;
  isCounting = true;
});

function pass(point: string): void {
  if (!isCounting) return;
  passed++;
  writeSync(1, `point ${passed}: ${point}\n`);
  if (passed === diesAt) process.kill(process.pid, "SIGKILL");
}

async function counted<T>(name: string, call: () => Promise<T>): Promise<T> {
  if (upkeep.includes(name)) return call();
  const isPoll = polls.includes(name);
  if (!isPoll) pass(`before ${name}`);
  const answer = await call();
  if (!isPoll || (Array.isArray(answer) && answer.length > 0)) pass(`after ${name}`);
  return answer;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** The same port; all that it is asked is counted. */
const watched = <T extends object>(name: string, port: T): T =>
  new Proxy(port, {
    get(target, method) {
      const found = Reflect.get(target, method) as unknown;
      if (typeof found !== "function" || typeof method === "symbol") return found;
      return (...args: unknown[]) => counted(`${name}.${method}`, () => (found as Method).apply(target, args));
    },
  });

/** Batches are handed over, and not asked for. */
const watchedLog = <L extends Log>(log: L): L =>
  new Proxy(log, {
    get(target, name) {
      if (name === "append")
        return (...args: Parameters<Log["append"]>) => counted("log.append", () => log.append(...args));
      if (name !== "consume") return Reflect.get(target, name) as unknown;
      return (consumer: Parameters<Log["consume"]>[0]) =>
        log.consume({
          ...consumer,
          handle: (records) => counted(`batch of ${consumer.group}`, () => consumer.handle(records)),
        });
    },
  });

const watchedPorts = ({ stores, limiter, log, ...others }: Partial<Ports>): Partial<Ports> => ({
  ...others,
  ...(stores ? { stores: watchedStores(stores) } : {}),
  ...(limiter ? { limiter: watched("limiter", limiter) } : {}),
  ...(log ? { log: watchedLog(log) } : {}),
});

const watchedStores = (stores: Stores): Stores => ({
  ...stores,
  waitlist: watched("waitlist", stores.waitlist),
  payments: watched("payments", stores.payments),
  outbox: watched("outbox", stores.outbox),
});

const askElsewhere = globalThis.fetch;
globalThis.fetch = Object.assign((...[to, init]: Parameters<typeof fetch>) => {
  const { pathname } = new URL(to instanceof Request ? to.url : to);
  const ask = () => askElsewhere(to, init);
  return pathname.startsWith("/internal/") ? counted(pathname, ask) : ask();
}, askElsewhere);

const roles = process.argv.find((each) => each.startsWith("--roles="))!.slice("--roles=".length);
const config = readConfig({ ...process.env, CHEPIAO_ROLES: roles });
const sink = createLogSink((text) => void process.stdout.write(text));
const logger = createLogger({ level: config.logLevel ?? "warn", write: sink.write });
const clock = createSystemClock();
const engines = await openEngines(config, clock, logger);
const running = startProcess({
  roles: config.roles,
  config,
  logger,
  clock,
  random: createSystemRandom(),
  vault: await openVault({
    path: config.keysFile!,
    clock,
    report: keyFileReporter(logger),
    needs: keyNeeds(config.roles),
  }),
  engines: { ...engines, ports: watchedPorts(engines.ports) },
  addressesOf: (role) => addressesOf(config, role),
  bankLedger: "",
  demo: null,
});
process.once("SIGTERM", () => void running.stop().then(() => process.exit(0)));
await running.opened;
