/** The user room, as it declares itself. */
import { policyClient, userClient, userRoutes } from "@chepiao/contracts";
import { dayMs, hourMs } from "@chepiao/kernel";
import { deliveriesPort } from "@chepiao/ports/deliveries";
import { identityVerifierPort } from "@chepiao/ports/identity-verifier";
import { messengerPort } from "@chepiao/ports/messenger";
import { notificationStorePort } from "@chepiao/ports/notification-store";
import { oneTimeCodesPort } from "@chepiao/ports/one-time-codes";
import { orderStorePort } from "@chepiao/ports/order-store";
import { passwordsPort } from "@chepiao/ports/passwords";
import { port } from "@chepiao/ports/port";
import { rateLimiterPort } from "@chepiao/ports/rate-limiter";
import { securityEventsPort } from "@chepiao/ports/security-events";
import { sessionFeedPort } from "@chepiao/ports/session-feed";
import { sessionStorePort } from "@chepiao/ports/session-store";
import { userStorePort } from "@chepiao/ports/user-store";
import { waitlistStorePort } from "@chepiao/ports/waitlist-store";
import { defineRoom, type MetricSpec } from "@chepiao/room";
import { createUser, type SessionsDeps, type UserRoom } from "./index.ts";
import {
  registrationsPerAddressDay,
  registrationsPerAddressHour,
  sessionLifetimeMs,
  unprovedAccountsKeptMs,
} from "./settings.ts";
import { standingBy } from "./standing.ts";

/** Other threads that keep sessions, and hear of those that ended; null where there are none. */
export const sessionChangesPort = port<NonNullable<SessionsDeps["tellOthers"]> | null>("session changes");

export const userRoom = defineRoom({
  name: "user",
  about: "accounts, sessions, saved passengers",
  routes: userRoutes,
  client: userClient,
  makesIds: true,
  keys: { routes: ["sealing", "fingerprint"], calls: ["sealing", "fingerprint"] },
  asks: { policy: policyClient },
  needs: {
    users: userStorePort,
    sessions: sessionStorePort,
    codes: oneTimeCodesPort,
    notifications: notificationStorePort,
    deliveries: deliveriesPort,
    limiter: rateLimiterPort,
    securityEvents: securityEventsPort,
    messenger: messengerPort,
    identityVerifier: identityVerifierPort,
    passwords: passwordsPort,
    orders: orderStorePort,
    waitlist: waitlistStorePort,
    tellOthers: sessionChangesPort,
    feed: sessionFeedPort,
  },
  settings: { registrationsPerAddressHour, registrationsPerAddressDay, sessionLifetimeMs, unprovedAccountsKeptMs },
  async open({ rooms, ports: { tellOthers, orders, waitlist, ...ports }, settings, isSingleProcess, zone, ...around }) {
    const room = createUser({
      ...around,
      ...ports,
      zone: await zone(),
      policies: rooms.policy.policies,
      attemptLimits: {
        registrationsPerAddress: { triesMax: settings.registrationsPerAddressHour, windowMs: hourMs },
        registrationsPerAddressDay: { triesMax: settings.registrationsPerAddressDay, windowMs: dayMs },
      },
      sessionLifetimeMs: settings.sessionLifetimeMs,
      unprovedAccountsKeptMs: settings.unprovedAccountsKeptMs,
      ...standingBy({ clock: around.clock, orders, waitlist }),
      ...(isSingleProcess ? { passengersFreshMs: Infinity } : {}),
      ...(tellOthers ? { tellOthers } : {}),
    });
    return { ...room, metrics: [securityMetric(room), identityMetric(room)] };
  },
});

const identityMetric = ({ identityAnswers }: UserRoom): MetricSpec => ({
  kind: "counter",
  name: "identity_answers_total",
  help: "What came of asking whether a name belongs to a document since the start.",
  labels: ["answer"],
  read: () => Object.entries(identityAnswers).map(([answer, value]) => ({ value, labels: { answer } })),
});

const securityMetric = ({ securityCounters }: UserRoom): MetricSpec => ({
  kind: "counter",
  name: "security_events_total",
  help: "What happened to accounts since the start, by action and outcome.",
  labels: ["what"],
  read: () => Object.entries(securityCounters).map(([what, value]) => ({ value, labels: { what } })),
});
