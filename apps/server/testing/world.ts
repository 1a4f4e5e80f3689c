/**
 * A small world for tests of the whole platform: a data folder with a few short trains and many people who are already logged
 * in, prepared through the platform's own stores, and the platform as a process of its own that can be killed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSqlSessionStore, createSqlTimetableStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { Composition, LoginAnswer } from "@chepiao/contracts";
import { addDays, createIdSource, dateIn, parseZone, type ServiceDate, serviceDate } from "@chepiao/kernel";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemoryPasswords, type Passwords } from "@chepiao/ports/passwords";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import type { SessionStore } from "@chepiao/ports/session-store";
import { serviceSpan, type TimetableImport, type TimetableStore, type TrainPlan } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import { createUser, demoResidentId } from "@chepiao/services/user";
import { freePort } from "../freePort.ts";
import { policySetting } from "./policy.ts";

export { freePort };

export type TestUser = { readonly userId: number; readonly token: string; readonly passengerIds: readonly number[] };
export type World = {
  readonly dataDir: string;
  readonly users: readonly TestUser[];
  readonly trains: readonly string[];
  readonly stations: readonly string[];
  /** A day on which every train can be bought from its first stop. */
  readonly date: ServiceDate;
  remove(): void;
};

export type WorldOptions = {
  readonly userCount: number;
  readonly passengersPerUser: number;
  readonly trainCount: number;
  readonly stationCount: number;
  readonly composition: Composition;
  /** What the last train is made of; as the others where nothing is said. */
  readonly lastComposition?: Composition;
  /** From one departure of a train to its next; an hour where nothing is said. */
  readonly hopS?: number;
};

const zone = parseZone("Asia/Shanghai")!;
const sharedFrom = 30_000;
const sharedPeople = 7;

export async function createWorld(options: WorldOptions): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-world-"));
  await using database = await openSqlite(join(dataDir, "chepiao.db"));
  return await settle(dataDir, options, {
    timetable: createSqlTimetableStore(database.sql),
    users: createSqlUserStore(database.sql),
    sessions: createSqlSessionStore(database.sql),
    vault: createVault(await loadOrCreateKeys(join(dataDir, "keys.json"))),
  });
}

export type Ground = {
  readonly timetable: TimetableStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly vault: Vault;
};

