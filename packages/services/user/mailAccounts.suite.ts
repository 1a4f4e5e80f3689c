/** The rules of accounts that are known by a mail address, as a railway's policy may ask: those of phones, word for word. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  type LoginAnswer,
  policiesOf,
  policyDefault,
  type Registration,
  type SessionView,
  type User,
  withChanges,
} from "@chepiao/contracts";
import { dayMs, epochMs } from "@chepiao/kernel";
import { createMemoryDeliveries } from "@chepiao/ports/deliveries";
import { createMemoryNotificationStore } from "@chepiao/ports/notification-store";
import { codeOf, createProcess, registration, start, type Stores } from "./user.suite.ts";

type Process = ReturnType<typeof createProcess>;

const byMail = withChanges(policyDefault, { account: { knownBy: "email" } });
const policies = policiesOf([firstPolicyVersion(byMail)]);
const mailed = (n: number, email: string): Registration => {
  const { phone: _, ...rest } = registration(n, { email });
  return rest;
};
const register = (of: Process, n: number, email = `Traveller${n}@example.com`) =>
  of.call("register", { body: mailed(n, email) });
const logIn = (of: Process, username: string, password = "correct horse") =>
  of.call("login", { body: { username, password } });
const sessionOf = async (of: Process, n: number, password?: string): Promise<SessionView> => {
  const { token } = of.bodyOf(await of.logIn(n, password)) as LoginAnswer;
  return (await of.room.client.authenticate(token))!;
};
const lastCode = ({ messenger }: Process) => String(messenger.sent.at(-1)!.facts["code"]);
/** Nobody waits for a message; once nothing is under way all are sent. */
const askCode = async (of: Process, username: string) => {
  const answer = await of.call("askPasswordReset", { body: { username }, address: "10.4.0.1" });
  await of.room.close();
  return answer;
};

