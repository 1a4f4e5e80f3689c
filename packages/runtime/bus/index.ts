export { type Answering, bindCalls, type CallHandlers } from "./answer.ts";
export { type Caller, createCaller } from "./caller.ts";
export { createRemoteInventory, createRemoteOrders, createRemoteUsers } from "./clients.ts";
export { answerInventory, answerOrders, answerUsers } from "./rooms.ts";
