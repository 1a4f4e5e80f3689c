/**
 * Who is logged in. The session itself is a cookie that scripts cannot see; here is only whom the platform says it belongs to,
 * and the one login dialog that any part of the site may open and wait for.
 */
import type { User } from "@chepiao/contracts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ask, isRefused, onSessionEnded } from "./api.ts";
import { forget, keep, kept, keysKept } from "./storage.ts";

/** Set once somebody has logged in here, so that a guest's first page does not ask a question with a known answer. */
const hint = "knownHere";
const isTrue = (value: unknown): value is true => value === true;

export const meKey = ["me"] as const;

async function whoIsIt(): Promise<User | null> {
  if (kept("local", hint, isTrue) === null) return null;
  try {
    return await ask("GET /api/user/me", {}, { login: false });
  } catch (error) {
    if (isRefused(error, "NotLoggedIn")) return null;
    throw error;
  }
}

/** Undefined while nobody knows yet; null for a guest. */
export function useMe(): User | null | undefined {
  const me = useQuery({ queryKey: meKey, queryFn: whoIsIt, staleTime: 60_000 });
  return me.data === undefined && me.isError ? null : me.data;
}

// The dialog

export type LoginAsked = { readonly why: "asked" | "expired" };
type Waiting = LoginAsked & { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** The person closed the dialog: no fault, and nothing to report. */
export class LoginDeclined extends Error {
  override readonly name = "LoginDeclined";
}

let waiting: Waiting[] = [];
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

export function openLogin(why: LoginAsked["why"] = "asked"): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting = [...waiting, { why, resolve, reject }];
    tell();
  });
}
onSessionEnded(() => openLogin("expired"));

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
  client.setQueryData(meKey, user);
  settle((one) => one.resolve());
}

export const loginDeclined = (): void => settle((one) => one.reject(new LoginDeclined("login")));

function settle(each: (one: Waiting) => void): void {
  const all = waiting;
  waiting = [];
  tell();
  all.forEach(each);
}

export function useLogout(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    try {
      await ask("POST /api/user/logout", {}, { login: false });
    } catch (error) {
      // A session that is over already is what was wanted.
      if (!isRefused(error, "NotLoggedIn")) throw error;
    }
    forget("local", hint);
    client.setQueryData(meKey, null);
    forgetPrivate(client);
  };
}

function forgetPrivate(client: QueryClient): void {
  for (const key of ["orders", "order", "passengers", "sessions", "payment", "refund"])
    client.removeQueries({ queryKey: [key] });
  for (const key of keysKept("local", "order.")) forget("local", key);
  forget("local", "party");
  for (const key of keysKept("session", "")) forget("session", key);
}
