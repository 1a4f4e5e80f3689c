import { port } from "@chepiao/ports/port";
import type { OrderIndex, OrderList } from "./orderLists.ts";

export {
  firstLinesByRun,
  type IndexedOrder,
  indexedOrders,
  listedOrder,
  type ListedOrder,
  type ListPage,
  type OrderIndex,
  type OrderList,
  type OrderProjection,
} from "./orderLists.ts";
export { createMemoryOrderIndex, createMemoryOrderList } from "./orderLists.memory.ts";

export const orderIndexPort = port<OrderIndex>("order index");
export const orderListPort = port<OrderList>("order list");
