/** What giving a ticket back will cost, with the moments at which it changes: known from the grades before anything is bought. */
import type { Railway } from "@chepiao/contracts";
import { earlierBy } from "./format.ts";

export type RefundStep = { readonly until: string; readonly feeBasisPoints: number };

const hourMs = 3_600_000;

/** The first holds now, the last ends with departure. */
export const refundSteps = (departAt: string, grades: Railway["refundGrades"], nowMs: number): readonly RefundStep[] =>
  Date.parse(departAt) <= nowMs
    ? []
    : grades
        .map(({ hoursBefore, percent }) => ({
          until: earlierBy(departAt, hoursBefore * hourMs),
          feeBasisPoints: Math.round(percent * 100),
        }))
        .filter(({ until }) => Date.parse(until) >= nowMs);
