/** The timetable room, as it declares itself: reference data, of which every process that asks has a copy. */
import { policyClient, timetableRoutes, timetableClient, timetableFreshMs } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { timetableStorePort } from "@chepiao/ports/timetable-store";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { defineRoom } from "@chepiao/room";
import { createTimetableRoom } from "./index.ts";

/** A train that is cancelled is sold for so long in a process that has not heard of it. */
const runStatesFreshMs = 2 * secondMs;
/** How late another policy may begin to hold here. */
const policyLateMs = secondMs;

export const timetableRoom = defineRoom({
  name: "timetable",
  about: "which trains run, what they are made of and what they cost",
  routes: timetableRoutes,
  client: timetableClient,
  isCopied: true,
  asks: { policy: policyClient },
  needs: { store: timetableStorePort, runStates: runStateStorePort, withdrawnCoaches: withdrawnCoachStorePort },
  async open({ clock, isSingleProcess, ports, rooms }) {
    const room = await createTimetableRoom({
      store: ports.store,
      runStates: ports.runStates,
      withdrawnCoaches: ports.withdrawnCoaches,
      clock,
      policies: rooms.policy.policies,
    });
    const job = (name: string, everyMs: number, pass: () => Promise<unknown>) => ({
      kind: "job" as const,
      name,
      everyMs,
      pass: async () => void (await pass()),
      failed: null,
    });
    return {
      handlers: room.handlers,
      client: {
        timetable: room.timetable,
        current: room.current,
        saleOpensAt: room.saleOpensAt,
        added: room.added,
        openAdded: room.openAdded,
      },
      work: [
        job("policy in force", policyLateMs, async () => room.applyPolicy()),
        job("run states", runStatesFreshMs, room.refreshStates),
        // A timetable of a data folder changes only while its platform is stopped.
        ...(isSingleProcess ? [] : [job("newer timetable", timetableFreshMs, room.reload)]),
      ],
    };
  },
});
