/** What outlives a session on which device: tickets have codes that open a gate. */
import { beforeEach, expect, test } from "bun:test";
import { mayShowKept } from "./keptOrders.ts";
import { Refused, Unreachable } from "./api.ts";
import { forgetTickets, isOwnDevice, noteDevice, sessionEnded, ticketKey, ticketArea } from "./device.ts";
import { keep, kept } from "./storage.ts";
import { createStorage } from "./testing.ts";

beforeEach(() => {
  globalThis.sessionStorage = createStorage();
  globalThis.localStorage = createStorage();
});

const isText = (value: unknown): value is string => typeof value === "string";
const keepTicket = () => keep(ticketArea(), ticketKey("E1"), "code");
const ticketsIn = () =>
  (["local", "session"] as const).filter((where) => kept(where, ticketKey("E1"), isText) !== null);
const refused = new Refused({ type: "", title: "", status: 401, code: "NotLoggedIn", traceId: "" } as never);
const away = new Unreachable("GET /api/order/:orderNo");

test("nobody's device is his own until he says so, and then it is known to be", () => {
  expect(isOwnDevice()).toBe(false);
  noteDevice(true);
  expect(isOwnDevice()).toBe(true);
  noteDevice(false);
  expect(isOwnDevice()).toBe(false);
});

test("on a shared device a ticket goes with the tab, and with the session", () => {
  noteDevice(false);
  keepTicket();
  keep("session", "draft", "typed");
  expect(ticketsIn()).toEqual(["session"]);
  sessionEnded();
  expect(ticketsIn()).toEqual([]);
  // Who logs in again goes on with what he typed.
  expect(kept("session", "draft", isText)).toBe("typed");
});

test("on one's own a ticket outlives the session, until it is not one's own any more", () => {
  noteDevice(true);
  keepTicket();
  expect(ticketsIn()).toEqual(["local"]);
  sessionEnded();
  expect(ticketsIn()).toEqual(["local"]);
  noteDevice(false);
  expect(ticketsIn()).toEqual([]);
});

test("tickets that an older version kept on a shared device go with the next session that ends", () => {
  keep("local", ticketKey("E1"), "code");
  sessionEnded();
  expect(ticketsIn()).toEqual([]);
});

test("tickets are forgotten wherever they are kept, and nothing else is", () => {
  noteDevice(true);
  keepTicket();
  keep("session", ticketKey("E1"), "code");
  keep("local", "searches", "kept");
  forgetTickets();
  expect([ticketsIn(), kept("local", "searches", isText)]).toEqual([[], "kept"]);
});

test("a shared device shows what it kept only where the platform cannot be asked whose session this is", () => {
  const shown = () => [
    mayShowKept(null, true),
    mayShowKept(away, true),
    mayShowKept(null, false),
    mayShowKept(refused, true),
  ];
  expect(shown()).toEqual([false, true, true, false]);
  noteDevice(true);
  expect(shown()).toEqual([true, true, true, false]);
});
