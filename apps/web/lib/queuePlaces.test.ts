/** What a browser keeps of places in queues, and for whom. */
import { beforeEach, expect, test } from "bun:test";
import { serverNow } from "./clock.ts";
import { createStorage } from "./testing.ts";
import { forgetQueues, isFirstToGoOn, keepPass, keepPlace, passesKept, placeKept } from "./queuePlaces.ts";

const forbidden = new Proxy({} as Storage, {
  get() {
    throw new Error("SecurityError");
  },
});

const [mine, theirs] = [1, 2].map((userId) => ({ userId, queueId: "queue-one" })) as [PlaceOfTest, PlaceOfTest];
type PlaceOfTest = { readonly userId: number; readonly queueId: string };
const inMs = (ms: number) => new Date(serverNow() + ms).toISOString();

beforeEach(() => {
  globalThis.localStorage = createStorage();
  globalThis.sessionStorage = createStorage();
  forgetQueues();
});

for (const [browser, storage] of [
  ["a browser", createStorage],
  ["a browser that keeps nothing", () => forbidden],
] as const) {
  test(`${browser}: a place is its account's, and the next person has none of it`, () => {
    globalThis.localStorage = storage();
    keepPlace(mine, "signed");
    keepPass(mine, { pass: "pass", passUntil: inMs(60_000) });
    expect([placeKept(mine), placeKept(theirs), passesKept()]).toEqual(["signed", null, "pass"]);
    forgetQueues();
    expect([placeKept(mine), passesKept()]).toEqual([null, null]);
  });

  test(`${browser}: a turn goes on by itself once, and a pass that is over is not shown`, () => {
    globalThis.localStorage = storage();
    expect([isFirstToGoOn(mine), isFirstToGoOn(mine), isFirstToGoOn(theirs)]).toEqual([true, false, true]);
    keepPass(mine, { pass: "old", passUntil: inMs(-1_000) });
    expect(passesKept()).toBe(null);
  });
}
