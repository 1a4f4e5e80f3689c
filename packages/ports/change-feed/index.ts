import { port } from "@chepiao/ports/port";
import type { ChangeFeed } from "./changeFeed.ts";

export {
  type ChangeFeed,
  createMemoryCheckpoints,
  type Follower,
  type RunningFollower,
  type Checkpoints,
  type Row,
  type RowChange,
} from "./changeFeed.ts";
export { createMemoryChangeFeed, type MemoryChangeFeed } from "./changeFeed.memory.ts";

export const changeFeedPort = port<ChangeFeed>("change feed");
