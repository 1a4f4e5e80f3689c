/** What became of runs on the day, as it is stored, and the messages that say it. */
import { port } from "@chepiao/ports/port";
import { createMemoryRunStateStore } from "./run-states.memory.ts";
import type { RunStateStore, TrainMessageSource } from "./run-states.ts";

export { cancellationStandsMs, isOff, owedUntil, remembered } from "./cancellations.ts";
export {
  cancelledByOperator,
  cancelNoticeMs,
  type CancelledRun,
  createCancelledRuns,
  isLongOver,
  isOfOperator,
  type NotRun,
  notRunIn,
  operatorSays,
  operatorShortens,
  operatorSource,
  restoringSource,
  skippedAt,
} from "./cancelledRuns.ts";
export { createMemoryRunStateStore } from "./run-states.memory.ts";
export type {
  AlertMessage,
  Cancellation,
  RunStates,
  RunStateStore,
  StopMessage,
  TextInLanguage,
  TimeMessage,
  TrainMessages,
  TrainMessageSource,
  TripMessage,
  TripName,
} from "./run-states.ts";

export const runStateStorePort = port<RunStateStore>("run states", createMemoryRunStateStore);
/** Opens the source at an address, with its deadline and limits. */
export const trainMessageSourcePort = port<(url: string) => TrainMessageSource>("train messages");
