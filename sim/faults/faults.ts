/**
 * What can go wrong, by name. A fault strikes a world, drawing what it needs from chance of its own, and answers how it is healed.
 * A new kind is an entry here; a night in which one of them never fired is red.
 */
import { secondMs } from "@chepiao/kernel";
import type { Chance } from "../core/chance.ts";
import type { Weather } from "../core/reach.ts";
import type { BankFault } from "../engines/bank.ts";
import type { Engine } from "../engines/engine.ts";
import { masterCount } from "../engines/redis/redis.ts";
import type { Machine } from "../machine.ts";
import type { World, WorldKind } from "../world.ts";

export type Strike = (world: World, chance: Chance) => () => void;

export type FaultKind = {
  readonly weight: number;
  /** How long it lasts, in milliseconds, from and up to. */
  readonly lastsMs: readonly [least: number, most: number];
  readonly strike: Strike;
  /** The world in which there is what it strikes; both where it is left out. */
  readonly where?: WorldKind;
  /** The names under which the world counts that it came to pass; its own where it is left out. */
  readonly fires?: readonly string[];
};

const forSeconds = (least: number, most: number) => [least * secondMs, most * secondMs] as const;
const nothing = () => {};

const running = (world: World): Machine[] => world.machines.filter(({ process }) => process !== null);

/** Those that sell and take money more often than others. */
function anyMachine(world: World, chance: Chance): Machine {
  const busy = world.machines.filter(({ role }) =>
    ["order", "writer", "payment", "inventory", "sweeper", "waitlist"].includes(role),
  );
  const some = busy.length > 0 && chance.chance(0.7) ? busy : world.machines;
  return chance.pick(some);
}

function startUnlessRunning(world: World, machine: Machine) {
  if (!machine.life?.isAlive()) world.start(machine);
}

/** The one of them that comes to its n-th such call first dies over it; `told` says that it did. Answers what ends the fault. */
function killAtCall(
  world: World,
  machines: readonly Machine[],
  calls: number,
  what: string,
  told: Parameters<World["fire"]>[0],
): () => void {
  const takes = machines.map((machine) =>
    machine.life?.atCall(
      calls,
      () => {
        takes.forEach((take) => take?.());
        world.kill(machine);
        world.fire(told);
      },
      what,
    ),
  );
  return () => {
    takes.forEach((take) => take?.());
    machines.forEach((machine) => startUnlessRunning(world, machine));
  };
}

/** An engine is not there for a while. */
const gone =
  (engineOf: (world: World) => Engine, presence: "away" | "silent", part?: (chance: Chance) => number): Strike =>
  (world, chance) => {
    const engine = engineOf(world);
    const which = part?.(chance);
    engine.set(presence, which);
    return () => engine.set("there", which);
  };

const sql = ({ sql: { engine } }: World) => engine;
const redis = ({ cluster }: World) => cluster!.redis.engine;
const log = ({ cluster }: World) => cluster!.log.engine;
const delay = ({ cluster }: World) => cluster!.delay.engine;
const disk = ({ embedded }: World) => embedded!.diskEngine;
const bank = ({ bank: { engine } }: World) => engine;
const anyMaster = (chance: Chance) => chance.below(masterCount);

/** For a while a share of something goes wrong. */
const weather =
  <W extends Record<string, number>>(of: (world: World) => W, name: keyof W, most: number): Strike =>
  (world, chance) => {
    const it = of(world) as Record<keyof W, number>;
    it[name] = most * (0.1 + 0.9 * chance.next());
    return () => {
      it[name] = 0;
    };
  };

const inCluster = (kind: FaultKind): FaultKind => ({ ...kind, where: "cluster" });

const bad = (
  of: (world: World) => Weather,
  name: keyof Weather,
  most: number,
  outside: string,
  fires: string,
): FaultKind => ({
  weight: 1,
  lastsMs: forSeconds(5, 60),
  strike: weather(of as (world: World) => Record<string, number>, name, most),
  fires: [`${outside}: ${fires}`],
});

const bankKind = (name: BankFault, most: number): FaultKind => ({
  weight: 1,
  lastsMs: forSeconds(20, 120),
  strike: weather(({ bank: { weather: of } }) => of as Record<string, number>, name, most),
  fires: [`bank: ${name}`],
});

