/** The rules of codes that nobody takes, takes late, or that somebody else asks for. */
import { expect, test } from "bun:test";
import { firstPolicyVersion, messageChannels, policiesOf, policyDefault, withChanges } from "@chepiao/contracts";
import { dayMs, epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryMessenger, type Messenger } from "@chepiao/ports/messenger";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryUserStore } from "@chepiao/ports/user-store";
import { codeWithinMs } from "./oneTimeCodes.ts";
import { codeOf, createProcess, numbers, registration, start } from "./user.suite.ts";

type Process = ReturnType<typeof createProcess>;
type Session = Awaited<ReturnType<Process["enter"]>>["session"];

const processOf = (deps: Parameters<typeof createProcess>[1] = {}) =>
  createProcess(
    { users: createMemoryUserStore(), sessions: createMemorySessionStore(), codes: createMemoryOneTimeCodes() },
    deps,
  );
/** One that is away until it is said to be there. */
function failing() {
  const taken = createMemoryMessenger();
  let isAway = true;
  const messenger: Messenger = {
    channels: messageChannels,
    send: (message) => (isAway ? Promise.reject(new Error("the mail server is away")) : taken.send(message)),
  };
  return { messenger, sent: taken.sent, comeBack: () => (isAway = false) };
}
const passwordReset = (of: Process, username: string, address: string) =>
  of.call("askPasswordReset", { body: { username }, address });
const contactCode = (of: Process, session: Session, address = "10.6.0.1") =>
  of.call("askContactCode", { session, address });
const contactChange = (of: Process, session: Session) =>
  of.call("askContactChange", {
    session,
    body: { contact: "13712345678", password: "correct horse" },
    address: "10.6.0.2",
  });

test("whoever asks for a code hears in time that a carrier does not answer", async () => {
  const clock = createManualClock(start);
  let handed = 0;
  const messenger: Messenger = {
    channels: messageChannels,
    send() {
      handed++;
      return new Promise<never>(() => {});
    },
  };
  const here = processOf({ messenger, clock, report: () => {} });
  const { session } = await here.enter(1);
  for (const ask of [contactCode, contactChange]) {
    let answer: string | null = null;
    const before = handed;
    const asked = ask(here, session).then((reply) => (answer = codeOf(reply)));
    while (handed === before) await Bun.sleep(1);
    await clock.advance(codeWithinMs - 1);
    expect(answer).toBeNull();
    await clock.advance(1);
    expect(await asked).toBe("ServiceUnavailable");
  }
});

test("a code that fails after its asker was told costs him nothing, and until then it counts", async () => {
  const clock = createManualClock(start);
  const fails: (() => void)[] = [];
  const messenger: Messenger = {
    channels: messageChannels,
    send: () => new Promise<never>((_, reject) => fails.push(() => reject(new Error("gave up")))),
  };
  const here = processOf({ messenger, clock, report: () => {} });
  const { session } = await here.enter(1);
  const ask = async () => {
    const before = fails.length;
    const asked = contactCode(here, session).then(codeOf);
    while (fails.length === before) await Bun.sleep(1);
    await clock.advance(codeWithinMs);
    return asked;
  };
  for (const _ of numbers(5)) expect(await ask()).toBe("ServiceUnavailable");
  expect(codeOf(await contactCode(here, session))).toBe("TooManyRequests");
  for (const fail of fails) fail();
  await clock.advance(0);
  expect(await ask()).toBe("ServiceUnavailable");
});

test("codes that nobody took cost the account and the mailbox nothing, and the address that asked its tries", async () => {
  const { messenger, sent, comeBack } = failing();
  const here = processOf({ messenger, report: () => {} });
  const { session } = await here.enter(1);
  for (const ask of [contactCode, contactChange])
    for (const _ of numbers(11)) expect(codeOf(await ask(here, session))).toBe("ServiceUnavailable");
  for (const _ of numbers(11)) expect(codeOf(await passwordReset(here, "traveller1", "10.6.0.3"))).toBe("ok");
  await here.room.close();
  for (const n of numbers(20))
    expect([n, codeOf(await contactCode(here, session, "10.6.0.4"))]).toEqual([n, "ServiceUnavailable"]);
  expect(codeOf(await contactCode(here, session, "10.6.0.4"))).toBe("TooManyRequests");
  comeBack();
  for (const ask of [contactCode, contactChange]) expect(codeOf(await ask(here, session))).toBe("ok");
  expect(codeOf(await passwordReset(here, "traveller1", "10.6.0.3"))).toBe("ok");
  await here.room.close();
  expect(sent).toHaveLength(3);
});

