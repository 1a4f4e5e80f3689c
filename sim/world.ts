/**
 * A world: a database and a bank outside of everything, a platform in one process or in many, and a network between it and people.
 * Nothing in it happens by itself but what its seed says.
 */
import { peek } from "bun";
import {
  type KeptQueue,
  type LogRecord,
  type QueueLoadRules,
  type Refusal,
  refusal,
  ServiceUnavailable,
  type Topic,
} from "@chepiao/contracts";
import type { EpochMs, OrderId } from "@chepiao/kernel";
import { createMemoryVault, type Vault } from "@chepiao/ports/vault";
import type { Logger } from "@chepiao/runtime";
import type { RoleName } from "../apps/server/roles.ts";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { Reservation, HoardingLimits } from "@chepiao/ports/reservations";
import { type CancelledBook, createCancelledBook } from "./audit/cancelledBook.ts";
import type { WatchedSeats } from "./audit/lineWatch.ts";
import { createLoadBook, type LoadBook } from "./audit/load.ts";
import { issuedOf } from "./audit/orders.ts";
import { createQuotaBook, type QuotaBook } from "./audit/quotas.ts";
import { createWithdrawnBook, type WithdrawnBook } from "./audit/withdrawn.ts";
import { type Cluster, createCluster } from "./cluster.ts";
import { chanceOf } from "./core/chance.ts";
import { createLife, type Life, machineClock } from "./core/life.ts";
import { createReach } from "./core/reach.ts";
import { createScheduler, type Listener, type Scheduler } from "./core/scheduler.ts";
import { type Bank, createBank } from "./engines/bank.ts";
import type { Process, PublicRequest } from "./endpoints.ts";
import { createEmbedded, type Embedded } from "./embedded.ts";
import { createMails, type Mails } from "./engines/mails.ts";
import { createNet, type Net } from "./engines/net.ts";
import type { Machine, Surroundings } from "./machine.ts";
import { createSql, type Sql } from "./engines/sql.ts";

export type WorldOptions = {
  readonly seed: number;
  readonly beganAt: EpochMs;
  /** How many of each role, in a cluster; null for all of it in one process. */
  readonly replicas: Readonly<Record<RoleName, number>> | null;
  readonly paymentTimeoutMs: number;
  readonly hoarding: HoardingLimits;
  readonly judgedOver: number | null;
  /** When queues are switched on by load; null for never. */
  readonly byLoad: QueueLoadRules | null;
  /** Are mails carried? */
  readonly hasMails: boolean;
  readonly listener?: Listener | null;
};

export type Asked = Omit<PublicRequest, "address">;
/** What a person outside hears: an answer, a refusal, or nothing. */
export type Heard =
  | { readonly kind: "answer"; readonly body: unknown }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "nothing" };

export type World = {
  readonly seed: number;
  readonly options: WorldOptions;
  readonly scheduler: Scheduler;
  /** The right time. */
  now(): EpochMs;
  readonly sql: Sql;
  /** One of the two. */
  readonly cluster: Cluster | null;
  readonly embedded: Embedded | null;
  /** Quotas, as an operator has set them. */
  readonly book: QuotaBook;
  /** And coaches that he has withdrawn. */
  readonly withdrawn: WithdrawnBook;
  /** Trains that do not run, as an operator has said it. */
  readonly cancelled: CancelledBook;
  /** As the database has it at this moment. */
  queueOf(queueId: string): KeptQueue;
  /** What processes have said of their load. */
  readonly loads: LoadBook;
  readonly bank: Bank;
  /** Of all processes; and by it people see what is on pictures. */
  readonly vault: Vault;
  readonly mails: Mails;
  readonly net: Net<Process>;
  readonly machines: readonly Machine[];
  /** What went wrong in the processes, as they say it. */
  readonly reports: ReadonlyMap<string, number>;
  /** Handlers that threw what no caller can do anything about. */
  readonly internal: readonly string[];
  /** What was done wrongly in the sight of an engine, at the moment at which it was done. */
  readonly wrong: readonly string[];
  /** How often each kind of fault has come to pass. */
  readonly fired: ReadonlyMap<string, number>;
  fire(fault: string): void;
  start(machine: Machine): void;
  /** Ends it on the spot. */
  kill(machine: Machine): void;
  /** Tells it to end, and waits until it has. */
  stop(machine: Machine): Promise<void>;
  /** A person outside of everything. */
  stranger(name: string): Life;
  ask(life: Life, room: RoomName, route: string, asked: Asked): Promise<Heard>;
  /** For audits: what is sold from, and what counts among the limits. */
  seats(): WatchedSeats;
  reservations(): readonly Reservation[];
  cancels(): readonly OrderId[];
  /** And what the log has of a topic. */
  recordsOf(topic: Topic): readonly LogRecord[];
};