const failOver =
  (forgetsUs: (chance: Chance) => number, mastersOf = (chance: Chance) => [anyMaster(chance)]): Strike =>
  (world, chance) => {
    const masters = mastersOf(chance);
    const forget = forgetsUs(chance);
    for (const master of masters) redis(world).set("away", master);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      for (const master of masters) {
        const lost = world.cluster!.redis.failOver(master, forget);
        if (lost > 0) world.fire("redis: acknowledged writes forgotten");
        redis(world).set("there", master);
      }
    };
  };

export const faultKinds = {
  "process killed": {
    weight: 16,
    lastsMs: forSeconds(0.5, 8),
    strike(world, chance) {
      const machine = anyMachine(world, chance);
      const take = machine.life?.atCall(chance.between(1, 60), () => {
        world.kill(machine);
        world.fire("process killed in the middle of something");
      });
      return () => {
        take?.();
        startUnlessRunning(world, machine);
      };
    },
    fires: ["process killed in the middle of something"],
  },
  /** Between two changes of it, or to an order that it becomes: whoever is the first to be at one. */
  "process killed over an entry": {
    weight: 8,
    lastsMs: forSeconds(10, 40),
    strike(world, chance) {
      const machines = world.machines.filter(({ role }) => role === "waitlist" || world.embedded !== null);
      const calls = chance.between(1, 6);
      return killAtCall(world, machines, calls, "waitlist.change", "process killed in the middle of an entry");
    },
    fires: ["process killed in the middle of an entry"],
  },
  /** Somewhere among the orders on a train that does not run. */
  "process killed over a cancelled train": {
    weight: 6,
    lastsMs: forSeconds(6, 30),
    strike(world, chance) {
      const machine = chance.pick(world.machines.filter(({ role }) => role === "sweeper" || world.embedded !== null));
      const { life } = machine;
      const calls = chance.between(1, 14);
      let take = life?.atCall(
        2,
        () => {
          take = life.atCall(calls, () => {
            world.kill(machine);
            world.fire("process killed in the middle of a cancelled train");
          });
        },
        "orders.holdersOn",
      );
      return () => {
        take?.();
        startUnlessRunning(world, machine);
      };
    },
    fires: ["process killed in the middle of a cancelled train"],
  },
  "role killed": {
    where: "cluster",
    weight: 2,
    lastsMs: forSeconds(0.5, 10),
    strike(world, chance) {
      const { role } = chance.pick(world.machines);
      const all = world.machines.filter((machine) => machine.role === role);
      for (const machine of all) world.kill(machine);
      return () => all.forEach((machine) => startUnlessRunning(world, machine));
    },
  },
  "process frozen": {
    weight: 6,
    lastsMs: forSeconds(0.5, 8),
    strike(world, chance) {
      const { life } = anyMachine(world, chance);
      const take = life?.atCall(chance.between(1, 60), () => {
        life.freeze(chance.between(500_000, 15_000_000));
        world.fire("process frozen in the middle of something");
      });
      return take ?? nothing;
    },
    fires: ["process frozen in the middle of something"],
  },
  "process replaced": {
    weight: 3,
    lastsMs: [0, 0],
    strike(world, chance) {
      const some = running(world);
      if (some.length === 0) return nothing;
      const machine = chance.pick(some);
      void world.stop(machine).then(() => startUnlessRunning(world, machine));
      return () => startUnlessRunning(world, machine);
    },
  },
  "power cut": {
    where: "embedded",
    weight: 12,
    lastsMs: forSeconds(0.5, 8),
    strike(world, chance) {
      const [machine] = world.machines;
      const take = machine!.life?.atCall(chance.between(1, 60), () => {
        world.kill(machine!);
        world.embedded!.cutPower();
        world.fire("power cut in the middle of something");
      });
      return () => {
        take?.();
        startUnlessRunning(world, machine!);
      };
    },
    fires: ["power cut in the middle of something"],
  },
  "disk full": {
    where: "embedded",
    weight: 4,
    lastsMs: forSeconds(0.5, 10),
    strike(world) {
      world.embedded!.disk.fail("append", new Error("no space left on device"));
      return () => world.embedded!.disk.fail("append", null);
    },
  },
  "disk refuses a sync": {
    where: "embedded",
    weight: 4,
    lastsMs: forSeconds(0.5, 10),
    strike(world) {
      const [machine] = world.machines;
      world.embedded!.disk.fail("sync", new Error("input/output error"));
      return () => {
        world.embedded!.disk.fail("sync", null);
        // The log has to be opened anew: an operator does that.
        world.kill(machine!);
        world.start(machine!);
      };
    },
  },
  "database away": { where: "cluster", weight: 2, lastsMs: forSeconds(0.5, 20), strike: gone(sql, "away") },
  "database silent": { where: "cluster", weight: 2, lastsMs: forSeconds(0.5, 20), strike: gone(sql, "silent") },
  "redis master away": {
    where: "cluster",
    weight: 1,
    lastsMs: forSeconds(0.5, 10),
    strike: gone(redis, "away", anyMaster),
  },
  "redis silent": { where: "cluster", weight: 1, lastsMs: forSeconds(0.5, 8), strike: gone(redis, "silent") },
  "redis failover": { where: "cluster", weight: 1, lastsMs: forSeconds(1, 4), strike: failOver(() => 0) },
  "redis failover that forgets": {
    where: "cluster",
    weight: 8,
    lastsMs: forSeconds(1, 4),
    strike: failOver((chance) => chance.between(50_000, 3_000_000)),
    fires: ["redis: acknowledged writes forgotten"],
  },
  // Every node at once, as where they lose power and write to their disks once a second or more seldom.
  "redis forgets its last writes": {
    where: "cluster",
    weight: 6,
    lastsMs: forSeconds(1, 4),
    strike: failOver(
      (chance) => chance.between(500_000, 3_000_000),
      () => Array.from({ length: masterCount }, (_, master) => master),
    ),
    fires: ["redis: acknowledged writes forgotten"],
  },
  "log away": { where: "cluster", weight: 1, lastsMs: forSeconds(0.5, 20), strike: gone(log, "away") },
  "log silent": { where: "cluster", weight: 1, lastsMs: forSeconds(0.5, 20), strike: gone(log, "silent") },
  "delay queue away": { where: "cluster", weight: 1, lastsMs: forSeconds(5, 60), strike: gone(delay, "away") },
  "bank away": { weight: 1, lastsMs: forSeconds(5, 60), strike: gone(bank, "away") },
  "bank silent": { weight: 1, lastsMs: forSeconds(5, 60), strike: gone(bank, "silent") },
  "network cut": {
    weight: 3,
    lastsMs: forSeconds(1, 20),
    strike(world, chance) {
      const to = chance.pick(["user", "order", "inventory", "search", "payment", "waitlist"]);
      const from = chance.pick(["people", "order", "payment", "search", "sweeper", "waitlist", "*"]);
      world.net.cut(from, to, true);
      return () => world.net.cut(from, to, false);
    },
  },
  "offsets lost": {
    where: "cluster",
    weight: 1,
    lastsMs: [0, 0],
    strike(world, chance) {
      world.cluster!.log.broker.rewind(chance.pick([1, 10, Infinity]));
      return nothing;
    },
  },
  "clock off": {
    weight: 2,
    lastsMs: forSeconds(10, 120),
    strike(world, chance) {
      const machine = chance.pick(world.machines);
      machine.offMs = chance.between(-5 * secondMs, 5 * secondMs);
      return () => {
        machine.offMs = 0;
      };
    },
  },
  "clocks step": {
    weight: 1,
    lastsMs: forSeconds(1, 30),
    strike(world, chance) {
      const byMs = chance.between(-3 * secondMs, 3 * secondMs);
      for (const machine of world.machines) machine.offMs += byMs;
      return () => world.machines.forEach((machine) => (machine.offMs = 0));
    },
  },
  "everything sleeps": {
    weight: 1,
    lastsMs: [0, 0],
    strike(world, chance) {
      world.scheduler.leap(chance.below(1.2 * world.options.paymentTimeoutMs) * 1_000);
      return nothing;
    },
  },
  "database loses requests": inCluster(
    bad(({ sql: { engine } }) => engine.weather, "lostRequests", 0.05, "sql", "request lost"),
  ),
  "database loses answers": inCluster(
    bad(({ sql: { engine } }) => engine.weather, "lostAnswers", 0.1, "sql", "answer lost"),
  ),
  "database slow": inCluster(bad(({ sql: { engine } }) => engine.weather, "slow", 0.2, "sql", "slow")),
  "database commits in part": {
    where: "cluster",
    weight: 2,
    lastsMs: forSeconds(5, 60),
    strike: weather(({ sql: { weather: of } }) => of, "partialCommits", 0.5),
    fires: ["sql: committed in part"],
  },
  "redis loses answers": inCluster(bad((world) => redis(world).weather, "lostAnswers", 0.05, "redis", "answer lost")),
  "redis slow": inCluster(bad((world) => redis(world).weather, "slow", 0.2, "redis", "slow")),
  "log loses acknowledgements": inCluster(bad((world) => log(world).weather, "lostAnswers", 0.2, "log", "answer lost")),
  "log slow": inCluster(bad((world) => log(world).weather, "slow", 0.2, "log", "slow")),
  "network loses requests": bad(({ net }) => net.weather, "lostRequests", 0.1, "net", "request lost"),
  "network loses answers": bad(({ net }) => net.weather, "lostAnswers", 0.1, "net", "answer lost"),
  "network slow": bad(({ net }) => net.weather, "slow", 0.2, "net", "slow"),
  "bank loses answers": bad(({ bank: { engine } }) => engine.weather, "lostAnswers", 0.3, "bank", "answer lost"),
  "log appends late": {
    where: "cluster",
    weight: 1,
    lastsMs: forSeconds(5, 30),
    strike: weather(({ cluster }) => cluster!.log.weather, "lateAppends", 0.3),
    fires: ["log: acknowledged too late"],
  },
  "log appends in part": {
    where: "cluster",
    weight: 1,
    lastsMs: forSeconds(5, 30),
    strike: weather(({ cluster }) => cluster!.log.weather, "partialAppends", 0.5),
    fires: ["log: appended in part"],
  },
  "hints lost": {
    where: "cluster",
    weight: 1,
    lastsMs: forSeconds(20, 120),
    strike: weather(({ cluster }) => cluster!.delay.weather, "lost", 1),
    fires: ["delay: hint lost"],
  },
  "hints doubled": {
    where: "cluster",
    weight: 1,
    lastsMs: forSeconds(20, 120),
    strike: weather(({ cluster }) => cluster!.delay.weather, "doubled", 1),
    fires: ["delay: hint doubled"],
  },
  "disk slow": { ...bad((world) => disk(world).weather, "slow", 0.3, "disk", "slow"), where: "embedded" },
  "bank tells late": bankKind("notice late", 0.8),
  "bank tells twice": bankKind("notice twice", 0.8),
  "bank tells nothing": bankKind("notice never", 0.8),
  "bank tells lies": bankKind("notice forged", 0.8),
  "bank takes another amount": bankKind("wrong amount", 0.3),
  "bank pays back slowly": bankKind("refund takes time", 0.8),
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof faultKinds;
export const faultNames = Object.keys(faultKinds) as readonly FaultName[];
/** Those that a world of that kind can meet. */
export const faultsOf = (world: WorldKind): readonly FaultName[] =>
  faultNames.filter((name) => (kindOf(name).where ?? world) === world);
export const kindOf = (name: FaultName): FaultKind => faultKinds[name];

/** Whether that kind has come to pass, by what a world has counted. */
export const hasFired = (name: FaultName, fired: ReadonlyMap<string, number>): boolean =>
  (kindOf(name).fires ?? [name]).some((counted) => (fired.get(counted) ?? 0) > 0);

/** What can go wrong with mails, where they are carried; by its own chance, so that histories without mails stay as they are. */
export const mailTroubleStrikes = {
  away: gone(({ mails }) => mails.engine, "away"),
  silent: gone(({ mails }) => mails.engine, "silent"),
  slow: weather(({ mails }) => mails.engine.weather as Record<string, number>, "slow", 0.8),
  "loses answers": weather(({ mails }) => mails.engine.weather as Record<string, number>, "lostAnswers", 0.8),
  "refuses for now": weather(({ mails }) => mails.weather, "refused for now", 1),
  "its sender dies": weather(({ mails }) => mails.weather, "taken, and its sender dies", 0.3),
  "notification killed"(world: World, chance: Chance) {
    const machines = world.machines.filter(({ role }) => role === "notification" || role === "all");
    const calls = chance.between(1, 6);
    const what = chance.pick(["notifications.add", "deliveries.add", "deliveries.settle", "mail.send"]);
    return killAtCall(world, machines, calls, what, `killed over ${what}`);
  },
} as const satisfies Readonly<Record<string, Strike>>;

export type MailTrouble = keyof typeof mailTroubleStrikes;
export const mailTroubles = Object.keys(mailTroubleStrikes) as readonly MailTrouble[];
