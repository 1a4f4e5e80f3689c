import { createMemorySessionFeed } from "./index.ts";
import { sessionFeedSuite } from "./sessionFeed.suite.ts";

sessionFeedSuite("memory", () => {
  const feed = createMemorySessionFeed();
  return { here: feed, there: feed };
});