test("the holder of a phone is told that it is named again at the next time where nobody took the word of it", async () => {
  const clock = createManualClock(start);
  const taken = createMemoryMessenger();
  let isAway = false;
  const messenger: Messenger = {
    channels: messageChannels,
    send: (message) => (isAway ? Promise.reject(new Error("away")) : taken.send(message)),
  };
  const here = processOf({ messenger, clock, report: () => {} });
  const { session } = await here.enter(1);
  here.bodyOf(await contactCode(here, session));
  here.bodyOf(await here.call("proveContact", { session, body: { code: String(taken.sent.at(-1)!.facts["code"]) } }));
  const { phone } = registration(1);
  for (const [n, away] of [
    [2, true],
    [3, false],
  ] as const) {
    isAway = away;
    here.bodyOf(await here.call("register", { body: registration(n, { phone }) }));
    await here.room.close();
  }
  expect(taken.sent.filter(({ template }) => template === "phoneNamedAgain")).toHaveLength(1);
});

test("whoever only names a phone keeps no code from the account that has proved it", async () => {
  const here = processOf();
  const { phone } = registration(1);
  const strangers = [];
  for (const n of [2, 3, 4]) strangers.push((await here.enter(n, { phone })).session);
  const exhausted = [];
  for (const [n, session] of strangers.entries())
    for (const _ of numbers(5)) exhausted.push(codeOf(await contactCode(here, session, `10.6.1.${n}`)));
  expect(exhausted).toEqual([...Array<string>(10).fill("ok"), ...Array<string>(5).fill("TooManyRequests")]);
  // The owner had it before the strangers came.
  await here.clock.advance(dayMs);
  const { session } = await here.enter(1);
  await here.proveContact(session);
  for (const n of [2, 3]) {
    const { token } = here.bodyOf(await here.logIn(n)) as { token: string };
    const stranger = (await here.room.client.authenticate(token))!;
    for (const _ of numbers(5)) await contactCode(here, stranger, `10.6.2.${n}`);
  }
  const before = here.messenger.sent.length;
  expect(codeOf(await passwordReset(here, phone, "10.6.0.3"))).toBe("ok");
  await here.room.close();
  expect(here.messenger.sent.slice(before)).toMatchObject([{ to: phone, template: "passwordResetCode" }]);
});

test("a new password is asked for where the kind of contact is carried that accounts are known by, or were, and nowhere else", async () => {
  const byMail = withChanges(policyDefault, { account: { knownBy: "email" } });
  const versions = (mailFrom: number) =>
    policiesOf([firstPolicyVersion(policyDefault), { version: 2, from: epochMs(mailFrom), policy: byMail }]);
  const heard = async (carried: "mail" | "sms", mailFrom: number) => {
    const here = processOf({ messenger: createMemoryMessenger([carried]), policies: versions(mailFrom) });
    return codeOf(await passwordReset(here, "nobody", "10.6.0.3"));
  };
  expect([await heard("mail", start), await heard("sms", start)]).toEqual(["ok", "ok"]);
  // Not yet: nobody is known by a mail address.
  expect([await heard("mail", start + dayMs), await heard("sms", start + dayMs)]).toEqual(["ServiceUnavailable", "ok"]);
});

test("a password that was taken away is said to be, also where nobody takes the code", async () => {
  const here = processOf({ messenger: failing().messenger, report: () => {} });
  await here.enter(1);
  const reset = await here.room.forceReset("traveller1", "lost", true);
  expect(reset).toEqual({
    contactMasked: "139****0001",
    code: expect.stringMatching(/^\d{8}$/),
    notSent: "the mail server is away",
  });
  expect(codeOf(await here.logIn(1))).toBe("WrongCredentials");
});