export function mailAccountsSuite(stores: string, open: () => Promise<Stores> | Stores): void {
  test(`${stores}: a mail address that the policy asks for is proved by a code, logged in by and written to`, async () => {
    const here = createProcess(await open(), { policies });
    const account = here.bodyOf(await register(here, 1, " Traveller1@EXAMPLE.com ")) as User;
    expect(account).toMatchObject({ knownBy: "email", phoneMasked: null, emailMasked: "T***@example.com" });
    expect(codeOf(await logIn(here, "traveller1@example.com"))).toBe("WrongCredentials");
    const mail = { channel: "mail", to: "Traveller1@example.com" };
    await here.proveContact(await sessionOf(here, 1));
    expect(here.messenger.sent).toMatchObject([{ ...mail, template: "emailProofCode" }]);
    for (const name of ["traveller1@example.com", "TRAVELLER1@EXAMPLE.COM ", "Traveller1"])
      expect([name, codeOf(await logIn(here, name))]).toEqual([name, "ok"]);
    expect(codeOf(await askCode(here, "TRAVELLER1@example.com"))).toBe("ok");
    expect(here.messenger.sent.at(-1)).toMatchObject({ ...mail, template: "passwordResetCode" });
    const asked = { username: "traveller1@Example.com", code: lastCode(here), password: "a new sentence" };
    expect(codeOf(await here.call("resetPassword", { body: asked }))).toBe("ok");
    expect(codeOf(await logIn(here, "traveller1@example.com", "a new sentence"))).toBe("ok");
    await here.room.close();
    expect(here.messenger.sent.at(-1)).toMatchObject({ ...mail, template: "passwordChanged" });
    const reset = await here.room.forceReset("traveller1@example.com", "lost", true);
    expect(reset).toEqual({ contactMasked: "T***@example.com", code: null });
  });

  test(`${stores}: that a password was changed stands in the message centre, and is mailed as what is told of orders`, async () => {
    const notifications = createMemoryNotificationStore();
    const deliveries = createMemoryDeliveries();
    const here = createProcess(await open(), { policies, notifications, deliveries });
    await register(here, 1, "traveller1@example.com");
    const session = await sessionOf(here, 1);
    const change = (oldPassword: string, newPassword: string) =>
      here.call("changePassword", { session, body: { oldPassword, newPassword } });
    expect(codeOf(await change("correct horse", "battery staple"))).toBe("ok");
    await here.room.close();
    // Nobody has proved that address: it is told there once, and never again.
    expect(here.messenger.sent).toMatchObject([{ to: "traveller1@example.com", template: "passwordChanged" }]);
    expect([notifications.all().length, deliveries.all().length]).toEqual([1, 0]);
    await here.proveContact(session);
    const sent = here.messenger.sent.length;
    expect(codeOf(await change("battery staple", "a new sentence"))).toBe("ok");
    await here.room.close();
    expect(here.messenger.sent).toHaveLength(sent);
    expect(deliveries.all()).toMatchObject([{ userId: session.userId, kind: "passwordChanged", state: "queued" }]);
    expect(notifications.all().map(({ kind, facts }) => [kind, facts.orderNo])).toEqual([
      ["passwordChanged", null],
      ["passwordChanged", null],
    ]);
  });

  test(`${stores}: that a password was changed is sent at once where it cannot be written`, async () => {
    const deliveries = { ...createMemoryDeliveries(), add: () => Promise.reject(new Error("away")) };
    const here = createProcess(await open(), {
      policies,
      notifications: createMemoryNotificationStore(),
      deliveries,
      report() {},
    });
    await register(here, 1, "traveller1@example.com");
    const session = await sessionOf(here, 1);
    await here.proveContact(session);
    const body = { oldPassword: "correct horse", newPassword: "battery staple" };
    expect(codeOf(await here.call("changePassword", { session, body }))).toBe("ok");
    await here.room.close();
    expect(here.messenger.sent.at(-1)).toMatchObject({ to: "traveller1@example.com", template: "passwordChanged" });
  });

  test(`${stores}: whoever registers hears the same of a mail address that is another's and of one that is free`, async () => {
    const here = createProcess(await open(), { policies });
    await register(here, 1);
    await here.proveContact(await sessionOf(here, 1));
    const heard = [];
    for (const [n, email] of [
      [2, "TRAVELLER1@example.com"],
      [3, "free@example.com"],
    ] as const) {
      const password = "battery staple";
      const answers = [await here.call("register", { body: { ...mailed(n, email), password } })];
      answers.push(await logIn(here, email, password), await askCode(here, email));
      const session = await sessionOf(here, n, password);
      answers.push(await here.call("askContactCode", { session }));
      answers.push(await here.call("proveContact", { session, body: { code: "00000000" } }));
      heard.push(answers.map(codeOf));
    }
    expect(heard[0]).toEqual(["ok", "WrongCredentials", "ok", "ok", "ContactCodeWrong"]);
    expect(heard[1]).toEqual(heard[0]);
    const told = here.messenger.sent.filter(({ template }) => template === "emailNamedAgain");
    expect(told).toMatchObject([{ channel: "mail", to: "TRAVELLER1@example.com" }]);
  });

  test(`${stores}: only who reads a code hears that a mail address is another's, and deletion frees it`, async () => {
    const here = createProcess(await open(), { policies });
    for (const n of [1, 2]) here.bodyOf(await register(here, n, "one@example.com"));
    const [first, second] = [await sessionOf(here, 1), await sessionOf(here, 2)];
    await here.proveContact(first);
    const prove = async () => {
      here.bodyOf(await here.call("askContactCode", { session: second }));
      return here.call("proveContact", { session: second, body: { code: lastCode(here) } });
    };
    expect(codeOf(await prove())).toBe("ContactTaken");
    const removed = await here.call("deleteAccount", { session: first, body: { password: "correct horse" } });
    expect(codeOf(removed)).toBe("ok");
    expect(codeOf(await prove())).toBe("ok");
    expect(codeOf(await logIn(here, "one@example.com"))).toBe("ok");
  });

  test(`${stores}: a known account logs in by its username, whoever has proved its mail address`, async () => {
    const here = createProcess(await open(), { policies });
    const seed = { account: mailed(1, "demo@example.com") };
    expect(await here.room.seedAccount(seed)).toMatchObject({ created: true });
    expect(codeOf(await logIn(here, "demo@example.com"))).toBe("ok");
    await register(here, 2, "demo@example.com");
    await here.proveContact(await sessionOf(here, 2));
    expect(await here.room.seedAccount(seed)).toMatchObject({ created: false });
    for (const [name, username] of [
      ["demo@example.com", "traveller2"],
      ["traveller1", "traveller1"],
    ] as const)
      expect(here.bodyOf(await logIn(here, name))).toMatchObject({ user: { username } });
  });

  test(`${stores}: codes to one mailbox are counted together, in whatever case and with whatever note it is written`, async () => {
    const here = createProcess(await open(), { policies });
    const heard = [];
    for (const [at, address] of ["one@example.com", "One@example.com", "one+3@example.com"].entries()) {
      const n = at + 1;
      here.bodyOf(await register(here, n, address));
      const session = await sessionOf(here, n);
      for (let asked = 0; asked < 4; asked++)
        heard.push(codeOf(await here.call("askContactCode", { session, address: `10.6.3.${n}` })));
    }
    expect(heard).toEqual([...Array(10).fill("ok"), ...Array(2).fill("TooManyRequests")]);
    await here.room.close();
    const sent = here.messenger.sent.length;
    await askCode(here, "traveller3");
    expect(here.messenger.sent).toHaveLength(sent);
  });

  test(`${stores}: one mailbox hears once a day that an account names an address of it`, async () => {
    const here = createProcess(await open(), { policies });
    for (const [n, address] of [
      [1, "one+a@example.com"],
      [2, "one+b@example.com"],
    ] as const) {
      await register(here, n, address);
      await here.proveContact(await sessionOf(here, n));
    }
    for (const [n, address] of [
      [3, "one+a@example.com"],
      [4, "one+b@example.com"],
    ] as const)
      await register(here, n, address);
    await here.room.close();
    expect(here.messenger.sent.filter(({ template }) => template === "emailNamedAgain")).toHaveLength(1);
  });

  test(`${stores}: a mail address is changed to another by a code that was sent there and the password, as a phone is`, async () => {
    const here = createProcess(await open(), { policies });
    await register(here, 1);
    const session = await sessionOf(here, 1);
    await here.proveContact(session);
    const contact = "New.Box@example.com";
    const asked = (typed: string) =>
      here.call("askContactChange", { session, body: { contact: typed, password: "correct horse" } });
    for (const wrong of ["13900000001", "a@b", "a@example.com, b@example.com"])
      expect([wrong, codeOf(await asked(wrong))]).toEqual([wrong, "MalformedRequest"]);
    here.bodyOf(await asked(contact));
    const body = { contact: "new.box@EXAMPLE.com", code: lastCode(here) };
    expect(here.bodyOf(await here.call("changeContact", { session, body }))).toMatchObject({
      knownBy: "email",
      phoneMasked: null,
      emailMasked: "n***@example.com",
      contactProved: true,
    });
    await here.room.close();
    expect(here.messenger.sent.at(-1)).toMatchObject({ to: "Traveller1@example.com", template: "emailChanged" });
    expect(codeOf(await logIn(here, contact))).toBe("ok");
    expect(codeOf(await logIn(here, "traveller1@example.com"))).toBe("WrongCredentials");
  });

  test(`${stores}: who registered with a phone keeps it when the policy asks for mail addresses from then on, and back`, async () => {
    const versions = [policyDefault, byMail, policyDefault].map((policy, n) => ({
      version: n + 1,
      from: epochMs(n === 0 ? 0 : start + n * dayMs),
      policy,
    }));
    const here = createProcess(await open(), { policies: policiesOf(versions) });
    await here.proveContact((await here.enter(1)).session);
    await here.clock.advance(dayMs);
    expect(codeOf(await here.call("register", { body: registration(2) }))).toBe("MalformedRequest");
    await register(here, 2);
    await here.proveContact(await sessionOf(here, 2));
    const reached = async () => [
      codeOf(await logIn(here, registration(1).phone)),
      codeOf(await logIn(here, "traveller2@example.com")),
    ];
    expect(await reached()).toEqual(["ok", "ok"]);
    await here.clock.advance(dayMs);
    expect(await reached()).toEqual(["ok", "ok"]);
    expect(codeOf(await register(here, 3))).toBe("MalformedRequest");
  });
}
