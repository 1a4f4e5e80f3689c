/**
 * The life of one order in a history: everything that was said of it, by whom, when. The history is told a second time for it,
 * with a listener; that changes nothing in it.
 */
import { orderIdOf, orderNoOf, waitlistNoOf } from "@chepiao/kernel";
import type { RunOptions } from "./run.ts";
import { runSeed } from "./run.ts";

export type Line = { readonly atUs: number; readonly actor: string; readonly what: string; readonly detail: string };

const detailLengthMax = 180;

/** @param said the number of an order, or of an entry of the waitlist: it and the order that it becomes are told together */
export function storyOf(options: RunOptions, said: string): string[] {
  const orderNo = said.replace(/^W/, "E");
  const orderId = orderIdOf(orderNo);
  const names = new Set(orderId === null ? [orderNo] : [orderNoOf(orderId), waitlistNoOf(orderId), String(orderId)]);
  // Its key and its payments are known only once an event has named them together with it.
  const all: Line[] = [];
  runSeed({
    ...options,
    listener: (atUs, actor, what, detail) => void (detail && all.push({ atUs, actor, what, detail })),
  });
  for (const { detail } of all) {
    if (!detail.includes(orderNo)) continue;
    const [, key] = new RegExp(`"orderNo":"${orderNo}"[^\\]]*?"idempotencyKey":("[^"]+")`).exec(detail) ?? [];
    if (key) names.add(key);
    for (const [, paymentNo] of detail.matchAll(new RegExp(`"paymentNo":"(P\\d+)","orderNo":"${orderNo}"`, "g")))
      names.add(paymentNo!);
  }
  const isAbout = ({ detail }: Line) => [...names].some((name) => detail.includes(name));
  return all.filter(isAbout).map((line) => tell(line, [...names]));
}

function tell({ atUs, actor, what, detail }: Line, names: readonly string[]): string {
  const at = `${(atUs / 1e6).toFixed(3)} s`;
  return `${at.padStart(14)}  ${actor.padEnd(12)} ${what.padEnd(34)} ${shortened(detail, names)}`;
}

/** Around the first place that names the order. */
function shortened(detail: string, names: readonly string[]): string {
  if (detail.length <= detailLengthMax) return detail;
  const at = Math.min(...names.map((name) => detail.indexOf(name)).filter((index) => index >= 0));
  const start = Math.max(0, at - detailLengthMax / 3);
  return `${start > 0 ? "…" : ""}${detail.slice(start, start + detailLengthMax)}…`;
}
