/** Orders as they were last seen in this browser, for times without a network. */
import type { Order } from "@chepiao/contracts";
import { isRefused, Unreachable } from "./api.ts";
import { isOwnDevice, ticketKey, ticketArea } from "./device.ts";
import { isRecord, keep, kept, keysKept } from "./storage.ts";

export const isOrder = (value: unknown): value is Order =>
  isRecord(value) && typeof value["orderNo"] === "string" && Array.isArray(value["tickets"]) && isRecord(value["from"]);

export const keptOrder = (orderNo: string): Order | null => kept(ticketArea(), ticketKey(orderNo), isOrder);
export const keepOrder = (order: Order): void => keep(ticketArea(), ticketKey(order.orderNo), order);

/** The latest trip first. */
export function keptOrders(): readonly Order[] {
  const storageKey = ticketArea();
  const orders = keysKept(storageKey, ticketKey("")).flatMap((key) => kept(storageKey, key, isOrder) ?? []);
  return orders.toSorted((a, b) => Date.parse(b.departAt) - Date.parse(a.departAt));
}

/**
 * What was seen last stands in until the platform answers, and where it cannot be reached. On a device that others use, too, only the
 * latter: until it answers nobody knows whose session this still is.
 */
export const mayShowKept = (failed: Error | null, online: boolean): boolean =>
  isOwnDevice() ? !isRefused(failed) : !online || failed instanceof Unreachable;
