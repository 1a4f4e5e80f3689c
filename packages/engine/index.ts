/**
 * The seat engine: which seats of a run are free over which segments, which ones a party gets, and who holds them. Pure
 * functions of numbers over typed arrays; knows no trains, no time and no storage.
 */
export { auditTables, type Discrepancy } from "./audit.ts";
export { ChangeCount } from "./changeCount.ts";
export { closeness, soldOut } from "./choose.ts";
export { growRun } from "./grow.ts";
export { heldSeats, hold, occupy, release, seatIsFree } from "./hold.ts";
export {
  addHold,
  confirmed,
  confirmHold,
  createHoldTable,
  eraseHoldsOfRuns,
  findHold,
  held,
  type HoldTable,
  holdTableBytes,
  released,
  releaseSeat,
  seatsPerHold,
  takeOverdue,
  tombstoneGraceMs,
} from "./holdTable.ts";
export {
  announceServing,
  beyondQuota,
  changeSale,
  parentFirst,
  publicMoment,
  publicSale,
  reseatSale,
  sale,
  sellable,
  waitlistFirst,
  waitlistSale,
} from "./offer.ts";
export { dropOffers, recountQuotas, setGate, setQuotas } from "./setOffer.ts";
export { setWithdrawn, withdrawFrom } from "./withdrawn.ts";
export {
  addNeed,
  anywhere,
  childrenOf,
  createWaitlist,
  endNeed,
  forgetNeeds,
  hasWaited,
  needsAhead,
  type NeedSpec,
  type Reach,
  servedNeed,
  serveWaitlist,
  type Waitlist,
  waitlistBytes,
  waits,
} from "./waitlist.ts";
export { answers, createLayout, isPossible, type Layout, type LayoutSpec, type WishSpec } from "./layout.ts";
export {
  addRun,
  bytesPerRun,
  countChange,
  createStock,
  dropRun,
  free,
  placeOf,
  seeChunk,
  seeRun,
  type Stock,
  stockBytes,
  unseeRun,
} from "./stock.ts";
