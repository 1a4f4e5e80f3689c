/** The rules by which accounts lapse that never proved who they are, and by which all others stay. */
import { expect, test } from "bun:test";
import { dayMs, type UserId } from "@chepiao/kernel";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import type { UserDeps } from "./index.ts";
import { codeOf, createProcess, registration, type Stores } from "./user.suite.ts";

type Process = ReturnType<typeof createProcess>;

export function lapseSuite(stores: string, open: () => Promise<Stores> | Stores): void {
  const process = async (deps: Partial<UserDeps> = {}) =>
    createProcess(await open(), { hasBought: async () => false, ...deps });

  /** One whole pass over all accounts. */
  async function lapse({ room }: Process) {
    const job = room.work.find(({ name }) => name === "accounts that never proved who they are");
    if (job?.kind !== "job") throw new Error("it is a job");
    while (await job.pass());
    await room.close();
  }
  const isThere = async (here: Process, n: number) => codeOf(await here.logIn(n)) === "ok";
  const register = async (here: Process, n: number) =>
    expect(codeOf(await here.call("register", { body: registration(n) }))).toBe("ok");

  test(`${stores}: an account that never proved anything lapses after half a year, and leaves name, phone and document free`, async () => {
    const here = await process({ identityVerifier: createMemoryIdentityVerifier([], "notCovered") });
    await register(here, 1);
    await here.clock.advance(179 * dayMs);
    await lapse(here);
    expect(await isThere(here, 1)).toBe(true);
    await here.clock.advance(dayMs + 1);
    await lapse(here);
    expect(await isThere(here, 1)).toBe(false);
    await register(here, 1);
    expect(await isThere(here, 1)).toBe(true);
    expect(here.room.securityCounters).toMatchObject({ "deleteAccount.success": 1 });
  });

  test(`${stores}: who has proved phone or document, has bought or is logged in does not lapse`, async () => {
    const verifier = createMemoryIdentityVerifier([], "notCovered");
    const bought = new Set<number>();
    const here = await process({ identityVerifier: verifier, hasBought: async (userId) => bought.has(userId) });
    await here.proveContact((await here.enter(1)).session);
    bought.add((await here.enter(2)).session.userId);
    await register(here, 3);
    await register(here, 4);
    verifier.verify = async () => "matches";
    await register(here, 5);
    verifier.verify = async () => "notCovered";
    await here.clock.advance(181 * dayMs);
    await here.logIn(3);
    await lapse(here);
    expect(await Promise.all([1, 2, 3, 4, 5].map((n) => isThere(here, n)))).toEqual([true, true, true, false, true]);
  });

  test(`${stores}: nobody lapses for an outage of the register: he is asked about once more, and stays until it answers`, async () => {
    const verifier = createMemoryIdentityVerifier();
    const here = await process({ identityVerifier: verifier });
    verifier.isThere = false;
    await register(here, 1);
    await here.clock.advance(400 * dayMs);
    await lapse(here);
    expect(await isThere(here, 1)).toBe(true);
    verifier.isThere = true;
    await here.clock.advance(dayMs);
    await lapse(here);
    const { session } = await here.enter(2);
    expect(await isThere(here, 1)).toBe(true);
    const known = await here.room.client.passengers(session.userId as UserId);
    expect(known.map(({ proof }) => proof)).toEqual(["proved"]);
  });

  test(`${stores}: where nothing can be proved nothing lapses`, async () => {
    for (const deps of [
      { identityVerifier: "believeEverybody" },
      { identityVerifier: "believeNobody", messenger: null },
      { identityVerifier: createMemoryIdentityVerifier([], "notCovered"), messenger: null },
    ] as const) {
      const here = await process(deps);
      await register(here, 1);
      await here.clock.advance(1_000 * dayMs);
      await lapse(here);
      expect(await isThere(here, 1)).toBe(true);
    }
  });

  test(`${stores}: an account whose orders nobody can tell of stays`, async () => {
    const here = createProcess(await open(), { identityVerifier: createMemoryIdentityVerifier([], "notCovered") });
    await register(here, 1);
    await here.clock.advance(400 * dayMs);
    await lapse(here);
    expect(await isThere(here, 1)).toBe(true);
  });
}
