import { port } from "@chepiao/ports/port";
import type { OneTimeCodes } from "./one-time-codes.ts";

export {
  type CodeAsked,
  type CodePurpose,
  codePurposes,
  type OneTimeCode,
  type OneTimeCodes,
} from "./one-time-codes.ts";
export { createMemoryOneTimeCodes } from "./one-time-codes.memory.ts";

export const oneTimeCodesPort = port<OneTimeCodes>("one-time codes");
