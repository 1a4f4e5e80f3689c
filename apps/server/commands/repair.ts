/**
 * `chepiao repair`: a live cluster gets back what its Redis has lost. Seats run by run, then limits and keys; from the orders in
 * SQL, while people buy. What is there is left alone, so it may be done at any time and as often as one likes.
 */
import { createSystemClock } from "@chepiao/adapters/system";
import { secondMs } from "@chepiao/kernel";
import { type RunId, ServiceUnavailable } from "@chepiao/contracts";
import {
  createSeatRepairer,
  type SeatRepairer,
  repairKeys,
  repairLimits,
  type RunDifference,
} from "@chepiao/services/order";
import { createQuotaKeeper, createWithdrawnKeeper } from "@chepiao/services/inventory";
import { repairLines } from "@chepiao/services/waitlist";
import { createLogger } from "@chepiao/runtime";
import { type Config, readConfig } from "../config.ts";
import { assertSaidForCommand } from "../requirements.ts";
import type { Ports } from "../wiring/ports.ts";
import { openTimetable } from "../wiring/timetable.ts";
import { type Command, CommandFailed, readArgs, runIdOf, UsageError } from "./command.ts";

const help = `npm run chepiao -- repair [--run RUN …] [--dry-run]

Gives a cluster back what its Redis has lost, from SQL: seats, quotas, who waits for them, purchase limits, idempotency keys. After a
failover that lost the last second, or when Redis came back empty. People may go on buying; what Redis knows is left alone,
so it does no harm when it was not needed. Runs that lost a little are repaired by themselves as soon as a buyer is
refused a seat that was sold; this repairs all of them at once.

  --run RUN      only the seats of G1/2026-12-01, and who waits for them; may be said several times
  --dry-run      say what differs on each run and change nothing. Limits and keys are not looked at. What is under way
                 between two processes shows, too: look twice

Exit codes: 0 everything is in line (with --dry-run: was); 1 something differs still, or could not be asked;
2 called wrongly.`;

const options = {
  run: { type: "string", multiple: true },
  "dry-run": { type: "boolean", default: false },
} as const;

export const repairCommand: Command = {
  about: "give a cluster back what its Redis has lost",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    if (positionals.length > 0) throw new UsageError(help);
    const only = values.run?.map(runIdOf) ?? null;
    const config = readConfig(process.env);
    if (config.engines === "embedded") {
      throw new UsageError("A platform on a data folder makes seats, limits and keys anew at every start.");
    }
    try {
      await using opened = await open(config);
      const runIds = only ?? [...(await opened.runsInLedger())].toSorted();
      if (values["dry-run"]) return await compare(opened.repairer, runIds, terminal);
      return await repair(opened, runIds, only === null, terminal);
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw new CommandFailed(`${error.message}. Try again; nothing is lost.`);
      throw error;
    }
  },
};

export type Repairing = {
  readonly repairer: SeatRepairer;
  /** What is told after each page: of how many orders so far. */
  limits(): AsyncIterable<number>;
  keys(): AsyncIterable<number>;
  /** The same of who waits: for those runs, or for any. */
  lines(only: ReadonlySet<RunId> | null): AsyncIterable<number>;
  /** Sets which seats are withdrawn. Answers of how many runs they could not be. */
  withdrawn(): Promise<number>;
  /** Sets all quotas. */
  quotas(): Promise<void>;
};

export type Talk = { say(line: string): void; warn(line: string): void; pause(ms: number): Promise<void> };

const runsAtOnce = 8;
/** A purchase that has got a seat which is sold is refused within seconds. */
const triesMax = 15;
const tryAgainMs = 2 * secondMs;
const sayEvery = 1_000;

/** Answers the exit code. */
export async function compare(
  { compareRun }: Pick<SeatRepairer, "compareRun">,
  runIds: readonly RunId[],
  talk: Talk,
): Promise<number> {
  let different = 0;
  await eachRun(runIds, talk, async (runId) => {
    const found = await compareRun(runId);
    const text = found ? textOf(found) : notInTimetable;
    if (text === "") return;
    different++;
    talk.say(`${runId}: ${text}`);
  });
  talk.say(
    different === 0
      ? `${runIds.length} runs are in line with what is sold.`
      : `${different} of ${runIds.length} runs differ.`,
  );
  return different === 0 ? 0 : 1;
}

