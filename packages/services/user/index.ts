/**
 * The room of people: accounts, sessions and saved passengers. Documents and phones come in here, are sealed at once, and
 * leave only masked. It writes no log lines: there is nothing about people that a log should hold.
 */
import type {
  Handlers,
  LoginAnswer,
  PassengerDraft,
  Registration,
  Reply,
  Role,
  UserClient,
  userRoutes,
} from "@chepiao/contracts";
import { refusal } from "@chepiao/contracts";
import {
  assert,
  dayMs,
  epochMs,
  formatInZone,
  minuteMs,
  ok,
  type PassengerId,
  refuse,
  secondMs,
  sessionTouchMs,
  type UserId,
} from "@chepiao/kernel";
import type { UserStatus } from "@chepiao/ports/user-store";
import { createAccounts } from "./accounts.ts";
import { passengerAnswer, sessionAnswer, userAnswer } from "./answers.ts";
import type { UserDeps } from "./deps.ts";
import { told } from "./faults.ts";
import { createPassengers } from "./passengers.ts";
import { createSessions } from "./sessions.ts";

export { findAccount } from "./accounts.ts";
export type { UserDeps } from "./deps.ts";
export { demoResidentId, parseDocument } from "./documents.ts";
export { createSessions, type SessionNews, type SessionsDeps } from "./sessions.ts";

export type SeedAccount = {
  readonly account: Registration;
  readonly role?: Role;
  readonly passengers?: readonly PassengerDraft[];
};

export type UserRoom = {
  readonly handlers: Handlers<typeof userRoutes>;
  readonly client: UserClient;
  /** By username or phone; false where there is none. Holds at once here, within `sessionTouchMs` in other processes. */
  setRole(name: string, role: Role): Promise<boolean>;
  /** Disabling ends every session of the account. */
  setStatus(name: string, status: UserStatus): Promise<boolean>;
  /** Makes a known account and its passengers where they are missing; otherwise changes nothing. */
  seedAccount(seed: SeedAccount): Promise<{ readonly userId: UserId; readonly created: boolean }>;
  /** Stops the housekeeping and waits for what is under way. */
  stop(): Promise<void>;
};

const sessionCookie = "chepiao_session";
/** Browsers keep the cookie for a day; how long it is worth anything is decided here, and slides. */
const cookieMaxAgeS = dayMs / secondMs;
const purgeEveryMs = 10 * minuteMs;
const purgedAtOnce = 500;

export function createUser(deps: UserDeps): UserRoom {
  const { users, clock, zone } = deps;
  const accounts = createAccounts(deps);
  const sessions = createSessions(deps);
  const passengers = createPassengers(deps);
  const stop = keepPurging(deps);

  const cookie = (value: string, maxAgeS: number): Reply["headers"] => ({
    "set-cookie": `${sessionCookie}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${deps.cookieSecure ? "; Secure" : ""}`,
  });
  const owner = (session: { readonly userId: number }) => session.userId as UserId;

  const handlers: UserRoom["handlers"] = {
    async register({ body, clientAddress, language }) {
      const opened = told(await accounts.register(body, clientAddress), language);
      return opened.ok ? ok({ status: 201, body: userAnswer(opened.value) }) : opened;
    },
    async login({ body, clientAddress, request }) {
      const proved = await accounts.logIn(body.username, body.password, clientAddress);
      if (!proved.ok) return proved;
      const user = proved.value;
      const { token, expiresAt } = await sessions.open(user.userId, request.headers.get("user-agent") ?? "");
      const answer: LoginAnswer = { token, expiresAt: formatInZone(expiresAt, zone), user: userAnswer(user) };
      return ok({ status: 200, body: answer, headers: cookie(token, cookieMaxAgeS)! });
    },
    async logout({ session }) {
      await sessions.end(owner(session), session.sessionId);
      return ok({ status: 204, headers: cookie("", 0)! });
    },
    async me({ session }) {
      const user = await users.byId(owner(session));
      return user ? ok({ status: 200, body: userAnswer(user) }) : refuse(refusal("NotLoggedIn"));
    },
    async listSessions({ session }) {
      const live = await sessions.live(owner(session));
      return ok({ status: 200, body: { sessions: live.map((each) => sessionAnswer(each, session.sessionId, zone)) } });
    },
    async endSession({ session, params }) {
      const ended = await sessions.end(owner(session), params.sessionId);
      if (!ended) return refuse(refusal("SessionUnknown"));
      return ok(params.sessionId === session.sessionId ? { status: 204, headers: cookie("", 0)! } : { status: 204 });
    },
    async listPassengers({ session }) {
      const saved = await passengers.list(owner(session));
      return ok({ status: 200, body: { passengers: saved.map(passengerAnswer) } });
    },
    async addPassenger({ session, body, language }) {
      const added = told(await passengers.add(owner(session), body), language);
      return added.ok ? ok({ status: 201, body: passengerAnswer(added.value) }) : added;
    },
    async editPassenger({ session, params, body, language }) {
      const edited = told(await passengers.edit(owner(session), params.passengerId as PassengerId, body), language);
      return edited.ok ? ok({ status: 200, body: passengerAnswer(edited.value) }) : edited;
    },
    async removePassenger({ session, params }) {
      const removed = await passengers.remove(owner(session), params.passengerId as PassengerId);
      return removed.ok ? ok({ status: 204 }) : removed;
    },
  };

  return {
    handlers,
    client: { authenticate: sessions.authenticate, passengers: passengers.known },
    async setRole(name, role) {
      const user = await accounts.find(name);
      if (!user || !(await users.change(user.userId, { role }, clock.now()))) return false;
      await sessions.changed({ userId: user.userId, sessionId: null });
      return true;
    },
    async setStatus(name, status) {
      const user = await accounts.find(name);
      if (!user || !(await users.change(user.userId, { status }, clock.now()))) return false;
      if (status === "disabled") await sessions.endAll(user.userId);
      return true;
    },
    async seedAccount({ account, role = "passenger", passengers: drafts = [] }) {
      const before = await accounts.find(account.username);
      const opened = before ? ok(before) : await accounts.open(account, role);
      // Two processes that start together both try; one comes second and finds the other's.
      const user = opened.ok ? opened.value : await accounts.find(account.username);
      assert(user !== null, `the account ${account.username} cannot be made: ${opened.ok || opened.error.code}`);
      for (const draft of drafts) {
        const added = await passengers.add(user.userId, draft);
        const there = added.ok || added.error.code === "PassengerExists" || added.error.code === "PassengersFull";
        assert(there, `a passenger of ${account.username} cannot be saved: ${added.ok || added.error.code}`);
      }
      return { userId: user.userId, created: before === null && opened.ok };
    },
    stop,
  };
}

/** Expired sessions are refused wherever they are met; this only keeps the table from growing. */
function keepPurging({ sessions, clock }: UserDeps): () => Promise<void> {
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  const purge = async (): Promise<void> => {
    // The last minute's uses may not be written yet.
    const purged = await sessions.purge(epochMs(clock.now() - sessionTouchMs), purgedAtOnce);
    if (purged === purgedAtOnce && !stopped) await purge();
  };
  let cancel = clock.after(purgeEveryMs, again);
  function again() {
    // What could not be purged now will be found again next time.
    underWay = purge().catch(() => {});
    if (!stopped) cancel = clock.after(purgeEveryMs, again);
  }
  return async () => {
    stopped = true;
    cancel();
    await underWay;
  };
}
