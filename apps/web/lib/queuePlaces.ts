/** Places and passes of queues as the browser keeps them, by account: for every tab, and over a reload. */
import type { QueueTurn } from "@chepiao/contracts";
import { serverNow } from "./clock.ts";
import { forget, isRecord, keep, kept, keysKept } from "./storage.ts";

const isText = (value: unknown): value is string => typeof value === "string";
type KeptPass = { readonly pass: string; readonly until: string };
const isPass = (value: unknown): value is KeptPass =>
  isRecord(value) && isText(value["pass"]) && isText(value["until"]);

/** Whose, and in which queue. */
export type PlaceOf = { readonly userId: number; readonly queueId: string };
const keyOf = (what: "Place" | "Pass" | "Turn", { userId, queueId }: PlaceOf) => `queue${what}.${userId}.${queueId}`;

/** What a browser that keeps nothing knows until the page is left. */
const inMemory = new Map<string, unknown>();

function note(key: string, value: unknown): void {
  inMemory.delete(key);
  keep("local", key, value);
  if (kept("local", key, (found): found is unknown => found !== null) === null) inMemory.set(key, value);
}

function noted<T>(key: string, fits: (value: unknown) => value is T): T | null {
  const held = inMemory.get(key);
  return kept("local", key, fits) ?? (fits(held) ? held : null);
}

function drop(key: string): void {
  inMemory.delete(key);
  forget("local", key);
}

const keysOf = (start: string): string[] => [
  ...keysKept("local", start),
  ...[...inMemory.keys()].filter((key) => key.startsWith(start)),
];

export const placeKept = (of: PlaceOf): string | null => noted(keyOf("Place", of), isText);
export const keepPlace = (of: PlaceOf, place: string): void => note(keyOf("Place", of), place);
export const forgetPlace = (of: PlaceOf): void => drop(keyOf("Place", of));

export function keepPass(of: PlaceOf, { pass, passUntil }: Pick<QueueTurn, "pass" | "passUntil">): void {
  if (pass !== null && passUntil !== null) note(keyOf("Pass", of), { pass, until: passUntil });
}

/** For the header of a purchase; null mostly. What is over is forgotten. */
export function passesKept(): string | null {
  const passes = keysOf("queuePass.").flatMap((key) => {
    const found = noted(key, isPass);
    if (found && Date.parse(found.until) > serverNow()) return [found.pass];
    drop(key);
    return [];
  });
  return passes.length > 0 ? passes.join(",") : null;
}

/** True once in all tabs: two that come to their turn together must not buy twice, nor does one that is come back to. */
export function isFirstToGoOn(of: PlaceOf): boolean {
  const key = keyOf("Turn", of);
  if (noted(key, isText) !== null) return false;
  note(key, "taken");
  return true;
}

/** Another person sits here now. */
export function forgetQueues(): void {
  for (const start of ["queuePlace.", "queuePass.", "queueTurn."]) keysOf(start).forEach(drop);
}

/** Which queue one waits in for what that page is about. */
export const queueingKept = (page: string): string | null => kept("session", `queueing.${page}`, isText);
export const keepQueueing = (page: string, queueId: string): void => keep("session", `queueing.${page}`, queueId);
export const forgetQueueing = (page: string): void => forget("session", `queueing.${page}`);
