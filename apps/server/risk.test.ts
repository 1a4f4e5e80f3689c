/** Purchases are judged on a platform in one process: who is too quick solves a challenge, who is blocked does not buy, and it is told why. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import {
  type Accepted,
  type Appeal,
  type Challenge,
  type ChallengeSolved,
  challengeHeader,
  type Problem,
} from "@chepiao/contracts";
import { createLogger } from "@chepiao/runtime";
import { isSolvedBy } from "@chepiao/services/challenges";
import { riskCommand } from "./commands/risk/index.ts";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { auditTrailIn } from "./testing/auditTrail.ts";
import { runInFolder } from "./testing/command.ts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, type TestUser } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";

const composition = { code: "RISK", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const world = await createWorld({ userCount: 2, passengersPerUser: 1, trainCount: 2, stationCount: 3, composition });
cleanUp.defer(world.remove);
const folder = cleanUp.use(openDataFolder(world.dataDir));
const logTo = { level: "silent", write() {} } as const;
const bits = 8;
const rules = [{ signal: "accountPerMinute", over: 2, points: 100 } as const];
const platform = await startEmbedded({
  config: readConfig({
    PORT: "0",
    HOST: "127.0.0.1",
    SHED_AFTER_MS: "0",
    ...policySetting({ risk: { mode: "on", workBits: bits, recordOneIn: 1, rules } }),
  }),
  folder,
  logger: createLogger(logTo),
  logTo,
  firstTimetable: async () => {},
  broken(error) {
    throw error;
  },
});
cleanUp.defer(() => platform.stop());
const [anna, bert] = world.users as [TestUser, TestUser];

async function call<T>(user: TestUser, path: string, body: unknown, headers = {}) {
  const response = await fetch(platform.server.url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${user.token}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as T & Partial<Problem>) };
}

async function appealsOf(user: TestUser): Promise<readonly Appeal[]> {
  const response = await fetch(`${platform.server.url}/api/appeals`, {
    headers: { authorization: `Bearer ${user.token}` },
  });
  return ((await response.json()) as { appeals: Appeal[] }).appeals;
}

/** A train that nobody knows is judged as any other: programs try, too. */
const buy = (user: TestUser, trainNumber = "NONE", headers = {}) =>
  call<Accepted>(
    user,
    "/api/order",
    {
      trainNumber,
      originDate: world.date,
      from: "S0",
      to: "S2",
      seatClass: "second",
      passengers: [{ passengerId: user.passengerIds[0] }],
    },
    headers,
  );
const ask = (user: TestUser) => call<Challenge>(user, "/api/challenges", { act: "purchase" });
const answer = (user: TestUser, challenge: string, text: string) =>
  call<ChallengeSolved>(user, "/api/challenges/answer", { challenge, answer: text });

function worked(challenge: string, isRight = true): string {
  for (let n = 0; ; n++) if (isSolvedBy(challenge, String(n), bits) === isRight) return String(n);
}

/** Within a minute, which may have just begun: tries until it is challenged, and a few more of them than the rule says. */
async function untilChallenged(user: TestUser): Promise<readonly (string | undefined)[]> {
  const codes = [];
  do codes.push((await buy(user)).code);
  while (codes.at(-1) !== "ChallengeRequired" && codes.length < 20);
  return codes;
}

async function noted(): Promise<string> {
  return JSON.stringify(await auditTrailIn(world.dataDir));
}

const chepiao = (...args: readonly string[]) => runInFolder(riskCommand, world.dataDir, args);

test("who tries too often is challenged, and buys once with the challenge solved by the own session", async () => {
  const codes = await untilChallenged(anna);
  expect([codes[0], codes[1], codes.at(-1)]).toEqual(["RunUnknown", "RunUnknown", "ChallengeRequired"]);
  const { challenge } = await ask(anna);
  expect((await answer(bert, challenge, worked(challenge))).code).toBe("ChallengeInvalid");
  expect((await answer(anna, challenge, worked(challenge, false))).code).toBe("ChallengeWrong");
  const { proof } = await answer(anna, challenge, worked(challenge));
  const withProof = { [challengeHeader]: proof };
  await untilChallenged(bert);
  expect((await buy(bert, world.trains[0], withProof)).code).toBe("ChallengeRequired");
  const bought = await buy(anna, world.trains[0], withProof);
  expect([bought.status, bought.orderNo]).toEqual([202, expect.any(String)]);
  await untilChallenged(anna);
  expect((await buy(anna, world.trains[1], withProof)).code).toBe("ChallengeRequired");
});

