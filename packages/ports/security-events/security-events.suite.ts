/** The rules of security events. */
import { expect, test } from "bun:test";
import { dayMs, epochMs } from "@chepiao/kernel";
import type { SecurityEvent, SecurityEvents } from "./security-events.ts";

export type SecurityEventsSubject = {
  readonly events: SecurityEvents;
  /** All of them, oldest first. */
  all(): Promise<readonly SecurityEvent[]>;
};

const start = Date.parse("2026-11-22T12:00:00Z");

const event = (n: number, day = 0): SecurityEvent => ({
  timestamp: epochMs(start + day * dayMs + n),
  level: n % 2 === 0 ? "INFO" : "WARN",
  service: "user-service",
  traceId: n % 2 === 0 ? "4bf92f3577b34da6a3ce929d0e0e4736" : null,
  userId: n % 2 === 0 ? 1_234_567_890_123 : null,
  action: n % 2 === 0 ? "login" : "changeStatus",
  message: `login ${n}`,
  status: n % 2 === 0 ? "success" : "refused",
  reason: n % 2 === 0 ? null : 'TooManyRequests — 登录过于频繁 "\n',
  nameHash: n % 2 === 0 ? null : "00112233445566ff",
  address: n % 2 === 0 ? "203.0.113.0/24" : null,
});

export function securityEventsSuite(
  adapter: string,
  create: () => Promise<SecurityEventsSubject> | SecurityEventsSubject,
): void {
  test(`${adapter}: events come back as they were appended, in order`, async () => {
    const { events, all } = await create();
    expect(await all()).toEqual([]);
    await events.append([event(1), event(2)]);
    await events.append([]);
    await events.append([event(3), event(4, 1)]);
    expect(await all()).toEqual([event(1), event(2), event(3), event(4, 1)]);
  });

  test(`${adapter}: equal events that happen at once are all kept`, async () => {
    const { events, all } = await create();
    await Promise.all(Array.from({ length: 20 }, () => events.append([event(2), event(2)])));
    expect(await all()).toEqual(Array.from({ length: 40 }, () => event(2)));
  });

  test(`${adapter}: those from before a day are forgotten, and no others`, async () => {
    const { events, all } = await create();
    await events.append([event(1, -2), event(2, -2), event(3, -1), event(4)]);
    const midnight = epochMs(Date.parse("2026-11-21T00:00:00Z"));
    expect(await events.purge(midnight, 10)).toBe(2);
    expect(await events.purge(midnight, 10)).toBe(0);
    expect(await all()).toEqual([event(3, -1), event(4)]);
    await events.append([event(5)]);
    expect(await all()).toEqual([event(3, -1), event(4), event(5)]);
  });
}
