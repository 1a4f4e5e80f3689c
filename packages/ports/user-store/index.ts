export {
  type LoginKind,
  type PassengerAdded,
  type PassengerChange,
  type PassengerRecord,
  type Registered,
  type Registration,
  slotOfHash,
  type UserRecord,
  userSlotOf,
  type UserStatus,
  userStatuses,
  type UserStore,
} from "./user-store.ts";
export { createMemoryUserStore } from "./user-store.memory.ts";
