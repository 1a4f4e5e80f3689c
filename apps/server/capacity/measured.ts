/**
 * What the capacity model computes with: the figures of this machine where `npm run bench -- cluster` was run here, else those
 * that are shipped. Either says on which machine, and at which commit, they were measured.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CostUs, type Costs, measuredEngines, measuredRoles } from "./model.ts";
import shipped from "./measured.json" with { type: "json" };

export type Measured = {
  readonly costs: Costs;
  readonly machine: string;
  readonly commit: string;
  readonly measuredAt: string;
  /** The file, as an operator can find it. */
  readonly from: string;
};

/** These figures cannot be computed with. */
export class NotMeasured extends Error {
  override readonly name = "NotMeasured";
}

const benchResult = join(import.meta.dir, "../../../bench/results/cluster.json");

export function readMeasured(path: string | null): Measured {
  if (path !== null) return fromFile(path, path);
  if (existsSync(benchResult)) return fromFile(benchResult, "bench/results/cluster.json");
  return parseMeasured(shipped, "apps/server/capacity/measured.json");
}

function fromFile(path: string, from: string): Measured {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new NotMeasured(`${from} cannot be read: ${(error as Error).message}`);
  }
  return parseMeasured(content, from);
}

type BenchResult = {
  readonly more?: Readonly<Record<string, unknown>>;
  readonly machine?: { readonly processor?: string; readonly cores?: number };
  readonly commit?: string;
  readonly measuredAt?: string;
};

/** A result of the bench: costs are named `orderUs.gateway`, `queryUs.redis` and so on. */
export function parseMeasured(content: unknown, from: string): Measured {
  const { more = {}, machine, commit = "unknown", measuredAt = "unknown" } = (content ?? {}) as BenchResult;
  const names = [...measuredRoles, ...measuredEngines];
  const lacking: string[] = [];
  const costsOf = (request: "order" | "query") =>
    Object.fromEntries(
      names.map((who) => {
        const cost = more[`${request}Us.${who}`];
        const isCost = typeof cost === "number" && Number.isFinite(cost) && cost >= 0;
        if (!isCost) lacking.push(`${request}Us.${who}`);
        return [who, isCost ? cost : 0];
      }),
    ) as CostUs;
  const costs = { order: costsOf("order"), query: costsOf("query") };
  if (lacking.length > 0) {
    throw new NotMeasured(
      `${from} has no cost for ${lacking.join(", ")}: measure with wrk and all engines on this machine, ` +
        "npm run bench -- cluster",
    );
  }
  const described = machine ? `${machine.cores ?? "?"} cores, ${machine.processor ?? "?"}` : "unknown";
  return { costs, machine: described, commit, measuredAt, from };
}