test("operators see the rules, and why purchases of an account were turned away", async () => {
  expect((await chepiao("rules")).text).toContain("purchases that the account tried within a minute");
  const account = `account:${anna.userId}`;
  let told = { exit: 1, text: "" };
  for (let poll = 0; poll < 200 && !told.text.includes("solved challenge"); poll++) {
    if (poll > 0) await Bun.sleep(50);
    told = await chepiao("explain", account);
  }
  expect(told.text).toContain("needed a challenge, 100 points");
  expect(told.text).toMatch(/\+100 +3 +purchases that the account tried within a minute/);
  expect((await chepiao("explain", "account:999999")).text).toContain("Nothing was decided");
});

test("other rules are tried on what was recorded, also on purchases that were let through, and nothing is changed by it", async () => {
  const file = join(world.dataDir, "stricter.json");
  const rulesIn = (over: number) => ({
    extends: "12306",
    risk: { mode: "on", rules: [{ signal: "accountPerMinute", over, points: 300 }] },
  });
  await Bun.write(file, JSON.stringify(rulesIn(0)));
  let told = { exit: 1, text: "" };
  for (let poll = 0; poll < 200 && !/^ +allow +0 +0 +[1-9]/m.test(told.text); poll++) {
    if (poll > 0) await Bun.sleep(50);
    told = await chepiao("try", file);
  }
  expect(told.text).toMatch(/^ +as decided +→ allow +→ challenge +→ refuse$/m);
  expect(told.text).toMatch(/^ +allow +0 +0 +[1-9]\d*$/m);
  expect(told.text).toMatch(/^ +challenge +0 +0 +[1-9]\d*$/m);
  expect(told.text).toContain("times  purchases that the account tried within a minute");
  expect(told.text).toMatch(
    new RegExp(`account ${anna.userId}: (?:allow, 0|challenge, 100) points → refuse, 300 points`),
  );
  expect((await chepiao("try", "--hours", "1")).text).toContain("Nobody's purchase would have been decided otherwise.");
  await Bun.write(file, JSON.stringify(rulesIn(1_000)));
  expect((await chepiao("try", file)).text).toContain("no rule counts for any of them");
  await Bun.write(file, "{");
  expect((await chepiao("try", file)).exit).toBe(2);
  expect((await chepiao("try", join(world.dataDir, "nowhere.json"))).exit).toBe(2);
  await Bun.write(file, JSON.stringify({ extends: "12306" }));
  expect((await chepiao("try", file)).exit).toBe(2);
});

test("who is blocked does not buy, with a reference to ask about, until it is taken back", async () => {
  expect((await chepiao("list")).text).toBe("Nobody is blocked.");
  const account = `account:${bert.userId}`;
  const blocked = await chepiao("block", account, "--reason", "resells tickets", "--hours", "2");
  const [reference] = blocked.text.split(" ");
  const until = async (code: string, isIt: boolean) => {
    for (let poll = 0; poll < 200; poll++) {
      const bought = await buy(bert);
      if ((bought.code === code) === isIt) return bought;
      await Bun.sleep(50);
    }
    throw new Error(`still not: ${code} ${isIt}`);
  };
  expect(await until("PurchasesBlocked", true)).toMatchObject({ status: 403, facts: { reference } });
  expect((await buy(anna)).code).not.toBe("PurchasesBlocked");
  expect((await chepiao("list")).text).toContain(`${reference}  account ${bert.userId}`);
  expect((await chepiao("explain", account)).text).toContain("resells tickets");
  expect((await chepiao("explain", reference!)).text).toContain(`account ${bert.userId}`);
  expect((await chepiao("explain", "0123456789AB")).exit).toBe(1);
  expect((await chepiao("unblock", account)).exit).toBe(0);
  await until("PurchasesBlocked", false);
  expect((await chepiao("unblock", account)).exit).toBe(1);
});

