/** Places and passes of queues as the browser keeps them: for every tab, and over a reload. */
import type { QueueTurn } from "@chepiao/contracts";
import { serverNow } from "./clock.ts";
import { forget, isRecord, keep, kept, keysKept } from "./storage.ts";

const isText = (value: unknown): value is string => typeof value === "string";
type KeptPass = { readonly pass: string; readonly until: string };
const isPass = (value: unknown): value is KeptPass =>
  isRecord(value) && isText(value["pass"]) && isText(value["until"]);

export const placeKept = (queueId: string): string | null => kept("local", `queuePlace.${queueId}`, isText);
export const keepPlace = (queueId: string, place: string): void => keep("local", `queuePlace.${queueId}`, place);

export function keepPass(queueId: string, { pass, passUntil }: Pick<QueueTurn, "pass" | "passUntil">): void {
  if (pass !== null && passUntil !== null) keep("local", `queuePass.${queueId}`, { pass, until: passUntil });
}

/** For the header of a purchase; null mostly. What is over is forgotten. */
export function passesKept(): string | null {
  const passes = keysKept("local", "queuePass.").flatMap((key) => {
    const found = kept("local", key, isPass);
    if (found && Date.parse(found.until) > serverNow()) return [found.pass];
    forget("local", key);
    return [];
  });
  return passes.length > 0 ? passes.join(",") : null;
}

/** True once in all tabs: two that come to their turn together must not buy twice. */
export function isFirstToGoOn(queueId: string): boolean {
  const key = `queueTurn.${queueId}`;
  if (kept("local", key, isText) !== null) return false;
  keep("local", key, "taken");
  return true;
}

/** Which queue one waits in for what that page is about. */
export const queueingKept = (page: string): string | null => kept("session", `queueing.${page}`, isText);
export const keepQueueing = (page: string, queueId: string): void => keep("session", `queueing.${page}`, queueId);
export const forgetQueueing = (page: string): void => forget("session", `queueing.${page}`);
