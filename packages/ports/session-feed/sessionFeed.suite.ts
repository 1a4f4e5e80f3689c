/** The rules of word about sessions that ended. It may come late and more than once, so what is heard is waited for. */
import { expect, test } from "bun:test";
import type { UserId } from "@chepiao/kernel";
import type { SessionChange, SessionFeed } from "./sessionFeed.ts";

/** One feed as two processes see it; the same twice where there is only one. */
export type SessionFeedSubject = { readonly here: SessionFeed; readonly there: SessionFeed };

const one: SessionChange = { userId: 7 as UserId, sessionId: "a session" };
const all: SessionChange = { userId: 9_007_199_254_740_991 as UserId, sessionId: null };
const withinMs = 30_000;
/** Word that has not come after this long has not been sent. */
const silenceMs = 60;

export function sessionFeedSuite(
  adapter: string,
  create: () => Promise<SessionFeedSubject> | SessionFeedSubject,
): void {
  /** Tells until it is heard: who has just begun to follow may not be heard of everywhere yet. What was told before may come meanwhile. */
  async function isHeard(feed: SessionFeed, change: SessionChange, heard: readonly SessionChange[]): Promise<boolean> {
    const times = () => heard.filter((each) => Bun.deepEquals(each, change)).length;
    const before = times();
    const deadline = performance.now() + withinMs;
    while (times() === before && performance.now() < deadline) {
      feed.changed(change);
      await Bun.sleep(10);
    }
    return times() > before;
  }

  test(`${adapter}: who follows hears of sessions that ended here and elsewhere, as they were told`, async () => {
    const { here, there } = await create();
    const heard: SessionChange[] = [];
    here.follow((change) => heard.push(change));
    expect(await isHeard(there, one, heard)).toBe(true);
    await Bun.sleep(silenceMs);
    expect(await isHeard(here, all, heard)).toBe(true);
    expect(heard[0]).toEqual(one);
  });

  test(`${adapter}: all who follow hear of it, and who follows no more does not`, async () => {
    const { here, there } = await create();
    const [gone, stays]: [SessionChange[], SessionChange[]] = [[], []];
    const stop = here.follow((change) => gone.push(change));
    here.follow((change) => stays.push(change));
    expect(await isHeard(there, one, gone)).toBe(true);
    await Bun.sleep(silenceMs);
    expect(stays.length).toBe(gone.length);
    stop();
    stop();
    const before = gone.length;
    expect(await isHeard(there, one, stays)).toBe(true);
    expect(gone).toHaveLength(before);
  });
}
