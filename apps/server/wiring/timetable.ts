/** The timetable alone, for commands that need nothing else of the rooms. */
import type { Clock } from "@chepiao/ports/clock";
import type { Stores } from "@chepiao/adapters/sql";
import { createTimetableRoom, type TimetableRoom } from "@chepiao/services/timetable";
import { firstPolicy, readPolicies } from "@chepiao/services/policy";
import { type Config, settingIn } from "../config.ts";

type Around = { readonly config: Config; readonly clock: Clock };
type Kept = Pick<Stores, "policies" | "runStates" | "timetable" | "withdrawnCoaches">;

export async function openTimetable({ config, clock }: Around, stores: Kept): Promise<TimetableRoom> {
  const policies = await readPolicies(stores.policies, settingIn(config)(firstPolicy));
  return createTimetableRoom({
    store: stores.timetable,
    runStates: stores.runStates,
    withdrawnCoaches: stores.withdrawnCoaches,
    clock,
    policies,
  });
}
