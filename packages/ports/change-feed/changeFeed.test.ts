/** The feed in memory keeps the rules of every change feed. */
import { createSystemClock } from "@chepiao/adapters/system";
import { changeFeedSuite } from "./changeFeed.suite.ts";
import { createMemoryChangeFeed } from "./index.ts";

changeFeedSuite("memory", async () => {
  const feed = createMemoryChangeFeed(createSystemClock());
  return { open: () => feed, write: async (table, id) => feed.write({ table, row: { id } }) };
});
