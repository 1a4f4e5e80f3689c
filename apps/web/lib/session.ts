/**
 * Who is logged in. The session itself is a cookie that scripts cannot see; here is only whom the platform says it belongs to,
 * and the one login dialog that any part of the site may open and wait for.
 */
import type { User } from "@chepiao/contracts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ask, isRefused, onSessionEnded } from "./api.ts";
import { forgetTickets, groupsKey, isOwnDevice, noteDevice, sessionEnded, ticketArea } from "./device.ts";
import { forgetQueues } from "./queuePlaces.ts";
import { leaveTo } from "@chepiao/ui";
import { forget, isRecord, keep, kept, keysKept } from "./storage.ts";

/** Set once an account has logged in here, so that a guest's first page does not ask a question with a known answer. */
const hint = "knownHere";
const isTrue = (value: unknown): value is true => value === true;

/** Who it was when the platform last said so: without a network that is who it still is, and his tickets are his. */
const lastSeen = "me";
const forgetSeen = (): void => (["local", "session"] as const).forEach((storage) => forget(storage, lastSeen));
const isUser = (value: unknown): value is User => isRecord(value) && typeof value["userId"] === "number";

export const meKey = ["me"] as const;

async function whoIsIt(): Promise<User | null> {
  if (kept("local", hint, isTrue) === null) return null;
  try {
    const me = await ask("GET /api/user/me", {}, { login: false });
    keep(ticketArea(), lastSeen, me);
    return me;
  } catch (error) {
    if (!isRefused(error, "NotLoggedIn")) throw error;
    sessionEnded();
    if (!isOwnDevice()) forgetSeen();
    return null;
  }
}

/** Undefined while nobody knows yet; null for a guest. */
export function useMe(): User | null | undefined {
  const me = useQuery({ queryKey: meKey, queryFn: whoIsIt, staleTime: 60_000 });
  if (me.data !== undefined || me.failureCount === 0) return me.data;
  return kept(ticketArea(), lastSeen, isUser) ?? (me.isError ? null : undefined);
}

// The dialog

export type LoginAsked = { readonly why: "asked" | "expired" };
type Waiting = LoginAsked & { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** The person closed the dialog: no fault, and nothing to report. */
export class LoginDeclined extends Error {
  override readonly name = "LoginDeclined";
}

/** How often a page looks again by itself: not after the dialog was closed, which it would only open anew. */
export const pollUnlessDeclined = (
  everyMs: number | false,
  { error }: { readonly error: Error | null },
): number | false => (error instanceof LoginDeclined ? false : everyMs);

let waiting: Waiting[] = [];
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

export function openLogin(why: LoginAsked["why"] = "asked"): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting = [...waiting, { why, resolve, reject }];
    tell();
  });
}
onSessionEnded(() => {
  sessionEnded();
  return openLogin("expired");
});

export const useLoginAsked = (): LoginAsked | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting[0] ?? null,
  );

export function loginDone(client: QueryClient, user: User): void {
  const before = client.getQueryData<User | null>(meKey);
  keep("local", hint, true);
  // What another person was shown is not for this one.
  if (before && before.userId !== user.userId) forgetPrivate(client);
  keep(ticketArea(), lastSeen, user);
  client.setQueryData(meKey, user);
  settle((one) => one.resolve());
  // What stood still since the dialog was closed goes on.
  void client.invalidateQueries({ predicate: ({ state }) => state.error instanceof LoginDeclined });
}

export function loginDeclined(client: QueryClient): void {
  const isExpired = waiting.some(({ why }) => why === "expired");
  settle((one) => one.reject(new LoginDeclined("login")));
  if (!isExpired || isOwnDevice()) return;
  // The person who sits here now may be another: nothing that was on the page stays, nor in memory.
  forgetPrivate(client);
  leaveTo("/");
}

function settle(each: (one: Waiting) => void): void {
  const all = waiting;
  waiting = [];
  tell();
  all.forEach(each);
}

/** This browser knows nobody any more. */
export function useForgetPerson(): () => void {
  const client = useQueryClient();
  return () => {
    forget("local", hint);
    noteDevice(false);
    forgetSeen();
    client.setQueryData(meKey, null);
    forgetPrivate(client);
  };
}

export function useLogout(): () => Promise<void> {
  const forgetPerson = useForgetPerson();
  return async () => {
    try {
      await ask("POST /api/user/logout", {}, { login: false });
    } catch (error) {
      // A session that is over already is what was wanted.
      if (!isRefused(error, "NotLoggedIn")) throw error;
    }
    forgetPerson();
  };
}

function forgetPrivate(client: QueryClient): void {
  for (const key of [
    "orders",
    "order",
    "waitlist",
    "notifications",
    "passengers",
    "sessions",
    "payment",
    "refund",
    "queuePlace",
    "queueTurn",
  ])
    client.removeQueries({ queryKey: [key] });
  forgetTickets();
  forgetQueues();
  forget("local", "party");
  for (const key of keysKept("local", groupsKey(""))) forget("local", key);
  for (const key of keysKept("session", "")) forget("session", key);
}
