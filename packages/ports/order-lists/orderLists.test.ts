/** The read models in memory keep the rules of all. */
import { createMemoryOrderIndex, createMemoryOrderList } from "./index.ts";
import { orderListsSuite } from "./orderLists.suite.ts";

orderListsSuite("memory", async () => ({ index: createMemoryOrderIndex(), list: createMemoryOrderList() }));
