/** A platform to be fuzzed: the demo network in a folder of its own, people who are logged in, the program as a process, its memory. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSqlSessionStore, createSqlTimetableStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { seatClasses, seatsOf } from "@chepiao/contracts";
import { addDays, createPrng, dateIn, parseZone, type ServiceDate } from "@chepiao/kernel";
import { demoDays, generateDemoNetwork } from "../../apps/server/data/demo/generate.ts";
import { credentialsOf, makeUsers, startServer, type ServerProcess } from "../../apps/server/testing/world.ts";
import type { Account } from "./request.ts";
import { ok } from "@chepiao/kernel";
import type { Passwords } from "@chepiao/ports/passwords";
import { policySetting, timeToPay } from "../../apps/server/testing/policy.ts";

/** A train that many journeys want, so that its seats run out and come back. */
export type BusyTrain = {
  readonly trainNumber: string;
  readonly stations: readonly string[];
  /** Without `standing`, which is not a number of seats. */
  readonly seatsOfClass: Readonly<Record<string, number>>;
};

export type Place = {
  readonly dataDir: string;
  readonly accounts: readonly Account[];
  /** Accounts whose sessions may be ended. */
  readonly spares: readonly Account[];
  /** Accounts whose passengers may be removed. */
  readonly leavers: readonly Account[];
  readonly trains: readonly BusyTrain[];
  readonly dates: readonly ServiceDate[];
  remove(): void;
};

const zone = parseZone("Asia/Shanghai")!;
const accountCount = 48;
const spareCount = 16;
const leaverCount = 8;
const busyTrainCount = 12;
const everyDay = 0b1111111;

export async function createPlace(): Promise<Place> {
  const dataDir = mkdtempSync(join(tmpdir(), "chepiao-fuzz-"));
  await using database = await openSqlite(join(dataDir, "chepiao.db"));
  const today = dateIn(zone, createSystemClock().now());
  const network = generateDemoNetwork(1, today, demoDays);
  await createSqlTimetableStore(database.sql).replace(network, { soldRuns: async () => new Set() });
  const ground = {
    users: createSqlUserStore(database.sql),
    sessions: createSqlSessionStore(database.sql),
    vault: createVault(await loadOrCreateKeys(join(dataDir, "keys.json"))),
  };
  const made = await makeUsers(ground, accountCount + spareCount + leaverCount, 5, cheapPasswords);
  const people = made.map((each, n) => ({ ...each, credentials: credentialsOf(n) }));
  const compositions = new Map(network.compositions.map((each) => [each.code, each]));
  const prng = createPrng(1);
  // Of a place where it stops once: otherwise a pair of stations would not say which way is meant.
  const daily = network.trains.filter(
    ({ days, stops }) =>
      days.weekdays === everyDay && new Set(stops.map((stop) => stop.stationId)).size === stops.length,
  );
  return {
    dataDir,
    accounts: people.slice(0, accountCount),
    spares: people.slice(accountCount, accountCount + spareCount),
    leavers: people.slice(accountCount + spareCount),
    trains: Array.from({ length: busyTrainCount }, () => {
      const { trainNumber, stops, compositionCode } = prng.pick(daily);
      const seats = seatsOf(compositions.get(compositionCode)!);
      const counted = seatClasses.filter((each) => each !== "standing" && seats.has(each));
      return {
        trainNumber,
        stations: stops.map((stop) => stop.stationId),
        seatsOfClass: Object.fromEntries(counted.map((each) => [each, seats.get(each)!.length])),
      };
    }),
    dates: [3, 5, 8].map((days) => addDays(today, days)),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Short, so that unpaid orders expire while others are made. */
const paymentTimeoutSeconds = 8;

/** Behind a proxy that is believed: addresses of callers are drawn, too, or the first hundred wrong passwords would be the last. */
export const startPlatform = (place: Place, port: number, workers: number): Promise<ServerProcess> =>
  startServer(place, port, {
    // An account that lets three orders go would buy no more that day, and there are a million requests.
    ...policySetting(timeToPay(paymentTimeoutSeconds)),
    REQUESTS_PER_ACCOUNT_SECOND: "0",
    TRUST_PROXY: "1",
    WORKERS: String(workers),
    HOST: "127.0.0.1",
  });

/** Resident memory of a process in MiB; null where the system does not tell, or it is gone. */
export async function residentMib(pid: number): Promise<number | null> {
  const status = `/proc/${pid}/status`;
  if (existsSync("/proc/self/status")) {
    try {
      return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(status, "utf8"))?.[1]) / 1_024;
    } catch {
      return null;
    }
  }
  const text = await new Response(Bun.spawn(["ps", "-o", "rss=", "-p", String(pid)]).stdout).text();
  return text.trim() === "" ? null : Number(text) / 1_024;
}

/** As the running platform stores and checks them, at a cost that lets many accounts be made in a moment. */
const cheapPasswords: Passwords = {
  hash: async (password) =>
    ok(await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 8, timeCost: 1 })),
  verify: async (password, stored) => ok(stored !== null && (await Bun.password.verify(password, stored))),
  isCommon: () => false,
};
