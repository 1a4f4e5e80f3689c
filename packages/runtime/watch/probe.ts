/** Is any replica of another role ready? For `Watch`. */
import { secondMs } from "@chepiao/kernel";
import { reasonOf } from "../bus/caller.ts";
import type { Probe } from "./watch.ts";

const probeTimeoutMs = secondMs;

export const probeRole =
  (addresses: readonly string[]): Probe =>
  async () => {
    const reasons = await Promise.all(addresses.map(reasonNotReady));
    if (!reasons.includes(null)) throw new Error(reasons.join("; "));
  };

async function reasonNotReady(address: string): Promise<string | null> {
  try {
    const answer = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(probeTimeoutMs) });
    if (answer.ok) return null;
    const { waitingFor } = (await answer.json()) as { readonly waitingFor?: readonly string[] };
    return `${address} is not ready${waitingFor ? `, it waits for ${waitingFor.join(", ")}` : ""}`;
  } catch (error) {
    return `${address}: ${reasonOf(error)}`;
  }
}
