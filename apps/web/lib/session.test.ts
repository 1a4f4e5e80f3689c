/** What becomes of pages that look again by themselves when a session has ended and its person does not log in. */
import { beforeEach, expect, test } from "bun:test";
import type { User } from "@chepiao/contracts";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { noteDevice } from "./device.ts";
import { LoginDeclined, loginDone, pollUnlessDeclined } from "./session.ts";
import { createStorage } from "./testing.ts";

beforeEach(() => {
  globalThis.localStorage = createStorage();
  globalThis.sessionStorage = createStorage();
});

test("a page asks every few seconds, through failures too, and not after the login was declined", () => {
  expect(pollUnlessDeclined(3_000, { error: null })).toBe(3_000);
  expect(pollUnlessDeclined(3_000, { error: new Error("no network") })).toBe(3_000);
  expect(pollUnlessDeclined(3_000, { error: new LoginDeclined("login") })).toBe(false);
  expect(pollUnlessDeclined(false, { error: null })).toBe(false);
});

test("what stood still since the login was declined is asked for again by the next login, and nothing else is", async () => {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  let isLoggedIn = false;
  const asked: string[] = [];
  const observe = (key: string, isPrivate: boolean) => {
    const observer = new QueryObserver(client, {
      queryKey: [key],
      queryFn: () => {
        asked.push(key);
        if (isPrivate && !isLoggedIn) throw new LoginDeclined("login");
        return key;
      },
    });
    return observer.subscribe(() => {});
  };
  const stops = [observe("waitlist", true), observe("trains", false)];
  while (client.isFetching() > 0) await Bun.sleep(1);
  expect(client.getQueryState(["waitlist"])?.error).toBeInstanceOf(LoginDeclined);
  asked.length = 0;
  isLoggedIn = true;
  loginDone(client, { userId: 7 } as User);
  while (client.isFetching() > 0) await Bun.sleep(1);
  expect(asked).toEqual(["waitlist"]);
  expect(client.getQueryData<string>(["waitlist"])).toBe("waitlist");
  for (const stop of stops) stop();
});

test("groups of passengers of somebody else are gone once another person logs in", () => {
  const client = new QueryClient();
  noteDevice(true);
  loginDone(client, { userId: 7 } as User);
  localStorage.setItem("chepiao.groups.7", "[]");
  loginDone(client, { userId: 7 } as User);
  expect(localStorage.getItem("chepiao.groups.7")).toBe("[]");
  loginDone(client, { userId: 8 } as User);
  expect(localStorage.getItem("chepiao.groups.7")).toBeNull();
});
