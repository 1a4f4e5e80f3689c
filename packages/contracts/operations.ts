/** `/api/operations`: what staff look at and do. Each route names the right that it needs, and every call is on the audit trail. */
import Type, { type Static } from "typebox";
import { pageSizeMax } from "@chepiao/kernel";
import { AuditAction, AuditLine } from "./audit.ts";
import { ordersOperationsRoutes } from "./operationsOrders.ts";
import { overviewOperationsRoutes } from "./operationsOverview.ts";
import { runsOperationsRoutes } from "./operationsRuns.ts";
import { route } from "./route.ts";

const strict = { additionalProperties: false } as const;
const room = "operations";

const Text = (description: string) => Type.String({ minLength: 1, maxLength: 100, description });
const Limit = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: pageSizeMax,
    description: `How many at most; ${pageSizeMax} where it is not said.`,
  }),
);

export const AuditPage = Type.Object({
  entries: Type.Array(AuditLine, { description: "Newest first." }),
  next: Type.Union([Type.String(), Type.Null()], {
    description: "Where the next page begins, as `before` takes it; null where this is the last.",
  }),
});
export type AuditPage = Static<typeof AuditPage>;

export const operationsRoutes = {
  ...runsOperationsRoutes,
  audit: route({
    method: "GET",
    path: "/api/operations/audit",
    summary: "What staff did and looked at",
    room,
    who: "readAudit",
    shed: "first",
    query: Type.Object(
      {
        who: Type.Optional(Text("A username, or an account of the machine.")),
        action: Type.Optional(AuditAction),
        subject: Type.Optional(Text("On what: `run G1/2026-12-01`.")),
        before: Type.Optional(Text("`next` of the page before.")),
        limit: Limit,
      },
      strict,
    ),
    answers: { 200: { description: "A page of the audit trail.", schema: AuditPage } },
    refusals: [],
  }),
  ...ordersOperationsRoutes,
  ...overviewOperationsRoutes,
};
