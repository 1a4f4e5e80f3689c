/** The rules of the room of people, over whatever stores it is given. */
import { expect, spyOn, test } from "bun:test";
import { onlyPolicy, policyDefault, withChanges } from "@chepiao/contracts";
import type {
  LoginAnswer,
  Passenger,
  PassengerDraft,
  Refusal,
  Registration,
  Reply,
  SessionInfo,
  SessionView,
  User,
  userRoutes,
} from "@chepiao/contracts";
import { refusal } from "@chepiao/contracts";
import {
  createIdSource,
  createPrng,
  epochMs,
  hourMs,
  minuteMs,
  refuse,
  registrationsPerAddressDayDefault,
  registrationsPerAddressHourDefault,
  type Result,
  secondMs,
  serviceDate,
  sessionsPerUserMax,
  sessionTouchMs,
  sessionTtlMs,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryIdentityVerifier } from "@chepiao/ports/identity-verifier";
import { createMemoryMessenger } from "@chepiao/ports/messenger";
import type { OneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemoryPasswords } from "@chepiao/ports/passwords";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import { createMemorySessionFeed, type SessionChange } from "@chepiao/ports/session-feed";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { UserStore } from "@chepiao/ports/user-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { beginAll } from "@chepiao/room";
import { createSessions, createUser, demoResidentId, type UserDeps } from "./index.ts";

export type Stores = { readonly users: UserStore; readonly sessions: SessionStore; readonly codes: OneTimeCodes };

/** Fewer than names may be tried. */
const passengersMax = 15;
const policies = onlyPolicy(withChanges(policyDefault, { account: { passengersMax } }));
export const born = serviceDate("1990-05-17");
export const start = epochMs(Date.parse("2026-11-22T09:00:00+08:00"));

export const registration = (
  n: number,
  parts: Partial<Registration> = {},
): Registration & { readonly phone: string } => ({
  username: `traveller${n}`,
  password: "correct horse",
  realName: "张三",
  documentType: "residentId",
  documentNumber: demoResidentId(born, n),
  phone: `139${String(n).padStart(8, "0")}`,
  ...parts,
});
export const draft = (n: number, parts: Partial<PassengerDraft> = {}): PassengerDraft => ({
  name: "李四",
  documentType: "residentId",
  documentNumber: demoResidentId(serviceDate("1985-01-02"), n),
  ...parts,
});
export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** One process: a room over the stores, and its handlers as a browser would call them. */
export function createProcess(stores: Stores, deps: Partial<UserDeps> = {}, node = 1) {
  const clock = createManualClock(start);
  let registered = 0;
  const messenger = createMemoryMessenger();
  const securityEvents = createMemorySecurityEvents();
  const room = createUser({
    ...stores,
    limiter: createMemoryRateLimiter(deps.clock ?? clock),
    messenger,
    identityVerifier: createMemoryIdentityVerifier(),
    securityEvents,
    vault: createMemoryVault(),
    passwords: createMemoryPasswords(),
    clock,
    random: createSeededRandom(node),
    ids: createIdSource(node),
    zone: "Asia/Shanghai" as ZoneName,
    ...deps,
  });
  const call = async (
    name: keyof typeof userRoutes,
    parts: {
      body?: unknown;
      params?: unknown;
      query?: unknown;
      session?: SessionView | null;
      address?: string;
      secure?: boolean;
      agent?: string;
      language?: "zh" | "en";
    } = {},
  ): Promise<Result<Reply, Refusal>> => {
    const { body, params, query = {}, session = null, secure = false, agent = "Firefox", language = "zh" } = parts;
    // People register from addresses of their own: from one, only so many may.
    const address =
      parts.address ?? (name === "register" ? `10.1.${registered >> 8}.${registered++ & 255}` : "10.0.0.1");
    const request = new Request("http://localhost/", { headers: { "user-agent": agent } });
    const handler = room.handlers[name] as (call: unknown) => Promise<Result<Reply, Refusal>>;
    return handler({ body, params, query, session, clientAddress: address, secure, request, language, traceId: "t" });
  };
  const bodyOf = (reply: Result<Reply, Refusal>): unknown => {
    if (!reply.ok) throw new Error(`refused: ${reply.error.code}`);
    return reply.value.body;
  };
  const logIn = async (n: number, password = "correct horse", address?: string) =>
    call("login", { body: { username: `traveller${n}`, password }, ...(address ? { address } : {}) });
  /** A new account, logged in. */
  const enter = async (n: number, parts: Partial<Registration> = {}) => {
    bodyOf(await call("register", { body: registration(n, parts) }));
    const { token } = bodyOf(await logIn(n)) as LoginAnswer;
    return { token, session: (await room.client.authenticate(token))! };
  };
  const proveContact = async (session: SessionView) => {
    bodyOf(await call("askContactCode", { session }));
    const code = String(messenger.sent.at(-1)!.facts["code"]);
    bodyOf(await call("proveContact", { session, body: { code } }));
  };
  const time = deps.clock ? null! : clock;
  return { room, clock: time, call, bodyOf, logIn, enter, proveContact, messenger, securityEvents };
}

