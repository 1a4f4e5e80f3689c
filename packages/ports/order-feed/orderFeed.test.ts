import { createMemoryOrderFeed } from "./orderFeed.ts";
import { orderFeedSuite } from "./orderFeed.suite.ts";

orderFeedSuite("memory", () => {
  const feed = createMemoryOrderFeed();
  return { here: feed, there: feed };
});
