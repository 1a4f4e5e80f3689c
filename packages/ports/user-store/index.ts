import { port } from "@chepiao/ports/port";
import type { UserStore } from "./user-store.ts";

export {
  type ClearEmail,
  erased,
  type LoginKind,
  type PassengerAdded,
  type PassengerChange,
  type PassengerRecord,
  type Registered,
  type Registration,
  slotOfHash,
  type UniqueHashes,
  type UserChange,
  type UserRecord,
  userSlotOf,
  type UserStatus,
  userStatuses,
  type UserStore,
} from "./user-store.ts";
export { createMemoryUserStore } from "./user-store.memory.ts";

export const userStorePort = port<UserStore>("users");
