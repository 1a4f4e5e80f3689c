/**
 * The room of people: accounts, sessions and saved passengers. Documents, phones and mail addresses come in here, are sealed at once, and
 * leave only masked. It writes no log lines: what happens to accounts is told to the stream of security events, without names.
 */
import { onlyPolicy, policyDefault } from "@chepiao/contracts";
import type {
  Call,
  Handlers,
  LoginAnswer,
  PassengerDraft,
  Registration,
  Reply,
  Role,
  SessionView,
  UserClient,
  userRoutes,
} from "@chepiao/contracts";
import { type Refusal, refusal, sessionCookieOf } from "@chepiao/contracts";
import {
  assert,
  dayMs,
  formatInZone,
  hourMs,
  ok,
  type PassengerId,
  refuse,
  registrationsPerAddressDayDefault,
  registrationsPerAddressHourDefault,
  type Result,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import type { PassengerRecord, UserRecord, UserStatus } from "@chepiao/ports/user-store";
import type { Work } from "@chepiao/room";
import { createAccounts, tidyPassword } from "./accounts.ts";
import { attemptLimitsDefault, createAttempts } from "./attempts.ts";
import { createCredentials } from "./credentials.ts";
import { sessionAnswer, userAnswer } from "./answers.ts";
import type { UserDeps } from "./deps.ts";
import { createIdentity } from "./identity.ts";
import { faultAt, told } from "./faults.ts";
import { createBackground, purging, sealing } from "./housekeeping.ts";
import { lapsing } from "./lapse.ts";
import { createPassengers } from "./passengers.ts";
import { contactMasked, decideContact, knownBy } from "./contact.ts";
import { createContacts } from "./contacts.ts";
import { codeWithinMs, inTime, isCarried } from "./oneTimeCodes.ts";
import { createSecurityNotes, type SecurityNote } from "./securityNotes.ts";
import { createSessions } from "./sessions.ts";

export { decideAccount } from "./decide.ts";
export { sessionLifetimeMs } from "./settings.ts";
export { findAccount } from "./accounts.ts";
export type { UserDeps } from "./deps.ts";
export { demoResidentId, parseDocument } from "./documents.ts";
export { inventAccount, type InventedAccount } from "./inventedAccount.ts";
export { createSessions, type SessionsDeps } from "./sessions.ts";

export type SeedAccount = {
  readonly account: Registration;
  readonly role?: Role;
  readonly passengers?: readonly PassengerDraft[];
};

export type UserRoom = {
  readonly handlers: Handlers<typeof userRoutes>;
  readonly client: UserClient;
  /** By username, phone or mail address; false where there is none. Holds at once here, within `sessionTouchMs` in other processes. */
  setRole(name: string, role: Role, reason?: string): Promise<boolean>;
  /** Disabling ends every session of the account. The reason is kept with it, and in the stream of security events. */
  setStatus(name: string, status: Exclude<UserStatus, "deleted">, reason?: string): Promise<boolean>;
  /**
   * Takes the account's password away and ends its sessions. Answers a code that gives it another one, and what is shown
   * of where it is reached; null where there is no such account. `send` sends the code there instead of answering it, unless another account has it
   * or nobody takes it.
   */
  forceReset(name: string, reason: string, send: boolean): Promise<ForcedReset | null>;
  /** Security events since the start, by action and status. */
  readonly securityCounters: Readonly<Record<string, number>>;
  /** What came of asking about documents since the start. */
  readonly identityAnswers: Readonly<Record<string, number>>;
  /**
   * Makes a known account where it is missing, with those of its passengers whom the rules let in, and opens one that was retired; otherwise
   * changes nothing. Null where it is missing, and the railway's rules of today do not let it in.
   */
  seedAccount(seed: SeedAccount): Promise<SeededAccount | null>;
  /**
   * Disables a known account that was made before, and ends its sessions; answers whether there was one. A user's own account of that
   * name, which another password opens, is left alone.
   */
  retireAccount(seed: Pick<SeedAccount, "account">): Promise<boolean>;
  readonly work: readonly Work[];
  /** Waits for messages and notes of security that are under way. */
  close(): Promise<void>;
};

export type SeededAccount = { readonly userId: UserId; readonly created: boolean };

export type ForcedReset = {
  readonly contactMasked: string;
  /** Null where it was sent. */
  readonly code: string | null;
  /** Why nobody took it. */
  readonly notSent?: string;
};

/** Browsers keep the cookie for a day; how long it is worth anything is decided here, and slides. */
const cookieMaxAgeS = dayMs / secondMs;
/** Why a known account is disabled: one that an operator has disabled stays so. */
const knownToAll = "a login that everybody knows";

export function createUser(deps: UserDeps): UserRoom {
  const { users, clock, zone, messenger, report = () => {} } = deps;
  const attempts = createAttempts(deps.limiter, deps.vault, {
    ...attemptLimitsDefault,
    registrationsPerAddress: { triesMax: registrationsPerAddressHourDefault, windowMs: hourMs },
    registrationsPerAddressDay: { triesMax: registrationsPerAddressDayDefault, windowMs: dayMs },
    ...deps.attemptLimits,
  });
  const { policies = onlyPolicy(policyDefault) } = deps;
  const policy = () => policies.at(clock.now()).policy;
  const regionsBefore = () => policies.all().map((version) => version.policy.phoneRegions);
  const identity = createIdentity({ ...deps, isRealName: () => policy().realName });
  const accounts = createAccounts({ ...deps, policy, regionsBefore, attempts, identity });
  const sessions = createSessions(deps);
  const contacts = createContacts({ ...deps, attempts });
  const credentials = createCredentials({ ...deps, policy, regionsBefore, attempts, contacts, sessions });
  const notes = createSecurityNotes({ ...deps, report });
  const background = createBackground(report);
  const passengers = createPassengers({
    ...deps,
    policy,
    attempts,
    identity,
    proveLater: (userId, waiting) => background.begin(() => proveAll(userId, waiting)),
  });

  const cookie = ({ secure }: { readonly secure: boolean }, value: string): NonNullable<Reply["headers"]> => ({
    "set-cookie":
      `${sessionCookieOf(secure)}=${value}; Path=/; Max-Age=${value === "" ? 0 : cookieMaxAgeS}; HttpOnly; SameSite=Strict` +
      (secure ? "; Secure" : ""),
  });
  const owner = (session: { readonly userId: number }) => session.userId as UserId;

  /** Is a kind of contact carried that accounts are known by, under the rules of today or of a day before? It says nothing of any account. */
  const isAnybodyReached = () =>
    policies
      .all()
      .some((each) => each.from <= clock.now() && isCarried(messenger, { kind: each.policy.account.knownBy }));

  /** Tells the stream how it came out, and passes it on. */
  function noted<T>(event: Omit<SecurityNote, "status" | "reason">, result: Result<T, Refusal>): Result<T, Refusal> {
    const { action, asker, userId = null, name = null } = event;
    const outcome = result.ok
      ? ({ status: "success", reason: null } as const)
      : ({ status: result.error.code === "Overloaded" ? "failed" : "refused", reason: result.error.code } as const);
    notes.note({ action, asker, userId, name, ...outcome });
    return result;
  }

  /** What is asked on the word of a session needs the account that the session is of. */
  async function account(session: { readonly userId: number }): Promise<Result<UserRecord, Refusal>> {
    const user = await users.byId(owner(session));
    return user?.status === "active" ? ok(user) : refuse(refusal("NotLoggedIn"));
  }

  const handlers: UserRoom["handlers"] = {
    async register(call) {
      const { body, clientAddress, language } = call;
      const result = await accounts.register(body, clientAddress);
      const userId = result.ok ? result.value.userId : null;
      const opened = told(noted({ action: "register", asker: call, userId, name: body.username }, result), language);
      if (!opened.ok) return opened;
      if (messenger) background.begin(() => contacts.tellHolder(opened.value, language));
      return ok({ status: 201, body: userAnswer(opened.value) });
    },
    async login(call) {
      const { body, clientAddress, request, session } = call;
      const { userId, result } = await credentials.logIn(body.username, body.password, clientAddress);
      const proved = noted({ action: "login", asker: call, userId, name: body.username }, result);
      if (!proved.ok) return proved;
      const user = proved.value;
      // A browser that logs in again leaves no session behind, its own or one that was planted there; a program that shows a
      // token by itself looks after its tokens by itself.
      if (session && !request.headers.has("authorization")) await sessions.end(owner(session), session.sessionId);
      const { token, expiresAt } = await sessions.open(user.userId, request.headers.get("user-agent") ?? "");
      const answer: LoginAnswer = { token, expiresAt: formatInZone(expiresAt, zone), user: userAnswer(user) };
      return ok({ status: 200, body: answer, headers: cookie(call, token) });
    },
    async logout(call) {
      const { session } = call;
      await sessions.end(owner(session), session.sessionId);
      noted({ action: "logout", asker: call, userId: session.userId }, ok(null));
      return ok({ status: 204, headers: cookie(call, "") });
    },
    async me({ session }) {
      const user = await account(session);
      return user.ok ? ok({ status: 200, body: userAnswer(user.value) }) : user;
    },
    async listSessions({ session }) {
      const live = await sessions.live(owner(session));
      return ok({ status: 200, body: { sessions: live.map((each) => sessionAnswer(each, session.sessionId, zone)) } });
    },
    async endSession(call) {
      const { session, params } = call;
      const ended = await sessions.end(owner(session), params.sessionId);
      if (!ended) return refuse(refusal("SessionUnknown"));
      noted({ action: "endSessions", asker: call, userId: session.userId }, ok(null));
      return ok(params.sessionId === session.sessionId ? { status: 204, headers: cookie(call, "") } : { status: 204 });
    },
    async endSessions(call) {
      const { session, query } = call;
      const keeps = query.keep === "current";
      await sessions.endAll(owner(session), keeps ? session.sessionId : null);
      noted({ action: "endSessions", asker: call, userId: session.userId }, ok(null));
      return ok(keeps ? { status: 204 } : { status: 204, headers: cookie(call, "") });
    },
    async changePassword(call) {
      const { session, body, clientAddress, language } = call;
      const user = await account(session);
      if (!user.ok) return user;
      const result = await credentials.change(user.value, body, session.sessionId, clientAddress);
      const changed = told(noted({ action: "changePassword", asker: call, userId: session.userId }, result), language);
      if (!changed.ok) return changed;
      await tellOfPassword(user.value, language);
      return ok({ status: 204 });
    },
    /** The answer comes before anything is looked up: neither it nor its time tells whether there is such an account. */
    async askPasswordReset(call) {
      const { body, clientAddress, language } = call;
      const note = { action: "askPasswordReset", asker: call, name: body.username } as const;
      if (!isAnybodyReached()) return refuse(refusal("ServiceUnavailable"));
      const allowed = await attempts.askCode(clientAddress);
      if (!allowed.ok) return noted(note, allowed);
      background.begin(async () => {
        try {
          const { userId, why } = await credentials.sendCodeTo(body.username, language);
          notes.note({ ...note, userId, status: why === null ? "success" : "refused", reason: why });
        } catch (error) {
          notes.note({ ...note, status: "failed", reason: "Internal" });
          throw error;
        }
      });
      return ok({ status: 202 });
    },
    async resetPassword(call) {
      const { body, clientAddress, language } = call;
      const { userId, result } = await credentials.reset(body.username, body, clientAddress);
      const reset = told(
        noted({ action: "resetPassword", asker: call, userId, name: body.username }, result),
        language,
      );
      if (!reset.ok) return reset;
      await tellOfPassword(reset.value, language);
      return ok({ status: 204 });
    },
    askContactCode: (call) => sendCode(call, "askContactCode", (user) => contacts.sendCode(user, call.language)),
    askContactChange: (call) =>
      sendCode(call, "askContactChange", async (user) => {
        const contact = decideContact(user, call.body.contact, policy());
        if (!contact.ok) return contact;
        // Whoever sits at a device that somebody left logged in does not get the account for good.
        const fits = await credentials.prove(user, call.body.password, call.clientAddress);
        if (!fits.ok) return fits;
        if (!fits.value) return faultAt("/password", "passwordWrong", "PasswordWrong");
        return contacts.sendChangeCode(user, contact.value, call.language);
      }),
    async changeContact(call) {
      const { session, body, language } = call;
      const user = await account(session);
      if (!user.ok) return user;
      const before = await contacts.reached(user.value);
      const contact = decideContact(user.value, body.contact, policy());
      const result = contact.ok ? await contacts.change(user.value, contact.value, body.code) : contact;
      const changed = told(noted({ action: "changeContact", asker: call, userId: session.userId }, result), language);
      if (!changed.ok) return changed;
      await sessions.endAll(owner(session), session.sessionId);
      if (before) background.begin(() => contacts.tellBefore(before, language));
      return ok({ status: 200, body: userAnswer(changed.value) });
    },
    async proveContact(call) {
      const { session, body, language } = call;
      const user = await account(session);
      if (!user.ok) return user;
      const result = await contacts.prove(user.value, body.code);
      const proved = told(noted({ action: "proveContact", asker: call, userId: session.userId }, result), language);
      return proved.ok ? ok({ status: 200, body: userAnswer(proved.value) }) : proved;
    },
    async deleteAccount(call) {
      const { session, body, language } = call;
      const user = await account(session);
      if (!user.ok) return user;
      const deleted = told(
        noted(
          { action: "deleteAccount", asker: call, userId: session.userId },
          await deleteAccount(user.value, body.password, call.clientAddress),
        ),
        language,
      );
      return deleted.ok ? ok({ status: 204, headers: cookie(call, "") }) : deleted;
    },
    async listPassengers({ session }) {
      const saved = await passengers.list(owner(session));
      return ok({ status: 200, body: { passengers: saved.map(passengers.answer) } });
    },
    async addPassenger({ session, body, language }) {
      // Another process may have deleted it a moment ago: then nothing more is kept for it.
      const user = await account(session);
      if (!user.ok) return user;
      const added = told(await passengers.add(owner(session), body), language);
      return added.ok ? ok({ status: 201, body: passengers.answer(added.value) }) : added;
    },
    async editPassenger({ session, params, body, language }) {
      const edited = told(await passengers.edit(owner(session), params.passengerId as PassengerId, body), language);
      return edited.ok ? ok({ status: 200, body: passengers.answer(edited.value) }) : edited;
    },
    async provePassenger({ session, params }) {
      const user = await account(session);
      if (!user.ok) return user;
      const proved = await passengers.prove(user.value, params.passengerId as PassengerId);
      return proved.ok ? ok({ status: 200, body: passengers.answer(proved.value) }) : proved;
    },
    async removePassenger({ session, params }) {
      const removed = await passengers.remove(owner(session), params.passengerId as PassengerId);
      return removed.ok ? ok({ status: 204 }) : removed;
    },
  };

  /** The password is changed, whatever becomes of this. Where the notification cannot be written it is sent at once. */
  async function tellOfPassword(user: UserRecord, language: "zh" | "en"): Promise<void> {
    const isLeft = await credentials.keepTold(user).catch((error: unknown) => {
      report("that a password was changed stands in no message centre", error);
      return true;
    });
    if (isLeft) background.begin(() => credentials.tellOwner(user, language));
  }

  /** A code to a contact, for somebody who is logged in. */
  async function sendCode(
    call: Pick<Call<never>, "clientAddress" | "traceId" | "language"> & { readonly session: SessionView },
    action: "askContactCode" | "askContactChange",
    send: (user: UserRecord) => Promise<Result<null, Refusal>>,
  ): Promise<Result<{ readonly status: 202 }, Refusal>> {
    const note = { action, asker: call, userId: call.session.userId } as const;
    const user = await account(call.session);
    if (!user.ok) return user;
    if (!isCarried(messenger, { kind: knownBy(user.value) })) return refuse(refusal("ServiceUnavailable"));
    const allowed = await attempts.askCode(call.clientAddress);
    if (!allowed.ok) return noted(note, allowed);
    try {
      const sending = await inTime(clock, send(user.value), codeWithinMs);
      const sent = told(noted(note, sending), call.language);
      return sent.ok ? ok({ status: 202 }) : sent;
    } catch (error) {
      report("a code that proves a phone or mail address could not be sent", error);
      notes.note({ ...note, status: "failed", reason: "Internal" });
      return refuse(refusal("ServiceUnavailable"));
    }
  }

  /** Nobody waits for it: who cannot be proved now is asked about at another look. */
  async function proveAll(userId: UserId, waiting: readonly PassengerRecord[]) {
    const user = await users.byId(userId);
    for (const { passengerId } of user ? waiting : []) await passengers.prove(user!, passengerId);
  }

  /** For what is done while the platform starts, when nobody else is at the door. */
  async function opensWith({ passwordHash }: UserRecord, password: string): Promise<boolean> {
    const fits = await deps.passwords.verify(tidyPassword(password), passwordHash || null, {
      line: "login",
      address: "this process",
    });
    assert(fits.ok, "the line of log-ins is empty before the doors are open");
    return fits.value;
  }

  async function deleteAccount(
    user: UserRecord,
    password: string,
    clientAddress: string,
  ): Promise<Result<null, Refusal>> {
    const fits = await credentials.prove(user, password, clientAddress);
    if (!fits.ok) return fits;
    if (!fits.value) return faultAt("/password", "passwordWrong", "PasswordWrong");
    // A user who pays or travels still needs the account: without it they cannot show or give back the tickets.
    // The waitlist first: what it serves meanwhile is an order by the time these are asked for.
    if ((await deps.waitsForSeats?.(user.userId)) || (await deps.ordersUnderWay?.(user.userId)))
      return refuse(refusal("OrdersUnderWay"));
    await erase(user);
    return ok(null);
  }

  async function erase(user: UserRecord): Promise<void> {
    // First: an account whose erasing ends here is still there to be asked again.
    await eraseTold(user.userId);
    await accounts.erase(user);
    // And what it was told meanwhile. Whoever tells it something from now on finds that it is deleted.
    await eraseTold(user.userId);
    await sessions.endAll(user.userId);
    passengers.forget(user.userId);
  }

  async function eraseTold(userId: UserId): Promise<void> {
    await deps.notifications?.erase(userId);
    await deps.deliveries?.erase(userId);
  }

  const lapse = lapsing({
    ...deps,
    identity,
    async proveSelf(user, self) {
      const proved = await passengers.prove(user, self.passengerId);
      return proved.ok ? proved.value : self;
    },
    hasSession: async (userId) => (await sessions.live(userId)).length > 0,
    async erase(user) {
      await erase(user);
      notes.note({
        action: "deleteAccount",
        asker: null,
        userId: user.userId,
        status: "success",
        reason: "never proved",
      });
    },
  });

  async function changeStatus(user: UserRecord, status: "active" | "disabled", reason?: string): Promise<boolean> {
    const now = clock.now();
    const change =
      status === "disabled" ? { statusReason: reason ?? null, sessionsSince: now } : { statusReason: null };
    if (!(await users.change(user.userId, { status, ...change }, now))) return false;
    byOperator("changeStatus", user, `${status}${reason === undefined ? "" : `: ${reason}`}`);
    if (status === "disabled") await sessions.endAll(user.userId);
    return true;
  }

  const byOperator = (action: SecurityNote["action"], { userId, username }: UserRecord, reason: string) =>
    notes.note({ action, asker: null, userId, name: username, status: "success", reason });

  return {
    handlers,
    client: {
      authenticate: sessions.authenticate,
      passengers: passengers.known,
      documentHash: passengers.documentHash,
      mailAddress: contacts.mailAddress,
      isDeleted: async (userId) => (await users.byId(userId))?.status === "deleted",
      accountOf: async (name) => (await accounts.find(name))?.userId ?? null,
    },
    async setRole(name, role, reason) {
      const user = await accounts.find(name);
      if (!user || !(await users.change(user.userId, { role }, clock.now()))) return false;
      byOperator("changeRole", user, `${user.role} → ${role}${reason === undefined ? "" : `: ${reason}`}`);
      await sessions.changed({ userId: user.userId, sessionId: null });
      return true;
    },
    async setStatus(name, status, reason) {
      const user = await accounts.find(name);
      return user !== null && changeStatus(user, status, reason);
    },
    async forceReset(name, reason, send) {
      const user = await accounts.find(name);
      if (!user) return null;
      assert(!send || messenger !== null, "a code is sent where there is a messenger");
      const code = await credentials.takeAway(user);
      byOperator("resetPassword", user, reason);
      const contact = send ? await contacts.reached(user) : null;
      const shown = { contactMasked: contactMasked(user), code };
      if (contact === null) return shown;
      try {
        await credentials.sendCode(contact, code, "zh");
        return { ...shown, code: null };
      } catch (error) {
        // The password is gone all the same: whoever asked has to hear that, and how to go on.
        return { ...shown, notSent: error instanceof Error ? error.message : String(error) };
      }
    },
    securityCounters: notes.counters,
    identityAnswers: identity.answers,
    async seedAccount({ account: asked, role = "passenger", passengers: drafts = [] }) {
      const before = await accounts.find(asked.username);
      if (before?.status === "disabled" && before.statusReason === knownToAll)
        await changeStatus(before, "active", knownToAll);
      const opened = before ? ok(before) : await accounts.open(asked, role);
      // Two processes that start together both try; one comes second and finds the other's.
      const user = opened.ok ? opened.value : await accounts.find(asked.username);
      if (user === null) return null;
      // One who is there, or whom the railway's rules of today refuse, is left out.
      for (const draft of drafts) await passengers.add(user.userId, draft);
      return { userId: user.userId, created: before === null && opened.ok };
    },
    async retireAccount({ account: { username, password } }) {
      const user = await accounts.find(username);
      if (user?.status !== "active" || !(await opensWith(user, password))) return false;
      await changeStatus(user, "disabled", knownToAll);
      return true;
    },
    work: [purging(deps), sealing(deps), lapse],
    async close() {
      sessions.close();
      await background.settled();
      await notes.settled();
    },
  };
}