export type WorldKind = "cluster" | "embedded";

const publicRooms = ["user", "search", "order", "payment", "waitlist", "challenges", "queue"] as const;
export type RoomName = (typeof publicRooms)[number];

/** The role of a machine on which there is all of it. */
const wholePlatform = "all";

/** How long people wait for an answer; the gateway gives up before. */
const askMs = 10_000;

export function createWorld(options: WorldOptions): World {
  const { seed, beganAt, paymentTimeoutMs, hoarding, judgedOver, byLoad } = options;
  const scheduler = createScheduler(options.listener ?? null);
  const chance = chanceOf(seed, "world");
  const now = machineClock(scheduler, beganAt, () => 0);
  const fired = new Map<string, number>();
  const fire = (fault: string) => void fired.set(fault, (fired.get(fault) ?? 0) + 1);
  const reports = new Map<string, number>();
  const internal: string[] = [];
  const wrong: string[] = [];

  const reach = createReach({
    scheduler,
    chance,
    fired: (outside, fault) => fire(`${outside.split(" ")[0]}: ${fault}`),
  });
  const queueOf = (queueId: string) =>
    (peek(sql.within.queues.all()) as KeptQueue[]).find((each) => each.queueId === queueId)!;
  const loads = createLoadBook(now);
  const book = createQuotaBook();
  const withdrawn = createWithdrawnBook();
  const found = (violation: string) => void wrong.push(violation);
  const cancelled = createCancelledBook(found, (orderNo) =>
    sql.within.orders.all().find((order) => order.orderNo === orderNo),
  );
  const mails = createMails({
    reach,
    scheduler,
    chance: chanceOf(seed, "mail server"),
    now,
    found,
    fired: (fault) => fire(`mail: ${fault}`),
    died(life) {
      const machine = machines.find((each) => each.life === life);
      if (!machine) return;
      kill(machine);
      scheduler.after(1_000_000, machine.name, "is started again", () => machine.life === null && start(machine));
    },
  });
  const sql: Sql = createSql(reach, now, (fault) => fire(`sql: ${fault}`), {
    found,
    book,
    withdrawn,
    cancelled,
    mails,
  });
  const net = createNet<Process>(reach);
  const vault = createMemoryVault(1);

  const stranger = (name: string): Life =>
    createLife({ name, chance: chanceOf(seed, name), scheduler, machineNow: now });
  const bankLife = stranger("bank");
  const bank = createBank({
    reach,
    scheduler,
    chance: chanceOf(seed, "bank's own"),
    life: bankLife,
    now,
    fired: (fault) => fire(`bank: ${fault}`),
    tell: async ({ headers: said, body }) => {
      const headers = said as Headers;
      const heard = await ask(bankLife, "payment", "callback", { params: { channel: "bank" }, headers, body });
      return heard.kind === "answer";
    },
  });

  const replicas = options.replicas ?? { [wholePlatform]: 1 };
  const machines: Machine[] = Object.entries(replicas).flatMap(([role, howMany]) =>
    Array.from({ length: howMany }, (_, n) => ({
      name: `${role}-${n + 1}`,
      role,
      offMs: 0,
      begun: 0,
      life: null,
      process: null,
    })),
  );

  const logger: Logger = {
    writes: (level) => level !== "debug",
    debug: () => {},
    info: () => {},
    warn: (entry) => count(entry.message),
    error: (entry) => count(`${entry.message}${entry.error instanceof Error ? ` (${entry.error.message})` : ""}`),
  };
  function count(message: string) {
    const kind = message.replaceAll(/\d+/g, "N");
    reports.set(kind, (reports.get(kind) ?? 0) + 1);
  }

  const around: Surroundings = {
    seed,
    scheduler,
    reach,
    now,
    paymentTimeoutMs,
    hoarding,
    judgedOver,
    byLoad,
    cancelled,
    queueOf,
    loads,
    sql,
    bank,
    mails: options.hasMails ? mails : null,
    net,
    vault,
    logger,
    fire,
    watch: {
      found,
      book,
      withdrawn,
      added: sql.added,
      ticketsOf: (orderId) => issuedOf(peek(sql.within.orders.load(orderId)) as OrderRecord | null),
      placeOf: (entryId) => sql.within.waitlist.all().find((entry) => entry.entryId === entryId)?.place ?? null,
    },
  };
  const cluster = options.replicas ? createCluster(around) : null;
  const embedded = options.replicas ? null : createEmbedded(around);

  function start(machine: Machine) {
    // Of one machine's process there is never more than one.
    machine.life?.kill();
    const name = `${machine.name}.${++machine.begun}`;
    const own = chanceOf(seed, name);
    const life = createLife({
      name,
      chance: own,
      scheduler,
      machineNow: machineClock(scheduler, beganAt, () => machine.offMs),
    });
    machine.life = life;
    machine.process = null;
    function opened(process: Process) {
      if (!life.isAlive()) return;
      machine.process = process;
      const asked = machine.role === wholePlatform ? publicRooms : [machine.role];
      for (const role of asked) net.open({ role, life, process });
    }
    function broken(error: unknown) {
      // As a supervisor would.
      count(`${machine.role} could not start: ${String(error)}`);
      if (!life.isAlive()) return;
      life.kill();
      scheduler.after(1_000_000, machine.name, "is started again", () => machine.life === life && start(machine));
    }
    void (cluster ?? embedded)!.open(machine, life).then(opened, broken);
  }

  function kill(machine: Machine) {
    machine.life?.kill();
    machine.life = null;
    machine.process = null;
  }

  async function stop(machine: Machine) {
    const { process, life } = machine;
    if (!process || !life) return kill(machine);
    net.close(life);
    machine.process = null;
    await process.stop();
    if (machine.life === life) kill(machine);
  }

  async function ask(life: Life, room: RoomName, route: string, asked: Asked): Promise<Heard> {
    try {
      const result = await net.ask(life, "people", room, `${room}.${route}`, askMs, [asked], (process) =>
        served(`${room}.${route}`, process.serve(room, route, { ...asked, address: life.name })),
      );
      return result.ok ? { kind: "answer", body: result.value.body } : { kind: "refusal", refusal: result.error };
    } catch {
      return { kind: "nothing" };
    }
  }

  /** What the HTTP rim does with what a room throws. */
  async function served(name: string, answer: ReturnType<Process["serve"]>): ReturnType<Process["serve"]> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ServiceUnavailable) return { ok: false, error: error.refusal };
      internal.push(`${name}: ${String(error instanceof Error ? error.stack : error)}`);
      return { ok: false, error: refusal("Internal") };
    }
  }

  return {
    seed,
    options,
    scheduler,
    now,
    sql,
    cluster,
    embedded,
    book,
    withdrawn,
    cancelled,
    queueOf,
    loads,
    bank,
    vault,
    mails,
    net,
    machines,
    reports,
    internal,
    wrong,
    fired,
    fire,
    start,
    kill,
    stop,
    stranger,
    ask,
    seats: () => cluster?.redis.within.seats ?? embedded!.memory()!.seats,
    recordsOf: (topic) => cluster?.log.broker.recordsOf(topic).flat() ?? embedded!.recordsOf(topic),
    cancels: () => cluster?.redis.within.reservations.cancels() ?? embedded!.memory()!.reservations.cancels(),
    reservations: () =>
      cluster?.redis.within.reservations.reservations() ?? embedded!.memory()!.reservations.reservations(),
  };
}
