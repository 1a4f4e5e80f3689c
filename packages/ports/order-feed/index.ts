export { createMemoryOrderFeed, type OrderFeed } from "./orderFeed.ts";
