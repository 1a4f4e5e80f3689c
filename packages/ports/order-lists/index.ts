export {
  indexedOrder,
  type IndexedOrder,
  listedOrder,
  type ListedOrder,
  type ListPage,
  type OrderIndex,
  type OrderList,
  type OrderProjection,
} from "./orderLists.ts";
export { createMemoryOrderIndex, createMemoryOrderList } from "./orderLists.memory.ts";
