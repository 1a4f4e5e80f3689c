/** What staff see of runs and do with them, for the command line and the API alike. */
export {
  cancelledBy,
  type CancelPlan,
  cancelUnconfirmed,
  planCancel,
  planRestore,
  sayCancelled,
  sayRestored,
} from "./cancel.ts";
export type { PlanRefit, RunDeps, RunFault } from "./deps.ts";
export { type RunDeskDeps, type RunPlanners, runPlannersPort } from "./desk.ts";
export type { RunEffect } from "./effect.ts";
export { planExchange, sayExchanged } from "./exchange.ts";
export { createRunHandlers } from "./handlers.ts";
export { type LossPlan, lossTickets, planLoss, sayLost } from "./lose.ts";
export { type RefundProgress, refundProgress, type ReseatProgress, reseatProgress } from "./progress.ts";
export { countsOf, losersOf, planTrial, type RefitAsked, type RefitPlan } from "./refit.ts";
export { stopsBeyond, type Stretch, titleOf } from "./shorten.ts";
export { type CoachPlan, planReinstate, planWithdraw, setCoaches, withdrawnOf } from "./withdraw.ts";
export { confirmAbove, unconfirmed } from "./words.ts";
