/**
 * The table of a purchase, in the order in which its steps are taken; they are undone in the opposite one. Whoever a queue keeps out is turned
 * away before anything is written. A verdict on the risk stands between key and plan: behind the key, so that who asks twice is judged once, and
 * before anything is taken that others could have.
 */
import { createDocumentsStep, type DocumentsStepDeps } from "./documentsStep.ts";
import { createKeyStep, type KeyStepDeps } from "./keyStep.ts";
import { createLimitsStep, type LimitsStepDeps } from "./limitsStep.ts";
import { createPassStep, type PassStepDeps } from "./passStep.ts";
import { createPlanStep, type PlanStepDeps } from "./planStep.ts";
import { createRecordStep, type RecordStepDeps } from "./recordStep.ts";
import { createSeatsStep, type SeatsStepDeps } from "./seatsStep.ts";
import type { Step } from "./step.ts";
import { createStudentsStep, type StudentsStepDeps } from "./studentsStep.ts";
import { createVerdictStep, type VerdictStepDeps } from "./verdictStep.ts";

export type StepsDeps = KeyStepDeps &
  PassStepDeps &
  VerdictStepDeps &
  PlanStepDeps &
  DocumentsStepDeps &
  StudentsStepDeps &
  LimitsStepDeps &
  SeatsStepDeps &
  RecordStepDeps;

export const createSteps = (deps: StepsDeps): readonly Step[] => [
  createPassStep(deps),
  createKeyStep(deps),
  createVerdictStep(deps),
  createPlanStep(deps),
  createStudentsStep(deps),
  createLimitsStep(deps),
  createSeatsStep(deps),
  createRecordStep(deps),
  createDocumentsStep(deps),
];
