/** Who of a railway's staff may do what: one table, which routes are held to (packages/runtime/http) and nobody repeats. */
import type { Role } from "./vocabulary.ts";

/** What a route may need of who calls it, or shows to him alone. */
export const rights = [
  "readOverview",
  "readAudit",
  "readOrders",
  "readTravellers",
  "resendNotifications",
  "readRuns",
  "changeRuns",
] as const;
export type Right = (typeof rights)[number];

export const rightsOf: Readonly<Record<Role, readonly Right[]>> = {
  passenger: [],
  operator: ["readOverview", "readOrders", "readTravellers", "resendNotifications", "readRuns", "changeRuns"],
  finance: ["readOverview", "readOrders"],
  gate: [],
  auditor: ["readOverview", "readAudit", "readOrders", "readRuns"],
  admin: rights,
};

export const hasRight = (role: Role, right: Right): boolean => rightsOf[role].includes(right);
