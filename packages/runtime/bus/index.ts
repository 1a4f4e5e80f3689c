export { type Answering, bindCalls, type CallHandlers } from "./answer.ts";
export { type Bus, createBus } from "./caller.ts";
export { createRemoteInventory, createRemoteOrders, createRemoteUsers } from "./clients.ts";
export { answerInventory, answerOrders, answerUsers, timetableFreshMs } from "./rooms.ts";
export { insideOnly } from "./inside.ts";
