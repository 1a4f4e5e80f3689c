/** A sold run is named with other seats than it has. */
import { secondMs } from "@chepiao/kernel";
import { timetableFreshMs } from "./internalInventory.ts";
import type { RunId } from "./runId.ts";
import { ServiceUnavailable } from "./unavailable.ts";

/** Whoever names it so learns the timetable, and asks again. */
export class OtherSeats extends ServiceUnavailable {
  constructor(runId: RunId) {
    super("seats", `${runId} has other seats than are known here`, timetableFreshMs / secondMs);
  }
}
