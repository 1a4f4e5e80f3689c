/** What may be waited for. */
import { expect, test } from "bun:test";
import {
  firstPolicyVersion,
  policyDefault,
  type Run,
  runId,
  type Timetable,
  type WaitlistRequest,
} from "@chepiao/contracts";
import { planEntry } from "./plan.ts";
import { day, now } from "./testing.ts";

test("nobody waits for a train that is cancelled", () => {
  const request = {
    from: "A",
    to: "C",
    choices: [{ trainNumber: "G1", originDate: day, seatClasses: ["second"] }],
    passengers: [],
  } as unknown as WaitlistRequest;
  const said = (isCancelled: boolean) => {
    // As much of a timetable as is asked before the way is looked for, which leads nowhere here.
    const timetable = {
      policy: firstPolicyVersion(policyDefault),
      station: (stationId: string) => ({ stationId, city: stationId }),
      stations: [],
      run: () => ({ runId: runId("G1", day) }) as Run,
      stateOf: (asked: string) => ({ runId: asked, isCancelled, stops: [] }),
      stopIndex: () => -1,
    } as unknown as Timetable;
    const planned = planEntry({ request, saved: [], timetable, now });
    return planned.ok ? null : planned.error;
  };
  expect(said(true)).toEqual({ code: "RunCancelled", facts: { choice: 0 } });
  expect(said(false)).toMatchObject({ code: "NotOnRoute" });
});
