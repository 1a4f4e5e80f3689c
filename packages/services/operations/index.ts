/**
 * The operations room: what staff look at and do. The rim lets in whose role has the right that a route names (contracts/rights.ts); here
 * each call is put on the audit trail before anything is shown or done. It decides nothing that another room decides.
 */
import type { Handlers, operationsRoutes, SessionView } from "@chepiao/contracts";
import { epochMs, hourMs, ok, pageSizeMax, type UserId } from "@chepiao/kernel";
import type { AuditTrail } from "@chepiao/ports/audit-trail";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Job } from "@chepiao/room";
import { type Actor, createActs } from "./acts.ts";
import { auditLineOf } from "./auditView.ts";
import { createOrdersApi, type OrdersApiDeps } from "./orders/api.ts";
import { createOverview, type OverviewDeps } from "./overview/index.ts";
import { createRunHandlers, type RunDeskDeps } from "./runs/index.ts";

export { type Act, type ActNote, type Acts, type Actor, createActs, type LookNote } from "./acts.ts";
export { auditLineOf } from "./auditView.ts";
export {
  endedMails,
  findMails,
  type MailSearch,
  mailsShownMax,
  mailsWritten,
  queueMailsAgain,
} from "./notifications/resend.ts";
export { filterOf, lookedAt, type OrdersAsked, pageEndOf, pageEndText, travellersOf } from "./orders/find.ts";
export * from "./runs/index.ts";
export { auditKeptMs } from "./settings.ts";

export type OperationsDeps = Omit<OrdersApiDeps, "actorOf" | "acts"> &
  Omit<OverviewDeps, "orderSearch"> &
  Omit<RunDeskDeps, "clock" | "orders"> & {
    readonly orders: OrdersApiDeps["orders"] & RunDeskDeps["orders"];
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
  const overview = createOverview(deps);

  async function actorOf({ userId, role }: SessionView): Promise<Actor> {
    const user = await users.byId(userId as UserId);
    // Deleted in this moment: the number is still known.
    return { door: "route", who: user?.username ?? `account ${userId}`, userId: userId as UserId, role };
  }

  const handlers: Handlers<typeof operationsRoutes> = {
    async audit({ session, query: { limit = pageSizeMax, ...search } }) {
      const what = Object.keys(search).join(", ") || "all of it";
      await acts.noteLook(await actorOf(session), { action: "readAudit", what: `the audit trail, by ${what}` });
      const found = await trail.find({ ...search, limit });
      const next = found.length < limit ? null : found.at(-1)!.entryId;
      return ok({ status: 200, body: { entries: found.map((each) => auditLineOf(each, zone)), next } });
    },
    ...createOrdersApi({ ...deps, acts, actorOf }),
    ...createRunHandlers({ ...deps, acts, actorOf }),
    overview: async () => ok({ status: 200, body: await overview() }),
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
