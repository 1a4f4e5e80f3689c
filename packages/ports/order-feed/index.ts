import { port } from "@chepiao/ports/port";
import type { OrderFeed } from "./orderFeed.ts";

export { createMemoryOrderFeed, type OrderFeed } from "./orderFeed.ts";

export const orderFeedPort = port<OrderFeed>("order feed");
