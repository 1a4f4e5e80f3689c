/** Takes away everything under a connection's prefix: of a platform that is over, on a cluster that others go on with. */
import { assert } from "@chepiao/kernel";
import type { Redis } from "./openRedis.ts";

export async function removeKeys({ ask, cluster, key }: Pick<Redis, "ask" | "cluster" | "key">): Promise<void> {
  assert(key("") !== "", "keys of others are told apart by a prefix");
  // Nodes are known once the first answer is there.
  await ask((ready) => ready.exists(key("nothing")));
  for (const node of cluster.nodes("master")) {
    for await (const keys of node.scanStream({ match: key("*"), count: 1_000 })) {
      await Promise.all((keys as string[]).map((each) => node.unlink(each)));
    }
  }
}