test("who is blocked appeals once and reads the answer; what is granted lifts the block, and all of it is on the audit trail", async () => {
  const account = `account:${bert.userId}`;
  const [reference] = (await chepiao("block", account, "--reason", "resells tickets")).text.split(" ");
  const text = "I bought \u001b[2J for my family.";
  expect((await call<Appeal>(anna, "/api/appeals", { reference, text })).code).toBe("AppealUnknown");
  expect(await call<Appeal>(bert, "/api/appeals", { reference, text })).toMatchObject({ status: 200, state: "open" });
  expect((await chepiao("appeals", "--open")).text).toContain(`${reference}  account ${bert.userId}`);
  expect((await chepiao("appeal", reference!, "refuse", "--reason", "Your cards say otherwise.")).exit).toBe(0);
  expect((await chepiao("appeal", reference!, "grant", "--reason", "x")).exit).toBe(1);
  expect(await appealsOf(bert)).toMatchObject([{ state: "refused", answer: "Your cards say otherwise." }]);
  expect((await chepiao("list")).text).toContain(reference!);

  const [again] = (await chepiao("block", account, "--reason", "resells tickets")).text.split(" ");
  await call(bert, "/api/appeals", { reference: again, text: "Please look again." });
  const granted = await chepiao("appeal", again!.toLowerCase(), "grant", "--reason", "Sorry, our mistake.");
  expect(granted.text).toContain(`account ${bert.userId} may buy again`);
  expect((await chepiao("list")).text).toBe("Nobody is blocked.");
  expect(await appealsOf(bert)).toMatchObject([
    { state: "granted", answer: "Sorry, our mistake." },
    { state: "refused" },
  ]);
  const all = (await chepiao("appeals")).text;
  expect(all).toContain("“I bought [2J for my family.”");
  expect(all).toContain("granted: Sorry, our mistake.");
  expect((await chepiao("appeals", "--open")).text).toBe("No appeal waits for an answer.");
  expect((await chepiao("appeal", again!, "grant", "--reason", "x")).exit).toBe(1);
  const told = await noted();
  expect(told).toContain(`grant appeals against ${again}`);
  expect(told).toContain("Sorry, our mistake.");
  expect(told).not.toContain("for my family");
});

test("what is no subject, reason or time is refused", async () => {
  const wrong = [
    ["block", "account:0", "--reason", "x"],
    ["block", "somebody", "--reason", "x"],
    ["block", "address:203.0.113.0/24", "--reason", "x"],
    ["block", "network:nowhere", "--reason", "x"],
    ["block", "account:1"],
    ["block", "account:1", "--reason", "x".repeat(201)],
    ["block", "account:1", "--reason", "x", "--hours", "0"],
    ["explain", "address:203.0.113.9"],
    ["list", "account:1"],
    ["list", "--open"],
    ["appeals", "0F1E2D3C4B5A"],
    ["appeal", "0F1E2D3C4B5A", "grant"],
    ["appeal", "0F1E2D3C4B5A", "lift", "--reason", "x"],
    ["appeal", "account:1", "grant", "--reason", "x"],
    ["appeal"],
    ["explain"],
    [],
  ];
  for (const args of wrong) expect([args, (await chepiao(...args)).exit]).toEqual([args, 2]);
  const network = await chepiao("block", "network:2001:db8:1:2::3", "--reason", "x");
  expect(network.text).toContain("network 2001:db8:1::/48");
  expect((await chepiao("unblock", "network:2001:db8:1::/48")).exit).toBe(0);
});

test("what the list shows of an address is taken back as it stands there, and the audit trail does not name all of it", async () => {
  await chepiao("block", "address:2001:db8:1:2::3", "--reason", "x");
  await chepiao("block", "address:203.0.113.9", "--reason", "x");
  expect((await chepiao("list")).text).toContain("address 2001:db8:1:2::/64");
  expect((await chepiao("unblock", "address:2001:db8:1:2::/64")).exit).toBe(0);
  expect((await chepiao("unblock", "address:203.0.113.9")).exit).toBe(0);
  const told = await noted();
  expect(told).toContain("an address in 203.0.113.0/24");
  expect(told).toContain("an address in 2001:db8:1::/48");
  expect(told).not.toContain("203.0.113.9");
  expect(told).not.toContain("2001:db8:1:2");
});
