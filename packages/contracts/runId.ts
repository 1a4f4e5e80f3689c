/** By what name a run is known. */
import type { Brand, ServiceDate } from "@chepiao/kernel";

/** One train on one origin date: `G1/2026-12-01`. The unit of stock, of partitioning and of order. */
export type RunId = Brand<string, "RunId">;
export const runId = (trainNumber: string, originDate: ServiceDate): RunId => `${trainNumber}/${originDate}` as RunId;
export const trainAndDateOf = (id: RunId) => id.split("/") as [trainNumber: string, originDate: ServiceDate];
