/** Accounts, and what may change about them. */
import { port } from "@chepiao/ports/port";
import type { UserStore } from "./user-store.ts";

export {
  type ClearEmail,
  type ContactChange,
  type ContactChanged,
  erased,
  type LoginKind,
  type PassengerAdded,
  type PassengerChange,
  type PassengerRecord,
  type Registered,
  type Registration,
  type SealedContact,
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