/** Puts the world on the ground of any engines; what must be in files is in the folder. */
export async function settle(dataDir: string, options: WorldOptions, ground: Ground): Promise<World> {
  const clock = createSystemClock();
  const today = dateIn(zone, clock.now());
  const timetable = networkOf(options, today);
  await ground.timetable.replace(timetable, { soldRuns: async () => new Set() });
  return {
    dataDir,
    users: await makeUsers(ground, options.userCount, options.passengersPerUser),
    trains: timetable.trains.map((train) => train.trainNumber),
    stations: timetable.stations.map((station) => station.stationId),
    date: addDays(today, 5),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Of the nth of them. */
export const credentialsOf = (n: number) => ({ username: `user${n}`, password: "a password of the test" });

/** People who are logged in, each with so many saved passengers; no password of theirs is one that a platform would take. */
export async function makeUsers(
  ground: Omit<Ground, "timetable">,
  userCount: number,
  passengersPerUser: number,
  passwords: Passwords = createMemoryPasswords(),
): Promise<TestUser[]> {
  const clock = createSystemClock();
  const room = createUser({
    users: ground.users,
    sessions: ground.sessions,
    vault: ground.vault,
    codes: createMemoryOneTimeCodes(),
    limiter: createMemoryRateLimiter(clock),
    securityEvents: createMemorySecurityEvents(),
    messenger: null,
    identityVerifier: createMemoryIdentityVerifier(),
    passwords,
    clock,
    random: createSystemRandom(),
    ids: createIdSource(63),
    zone,
  });
  const users: TestUser[] = [];
  for (let n = 0; n < userCount; n++) users.push(await makeUser(room, n, passengersPerUser));
  return users;
}

/** Trains over the same stations, half an hour apart. */
function networkOf(options: WorldOptions, today: ServiceDate): TimetableImport {
  const { trainCount, stationCount, composition, lastComposition = composition, hopS = 3_600 } = options;
  const stations = Array.from({ length: stationCount }, (_, n) => ({
    stationId: `S${n}`,
    name: `站${n}`,
    city: `城${n}`,
    pinyin: `zhan${n}`,
    initials: `z${n}`,
    nameEn: `Station ${n}`,
    latitude: null,
    longitude: null,
  }));
  const trains = Array.from({ length: trainCount }, (_, n): TrainPlan => {
    const startS = (9 * 60 + n * 30) * 60;
    return {
      trainNumber: `G${n + 1}`,
      trainType: "highSpeed",
      compositionCode: (n === trainCount - 1 ? lastComposition : composition).code,
      days: serviceSpan(addDays(today, -1), 60)!,
      stops: stations.map(({ stationId }, stop) => ({
        stationId,
        arriveS: startS + stop * hopS - (stop === 0 ? 0 : 120),
        departS: startS + stop * hopS,
        distanceM: stop * 200_000,
      })),
    };
  });
  const compositions = [...new Set([composition, lastComposition])];
  return { feedName: "test world", zone, stations, trains, compositions, fareOverrides: [] };
}

async function makeUser(room: ReturnType<typeof createUser>, n: number, passengerCount: number): Promise<TestUser> {
  const born = (sequence: number) => serviceDate(`19${60 + (Math.floor(sequence / 900) % 40)}-01-01`);
  const documentOf = (sequence: number) => demoResidentId(born(sequence), sequence % 900);
  const call = { clientAddress: `10.0.${n >> 8}.${n & 255}`, request: new Request("http://test/") };
  const { username, password } = credentialsOf(n);
  const first = n * passengerCount;
  const answerOf = async (answer: unknown) => {
    const settled = (await answer) as { ok: boolean; value?: { body: unknown }; error?: unknown };
    if (!settled.ok) throw new Error(`the world could not be made: ${JSON.stringify(settled.error)}`);
    return settled.value!.body;
  };
  const registration = {
    username,
    password,
    realName: `用户${n}`,
    documentType: "residentId",
    documentNumber: documentOf(first),
    phone: `139${String(n).padStart(8, "0")}`,
  } as const;
  await answerOf(room.handlers.register({ ...call, body: registration } as never));
  const login = (await answerOf(
    room.handlers.login({ ...call, body: { username, password } } as never),
  )) as LoginAnswer;
  const session = { userId: login.user.userId, sessionId: "", role: "passenger" };
  for (let p = 1; p < passengerCount; p++) {
    // The last one travels with several accounts, which is where trips overlap.
    const sequence = p === passengerCount - 1 ? sharedFrom + (n % sharedPeople) : first + p;
    const body = { name: `乘客${n}-${p}`, documentType: "residentId", documentNumber: documentOf(sequence) };
    await answerOf(room.handlers.addPassenger({ ...call, session, body } as never));
  }
  const list = (await answerOf(room.handlers.listPassengers({ ...call, session } as never))) as {
    passengers: { passengerId: number }[];
  };
  return {
    userId: login.user.userId,
    token: login.token,
    passengerIds: list.passengers.map(({ passengerId }) => passengerId),
  };
}

export type ServerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Its exit code, whenever it ends. */
  readonly exited: Promise<number>;
  /** SIGKILL: nothing is finished, nothing is closed. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** Everything it printed so far. */
  output(): string;
};

/** What a shell has that is no setting of ours: addresses of engines in it would be the platform's. */
const withoutSettings = ({ PATH, HOME, TMPDIR }: NodeJS.ProcessEnv) => ({ PATH, HOME, TMPDIR });

const main = resolve(import.meta.dir, "../main.ts");
const startTimeoutMs = 90_000;

/** Starts the platform on the world's data and waits until it answers. */
export async function startServer(
  world: Pick<World, "dataDir">,
  port: number,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const child = Bun.spawn([process.execPath, main, "start"], {
    env: {
      ...withoutSettings(process.env),
      PORT: String(port),
      DATA_DIR: world.dataDir,
      LOG_LEVEL: "warn",
      // A machine that has other things to do, too, is no overload of ours.
      SHED_AFTER_MS: "0",
      ...policySetting(),
      ...environment,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  let printed = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) printed += Buffer.from(chunk).toString();
  };
  void gather(child.stdout);
  void gather(child.stderr);
  const url = `http://localhost:${port}`;
  const until = Date.now() + startTimeoutMs;
  for (;;) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`the platform did not start:\n${printed}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) break;
    await Bun.sleep(20);
  }
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    child.kill(signal);
    return child.exited;
  };
  return {
    url,
    pid: child.pid,
    exited: child.exited,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    output: () => printed,
  };
}
