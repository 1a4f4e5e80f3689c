/** Mails on their way: tried again as long as they are news, lost by no death, sent twice by one alone. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  type Message,
  type NotificationPreferences,
  policyDefault,
  preferencesDefault,
  type Timetable,
} from "@chepiao/contracts";
import { createPrng, dayMs, epochMs, fen, hourMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryDeliveries, type Deliveries, type NewDelivery } from "@chepiao/ports/deliveries";
import { MessageRefused, type Messenger } from "@chepiao/ports/messenger";
import { claimedForMs, createMailing, decideFailed, type MailingDeps, retryMs } from "./mailing.ts";
import { createTelling, mailableForMs } from "./telling.ts";

const noon = epochMs(Date.parse("2026-11-20T12:00:00+08:00"));
const timetable = { policy: firstPolicyVersion(policyDefault), station: () => null } as unknown as Timetable;
const delivery = (n: number): NewDelivery => ({
  userId: n as UserId,
  notificationId: `moneyReturned:R${n}`,
  channel: "mail",
  kind: "moneyReturned",
  facts: { orderNo: `E${n}`, trips: [], moneyFen: fen(100) },
  at: noon,
});

async function open(count: number, send: (message: Message) => Promise<void>) {
  const deliveries = createMemoryDeliveries();
  const clock = createManualClock(noon);
  await deliveries.add(Array.from({ length: count }, (_, n) => delivery(n + 1)));
  const counted: string[] = [];
  const addresses = new Map<UserId, string>();
  const preferences = new Map<UserId, NotificationPreferences>();
  const messenger: Messenger = { channels: ["mail"], send };
  const deps: MailingDeps = {
    clock,
    timetable: () => timetable,
    deliveries,
    store: { preferences: async (userId) => preferences.get(userId) ?? null },
    users: { mailAddress: async (userId) => addresses.get(userId) ?? `user${userId}@example.com` },
    messenger,
    count: (what) => void counted.push(what),
  };
  const process = (more: Partial<MailingDeps> = {}) => createMailing({ ...deps, ...more });
  return { deliveries, clock, counted, deps, preferences, process };
}
const states = ({ deliveries }: { readonly deliveries: { all(): readonly { readonly state: string }[] } }) =>
  deliveries.all().map(({ state }) => state);

test("a try that failed is made again, ever later, as long as it is news; what is refused for good is not", () => {
  const failed = (tries: number, now: number, error: unknown = new Error("later")) =>
    decideFailed({ at: noon, tries }, error, epochMs(now));
  expect([1, 2, 3, 7, 8, 9, 1_000].map(retryMs)).toEqual([
    30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000, 3_600_000,
  ]);
  expect(failed(1, noon)).toEqual({ state: "queued", lastError: "later", dueAt: epochMs(noon + 30_000) });
  expect(failed(30, noon + mailableForMs - retryMs(30) - 1)).toMatchObject({ state: "queued" });
  expect(failed(30, noon + mailableForMs - retryMs(30))).toMatchObject({ state: "failed", lastError: "later" });
  expect(failed(1, noon, new MessageRefused("550 unknown"))).toEqual({
    state: "bounced",
    lastError: "550 unknown",
    at: noon,
  });
});

test("a mailbox that is not there keeps nobody else waiting, and a server that takes nothing is said to", async () => {
  const refused = (message: Message) =>
    message.to.startsWith("user2@") ? Promise.reject(new MessageRefused("550 unknown")) : Promise.resolve();
  const one = await open(3, refused);
  expect(await one.process()()).toBe(false);
  expect(states(one)).toEqual(["sent", "bounced", "sent"]);
  expect(one.counted.toSorted()).toEqual(["mailsBounced", "mailsSent", "mailsSent"]);
  let isAway = true;
  const away = await open(2, () => (isAway ? Promise.reject(new Error("421 busy")) : Promise.resolve()));
  expect(away.process()()).rejects.toThrow("nobody takes mails: 421 busy");
  await away.clock.advance(29 * secondMs);
  expect(await away.process()()).toBe(false);
  expect(away.deliveries.all()[0]).toMatchObject({ state: "queued", tries: 1, lastError: "421 busy" });
  isAway = false;
  await away.clock.advance(secondMs);
  await away.process()();
  expect(states(away)).toEqual(["sent", "sent"]);
});

test("an account that has no proved address any more gets nothing, and one whose address changed gets it there", async () => {
  const sent: string[] = [];
  const here = await open(2, async ({ to }) => void sent.push(to));
  const now = new Map([[1 as UserId, "new@example.com"]]);
  await here.process({ users: { mailAddress: async (userId) => now.get(userId) ?? null } })();
  expect([sent, states(here)]).toEqual([["new@example.com"], ["sent", "dropped"]]);
});

test("an address that cannot be read is a try that failed, and is given up like others", async () => {
  const here = await open(2, async () => {});
  const users = {
    mailAddress: async (userId: UserId) => {
      if (userId === 1) throw new Error("the seal is broken");
      return "user2@example.com";
    },
  };
  await here.process({ users })();
  expect(states(here)).toEqual(["queued", "sent"]);
  for (let day = 0; states(here).includes("queued") && day < 60; day++) {
    await here.clock.advance(hourMs);
    await here
      .process({ users })()
      .catch(() => {});
  }
  expect(states(here)).toEqual(["failed", "sent"]);
});

test("where one cannot be noted, those in hand beside it are taken and noted before the pass is over", async () => {
  const here = await open(8, async () => await Bun.sleep(5));
  const settle: Deliveries["settle"] = async (each, ...more) => {
    if (each.userId === 1) throw new Error("the database is away");
    return here.deliveries.settle(each, ...more);
  };
  const pass = here.process({ deliveries: { claim: here.deliveries.claim, settle } });
  expect(await pass().then(String, String)).toContain("the database is away");
  expect(states(here).filter((state) => state === "sent")).toHaveLength(7);
});

test("a notification is kept, and its mail is due, whether or not its account can be asked for; then it is heard of again", async () => {
  const deliveries = createMemoryDeliveries();
  const told: string[] = [];
  const tell = createTelling({
    clock: createManualClock(noon),
    store: {
      add: async (added) => void told.push(...added.map(({ notificationId }) => notificationId)),
      erase: async () => {},
    },
    deliveries,
    users: {
      mailAddress: () => Promise.reject(new Error("away")),
      isDeleted: () => Promise.reject(new Error("away")),
    },
    carriesMails: true,
  });
  const { channel: _, ...notification } = delivery(1);
  // Nobody knows whether it may be kept.
  expect(tell([notification])).rejects.toThrow("away");
  await Bun.sleep(0);
  expect([told, states({ deliveries })]).toEqual([[notification.notificationId], ["queued"]]);
});

test("a slow server is given no more than can be taken while it is claimed, and the rest comes to its turn later", async () => {
  const here = await open(40, async () => await here.clock.advance(minuteMs));
  await here.process()();
  const sentAtOnce = states(here).filter((state) => state === "sent").length;
  expect(sentAtOnce).toBeLessThan(40);
  expect(here.clock.now() - noon).toBeLessThanOrEqual(claimedForMs + 8 * minuteMs);
  while (states(here).includes("queued") && here.clock.now() < noon + dayMs) {
    await here.process()();
    await here.clock.advance(claimedForMs);
  }
  expect(new Set(states(here))).toEqual(new Set(["sent"]));
});

/** A process that dies at one of the calls it makes, before it is made or after it was done; from then on nothing it does is seen. */
function mortal(rng: ReturnType<typeof createPrng>, deps: MailingDeps) {
  let callsLeft = 1 + rng.below(40);
  const dies = () => --callsLeft <= 0;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dies()) throw new Error("dead");
    const done = await work();
    if (dies()) throw new Error("dead");
    return done;
  };
  const deliveries: Pick<Deliveries, "claim" | "settle"> = {
    claim: (asked) => call(() => deps.deliveries.claim(asked)),
    settle: (...args) => call(() => deps.deliveries.settle(...args)),
  };
  const messenger: Messenger = { channels: ["mail"], send: (message) => call(() => deps.messenger.send(message)) };
  return createMailing({ ...deps, deliveries, messenger });
}

