/**
 * Where faults are played: the platform with a process for each role, on real engines, with pieces of network in between that can
 * be cut, and people enough for one day of travel a fault.
 */
import { openRedis, type Redis } from "@chepiao/adapters/redis";
import { addDays } from "@chepiao/kernel";
import { addressSetting, type RoleName, roles } from "../roles.ts";
import {
  createRolePlatform,
  type PlatformOptions,
  type RolePlatform,
  type RoleProcess,
  settleOn,
} from "../testing/processes.ts";
import { type Answers, createAnswers } from "../testing/passengers.ts";
import type { TestUser, World } from "../testing/world.ts";
import { type Link, openLink } from "./link.ts";
import { openRepeater, type Repeater } from "./repeater.ts";
import { policySetting, timeToPay } from "../testing/policy.ts";

export type Stage = AsyncDisposable & {
  readonly platform: RolePlatform;
  readonly links: Readonly<Record<LinkName, Link>>;
  /** What the bank has to say reaches the platform through it. */
  readonly notices: Repeater;
  /** The platform's keys in Redis, as seen by nobody of the platform. */
  readonly redis: Redis;
  /** All that people were told since the stage was opened: the audit looks at everything that was ever sold there. */
  readonly record: Answers;
  /** The trains and people of one fault, on a day of their own. */
  day(n: number): Day;
  kill(role: RoleName): Promise<void>;
  stop(role: RoleName): Promise<void>;
  pause(role: RoleName): void;
  resume(role: RoleName): void;
  /** @param program instead of the platform's own */
  start(role: RoleName, program?: string): RoleProcess;
  /** What all processes printed that are there now. */
  output(): string;
};

/** Those who buy at random, those who buy for the probe and those who wait in line share the day and nothing else. */
export type Day = { readonly whole: World; readonly crowd: World; readonly probe: World; readonly line: World };

/** Every seat of the only class. */
export const seatsOfClass = { second: 40 } as const;
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const stationCount = 6;
const crowdTrains = 4;
const probeTrains = 2;
const lineTrains = 1;
const crowdSize = 8;
/** A buyer buys for the probe five times a second; until it is the same person's turn again, the last order has ended. */
const probeSize = 60;
/** Those who have sold out the train of those who wait; and those who wait. The last passenger of an account is others' too. */
export const seatsOfSeller = 3;
export const sellers = Math.ceil(seatsOfClass.second / seatsOfSeller);
const lineSize = sellers + 16;
/** An hour, and so much that of the stops of a train one always is a number of whole minutes away in a few seconds. */
export const hopS = 3_600 + 60 / (stationCount - 1);
/** A fault a day: there are fewer faults than days in the timetable of a test world. */
const daysOnSale = 58;

/** Short, so that expiry belongs to every fault. */
export const paymentTimeoutMs = 4_000;

/** Eleven processes on a machine that is busy with other things. */
const startWithinMs = 180_000;

/** Who reaches whom through a piece of network that can be cut, each by the setting that says where the other one is. */
const linked = {
  "order to MySQL": ["order", "MYSQL_URL"],
  "writer to MySQL": ["writer", "MYSQL_URL"],
  "writer to RabbitMQ": ["writer", "RABBITMQ_URL"],
  "order to inventory": ["order", addressSetting("inventory")],
  "gateway to order": ["gateway", addressSetting("order")],
} as const satisfies Record<string, readonly [RoleName, string]>;
export type LinkName = keyof typeof linked;

export async function openStage(mysql: PlatformOptions["mysql"]): Promise<Stage> {
  await using cleanUp = new AsyncDisposableStack();
  const settings = {
    ...policySetting(timeToPay(paymentTimeoutMs / 1_000), {
      sale: { windowDays: daysOnSale },
      // Any minute is a time of decision, so that one can be near whatever the hour is.
      waitlist: { deadline: { latest: 20, choices: [], preset: 360 } },
    }),
  };
  const platform = cleanUp.use(await createRolePlatform({ mysql, settings }));
  const redis = cleanUp.use(
    openRedis({ nodes: platform.settings["REDIS_NODES"]!.split(","), prefix: `${platform.namespace}:` }),
  );
  const world = await settleOn(platform, {
    userCount: crowdSize + probeSize + lineSize,
    passengersPerUser: 4,
    trainCount: crowdTrains + probeTrains + lineTrains,
    stationCount,
    composition,
    hopS,
  });

  const links: Partial<Record<LinkName, Link>> = {};
  const settingsOf = new Map<RoleName, Record<string, string>>(roles.map((role) => [role, {}]));
  for (const [name, [role, setting]] of Object.entries(linked) as [LinkName, readonly [RoleName, string]][]) {
    const address = new URL(platform.settings[setting]!);
    const link = cleanUp.use(await openLink({ host: address.hostname, port: Number(address.port) }));
    links[name] = link;
    address.port = String(link.port);
    // An address of a role has no path: "http://host:port".
    settingsOf.get(role)![setting] = address.href.replace(/\/$/, "");
  }
  const notices = cleanUp.use(openRepeater(platform.gatewayUrl));
  settingsOf.get("payment")![addressSetting("gateway")] = notices.url;

  const running = new Map<RoleName, RoleProcess>();
  const start = (role: RoleName, program?: string) => {
    const started = platform.start(role, settingsOf.get(role), program);
    running.set(role, started);
    return started;
  };
  for (const role of roles) start(role);
  await platform.ready(startWithinMs);

  const kept = cleanUp.move();
  return {
    platform,
    links: links as Record<LinkName, Link>,
    notices,
    redis,
    record: createAnswers(),
    day: (n) => dayOf(world, n),
    kill: (role) => running.get(role)!.kill(),
    stop: async (role) => void (await running.get(role)!.stop()),
    pause: (role) => running.get(role)!.pause(),
    resume: (role) => running.get(role)!.resume(),
    start,
    output: () => [...running.values()].map(({ role, output }) => `--- ${role}\n${toldOf(output())}`).join("\n"),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The last that a process said, and before it why it answered 500, however long ago. */
const toldOf = (output: string): string =>
  [...output.split("\n").filter((line) => line.includes(" 500 Internal")), output.slice(-3_000)].join("\n");

function dayOf(world: World, n: number): Day {
  // The world's own day is the fifth from today; the first fault has the day after tomorrow.
  const whole = { ...world, date: addDays(world.date, n - 3) };
  const part = (trains: readonly string[], users: readonly TestUser[]): World => ({ ...whole, trains, users });
  return {
    whole,
    crowd: part(world.trains.slice(0, crowdTrains), world.users.slice(0, crowdSize)),
    probe: part(world.trains.slice(crowdTrains, -lineTrains), world.users.slice(crowdSize, -lineSize)),
    line: part(world.trains.slice(-lineTrains), world.users.slice(-lineSize)),
  };
}