export const codeOf = (reply: Result<unknown, Refusal>) => (reply.ok ? "ok" : reply.error.code);
const count = (replies: readonly Result<unknown, Refusal>[], code: string) =>
  replies.filter((reply) => codeOf(reply) === code).length;

export function userSuite(stores: string, open: () => Promise<Stores> | Stores): void {
  const process = async (deps: Partial<UserDeps> = {}) => createProcess(await open(), deps);
  /** Two processes over the same stores and at the same time. */
  const processes = async () => {
    const both = await open();
    const clock = createManualClock(start);
    // Counted together, as on Redis.
    const limiter = createMemoryRateLimiter(clock);
    const one = createProcess(both, { clock, limiter, policies }, 1);
    return { one, other: createProcess(both, { clock, limiter, policies }, 2), clock };
  };

  test(`${stores}: who registers can log in, and is his own first passenger`, async () => {
    const { call, bodyOf, logIn, room } = await process();
    const account = bodyOf(await call("register", { body: registration(1, { email: "a@example.com" }) })) as User;
    expect(account).toEqual({
      userId: account.userId,
      username: "traveller1",
      realName: "张三",
      documentType: "residentId",
      documentMasked: expect.stringMatching(/^1100\*{11}.{3}$/),
      knownBy: "phone",
      phoneMasked: "139****0001",
      contactProved: false,
      emailMasked: "a***@example.com",
      role: "passenger",
    });
    const reply = await logIn(1);
    const answer = bodyOf(reply) as LoginAnswer;
    expect(answer.user).toEqual(account);
    expect(answer.expiresAt).toBe("2026-11-22T09:30:00+08:00");
    expect(reply.ok && reply.value.headers?.["set-cookie"]).toBe(
      `chepiao_session=${answer.token}; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict`,
    );
    const session = (await room.client.authenticate(answer.token))!;
    expect(session).toEqual({
      sessionId: session.sessionId,
      userId: account.userId,
      role: "passenger",
      openedAt: expect.any(Number),
    });
    expect(bodyOf(await call("me", { session })) as User).toEqual(account);
    const { passengers } = bodyOf(await call("listPassengers", { session })) as { passengers: Passenger[] };
    expect(passengers).toMatchObject([{ name: "张三", self: true, ticketType: "adult", birthDate: null }]);
  });

  test(`${stores}: one logs in by username in any case, or by a phone that one has proved`, async () => {
    const { call, bodyOf, enter, proveContact } = await process();
    await proveContact((await enter(1)).session);
    for (const username of ["TRAVELLER1", "13900000001"]) {
      bodyOf(await call("login", { body: { username, password: "correct horse" } }));
    }
    expect(codeOf(await call("register", { body: registration(2, { username: "Traveller1" }) }))).toBe("UsernameTaken");
  });

  test(`${stores}: of 20 who register one username at once, exactly one does`, async () => {
    const { one, other } = await processes();
    const replies = await Promise.all(
      numbers(20).map((n) => (n % 2 ? one : other).call("register", { body: registration(n, { username: "alice" }) })),
    );
    expect(count(replies, "ok")).toBe(1);
    expect(count(replies, "UsernameTaken")).toBe(19);
  });

  test(`${stores}: of 10 who register with one document at once, exactly 5 do`, async () => {
    const { one, other } = await processes();
    const documentNumber = demoResidentId(born, 500);
    const replies = await Promise.all(
      numbers(10).map((n) => (n % 2 ? one : other).call("register", { body: registration(n, { documentNumber }) })),
    );
    expect(count(replies, "ok")).toBe(5);
    expect(count(replies, "DocumentAccountsFull")).toBe(5);
  });

  test(`${stores}: of 30 passengers saved at once, 15 are with oneself`, async () => {
    const { one, other } = await processes();
    const { session } = await one.enter(1);
    const replies = await Promise.all(
      numbers(30).map((n) => (n % 2 ? one : other).call("addPassenger", { session, body: draft(n) })),
    );
    expect(count(replies, "ok")).toBe(passengersMax - 1);
    expect(count(replies, "PassengersFull")).toBe(30 - passengersMax + 1);
    const list = await one.call("listPassengers", { session });
    expect((one.bodyOf(list) as { passengers: Passenger[] }).passengers).toHaveLength(passengersMax);
  });

  test(`${stores}: a wrong number is refused before anything is written`, async () => {
    const { call, enter } = await process();
    const documentNumber = `${demoResidentId(born, 1).slice(0, 17)}Y`;
    expect(codeOf(await call("register", { body: registration(1, { documentNumber }) }))).toBe("DocumentInvalid");
    const { session } = await enter(1);
    expect(codeOf(await call("addPassenger", { session, body: draft(1, { documentNumber }) }))).toBe("DocumentInvalid");
  });

  test(`${stores}: no answer and no log line shows a document, a phone or a password`, async () => {
    const stdout = spyOn(globalThis.process.stdout, "write");
    const stderr = spyOn(globalThis.process.stderr, "write");
    const said: unknown[] = [];
    for (const method of ["log", "info", "warn", "error", "debug"] as const) {
      spyOn(console, method).mockImplementation((...args) => void said.push(args));
    }
    const { call, enter, logIn, room } = await process();
    const prng = createPrng(11);
    const secrets: string[] = ["correct horse", "battery staple"];
    const { session, token } = await enter(1);
    secrets.push(registration(1).documentNumber, registration(1).phone);
    for (const n of numbers(20)) {
      const digits = String(prng.below(1e8)).padStart(8, "0");
      const foreign = draft(n, { documentType: "passport", documentNumber: `E${digits}` });
      const body = prng.chance(0.5) ? draft(n) : foreign;
      const phone = `138${digits}`;
      secrets.push(body.documentNumber, phone);
      said.push(await call("addPassenger", { session, body: { ...body, phone } }));
      said.push(await call("addPassenger", { session, body: { ...body, documentNumber: `${body.documentNumber}9` } }));
    }
    said.push(await call("register", { body: registration(1) }), await call("register", { body: registration(2) }));
    said.push(
      await call("me", { session }),
      await call("listPassengers", { session }),
      await call("listSessions", { session }),
    );
    said.push(await logIn(1, "battery staple"), await logIn(3), await call("logout", { session }));
    said.push(await room.client.passengers(session.userId as UserId));
    said.push(stdout.mock.calls, stderr.mock.calls);
    for (const spy of [stdout, stderr, console.log, console.info, console.warn, console.error, console.debug]) {
      (spy as typeof stdout).mockRestore();
    }
    const text = JSON.stringify(said);
    for (const secret of [...secrets, token, "19900517"]) {
      expect(text).not.toContain(secret);
    }
  });

  test(`${stores}: a session ends 30 minutes after it was last used`, async () => {
    const { room, clock, enter } = await process();
    const { token, session } = await enter(1);
    for (const _ of numbers(5)) {
      await clock.advance(29 * minuteMs);
      expect(await room.client.authenticate(token)).toEqual(session);
    }
    // A use that was not yet written counts too.
    await clock.advance(30 * secondMs);
    expect(await room.client.authenticate(token)).toEqual(session);
    await clock.advance(sessionTtlMs - 1);
    expect(await room.client.authenticate(token)).toEqual(session);
    await clock.advance(sessionTtlMs);
    expect(await room.client.authenticate(token)).toBeNull();
    expect(await room.client.authenticate(token)).toBeNull();
  });

  test(`${stores}: however much it is used, a session ends 12 hours after it was opened, in every process`, async () => {
    const { one, other, clock } = await processes();
    const { token, session } = await one.enter(1);
    // One uses it each minute and remembers it; the other asks the store now and then.
    for (let at = 10; at < 12 * 60; at += 10) {
      await clock.advance(10 * minuteMs);
      expect(await one.room.client.authenticate(token)).toEqual(session);
      if (at % 20 === 0) expect(await other.room.client.authenticate(token)).toEqual(session);
    }
    await clock.advance(10 * minuteMs - 1);
    expect(await one.room.client.authenticate(token)).toEqual(session);
    expect(await other.room.client.authenticate(token)).toEqual(session);
    await clock.advance(1);
    expect(await one.room.client.authenticate(token)).toBeNull();
    expect(await other.room.client.authenticate(token)).toBeNull();
    expect(one.bodyOf(await one.call("listSessions", { session }))).toEqual({ sessions: [] });
  });

  test(`${stores}: a session is one in all processes: used in any, it lasts in all`, async () => {
    const { one, other, clock } = await processes();
    const { token, session } = await one.enter(1);
    expect(await other.room.client.authenticate(token)).toEqual(session);
    await clock.advance(20 * minuteMs);
    expect(await one.room.client.authenticate(token)).toEqual(session);
    await clock.advance(20 * minuteMs);
    expect(await other.room.client.authenticate(token)).toEqual(session);
  });

  test(`${stores}: within a minute a session is answered without asking the store; a made-up token never asks it`, async () => {
    const both = await open();
    const [find, slide, byId] = [
      spyOn(both.sessions, "find"),
      spyOn(both.sessions, "slide"),
      spyOn(both.users, "byId"),
    ];
    const { room, clock, enter } = createProcess(both);
    const { token } = await enter(1);
    const asked = () => find.mock.calls.length + slide.mock.calls.length + byId.mock.calls.length;
    const before = asked();
    for (const _ of numbers(100)) await room.client.authenticate(token);
    expect(asked()).toBe(before);
    await clock.advance(sessionTouchMs);
    await Promise.all(numbers(100).map(async () => room.client.authenticate(token)));
    expect(slide.mock.calls).toHaveLength(1);
    const finds = find.mock.calls.length;
    for (const made of ["", "x", "cps_", `${token}0`, token.replace(/.$/, (last) => (last === "0" ? "1" : "0"))]) {
      expect(await room.client.authenticate(made)).toBeNull();
    }
    expect(find.mock.calls).toHaveLength(finds);
  });

  test(`${stores}: a log-out holds at once here, and within a minute where no word of it comes`, async () => {
    const { one, other, clock } = await processes();
    const { token, session } = await one.enter(1);
    await other.room.client.authenticate(token);
    const reply = await one.call("logout", { session });
    expect(reply.ok && reply.value.headers?.["set-cookie"]).toStartWith("chepiao_session=; Path=/; Max-Age=0;");
    expect(await one.room.client.authenticate(token)).toBeNull();
    await clock.advance(sessionTouchMs);
    expect(await other.room.client.authenticate(token)).toBeNull();
    expect(codeOf(await one.call("logout", { session }))).toBe("ok");
  });

  test(`${stores}: where word of it goes round, a log-out and a new role hold at once in every process`, async () => {
    const both = await open();
    const clock = createManualClock(start);
    const feed = createMemorySessionFeed();
    const [one, other] = [createProcess(both, { clock, feed }, 1), createProcess(both, { clock, feed }, 2)];
    const { token, session } = await one.enter(1);
    const kept = one.bodyOf(await one.logIn(1)) as LoginAnswer;
    for (const each of [token, kept.token]) expect(await other.room.client.authenticate(each)).not.toBeNull();
    await one.call("logout", { session });
    expect(await other.room.client.authenticate(token)).toBeNull();
    await one.room.setRole("traveller1", "operator");
    expect((await other.room.client.authenticate(kept.token))?.role).toBe("operator");
    await one.room.setStatus("traveller1", "disabled");
    expect(await other.room.client.authenticate(kept.token)).toBeNull();
  });

  test(`${stores}: a log-out while the session is being looked up leaves nothing behind`, async () => {
    const { one, other } = await processes();
    const { token, session } = await one.enter(1);
    const looking = other.room.client.authenticate(token);
    await other.call("logout", { session });
    await looking;
    expect(await other.room.client.authenticate(token)).toBeNull();
  });

  test(`${stores}: a thread that is told of them knows of endings and changes before they are answered`, async () => {
    const both = await open();
    const told: SessionChange[] = [];
    const here = createProcess(both, {
      async tellOthers(change) {
        await Promise.resolve();
        told.push(change);
        there.hear(change);
      },
    });
    const { clock } = here;
    const there = createSessions({ ...both, clock, vault: createMemoryVault(), random: createSeededRandom(9) });
    const kept = await here.enter(1);
    const { token } = here.bodyOf(await here.logIn(1)) as LoginAnswer;
    const ended = (await there.authenticate(token))!;
    expect(await there.authenticate(kept.token)).toEqual(kept.session);
    await here.call("logout", { session: ended });
    expect([await there.authenticate(token), await there.authenticate(kept.token)]).toEqual([null, kept.session]);
    await here.room.setRole("traveller1", "operator");
    expect((await there.authenticate(kept.token))?.role).toBe("operator");
    await here.room.setStatus("traveller1", "disabled");
    expect(await there.authenticate(kept.token)).toBeNull();
    // Nothing is left to end, and nobody is told.
    await here.room.setStatus("traveller1", "disabled");
    expect(told.map(({ sessionId }) => sessionId)).toEqual([ended.sessionId, null, null]);
  });

  test(`${stores}: a new role holds at once here, and within a minute elsewhere`, async () => {
    const { one, other, clock } = await processes();
    const { token } = await one.enter(1);
    await other.room.client.authenticate(token);
    expect(await one.room.setRole("traveller1", "operator")).toBe(true);
    expect((await one.room.client.authenticate(token))?.role).toBe("operator");
    await clock.advance(sessionTouchMs);
    expect((await other.room.client.authenticate(token))?.role).toBe("operator");
    expect(await one.room.setRole("nobody", "admin")).toBe(false);
  });

  test(`${stores}: a disabled account is logged out, and told so only with its password`, async () => {
    const { one, other, clock } = await processes();
    const { token } = await one.enter(1);
    await other.room.client.authenticate(token);
    await one.room.setStatus("traveller1", "disabled");
    expect(await one.room.client.authenticate(token)).toBeNull();
    await clock.advance(sessionTouchMs);
    expect(await other.room.client.authenticate(token)).toBeNull();
    expect(codeOf(await one.logIn(1))).toBe("AccountDisabled");
    expect(codeOf(await one.logIn(1, "wrong"))).toBe("WrongCredentials");
    await one.room.setStatus("traveller1", "active");
    expect(codeOf(await one.logIn(1))).toBe("ok");
  });

  test(`${stores}: an account sees and ends its own sessions, and no others`, async () => {
    const { call, bodyOf, enter, logIn, room } = await process();
    const { session } = await enter(1);
    const { session: stranger } = await enter(2);
    const second = bodyOf(await logIn(1)) as LoginAnswer;
    const list = async () => (bodyOf(await call("listSessions", { session })) as { sessions: SessionInfo[] }).sessions;
    expect((await list()).filter((each) => each.current)).toHaveLength(1);
    expect(await list()).toHaveLength(2);
    expect((await list())[0]).toMatchObject({ userAgent: "Firefox", createdAt: "2026-11-22T09:00:00+08:00" });
    const sessionId = (await list()).find((each) => !each.current)!.sessionId;
    expect(codeOf(await call("endSession", { session: stranger, params: { sessionId } }))).toBe("SessionUnknown");
    expect(codeOf(await call("endSession", { session, params: { sessionId } }))).toBe("ok");
    expect(codeOf(await call("endSession", { session, params: { sessionId } }))).toBe("SessionUnknown");
    expect(await room.client.authenticate(second.token)).toBeNull();
    expect(await list()).toHaveLength(1);
  });

  test(`${stores}: past the most sessions an account may have, the oldest end`, async () => {
    const { bodyOf, enter, logIn, room, clock } = await process();
    const tokens = [(await enter(1)).token];
    for (const _ of numbers(sessionsPerUserMax + 1)) {
      await clock.advance(1);
      tokens.push((bodyOf(await logIn(1)) as LoginAnswer).token);
    }
    const alive = await Promise.all(tokens.map(async (token) => (await room.client.authenticate(token)) !== null));
    expect(alive).toEqual([false, false, ...numbers(sessionsPerUserMax).map(() => true)]);
  });

  test(`${stores}: a wrong password and an unknown name get the same answer`, async () => {
    const { enter, logIn } = await process();
    await enter(1);
    expect(await logIn(1, "wrong")).toEqual(await logIn(2, "wrong"));
  });

  test(`${stores}: whoever guesses at a name is slowed down where he sits; its owner elsewhere is not`, async () => {
    const { enter, logIn, clock } = await process();
    await enter(1);
    const replies = await Promise.all(numbers(30).map((n) => logIn(1, `wrong ${n}`, "10.0.1.1")));
    expect(count(replies, "WrongCredentials")).toBe(10);
    expect(await logIn(1, "correct horse", "10.0.1.1")).toEqual(
      refuse(refusal("TooManyRequests", { retryAfterSeconds: 30 })),
    );
    expect(codeOf(await logIn(1))).toBe("ok");
    // One more each half minute, which is the owner's as much as the other's; and once he is in, all is forgotten.
    await clock.advance(30 * secondMs);
    expect(codeOf(await logIn(1, "wrong", "10.0.1.1"))).toBe("WrongCredentials");
    expect(codeOf(await logIn(1, "wrong", "10.0.1.1"))).toBe("TooManyRequests");
    await clock.advance(30 * secondMs);
    expect(codeOf(await logIn(1, "correct horse", "10.0.1.1"))).toBe("ok");
    expect(codeOf(await logIn(1, "wrong", "10.0.1.1"))).toBe("WrongCredentials");
  });

  test(`${stores}: failures are counted by account, however it is spelled, in all processes, and by /64`, async () => {
    const { one, other } = await processes();
    await one.proveContact((await one.enter(1)).session);
    const names = ["traveller1", "TRAVELLER1", "13900000001", "Traveller1", "traveller1"];
    const replies = [];
    for (const [n, username] of [...names, ...names, ...names].entries()) {
      const body = { username, password: "wrong" };
      replies.push(await (n % 2 ? one : other).call("login", { body, address: `2001:db8::${n + 1}` }));
    }
    expect(count(replies, "WrongCredentials")).toBe(10);
    expect(codeOf(await one.logIn(1, "correct horse", "2001:db8:0:0:ffff::1"))).toBe("TooManyRequests");
    expect(codeOf(await one.logIn(1, "correct horse", "2001:db8:0:1::1"))).toBe("ok");
  });

  test(`${stores}: a name without an account is slowed down like one with`, async () => {
    const { enter, logIn } = await process();
    await enter(1);
    const [known, unknown] = [[], []] as [unknown[], unknown[]];
    for (const n of numbers(15)) {
      known.push(await logIn(1, `wrong ${n}`, "10.0.1.1"));
      unknown.push(await logIn(2, `wrong ${n}`, "10.0.1.2"));
    }
    expect(unknown).toEqual(known);
  });

  test(`${stores}: who guesses from many addresses is slowed down, and the owner gets in from where he was before`, async () => {
    const { enter, logIn, clock } = await process();
    await enter(1);
    const guesses = await Promise.all(numbers(150).map((n) => logIn(1, "wrong", `10.2.${n >> 5}.${n & 31}`)));
    expect(count(guesses, "WrongCredentials")).toBe(100);
    expect(codeOf(await logIn(1, "wrong", "10.3.0.1"))).toBe("TooManyRequests");
    expect(codeOf(await logIn(1))).toBe("ok");
    expect(codeOf(await logIn(1, "wrong"))).toBe("WrongCredentials");
    expect(codeOf(await logIn(1))).toBe("ok");
    // From a new address he takes one of the tries that come back.
    await clock.advance(36 * secondMs);
    expect(codeOf(await logIn(1, "correct horse", "10.3.0.1"))).toBe("ok");
    expect(codeOf(await logIn(1, "correct horse", "10.3.0.1"))).toBe("ok");
  });

  test(`${stores}: an address that keeps guessing waits; one from which people log in does not`, async () => {
    const { call, enter, logIn } = await process();
    await enter(1);
    for (const _ of numbers(150)) expect(codeOf(await logIn(1))).toBe("ok");
    const replies = await Promise.all(numbers(150).map((n) => logIn(1000 + n, "wrong", "10.9.9.9")));
    expect(count(replies, "WrongCredentials")).toBe(100);
    expect(codeOf(await logIn(1, "correct horse", "10.9.9.9"))).toBe("TooManyRequests");
    expect(codeOf(await call("register", { body: registration(2), address: "10.9.9.9" }))).toBe("ok");
    expect(codeOf(await logIn(1))).toBe("ok");
  });

  test(`${stores}: one address registers so often an hour, whatever comes of it, and a /64 is one address`, async () => {
    const { call, clock } = await process();
    const register = (n: number, parts: Partial<Registration>, address: string) =>
      call("register", { body: registration(n, parts), address });
    const taken = await Promise.all(numbers(10).map((n) => register(n, {}, "2001:db8:0:1::7")));
    expect(count(taken, "ok")).toBe(10);
    const refused = numbers(registrationsPerAddressHourDefault).map((n) =>
      register(n, { username: "traveller1" }, `2001:db8:0:1::${n}`),
    );
    expect(count(await Promise.all(refused), "UsernameTaken")).toBe(registrationsPerAddressHourDefault - 10);
    expect(codeOf(await register(30, {}, "2001:db8:0:1::7"))).toBe("TooManyRequests");
    expect(codeOf(await register(30, {}, "2001:db8:0:2::7"))).toBe("ok");
    await clock.advance(hourMs);
    expect(codeOf(await register(31, {}, "2001:db8:0:1::7"))).toBe("ok");
  });

  test(`${stores}: an address that registers as fast as it may each hour is stopped for the day`, async () => {
    const { call, clock } = await process();
    const codes: string[] = [];
    for (let n = 0; n < 2 * registrationsPerAddressDayDefault; n++) {
      codes.push(codeOf(await call("register", { body: registration(n), address: "10.9.9.8" })));
      if (codes.at(-1) === "TooManyRequests") break;
      if (n % registrationsPerAddressHourDefault === registrationsPerAddressHourDefault - 1)
        await clock.advance(hourMs);
    }
    // As many as a day has at once, and those that came back in the hours between.
    expect(codes.filter((code) => code === "ok").length).toBeWithin(
      registrationsPerAddressDayDefault,
      registrationsPerAddressDayDefault + 12,
    );
    await clock.advance(hourMs);
    expect(codeOf(await call("register", { body: registration(300), address: "10.9.9.8" }))).toBe("ok");
  });

  test(`${stores}: while passwords cannot be checked people are asked to come again, and it does not count against them`, async () => {
    let busy = false;
    const real = createMemoryPasswords();
    const overloaded = refuse(refusal("Overloaded"));
    const { call, enter, logIn } = await process({
      passwords: {
        isCommon: real.isCommon,
        hash: async (...asked) => (busy ? overloaded : real.hash(...asked)),
        verify: async (...asked) => (busy ? overloaded : real.verify(...asked)),
      },
    });
    await enter(1);
    busy = true;
    for (const _ of numbers(120)) expect(codeOf(await logIn(1))).toBe("Overloaded");
    for (const _ of numbers(registrationsPerAddressHourDefault + 1)) {
      expect(codeOf(await call("register", { body: registration(2), address: "10.9.9.9" }))).toBe("Overloaded");
    }
    busy = false;
    expect(codeOf(await logIn(1))).toBe("ok");
    expect(codeOf(await call("register", { body: registration(2), address: "10.9.9.9" }))).toBe("ok");
  });

  test(`${stores}: a passenger is saved once per document, however it is written`, async () => {
    const { call, enter } = await process();
    const { session } = await enter(1);
    const documentNumber = demoResidentId(serviceDate("1985-01-02"), 7);
    const add = (text: string) => call("addPassenger", { session, body: draft(0, { documentNumber: text }) });
    expect(codeOf(await add(documentNumber))).toBe("ok");
    for (const text of [documentNumber.toLowerCase(), ` ${documentNumber.slice(0, 6)} ${documentNumber.slice(6)}`]) {
      expect(codeOf(await add(text))).toBe("PassengerExists");
    }
    expect(codeOf(await add(registration(1).documentNumber))).toBe("PassengerExists");
  });

  test(`${stores}: what is wrong with a field is said in the caller's language`, async () => {
    const { call, enter } = await process();
    const { session } = await enter(1);
    const wrong = async (name: "register" | "addPassenger", language: "zh" | "en", body: unknown) => {
      const reply = await call(name, { session, body, language });
      return reply.ok ? [] : reply.error.fields;
    };
    const passport = { name: "李四", documentType: "passport", documentNumber: "E7654321" } as const;
    expect(await wrong("register", "zh", registration(2, { documentNumber: "1" }))).toEqual([
      { path: "/documentNumber", message: "不是该类证件的有效号码。" },
    ]);
    expect(await wrong("register", "en", registration(2, { documentNumber: "1" }))).toEqual([
      { path: "/documentNumber", message: "is not a number of this kind of document." },
    ]);
    const cases = [
      ["/name", { ...passport, name: " " }],
      ["/name", { ...passport, name: "🚄🚄" }],
      ["/name", { ...passport, name: "\u0301\u0301." }],
      ["/birthDate", { ...passport, ticketType: "child" }],
      ["/birthDate", { ...passport, birthDate: "2027-01-01" }],
      ["/birthDate", draft(1, { birthDate: "2018-03-05" })],
    ] as const;
    for (const [path, body] of cases) {
      const [zh, en] = [(await wrong("addPassenger", "zh", body))![0]!, (await wrong("addPassenger", "en", body))![0]!];
      expect([zh.path, en.path]).toEqual([path, path]);
      expect(zh.message).toMatch(/^[\u4e00-\u9fff]+。$/);
      expect(en.message).toMatch(/^[a-z ]+\.$/);
    }
  });

  test(`${stores}: a child is saved with a birth date that makes it one`, async () => {
    const { call, bodyOf, enter } = await process();
    const { session } = await enter(1);
    const add = (parts: Partial<PassengerDraft>) => call("addPassenger", { session, body: draft(1, parts) });
    const passport = { documentType: "passport", documentNumber: "E7654321", ticketType: "child" } as const;
    expect(codeOf(await add({ ticketType: "child" }))).toBe("TicketTypeNotAllowed");
    expect(await add(passport)).toMatchObject({
      error: { code: "MalformedRequest", fields: [{ path: "/birthDate" }] },
    });
    expect(codeOf(await add({ ...passport, birthDate: "2026-02-30" }))).toBe("MalformedRequest");
    expect(codeOf(await add({ ...passport, birthDate: "2027-01-01" }))).toBe("MalformedRequest");
    expect(codeOf(await add({ ...passport, birthDate: "2012-11-22" }))).toBe("TicketTypeNotAllowed");
    expect(bodyOf(await add({ ...passport, birthDate: "2012-11-23" })) as Passenger).toMatchObject({
      birthDate: "2012-11-23",
      ticketType: "child",
    });
    const documentNumber = demoResidentId(serviceDate("2018-03-04"), 1);
    expect(codeOf(await add({ documentNumber, ticketType: "child", birthDate: "2018-03-05" }))).toBe(
      "MalformedRequest",
    );
    expect(bodyOf(await add({ documentNumber, ticketType: "child" })) as Passenger).toMatchObject({ birthDate: null });
  });

  test(`${stores}: a passenger is changed and removed; oneself keeps one's name and stays`, async () => {
    const { call, bodyOf, enter, room } = await process();
    const { session } = await enter(1);
    const { session: stranger } = await enter(2);
    const userId = session.userId as UserId;
    const [self] = await room.client.passengers(userId);
    const saved = bodyOf(
      await call("addPassenger", { session, body: draft(1, { phone: "13811112222" }) }),
    ) as Passenger;
    expect(saved.phoneMasked).toBe("138****2222");
    const params = { passengerId: saved.passengerId };
    const edit = (body: unknown, who = session) => call("editPassenger", { session: who, params, body });
    expect(bodyOf(await edit({ name: "  王  五 ", ticketType: "student", phone: null })) as Passenger).toEqual({
      ...saved,
      name: "王 五",
      ticketType: "student",
      phoneMasked: null,
    });
    expect((await room.client.passengers(userId)).map((each) => each.name)).toEqual(["张三", "王 五"]);
    expect(codeOf(await edit({ ticketType: "child" }))).toBe("TicketTypeNotAllowed");
    expect(codeOf(await edit({ name: "\u200b" }))).toBe("MalformedRequest");
    expect(codeOf(await edit({ name: "x" }, stranger))).toBe("PassengerUnknown");
    const own = { passengerId: self!.passengerId };
    expect(codeOf(await call("editPassenger", { session, params: own, body: { name: "李四" } }))).toBe("NotAllowed");
    expect(codeOf(await call("editPassenger", { session, params: own, body: { ticketType: "student" } }))).toBe("ok");
    expect(codeOf(await call("removePassenger", { session, params: own }))).toBe("NotAllowed");
    expect(codeOf(await call("removePassenger", { session: stranger, params }))).toBe("PassengerUnknown");
    expect(codeOf(await call("removePassenger", { session, params }))).toBe("ok");
    expect(codeOf(await call("removePassenger", { session, params }))).toBe("PassengerUnknown");
    expect(await room.client.passengers(userId)).toHaveLength(1);
  });

  test(`${stores}: who sells gets equal hashes for equal people, and sees another process's changes soon`, async () => {
    const { one, other, clock } = await processes();
    const [a, b] = [await one.enter(1), await other.enter(2)];
    await one.call("addPassenger", { session: a.session, body: draft(9) });
    const first = await one.room.client.passengers(a.session.userId as UserId);
    expect(await other.room.client.passengers(b.session.userId as UserId)).toHaveLength(1);
    await one.call("addPassenger", { session: b.session, body: draft(9) });
    await clock.advance(2 * secondMs);
    const second = await other.room.client.passengers(b.session.userId as UserId);
    expect(second[1]!.documentHash).toBe(first[1]!.documentHash);
    const { documentType: type, documentNumber: number } = draft(9);
    expect(await one.room.client.documentHash({ type, number: ` ${number} ` })).toBe(second[1]!.documentHash);
    expect(await one.room.client.documentHash({ type, number: `${number}9` })).toBeNull();
    expect(second[1]!.documentSealed).not.toBe(first[1]!.documentSealed);
    expect(second[1]!.birthDate).toBe(serviceDate("1985-01-02"));
  });

  test(`${stores}: known accounts are made once, however often and wherever one starts`, async () => {
    const { one, other } = await processes();
    const seed = { account: registration(1), role: "operator", passengers: [draft(1), draft(2)] } as const;
    const made = await Promise.all([one.room.seedAccount(seed), other.room.seedAccount(seed)]);
    expect(made.filter((each) => each?.created)).toHaveLength(1);
    const again = await one.room.seedAccount(seed);
    expect(again).toEqual({ userId: made[0]!.userId, created: false });
    expect(await one.room.client.passengers(again!.userId)).toHaveLength(3);
    expect((one.bodyOf(await one.logIn(1)) as LoginAnswer).user.role).toBe("operator");
  });

  test(`${stores}: expired sessions are cleared away, and after the end nothing is`, async () => {
    const both = await open();
    const { room, clock, enter } = createProcess(both);
    const end = beginAll(room.work, { clock, report: () => {} });
    const { session } = await enter(1);
    await clock.advance(sessionTtlMs);
    // A pass of a real store takes longer than the clock, and the next one follows a pause after its end.
    for (let pass = 0; pass < 50 && (await both.sessions.find(session.sessionId)); pass++) {
      await clock.advance(10 * minuteMs);
      await Bun.sleep(1);
    }
    expect(await both.sessions.find(session.sessionId)).toBeNull();
    await end();
    const purge = spyOn(both.sessions, "purge");
    await clock.advance(60 * minuteMs);
    expect(purge).not.toHaveBeenCalled();
  });

  test(`${stores}: when the store fails, the request fails, and the next one finds the session again`, async () => {
    const both = await open();
    const { room, clock, enter } = createProcess(both);
    const { token, session } = await enter(1);
    await clock.advance(sessionTouchMs);
    const slide = spyOn(both.sessions, "slide").mockRejectedValueOnce(new Error("gone"));
    expect(room.client.authenticate(token)).rejects.toThrow("gone");
    await Promise.resolve();
    expect(await room.client.authenticate(token)).toEqual(session);
    slide.mockRestore();
  });
}
