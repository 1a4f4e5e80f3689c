/**
 * A platform full of people for the HTTP cases: the demo network, and many accounts that are already logged in. Made once for a
 * bench run and copied for each round, because a sold-out train measures something else.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSqlSessionStore, createSqlTimetableStore, createSqlUserStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { LoginAnswer } from "@chepiao/contracts";
import { createIdSource, dateIn, parseZone, serviceDate } from "@chepiao/kernel";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemoryPasswords } from "@chepiao/ports/passwords";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";
import { createUser, demoResidentId } from "@chepiao/services/user";
import { demoDays, generateDemoNetwork } from "../../apps/server/data/demo/generate.ts";

export type Buyer = { readonly token: string; readonly passengerId: number };
export type BenchWorld = Disposable & {
  readonly buyers: readonly Buyer[];
  /** A fresh copy of the data folder. */
  copy(): { readonly dataDir: string; remove(): void };
};

const zone = parseZone("Asia/Shanghai")!;

export async function createBenchWorld(buyerCount: number, say: (line: string) => void): Promise<BenchWorld> {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-bench-"));
  const started = performance.now();
  const buyers: Buyer[] = [];
  {
    await using database = await openSqlite(join(folder, "chepiao.db"));
    // Nothing here has to survive a power cut, and waiting for the disk would take longer than the bench.
    await sql`pragma synchronous = off`.execute(database.sql);
    const stores = {
      timetable: createSqlTimetableStore(database.sql),
      users: createSqlUserStore(database.sql),
      sessions: createSqlSessionStore(database.sql),
    };
    buyers.push(...(await settle(stores, join(folder, "keys.json"), buyerCount)));
  }
  say(`world: ${buyerCount} accounts in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  return {
    buyers,
    copy() {
      const dataDir = mkdtempSync(join(tmpdir(), "chepiao-bench-round-"));
      cpSync(folder, dataDir, { recursive: true });
      return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

type WorldStores = {
  readonly timetable: TimetableStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
};

/** The demo network, and people who are logged in. */
export async function settle(stores: WorldStores, keysFile: string, buyerCount: number): Promise<Buyer[]> {
  const clock = createSystemClock();
  const network = generateDemoNetwork(1, dateIn(zone, clock.now()), demoDays);
  await stores.timetable.replace(network, { soldRuns: async () => new Set() });
  const room = createUser({
    users: stores.users,
    sessions: stores.sessions,
    codes: createMemoryOneTimeCodes(),
    limiter: createMemoryRateLimiter(clock),
    securityEvents: createMemorySecurityEvents(),
    messenger: null,
    identityVerifier: createMemoryIdentityVerifier(),
    vault: createVault(await loadOrCreateKeys(keysFile)),
    passwords: createMemoryPasswords(),
    clock,
    random: createSystemRandom(),
    ids: createIdSource(63),
    zone,
  });
  const buyers: Buyer[] = [];
  for (let n = 0; n < buyerCount; n++) buyers.push(await makeBuyer(room, n));
  return buyers;
}

async function makeBuyer(room: ReturnType<typeof createUser>, n: number): Promise<Buyer> {
  const call = { clientAddress: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, request: new Request("http://bench/") };
  const bornYear = 1930 + (Math.floor(n / 900) % 70);
  const bornDay = String(1 + Math.floor(n / 63_000)).padStart(2, "0");
  const credentials = { username: `buyer${n}`, password: "a password of the bench" };
  const registration = {
    ...credentials,
    realName: `乘客${n}`,
    documentType: "residentId",
    documentNumber: demoResidentId(serviceDate(`${bornYear}-01-${bornDay}`), n % 900),
    phone: `139${String(n).padStart(8, "0")}`,
  };
  await bodyOf(room.handlers.register({ ...call, body: registration } as never));
  const login = await bodyOf<LoginAnswer>(room.handlers.login({ ...call, body: credentials } as never));
  const session = { userId: login.user.userId, sessionId: "", role: "passenger" };
  const { passengers } = await bodyOf<{ passengers: { passengerId: number }[] }>(
    room.handlers.listPassengers({ ...call, session } as never),
  );
  return { token: login.token, passengerId: passengers[0]!.passengerId };
}

async function bodyOf<T>(answer: unknown): Promise<T> {
  const settled = (await answer) as { ok: boolean; value?: { body: T }; error?: unknown };
  if (!settled.ok) throw new Error(`the bench world could not be made: ${JSON.stringify(settled.error)}`);
  return settled.value!.body;
}
