/** How the railway lets people wait, for the pages that ask. */
import type { Railway } from "@chepiao/contracts";
import { useRailwayRules } from "../../lib/railwayRules.ts";

export type WaitlistRules = Pick<
  Railway["waitlist"],
  "pendingMax" | "datesMax" | "combinationsMax" | "passengersMax" | "deadline"
>;

/** Until the railway's are there. */
const rulesAtFirst: WaitlistRules = {
  pendingMax: 1,
  datesMax: 3,
  combinationsMax: 60,
  passengersMax: 5,
  deadline: { latest: 20, choices: [], preset: 360 },
};

export const useWaitlistRules = (): WaitlistRules => useRailwayRules()?.waitlist ?? rulesAtFirst;
