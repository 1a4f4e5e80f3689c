/**
 * The rooms of the platform, in the order in which they are opened. To add one: its declaration in its own folder, its contract, and
 * a line here.
 */
import { relayRoom } from "@chepiao/runtime";
import type { RoomSpec } from "@chepiao/room";
import { inventoryRoom } from "@chepiao/services/inventory/room.ts";
import { orderRoom } from "@chepiao/services/order/room.ts";
import { paymentRoom } from "@chepiao/services/payment/room.ts";
import { gatewayRoom } from "@chepiao/services/gateway/room.ts";
import { gatewayRulesRoom } from "@chepiao/services/gatewayRules/room.ts";
import { announcedQueuesRoom } from "@chepiao/services/announcedQueues/room.ts";
import { notificationRoom } from "@chepiao/services/notification/room.ts";
import { operationsRoom } from "@chepiao/services/operations/room.ts";
import { policyRoom } from "@chepiao/services/policy/room.ts";
import { queueRoom } from "@chepiao/services/queue/room.ts";
import { challengesRoom } from "@chepiao/services/challenges/room.ts";
import { reconciliationRoom } from "@chepiao/services/reconciliation/room.ts";
import { reseatsRoom } from "@chepiao/services/reseats/room.ts";
import { riskRoom } from "@chepiao/services/risk/room.ts";
import { searchRoom } from "@chepiao/services/search/room.ts";
import { timetableRoom } from "@chepiao/services/timetable/room.ts";
import { ticketKeysRoom } from "@chepiao/services/ticketKeys/room.ts";
import { trainMessagesRoom } from "@chepiao/services/trainMessages/room.ts";
import { userRoom } from "@chepiao/services/user/room.ts";
import { waitlistRoom } from "@chepiao/services/waitlist/room.ts";
import { bankRoom } from "./bank.ts";
import { messagesRoom } from "./messages.ts";
import { projectionsRoom } from "./projections.ts";
import { registerRoom } from "./register.ts";

export const rooms: readonly RoomSpec[] = [
  policyRoom,
  timetableRoom,
  announcedQueuesRoom,
  riskRoom,
  ticketKeysRoom,
  userRoom,
  inventoryRoom,
  orderRoom,
  reseatsRoom,
  searchRoom,
  messagesRoom,
  registerRoom,
  bankRoom,
  paymentRoom,
  waitlistRoom,
  reconciliationRoom,
  notificationRoom,
  operationsRoom,
  queueRoom,
  challengesRoom,
  gatewayRulesRoom,
  gatewayRoom,
  relayRoom,
  trainMessagesRoom,
  projectionsRoom,
];
