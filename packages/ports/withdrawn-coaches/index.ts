/** Coaches that operators have withdrawn from sale. */
import { port } from "@chepiao/ports/port";
import { createMemoryWithdrawnCoachStore } from "./withdrawnCoaches.memory.ts";
import type { WithdrawnCoachStore } from "./withdrawnCoaches.ts";

export { createMemoryWithdrawnCoachStore } from "./withdrawnCoaches.memory.ts";
export {
  compositionOf,
  compositionsPerRunMax,
  exchangedFor,
  hasLost,
  isClosed,
  isRunAs,
  lostSince,
} from "./exchange.ts";
export {
  addedReseat,
  type Exchange,
  inOrder,
  type LostCoach,
  noneWithdrawn,
  type ReseatResult,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "./withdrawnCoaches.ts";

export const withdrawnCoachStorePort = port<WithdrawnCoachStore>("withdrawnCoaches", () =>
  createMemoryWithdrawnCoachStore(),
);