/** Answers the exit code. */
export async function repair(
  { repairer, limits, keys, lines, withdrawn, quotas }: Repairing,
  runIds: readonly RunId[],
  isWhole: boolean,
  talk: Talk,
): Promise<number> {
  const unsettled = new Set<RunId>();
  let blocked = new Set<RunId>();
  const repairRun = async (runId: RunId) => {
    const repaired = await repairer.repairRun(runId);
    const text = repaired ? textOf(repaired) : notInTimetable;
    if (text !== "") talk.say(`${runId}: ${text}`);
    if (repaired && repaired.blocked.length > 0) blocked.add(runId);
    if (!repaired || repaired.unexplained.length > 0) unsettled.add(runId);
  };
  // Before the seats: what is let go of in a coach that is withdrawn is for nobody.
  const unset = await withdrawn();
  await eachRun(runIds, talk, repairRun);
  for (let tries = 1; blocked.size > 0 && tries < triesMax; tries++) {
    talk.say(
      `${blocked.size} runs have sold seats in the hands of purchases under way, which will be refused: waiting.`,
    );
    await talk.pause(tryAgainMs);
    const again = [...blocked];
    blocked = new Set();
    await eachRun(again, talk, repairRun);
  }
  // Behind the seats: neither what is sold nor what a quota keeps back is given to who waits.
  await quotas();
  await tellPages("waitlist", lines(isWhole ? null : new Set(runIds)), talk, "needs");
  if (isWhole) {
    await tellPages("limits", limits(), talk);
    await tellPages("keys", keys(), talk);
  }
  if (unset > 0) talk.warn(`${unset} runs sell seats of coaches that are withdrawn: they could not be set.`);
  for (const runId of blocked) talk.warn(`${runId} still has sold seats in other hands: do it again in a while.`);
  for (const runId of unsettled) talk.warn(`${runId} needs an operator to look at it.`);
  return unset + blocked.size + unsettled.size === 0 ? 0 : 1;
}

const notInTimetable = "the timetable does not know this run";

async function eachRun(runIds: readonly RunId[], talk: Talk, work: (runId: RunId) => Promise<void>) {
  for (let next = 0; next < runIds.length; next += runsAtOnce) {
    await Promise.all(runIds.slice(next, next + runsAtOnce).map(work));
    const done = Math.min(next + runsAtOnce, runIds.length);
    if (done === runIds.length || done % sayEvery === 0) talk.say(`seats: ${done} of ${runIds.length} runs`);
  }
}

async function tellPages(what: string, counts: AsyncIterable<number>, talk: Talk, of = "orders") {
  let told = 0;
  let count = 0;
  for await (count of counts) {
    if (count - told < 10 * sayEvery) continue;
    told = count;
    talk.say(`${what}: ${count} ${of}`);
  }
  talk.say(`${what}: ${count} ${of}, all`);
}

/** Empty where nothing differs. */
function textOf({ missing, unconfirmed, surplus, unexplained }: RunDifference): string {
  const parts = [
    [missing, "sold and for sale again"],
    [unconfirmed, "paid and not confirmed"],
    [surplus, "given back and still taken"],
    [unexplained, "that no order explains"],
  ] as const;
  return parts
    .filter(([orders]) => orders.length > 0)
    .map(([orders, what]) => `${orders.length} ${what}`)
    .join(", ");
}

const terminal: Talk = {
  say: (line) => console.log(line),
  warn: (line) => console.error(line),
  pause: (ms) => Bun.sleep(ms),
};

async function open(config: Config) {
  assertSaidForCommand({ ...config, roles: ["sweeper"] });
  // Loaded only where it is used: help should be quick.
  const { openEngines } = await import("../wiring/cluster.ts");
  const clock = createSystemClock();
  const logger = createLogger({ level: "warn", write: (line) => console.error(line) });
  await using cleanUp = new AsyncDisposableStack();
  // Hints of time are not wanted here.
  const engines = cleanUp.use(await openEngines({ ...config, roles: ["sweeper"], rabbitmqUrl: null }, clock, logger));
  for (const probe of Object.values(engines.probes)) await probe();
  // Those of the sweeper.
  const { stores, seats, readModels, reservations, submissions } = engines.ports as Ports;
  const trains = await openTimetable({ config, clock }, stores);
  const { timetable } = trains;
  const { orders } = readModels;
  const repairer = createSeatRepairer({
    clock,
    orders,
    timetable: () => timetable,
    inventory: {
      holdsView: seats.holdsView!,
      confirm: seats.confirm,
      release: async (hold, some) => void (await seats.release(hold, clock.now(), some)),
    },
  });
  const withdrawn = createWithdrawnKeeper({
    clock,
    timetable: () => timetable,
    store: stores.withdrawnCoaches,
    seats,
    forgetsOffers: false,
    report: (message) => console.error(message),
  });
  const deps = { clock, store: stores.orders, timetable: () => timetable, orders, reservations, submissions };
  const kept = cleanUp.move();
  return {
    repairer,
    runsInLedger: () => stores.orders.runsInLedger(),
    lines: (only: ReadonlySet<RunId> | null) =>
      repairLines(
        {
          store: stores.waitlist,
          timetable: () => timetable,
          async added() {
            await trains.reload();
            return trains.added().runIds;
          },
          inventory: {
            join: (needs) => seats.waitlists.join(needs, clock.now()),
            setLine: async (run, needs, upTo) => void (await seats.waitlists.set(run, needs, upTo, clock.now())),
          },
        },
        only,
      ),
    withdrawn: withdrawn.reload,
    quotas: createQuotaKeeper({
      clock,
      timetable: () => timetable,
      store: stores.quotas,
      seats,
      exchanged: withdrawn.exchanged,
      forgetsOffers: false,
      report: (message) => console.error(message),
    }).reload,
    limits: () => repairLimits(deps),
    keys: () => repairKeys(deps),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
