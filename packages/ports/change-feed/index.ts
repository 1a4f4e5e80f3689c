export {
  type ChangeFeed,
  createMemoryPlaces,
  type Follower,
  type Following,
  type Places,
  type Row,
  type RowChange,
} from "./changeFeed.ts";
export { createMemoryChangeFeed, type MemoryChangeFeed } from "./changeFeed.memory.ts";
