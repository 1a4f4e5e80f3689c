/**
 * The operations room: what staff look at and do. The rim lets in whose role has the right that a route names (contracts/rights.ts); here
 * each call is put on the audit trail before anything is shown or done. It decides nothing that another room decides.
 */
import { hasRight, type Handlers, type operationsRoutes, refusal, type SessionView } from "@chepiao/contracts";
import { epochMs, hourMs, ok, orderIdOf, pageSizeMax, refuse, type UserId } from "@chepiao/kernel";
import type { AuditTrail } from "@chepiao/ports/audit-trail";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Job } from "@chepiao/room";
import { type Actor, createActs } from "./acts.ts";
import { auditLineOf } from "./auditView.ts";
import { type StoryDeps, storyOf } from "./orderStory.ts";
import { createRunHandlers, type RunDeskDeps } from "./runs/index.ts";

export { type Act, type ActNote, type Acts, type Actor, createActs, type LookNote } from "./acts.ts";
export { auditLineOf } from "./auditView.ts";
export * from "./runs/index.ts";
export { auditKeptMs } from "./settings.ts";

export type OperationsDeps = StoryDeps &
  Omit<RunDeskDeps, "clock" | "orders"> & {
    readonly orders: StoryDeps["orders"] & RunDeskDeps["orders"];
    readonly clock: Clock;
    readonly report: (message: string, error?: unknown) => void;
    readonly random: Pick<Random, "token">;
    readonly trail: AuditTrail;
    readonly users: Pick<UserStore, "byId">;
    readonly auditKeptMs: number;
  };

/** Some milliseconds of the writer process. */
const forgottenAtOnce = 200;

export function createOperations(deps: OperationsDeps) {
  const { clock, random, zone, trail, users, auditKeptMs } = deps;
  const acts = createActs({ trail, clock, random });

  async function actorOf({ userId, role }: SessionView): Promise<Actor> {
    const user = await users.byId(userId as UserId);
    // Deleted in this moment: the number is still known.
    return { door: "route", who: user?.username ?? `account ${userId}`, userId: userId as UserId, role };
  }

  const handlers: Handlers<typeof operationsRoutes> = {
    ...createRunHandlers({ ...deps, acts, actorOf }),
    async audit({ session, query: { limit = pageSizeMax, ...search } }) {
      const what = Object.keys(search).join(", ") || "all of it";
      await acts.noteLook(await actorOf(session), { action: "readAudit", what: `the audit trail, by ${what}` });
      const found = await trail.find({ ...search, limit });
      const next = found.length < limit ? null : found.at(-1)!.entryId;
      return ok({ status: 200, body: { entries: found.map((each) => auditLineOf(each, zone)), next } });
    },
    async order({ session, params: { orderNo }, language }) {
      const namesTravellers = hasRight(session.role, "readTravellers");
      const orderId = orderIdOf(orderNo);
      if (orderId === null) return refuse(refusal("OrderUnknown"));
      const what = `its story, ${namesTravellers ? "with its travellers" : "travellers masked"}`;
      await acts.noteLook(await actorOf(session), { action: "readOrders", subject: `order ${orderNo}`, what });
      const story = await storyOf(deps, orderId, { namesTravellers, language });
      return story === null ? refuse(refusal("OrderUnknown")) : ok({ status: 200, body: story });
    },
  };

  const forget = async () =>
    (await trail.forget(epochMs(clock.now() - auditKeptMs), forgottenAtOnce)) === forgottenAtOnce;
  const work: readonly Job[] = [
    {
      kind: "job",
      name: "audit trail of long ago",
      electedAs: "operations",
      everyMs: hourMs,
      pass: forget,
      failed: "the audit trail of long ago could not be forgotten; trying again",
    },
  ];
  return { handlers, work };
}
