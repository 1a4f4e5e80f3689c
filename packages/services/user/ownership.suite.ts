/** The rules by which an account stays its owner's: passwords, codes, sessions, deletion, and what is written down of it. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  type LoginAnswer,
  type Message,
  messageChannels,
  policiesOf,
  policyDefault,
  type User,
  withChanges,
} from "@chepiao/contracts";
import {
  dayMs,
  epochMs,
  minuteMs,
  oneTimeCodeTriesMax,
  oneTimeCodeTtlMs,
  secondMs,
  sessionTouchMs,
  type UserId,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { createMemoryMessenger } from "@chepiao/ports/messenger";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents, type SecurityEvent } from "@chepiao/ports/security-events";
import { beginAll } from "@chepiao/room";
import { codeOf, createProcess, numbers, registration, start, type Stores } from "./user.suite.ts";

type Process = ReturnType<typeof createProcess>;

export function ownershipSuite(stores: string, open: () => Promise<Stores> | Stores): void {
  const process = async (deps: Parameters<typeof createProcess>[1] = {}) => createProcess(await open(), deps);
  const processes = async () => {
    const both = await open();
    const clock = createManualClock(start);
    const limiter = createMemoryRateLimiter(clock);
    return {
      one: createProcess(both, { clock, limiter }, 1),
      other: createProcess(both, { clock, limiter }, 2),
      clock,
    };
  };
  const again = async ({ bodyOf, logIn, room }: Process, n = 1, password?: string) => {
    const { token } = bodyOf(await logIn(n, password)) as LoginAnswer;
    return { token, session: (await room.client.authenticate(token))! };
  };
  const change = ({ call }: Process, session: unknown, oldPassword: string, newPassword: string) =>
    call("changePassword", { session: session as never, body: { oldPassword, newPassword } });
  /** What was sent meanwhile: nobody waits for a message. */
  const nextMessage = async ({ messenger }: Process, after: number): Promise<Message> => {
    for (let i = 0; i < 500 && messenger.sent.length <= after; i++) await Bun.sleep(1);
    return messenger.sent[after]!;
  };
  const askCode = (of: Process, username = "traveller1", address = "10.4.0.1") =>
    of.call("askPasswordReset", { body: { username }, address });
  const codeFor = async (of: Process, username?: string) => {
    const before = of.messenger.sent.length;
    expect(codeOf(await askCode(of, username))).toBe("ok");
    return String((await nextMessage(of, before)).facts["code"]);
  };
  const reset = ({ call }: Process, code: string, password = "a new sentence", username = "traveller1") =>
    call("resetPassword", { body: { username, code, password }, address: "10.4.0.1" });

  test(`${stores}: a changed password is the only one, and ends every other session, in every process`, async () => {
    const { one, other, clock } = await processes();
    const kept = await one.enter(1);
    const second = await again(one);
    expect(await other.room.client.authenticate(second.token)).toEqual(second.session);
    expect(codeOf(await change(one, kept.session, "correct horse", "battery staple"))).toBe("ok");
    expect(await one.room.client.authenticate(kept.token)).toEqual(kept.session);
    expect(await one.room.client.authenticate(second.token)).toBeNull();
    await clock.advance(sessionTouchMs);
    expect(await other.room.client.authenticate(second.token)).toBeNull();
    expect(await other.room.client.authenticate(kept.token)).toEqual(kept.session);
    expect(codeOf(await other.logIn(1))).toBe("WrongCredentials");
    expect(codeOf(await other.logIn(1, "battery staple"))).toBe("ok");
    expect(await nextMessage(one, 0)).toMatchObject({ to: registration(1).phone, template: "passwordChanged" });
  });

  test(`${stores}: a password is changed by who knows it, and guessing it there counts as at log-in`, async () => {
    const here = await process();
    const { session, token } = await here.enter(1);
    const wrong = await change(here, session, "wrong horse", "battery staple");
    expect(wrong).toMatchObject({ error: { code: "PasswordWrong", fields: [{ path: "/oldPassword" }] } });
    const guesses = await Promise.all(numbers(20).map((n) => change(here, session, `wrong ${n}`, "battery staple")));
    expect(guesses.filter((guess) => codeOf(guess) === "PasswordWrong")).toHaveLength(9);
    expect(codeOf(await change(here, session, "correct horse", "battery staple"))).toBe("TooManyRequests");
    expect(codeOf(await here.logIn(1, "battery staple", "10.9.9.9"))).toBe("WrongCredentials");
    expect(await here.room.client.authenticate(token)).toEqual(session);
  });

  test(`${stores}: a common password and one with the account's own words are refused wherever one is set`, async () => {
    const here = await process();
    const own = { username: "li.lei", realName: "李 雷", phone: "13912345678", email: "leilei@example.com" };
    const weak = [
      "password",
      "PASSWORD1",
      "12345678",
      "zyxwvuts",
      "aaaaaaaa",
      "abababab",
      "my-Li-Lei-pass",
      "我是李雷我是李雷",
      "a13912345678",
      "leilei-leilei",
      "born 1990-05-17",
      registration(1).documentNumber,
      "Che Piao for me",
    ];
    const path = (reply: { ok: boolean; error?: { fields?: readonly { path: string }[] } }) =>
      reply.ok ? "ok" : reply.error?.fields?.[0]?.path;
    for (const [n, password] of weak.entries()) {
      const reply = await here.call("register", {
        body: registration(1, { ...own, password }),
        address: `10.5.0.${n}`,
      });
      expect([password, codeOf(reply), path(reply as never)]).toEqual([password, "PasswordTooWeak", "/password"]);
    }
    here.bodyOf(await here.call("register", { body: registration(1, { ...own, password: "tickets to Harbin" }) }));
    const login = await here.call("login", { body: { username: "li.lei", password: "tickets to Harbin" } });
    const { token } = here.bodyOf(login) as LoginAnswer;
    const session = (await here.room.client.authenticate(token))!;
    for (const password of weak) {
      const changed = await change(here, session, "tickets to Harbin", password);
      expect([password, codeOf(changed), path(changed as never)]).toEqual([
        password,
        "PasswordTooWeak",
        "/newPassword",
      ]);
    }
    for (const password of ["password", "my-Li-Lei-pass", "a13912345678"]) {
      const code = await codeFor(here, "li.lei");
      expect(codeOf(await reset(here, code, password, "li.lei"))).toBe("PasswordTooWeak");
      // The code is not used up by that.
      if (password === "a13912345678") expect(codeOf(await reset(here, code, "a fine sentence", "li.lei"))).toBe("ok");
    }
    for (const [n, fine] of ["8 quiet ponds", "lei-ho-lei-ho", "汽车火车和飞机都可以"].entries())
      expect(codeOf(await here.call("register", { body: registration(n + 2, { password: fine }) }))).toBe("ok");
  });

  test(`${stores}: one logs out everywhere else, or everywhere`, async () => {
    const { one, other, clock } = await processes();
    const kept = await one.enter(1);
    const stranger = await one.enter(2);
    const [second, third] = [await again(one), await again(other)];
    const query = { keep: "current" };
    expect(codeOf(await one.call("endSessions", { session: kept.session, query }))).toBe("ok");
    await clock.advance(sessionTouchMs);
    for (const { token } of [second, third]) expect(await other.room.client.authenticate(token)).toBeNull();
    expect(await one.room.client.authenticate(kept.token)).toEqual(kept.session);
    expect(await one.room.client.authenticate(stranger.token)).toEqual(stranger.session);
    const everywhere = await one.call("endSessions", { session: kept.session });
    expect(everywhere.ok && everywhere.value.headers?.["set-cookie"]).toContain("Max-Age=0");
    expect(await one.room.client.authenticate(kept.token)).toBeNull();
  });

  test(`${stores}: over TLS the cookie is one that only this host can set and nobody sees without TLS`, async () => {
    const here = await process();
    const { session } = await here.enter(1);
    const body = { username: "traveller1", password: "correct horse" };
    const reply = await here.call("login", { body, secure: true });
    const { token } = here.bodyOf(reply) as LoginAnswer;
    expect(reply.ok && reply.value.headers?.["set-cookie"]).toBe(
      `__Host-chepiao_session=${token}; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure`,
    );
    const left = await here.call("logout", { session, secure: true });
    expect(left.ok && left.value.headers?.["set-cookie"]).toBe(
      "__Host-chepiao_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure",
    );
  });

  test(`${stores}: a log-in ends the session that was presented with it`, async () => {
    const here = await process();
    const { token, session } = await here.enter(1);
    const body = { username: "traveller1", password: "correct horse" };
    const wrong = { ...body, password: "wrong" };
    expect(codeOf(await here.call("login", { session, body: wrong }))).toBe("WrongCredentials");
    expect(await here.room.client.authenticate(token)).toEqual(session);
    const next = here.bodyOf(await here.call("login", { session, body })) as LoginAnswer;
    expect(await here.room.client.authenticate(token)).toBeNull();
    expect(await here.room.client.authenticate(next.token)).not.toBeNull();
  });

  test(`${stores}: a code sent to the phone sets a new password once, and ends every session`, async () => {
    const { one, other } = await processes();
    const { token, session } = await one.enter(1);
    await one.proveContact(session);
    const code = await codeFor(one, "13900000001");
    expect(code).toMatch(/^\d{8}$/);
    expect(one.messenger.sent.at(-1)).toMatchObject({
      channel: "sms",
      to: "13900000001",
      template: "passwordResetCode",
      language: "zh",
    });
    const uses = await Promise.all(numbers(4).map((n) => reset(n % 2 ? one : other, code, `a new sentence ${n}`)));
    expect(uses.filter((use) => use.ok)).toHaveLength(1);
    expect(await one.room.client.authenticate(token)).toBeNull();
    expect(codeOf(await one.logIn(1))).toBe("WrongCredentials");
    const winner = uses.findIndex((use) => use.ok) + 1;
    expect(codeOf(await one.logIn(1, `a new sentence ${winner}`))).toBe("ok");
    expect(codeOf(await reset(one, code))).toBe("ResetCodeWrong");
  });

  test(`${stores}: a code has few tries and little time, and a new one ends the one before`, async () => {
    const here = await process();
    await here.enter(1);
    const first = await codeFor(here);
    for (const _ of numbers(oneTimeCodeTriesMax)) expect(codeOf(await reset(here, "00000000"))).toBe("ResetCodeWrong");
    expect(codeOf(await reset(here, first))).toBe("ResetCodeWrong");
    const [second, third] = [await codeFor(here), await codeFor(here)];
    expect(codeOf(await reset(here, second))).toBe("ResetCodeWrong");
    await here.clock.advance(oneTimeCodeTtlMs);
    expect(codeOf(await reset(here, third))).toBe("ResetCodeWrong");
    const fourth = await codeFor(here);
    await here.clock.advance(oneTimeCodeTtlMs - 1);
    expect(codeOf(await reset(here, fourth))).toBe("ok");
    expect(codeOf(await here.logIn(1, "a new sentence"))).toBe("ok");
  });

  test(`${stores}: neither asking for a code nor using one tells whether there is an account`, async () => {
    const here = await process();
    await here.enter(1);
    await here.enter(3);
    await here.room.setStatus("traveller3", "disabled", "test");
    expect(await askCode(here, "traveller1")).toEqual(await askCode(here, "traveller2"));
    expect(await askCode(here, "traveller3")).toEqual(await askCode(here, "traveller2"));
    await nextMessage(here, 0);
    const wrong = await reset(here, "00000000");
    expect(await reset(here, "00000000", "a new sentence", "traveller2")).toEqual(wrong);
    expect(await reset(here, "00000000", "a new sentence", "traveller3")).toEqual(wrong);
    await here.room.close();
    expect(here.messenger.sent.map(({ to }) => to)).toEqual(["13900000001"]);
  });

  test(`${stores}: codes are sent so often only, to one account and from one address`, async () => {
    const here = await process();
    await here.enter(1);
    const asked = await Promise.all(numbers(30).map(() => askCode(here)));
    expect(asked.filter((each) => each.ok)).toHaveLength(20);
    expect(asked.filter((each) => codeOf(each) === "TooManyRequests")).toHaveLength(10);
    expect(codeOf(await askCode(here, "traveller1", "10.4.0.2"))).toBe("ok");
    await here.room.close();
    expect(here.messenger.sent).toHaveLength(5);
  });

  test(`${stores}: where nobody carries messages no code is promised`, async () => {
    const here = await process({ messenger: null });
    await here.enter(1);
    expect(codeOf(await askCode(here))).toBe("ServiceUnavailable");
  });

  test(`${stores}: where mails alone are carried, a phone is as where nobody carries anything`, async () => {
    const here = await process({ messenger: createMemoryMessenger(["mail"]) });
    const { session } = await here.enter(1);
    expect(codeOf(await askContactCode(here, session))).toBe("ServiceUnavailable");
    // As no account is known by a mail address, that tells nobody whether there is this one.
    for (const name of ["traveller1", "nobody"]) expect(codeOf(await askCode(here, name))).toBe("ServiceUnavailable");
    // Nobody can prove a phone, so the first who named it has it.
    const login = { body: { username: registration(1).phone, password: "correct horse" } };
    expect(codeOf(await here.call("login", login))).toBe("ok");
    expect(await here.room.forceReset("traveller1", "at the desk", true)).toMatchObject({ code: expect.any(String) });
  });

  test(`${stores}: a message that nobody takes is reported, and a new code can be asked for`, async () => {
    const reports: string[] = [];
    const both = await open();
    const broken = createProcess(both, {
      messenger: { channels: messageChannels, send: () => Promise.reject(new Error("away")) },
      report: (message) => reports.push(message),
    });
    await broken.enter(1);
    expect(codeOf(await askCode(broken))).toBe("ok");
    await broken.room.close();
    expect(reports).toEqual(["a message to the owner of an account could not be sent"]);
    expect(broken.securityEvents.events.at(-1)).toMatchObject({ action: "askPasswordReset", status: "failed" });
  });

  const askContactCode = ({ call }: Process, session: unknown, address = "10.6.0.1") =>
    call("askContactCode", { session: session as never, address });
  const proveContact = ({ call }: Process, session: unknown, code: string) =>
    call("proveContact", { session: session as never, body: { code } });
  const contactCodeFor = async (of: Process, session: unknown) => {
    expect(codeOf(await askContactCode(of, session))).toBe("ok");
    return String(of.messenger.sent.at(-1)!.facts["code"]);
  };
  /** Two accounts that name one phone: that of the first, in both processes. */
  const namedTwice = async (one: Process) => {
    const first = await one.enter(1);
    const { phone } = registration(1);
    one.bodyOf(await one.call("register", { body: registration(2, { phone }) }));
    return { phone, first, second: await again(one, 2) };
  };

  test(`${stores}: who reads the code sent to a phone has it, and takes it from an account that only named it`, async () => {
    const { one, other } = await processes();
    const { phone, first, second } = await namedTwice(one);
    const byPhone = async () =>
      (one.bodyOf(await one.call("login", { body: { username: phone, password: "correct horse" } })) as LoginAnswer)
        .user.username;
    expect(codeOf(await one.call("login", { body: { username: phone, password: "correct horse" } }))).toBe(
      "WrongCredentials",
    );
    expect(one.bodyOf(await one.call("me", { session: second.session }))).toMatchObject({ contactProved: false });
    const code = await contactCodeFor(one, second.session);
    expect(one.messenger.sent.at(-1)).toMatchObject({
      channel: "sms",
      to: phone,
      template: "phoneProofCode",
      language: "zh",
    });
    expect(other.bodyOf(await proveContact(other, second.session, code))).toMatchObject({ contactProved: true });
    expect(one.bodyOf(await one.call("me", { session: second.session }))).toMatchObject({ contactProved: true });
    expect(await byPhone()).toBe("traveller2");
    // The other account stays, without the phone: no message of its goes there.
    expect(codeOf(await one.logIn(1))).toBe("ok");
    const sent = one.messenger.sent.length;
    expect(codeOf(await askCode(one, "traveller1"))).toBe("ok");
    expect(codeOf(await change(one, first.session, "correct horse", "battery staple"))).toBe("ok");
    expect((await one.room.forceReset("traveller1", "lost", true))!.code).toMatch(/^\d{8}$/);
    await one.room.close();
    expect(one.messenger.sent).toHaveLength(sent);
    // Nobody takes it from there: only who reads the code is told so.
    const late = await contactCodeFor(one, first.session);
    expect(codeOf(await proveContact(one, first.session, late))).toBe("ContactTaken");
  });

  test(`${stores}: whoever registers hears the same of a phone that is proved, named or free, and cannot find out by what follows`, async () => {
    const here = await process();
    const { session } = await here.enter(1);
    const { phone } = registration(1);
    await here.proveContact(session);
    here.bodyOf(await here.call("register", { body: registration(2) }));
    const heard = [];
    for (const [n, named] of [
      [3, phone],
      [4, registration(2).phone],
      [5, registration(5).phone],
    ] as const) {
      const registered = await here.call("register", { body: registration(n, { phone: named }) });
      const stranger = await again(here, n);
      heard.push([
        codeOf(registered),
        (here.bodyOf(await here.call("me", { session: stranger.session })) as User).contactProved,
        codeOf(await here.call("login", { body: { username: named, password: "correct horse 2" } })),
        codeOf(await askContactCode(here, stranger.session, `10.6.1.${n}`)),
        codeOf(await proveContact(here, stranger.session, "00000000")),
      ]);
    }
    expect(heard[0]).toEqual(["ok", false, "WrongCredentials", "ok", "ContactCodeWrong"]);
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[2]).toEqual(heard[0]);
    // It is its holder's as before.
    const { user } = here.bodyOf(
      await here.call("login", { body: { username: phone, password: "correct horse" } }),
    ) as LoginAnswer;
    expect(user.username).toBe("traveller1");
  });

  test(`${stores}: the holder of a proved phone is told that another account names it, once a day`, async () => {
    const here = await process();
    const { session } = await here.enter(1);
    const { phone } = registration(1);
    await here.proveContact(session);
    const told = () => here.messenger.sent.filter(({ template }) => template === "phoneNamedAgain");
    for (const n of [2, 3]) here.bodyOf(await here.call("register", { body: registration(n, { phone }) }));
    await here.room.close();
    expect(told()).toMatchObject([{ to: phone, channel: "sms" }]);
    await here.clock.advance(dayMs);
    here.bodyOf(await here.call("register", { body: registration(4, { phone }) }));
    await here.room.close();
    expect(told()).toHaveLength(2);
  });

  test(`${stores}: where no codes are sent one logs in by the phone that one named first`, async () => {
    const here = await process({ messenger: null });
    const { phone } = registration(1);
    for (const n of [1, 2]) here.bodyOf(await here.call("register", { body: registration(n, { phone }) }));
    const { user } = here.bodyOf(
      await here.call("login", { body: { username: phone, password: "correct horse" } }),
    ) as LoginAnswer;
    expect(user.username).toBe("traveller1");
  });

  test(`${stores}: a code that was sent before another proved the phone proves nothing any more`, async () => {
    const here = await process();
    const { first, second } = await namedTwice(here);
    const [late, quick] = [await contactCodeFor(here, first.session), await contactCodeFor(here, second.session)];
    expect(codeOf(await proveContact(here, first.session, quick))).toBe("ContactCodeWrong");
    expect(codeOf(await proveContact(here, second.session, quick))).toBe("ok");
    expect(codeOf(await proveContact(here, first.session, late))).toBe("ContactTaken");
  });

  test(`${stores}: a code for a phone has few tries, little time and one use, and is none for a password`, async () => {
    const here = await process();
    const { session } = await here.enter(1);
    const first = await contactCodeFor(here, session);
    expect(codeOf(await reset(here, first))).toBe("ResetCodeWrong");
    const wrong = await proveContact(here, session, "00000000");
    expect(wrong).toMatchObject({ error: { code: "ContactCodeWrong", fields: [{ path: "/code" }] } });
    for (const _ of numbers(oneTimeCodeTriesMax - 1)) await proveContact(here, session, "00000000");
    expect(codeOf(await proveContact(here, session, first))).toBe("ContactCodeWrong");
    const second = await contactCodeFor(here, session);
    await here.clock.advance(oneTimeCodeTtlMs);
    const { session: later } = await again(here);
    expect(codeOf(await proveContact(here, later, second))).toBe("ContactCodeWrong");
    const third = await contactCodeFor(here, later);
    const uses = await Promise.all(numbers(3).map(() => proveContact(here, later, third)));
    expect(uses.filter((use) => use.ok)).toHaveLength(1);
  });

  test(`${stores}: codes for a phone are sent so often only, to one account and to one phone that several name`, async () => {
    const here = await process();
    const { phone, first, second } = await namedTwice(here);
    here.bodyOf(await here.call("register", { body: registration(3, { phone }) }));
    const third = await again(here, 3);
    const askTimes = async (session: unknown, address: string) =>
      (await Promise.all(numbers(7).map(() => askContactCode(here, session, address)))).filter((each) => each.ok)
        .length;
    expect(await askTimes(first.session, "10.6.0.1")).toBe(5);
    expect(await askTimes(second.session, "10.6.0.2")).toBe(5);
    expect(await askTimes(third.session, "10.6.0.3")).toBe(0);
    expect(here.messenger.sent).toHaveLength(10);
  });

  test(`${stores}: no code for a phone is promised that nobody carries, and what is done with phones is written down`, async () => {
    const none = await process({ messenger: null });
    expect(codeOf(await askContactCode(none, (await none.enter(1)).session))).toBe("ServiceUnavailable");
    const reports: string[] = [];
    const broken = await process({
      messenger: { channels: messageChannels, send: () => Promise.reject(new Error("away")) },
      report: (message) => reports.push(message),
    });
    const { session } = await broken.enter(1);
    expect(codeOf(await askContactCode(broken, session))).toBe("ServiceUnavailable");
    expect(reports).toEqual(["a code that proves a phone or mail address could not be sent"]);
    await proveContact(broken, session, "00000000");
    await broken.room.close();
    expect(broken.securityEvents.events.slice(-2)).toMatchObject([
      { action: "askContactCode", status: "failed", userId: session.userId },
      { action: "proveContact", status: "refused", reason: "ContactCodeWrong" },
    ]);
  });

  test(`${stores}: an operator takes a password away; only the code gives another, and sessions end everywhere`, async () => {
    const { one, other, clock } = await processes();
    const { token } = await one.enter(1);
    await other.room.client.authenticate(token);
    const shown = (await one.room.forceReset("traveller1", "lost her phone", false))!;
    expect(shown.contactMasked).toBe("139****0001");
    await clock.advance(sessionTouchMs);
    expect(await other.room.client.authenticate(token)).toBeNull();
    for (const password of ["correct horse", ""]) expect(codeOf(await one.logIn(1, password))).toBe("WrongCredentials");
    expect(codeOf(await reset(one, shown.code!))).toBe("ok");
    expect(codeOf(await one.logIn(1, "a new sentence"))).toBe("ok");
    expect(await one.room.forceReset("traveller1", "again", true)).toEqual({
      contactMasked: "139****0001",
      code: null,
    });
    expect(one.messenger.sent.at(-1)).toMatchObject({ template: "passwordResetCode" });
    expect(await one.room.forceReset("nobody", "x", true)).toBeNull();
  });

  test(`${stores}: sessions that an account has ended are over even in a store that did not hear of it`, async () => {
    const both = await open();
    const clock = createManualClock(start);
    const one = createProcess(both, { clock }, 1);
    const { token } = await one.enter(1);
    await clock.advance(secondMs);
    // A command line beside a cluster, which cannot reach where the sessions are.
    const beside = createProcess({ ...both, sessions: (await open()).sessions }, { clock }, 2);
    await beside.room.setStatus("traveller1", "disabled", "stolen");
    await beside.room.setStatus("traveller1", "active");
    await clock.advance(sessionTouchMs);
    expect(await one.room.client.authenticate(token)).toBeNull();
  });

  test(`${stores}: an account is deleted with its password, and frees its name, phone and document`, async () => {
    const here = await process();
    const { session, token } = await here.enter(1);
    const remove = (password: string) => here.call("deleteAccount", { session, body: { password } });
    expect(await remove("wrong")).toMatchObject({ error: { code: "PasswordWrong", fields: [{ path: "/password" }] } });
    expect(codeOf(await here.call("me", { session }))).toBe("ok");
    expect(codeOf(await remove("correct horse"))).toBe("ok");
    expect(await here.room.client.authenticate(token)).toBeNull();
    expect(codeOf(await here.logIn(1))).toBe("WrongCredentials");
    expect(codeOf(await here.call("me", { session }))).toBe("NotLoggedIn");
    expect(await here.room.client.passengers(session.userId as UserId)).toEqual([]);
    const { session: next } = await here.enter(1);
    expect(next.userId).not.toBe(session.userId);
  });

  test(`${stores}: an account with something to pay or a trip before it is not deleted yet`, async () => {
    let isUnderWay = true;
    const asked: number[] = [];
    const here = await process({
      ordersUnderWay: async (userId) => {
        asked.push(userId);
        return isUnderWay;
      },
    });
    const { session } = await here.enter(1);
    const remove = (password: string) => here.call("deleteAccount", { session, body: { password } });
    expect(codeOf(await remove("wrong"))).toBe("PasswordWrong");
    expect(asked).toEqual([]);
    expect(codeOf(await remove("correct horse"))).toBe("OrdersUnderWay");
    expect(asked).toEqual([session.userId]);
    expect(codeOf(await here.logIn(1))).toBe("ok");
    isUnderWay = false;
    expect(codeOf(await remove("correct horse"))).toBe("ok");
  });

  test(`${stores}: an account that is erased loses what it was told before and meanwhile, and one that stays keeps it`, async () => {
    const erased: number[] = [];
    const here = await process({
      notifications: { add: async () => {}, erase: async (userId) => void erased.push(userId) },
      deliveries: { add: async () => {}, erase: async (userId) => void erased.push(userId) },
    });
    const { session } = await here.enter(1);
    const remove = (password: string) => here.call("deleteAccount", { session, body: { password } });
    expect([codeOf(await remove("wrong")), erased]).toEqual(["PasswordWrong", []]);
    expect(await here.room.client.isDeleted(session.userId as UserId)).toBe(false);
    expect(codeOf(await remove("correct horse"))).toBe("ok");
    expect(erased).toEqual(Array.from({ length: 4 }, () => session.userId));
    expect(await here.room.client.isDeleted(session.userId as UserId)).toBe(true);
  });

  test(`${stores}: who registered with a phone logs in by it when its region is not taken any more, and nobody registers with one`, async () => {
    const later = dayMs;
    const policies = policiesOf([
      firstPolicyVersion(policyDefault),
      { version: 2, from: epochMs(start + later), policy: withChanges(policyDefault, { phoneRegions: ["DE"] }) },
    ]);
    const here = await process({ policies });
    await here.proveContact((await here.enter(1)).session);
    const byPhone = (name: string) => here.call("login", { body: { username: name, password: "correct horse" } });
    const { phone } = registration(1);
    expect(codeOf(await byPhone(phone))).toBe("ok");
    await here.clock.advance(later);
    expect(codeOf(await byPhone(phone))).toBe("ok");
    expect(codeOf(await byPhone(`+86 ${phone}`))).toBe("ok");
    const other = registration(2, { phone: `+86 ${registration(2).phone}` });
    expect(codeOf(await here.call("register", { body: other }))).not.toBe("ok");
  });

  test(`${stores}: tries by a phone of a region that is not taken any more are counted together where there is no account, too`, async () => {
    const policies = policiesOf([
      firstPolicyVersion(policyDefault),
      { version: 2, from: epochMs(start), policy: withChanges(policyDefault, { phoneRegions: ["DE"] }) },
    ]);
    const here = await process({ policies });
    const { phone } = registration(1);
    const spellings = [`+86 ${phone}`, `+86-${phone}`, `0086${phone}`, `+86${phone}`];
    const codes: string[] = [];
    for (let n = 0; n < 11; n++) {
      const username = spellings[n % spellings.length]!;
      codes.push(codeOf(await here.call("login", { body: { username, password: "wrong horse" } })));
    }
    expect(new Set(codes.slice(0, 10))).toEqual(new Set(["WrongCredentials"]));
    expect(codes[10]).toBe("TooManyRequests");
  });

  test(`${stores}: an account that waits for seats is not deleted yet, and its people may be proved meanwhile`, async () => {
    let isWaiting = true;
    const here = await process({
      waitsForSeats: async () => isWaiting,
      identityVerifier: createMemoryIdentityVerifier(),
    });
    const { session } = await here.enter(1);
    const remove = () => here.call("deleteAccount", { session, body: { password: "correct horse" } });
    expect(codeOf(await remove())).toBe("OrdersUnderWay");
    expect(codeOf(await here.logIn(1))).toBe("ok");
    const [self] = await here.room.client.passengers(session.userId as UserId);
    const params = { passengerId: self!.passengerId };
    expect(codeOf(await here.call("provePassenger", { session, params }))).toBe("ok");
    isWaiting = false;
    expect(codeOf(await remove())).toBe("ok");
  });

  test(`${stores}: what happens to accounts is written down, without names, phones, passwords or whole addresses`, async () => {
    const here = await process();
    const { session } = await here.enter(1);
    const events = here.securityEvents.events;
    const last = async (): Promise<SecurityEvent> => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      return events.at(-1)!;
    };
    expect(await last()).toEqual({
      timestamp: start,
      level: "INFO",
      service: "user-service",
      traceId: "t",
      userId: session.userId,
      action: "login",
      message: "login success",
      status: "success",
      reason: null,
      nameHash: expect.stringMatching(/^[\da-f]{16}$/),
      address: "10.0.0.0/24",
    });
    const { nameHash } = await last();
    await here.logIn(1, "wrong", "2001:db8:1:2:3:4:5:6");
    const refused = { status: "refused", level: "WARN", nameHash, address: "2001:db8:1::/48" };
    const { userId } = session;
    expect(await last()).toMatchObject({ ...refused, userId, action: "login", reason: "WrongCredentials" });
    await here.logIn(7, "wrong");
    expect(await last()).toMatchObject({ userId: null, nameHash: expect.not.stringContaining(nameHash!) });
    await change(here, session, "wrong", "battery staple");
    expect(await last()).toMatchObject({ action: "changePassword", reason: "PasswordWrong", userId: session.userId });
    await change(here, session, "correct horse", "battery staple");
    expect(await last()).toMatchObject({ action: "changePassword", status: "success" });
    await here.room.setRole("traveller1", "operator", "on call");
    expect(await last()).toMatchObject({
      service: "command-line",
      action: "changeRole",
      reason: "passenger → operator: on call",
      address: null,
      userId: session.userId,
      nameHash,
    });
    await here.room.setStatus("traveller1", "disabled", "scripted purchases");
    expect(await last()).toMatchObject({ action: "changeStatus", reason: "disabled: scripted purchases" });
    await here.logIn(1, "battery staple");
    expect(await last()).toMatchObject({ action: "login", reason: "AccountDisabled" });
    await here.room.setStatus("traveller1", "active");
    const { session: later } = await again(here, 1, "battery staple");
    await here.call("logout", { session: later });
    expect(await last()).toMatchObject({ action: "logout", userId: later.userId });
    const { session: leaving } = await again(here, 1, "battery staple");
    await here.call("deleteAccount", { session: leaving, body: { password: "battery staple" } });
    expect(await last()).toMatchObject({ action: "deleteAccount", status: "success" });
    expect(here.room.securityCounters).toMatchObject({
      "login.success": 3,
      "login.refused": 3,
      "changePassword.refused": 1,
      "deleteAccount.success": 1,
      "resetPassword.failed": 0,
    });
    const text = JSON.stringify(events);
    const { username, phone, documentNumber } = registration(1);
    for (const secret of [username, phone, documentNumber, "battery", "horse", "10.0.0.1", "3:4:5:6"])
      expect(text).not.toContain(secret);
  });

  test(`${stores}: events that cannot be written are reported and keep nobody waiting; those after them are written`, async () => {
    const kept = createMemorySecurityEvents();
    const reports: string[] = [];
    let isAway = true;
    const here = await process({
      securityEvents: {
        purge: kept.purge,
        append: (events) => (isAway ? Promise.reject(new Error("away")) : kept.append(events)),
      },
      report: (message) => reports.push(message),
    });
    await here.enter(1);
    expect(codeOf(await here.logIn(1, "wrong"))).toBe("WrongCredentials");
    isAway = false;
    expect(codeOf(await here.logIn(1))).toBe("ok");
    await here.room.close();
    expect(reports.length).toBeGreaterThan(0);
    expect(kept.events.at(-1)).toMatchObject({ action: "login", status: "success" });
  });

  test(`${stores}: throttling is written down once a minute for each address, however often it happens`, async () => {
    const here = await process();
    await here.enter(1);
    const flood = () => Promise.all(numbers(200).map(() => here.logIn(1, "wrong", "10.6.0.1")));
    const throttled = () => here.securityEvents.events.filter(({ reason }) => reason === "TooManyRequests").length;
    await flood();
    await here.clock.advance(secondMs);
    await flood();
    expect(throttled()).toBe(1);
    await here.clock.advance(minuteMs);
    await flood();
    await here.room.close();
    expect(throttled()).toBe(2);
    expect(here.room.securityCounters["login.refused"]).toBe(600);
  });

  test(`${stores}: expired codes and events older than 180 days are cleared away`, async () => {
    const here = await process();
    const purging = here.room.work.filter(({ name }) => name.startsWith("expired"));
    const end = beginAll(purging, { clock: here.clock, report: () => {} });
    const { session } = await here.enter(1);
    await codeFor(here);
    await here.clock.advance(20 * minuteMs);
    const { session: later } = await again(here);
    expect(later.userId).toBe(session.userId);
    const before = here.securityEvents.events.length;
    await here.clock.advance(180 * dayMs - 20 * minuteMs);
    expect(here.securityEvents.events).toHaveLength(before);
    await here.clock.advance(20 * minuteMs);
    for (let i = 0; i < 50 && here.securityEvents.events.length === before; i++) await Bun.sleep(1);
    expect(here.securityEvents.events.map(({ action }) => action)).toEqual(["login"]);
    await end();
  });
}
