/** What staff do and see is on the audit trail before it is done or seen. */
import { expect, test } from "bun:test";
import type { Handlers, operationsRoutes } from "@chepiao/contracts";
import { dayMs, epochMs, parseZone, type UserId } from "@chepiao/kernel";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createManualClock } from "@chepiao/ports/clock";
import { createSeededRandom } from "@chepiao/ports/random";
import { createActs } from "./acts.ts";
import { createOperations, type OperationsDeps } from "./index.ts";

const auditor = { sessionId: "s", userId: 7, role: "auditor" } as const;
const machine = { door: "command", who: "root", userId: null, role: null } as const;

function opened() {
  const clock = createManualClock(epochMs(Date.parse("2026-12-01T04:00:00Z")));
  const trail = createMemoryAuditTrail();
  const random = createSeededRandom(1);
  const users = { byId: async (userId: UserId) => (userId === 7 ? { username: "ann" } : null) };
  const room = createOperations({
    clock,
    random,
    trail,
    users: users as unknown as OperationsDeps["users"],
    zone: parseZone("Asia/Shanghai")!,
    auditKeptMs: 10 * dayMs,
    ...({} as Omit<OperationsDeps, "auditKeptMs" | "clock" | "random" | "trail" | "users" | "zone">),
  });
  const audit = async (query: object, session: object = auditor) => {
    type Call = Parameters<Handlers<typeof operationsRoutes>["audit"]>[0];
    const answer = await room.handlers.audit({ session, query } as unknown as Call);
    return (answer as { value: { body: { entries: { what: string; who: string }[]; next: string | null } } }).value
      .body;
  };
  return { room, trail, clock, acts: createActs({ trail, clock, random }), audit };
}

test("an act is on the trail while it goes on, and with its outcome when it has ended", async () => {
  const { acts, audit, clock } = opened();
  const act = await acts.begin(machine, {
    action: "cancelRun",
    subject: "run G1/2026-12-01",
    what: "cancelled G1/2026-12-01, 300 tickets",
    reason: "typhoon",
  });
  const seen = () => audit({ action: "cancelRun" });
  expect((await seen()).entries).toMatchObject([
    { who: "root", door: "command", role: null, at: "2026-12-01T12:00:00+08:00", reason: "typhoon", outcome: null },
  ]);
  await clock.advance(1_000);
  await act.ended("done", "300 tickets");
  expect((await seen()).entries).toMatchObject([
    { outcome: "done", endedAt: "2026-12-01T12:00:01+08:00", after: "300 tickets" },
  ]);
});

test("who looks at the trail is on it, by username, or by number where the account is gone; numbers of accounts are not shown", async () => {
  const { audit, clock } = opened();
  await audit({ who: "x", subject: "y" });
  await clock.advance(1);
  await audit({}, { ...auditor, userId: 8 });
  await clock.advance(1);
  const { entries } = await audit({});
  expect(entries).toMatchObject([
    { who: "ann", role: "auditor", door: "route", action: "readAudit", what: "the audit trail, by all of it" },
    { who: "account 8" },
    { who: "ann", what: "the audit trail, by who, subject" },
  ]);
  expect(JSON.stringify(entries)).not.toContain("userId");
});

test("pages follow each other to the end", async () => {
  const { acts, audit, clock } = opened();
  for (let n = 0; n < 3; n++) {
    await acts.noteLook(machine, { action: "readOrders", what: String(n) });
    await clock.advance(1);
  }
  const first = await audit({ action: "readOrders", limit: 2 });
  expect(first.entries.map(({ what }) => what)).toEqual(["2", "1"]);
  const second = await audit({ action: "readOrders", limit: 2, before: first.next });
  expect([second.entries.map(({ what }) => what), second.next]).toEqual([["0"], null]);
});

test("what cannot be noted is not shown", async () => {
  const { trail, audit } = opened();
  Object.assign(trail, { append: () => Promise.reject(new Error("SQL is away")) });
  expect(await audit({}).catch((error: Error) => error.message)).toBe("SQL is away");
});

test("entries are kept for the days that are set, and then forgotten", async () => {
  const { acts, clock, room, trail } = opened();
  await acts.noteLook(machine, { action: "readOrders", what: "once" });
  await clock.advance(10 * dayMs);
  const [job] = room.work;
  await job!.pass();
  expect(await trail.find({ limit: 9 })).toHaveLength(1);
  await clock.advance(1);
  await job!.pass();
  await job!.pass();
  expect(await trail.find({ limit: 9 })).toEqual([]);
});
