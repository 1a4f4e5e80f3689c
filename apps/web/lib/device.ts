/**
 * Is this the person's own device? Said at log-in and never guessed. Tickets with their codes outlive the session on such a device alone,
 * so that they open at the gate without a network; elsewhere they go with the session, and with the tab.
 */
import { forget, keep, kept, keysKept, type StorageArea } from "./storage.ts";

const said = "ownDevice";
const isTrue = (value: unknown): value is true => value === true;
const areas: readonly StorageArea[] = ["local", "session"];

export const isOwnDevice = (): boolean => kept("local", said, isTrue) !== null;

export function noteDevice(isOwn: boolean): void {
  if (isOwn) keep("local", said, true);
  else {
    forget("local", said);
    forgetTickets();
  }
}

/** Where tickets are kept. */
export const ticketArea = (): StorageArea => (isOwnDevice() ? "local" : "session");
export const ticketKey = (orderNo: string): string => `order.${orderNo}`;

/** Groups of passengers that somebody has named. They begin with whose they are. */
export const groupsKey = (userId: number | ""): string => `groups.${userId}`;

export function forgetTickets(): void {
  for (const storageKey of areas) for (const key of keysKept(storageKey, ticketKey(""))) forget(storageKey, key);
}

/** The session has ended, by itself or elsewhere. */
export function sessionEnded(): void {
  if (!isOwnDevice()) forgetTickets();
}