test("I7 processes that die anywhere lose no mail, and send one twice only where they died between its send and its note", async () => {
  const doubled = [];
  for (let seed = 1; seed <= 60; seed++) {
    const rng = createPrng(seed);
    const taken: string[] = [];
    const here = await open(12, async ({ messageId }) => void taken.push(messageId));
    let noted = 0;
    const { settle } = here.deliveries;
    here.deliveries.settle = async (...args) => {
      await settle(...args);
      noted++;
    };
    for (let turn = 0; states(here).includes("queued"); turn++) {
      expect(turn).toBeLessThan(400);
      await Promise.all(Array.from({ length: 1 + rng.below(2) }, () => mortal(rng, here.deps)().catch(() => {})));
      await here.clock.advance(claimedForMs);
      // Deaths come less often than mails grow old.
      if (here.clock.now() - noon > mailableForMs / 2) await here.process()();
    }
    expect([seed, new Set(taken).size, new Set(states(here))]).toEqual([seed, 12, new Set(["sent"])]);
    // Each was noted once: whatever was taken besides was handed over by a process that died before its note.
    expect([seed, noted]).toEqual([seed, 12]);
    doubled.push(taken.length - 12);
  }
  expect(doubled.some((count) => count > 0)).toBe(true);
});

test("what an account does not want is not mailed, and what nobody can do without is, at any hour", async () => {
  const sent: Message[] = [];
  const here = await open(0, async (message) => void sent.push(message));
  const quiet = { from: "11:00", until: "13:30", zone: "Asia/Shanghai" };
  for (const n of [1, 2, 3]) here.preferences.set(n as UserId, { notMailed: [], language: "en", quiet });
  here.preferences.set(2 as UserId, { ...preferencesDefault, notMailed: ["moneyReturned"] });
  await here.deliveries.add([delivery(1), delivery(2), { ...delivery(3), kind: "trainCancelled" }]);
  expect(await here.process()()).toBe(false);
  expect(states(here)).toEqual(["queued", "dropped", "sent"]);
  expect(sent.map(({ facts, language }) => [facts["title"], language])).toEqual([["Your train does not run", "en"]]);
  expect(here.counted.toSorted()).toEqual(["mailsDropped", "mailsSent"]);
  await here.clock.advance(89 * minuteMs);
  await here.process()();
  expect(sent).toHaveLength(1);
  await here.clock.advance(minuteMs);
  await here.process()();
  expect([sent.length, states(here)]).toEqual([2, ["sent", "dropped", "sent"]]);
});
